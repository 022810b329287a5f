"""Page: what is this about? One digit that changes its size, and two networks' answers to it, put back to its size."""

import base64
from dataclasses import replace

import streamlit as st

from components.stack_viewer import Act, Maps, Row
from core.checkpoints import ALL_SIZES, CheckpointError
from core.files import ASSETS
from core.models import MODELS, Shown
from pages import PAGES, Page
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.following import follow
from pages.panels.square import term_colours
from pages.panels.text import explain, note
from pages.results.answers import Answers, answers_put_back
from pages.state.session import current_view
from pages.state.view import View

PLAIN, COMMUTES = "cnn", "sesn_antialiased"
LAYER = "conv1"  # its maps have the most pixels, so that one sees what stands still
DRAW = "draw"


def act_of(shown: Shown, found: Answers, colour: str) -> Act:
    """A network's answer, with the error of its layer under it."""
    text = f"T′⁻¹Φ(T x) of {found.numbers.layer}, channel {found.channel + 1}" + (
        f", {found.place}" if found.place else ""
    )
    maps = Maps(shown.key, "Answer, put back", text, found.stack.name, [1], space="before", colour=colour)
    errors = found.numbers.errors
    trained = "" if shown.trained_on == ALL_SIZES else f"; trained on {shown.trained_on}"  # beside the name is no room
    axis = f"equivariance error, 0–100 %{trained}"
    return Act(maps, MODELS[shown.key].title, errors, [pictures.percent(error) for error in errors], axis=axis)


def stage(view: View) -> None:
    """The digit and both answers under one handle."""
    view = replace(view, scales=None)  # both networks are shown as they were trained
    colours, acts = term_colours(), {}
    for key, colour in ((PLAIN, colours["after"]), (COMMUTES, colours["moved"])):
        shown = view.shown(key)
        try:
            found = answers_put_back(shown, view.digit, view.resampler, LAYER, view.amounts, view.key)
        except (CheckpointError, ValueError) as error:
            st.warning(str(error))
            continue
        acts[shown] = found, act_of(shown, found, colour)
    if not acts:
        return
    (first, _), *_ = acts.values()
    image = Maps(
        "tx", f"Digit, {view.transform.done}", view.digit.title, first.stack.name, [0], cmap="viridis", image=True
    )
    rows = [Row([Act(image, ""), *(act for _, act in acts.values())])]
    numbers = {shown: found.numbers for shown, (found, _) in acts.items()}
    follow(
        view,
        rows,
        [found.stack for found, _ in acts.values()],
        numbers,
        plays_once=view.amount == view.transform.usual,
        brief=True,
    )


def draw_own() -> None:
    """Callback: the sidebar opens with the pad."""
    st.session_state["source"] = DRAW


def door_picture(page: Page) -> str:
    """A picture of a page, as HTML: one of Streamlit's own would be another control."""
    picture = base64.b64encode((ASSETS / "doors" / f"{page.name}.webp").read_bytes()).decode("ascii")
    return f'<img class="eq-door" alt="The page {page.title}" src="data:image/webp;base64,{picture}">'


enter_through_app(__file__)
view = current_view()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title(view.transform.question, width="content")
    st.button("Draw your own", icon=":material/draw:", on_click=draw_own)
pictures.style()
stage(view)
explain("start")
st.header("Go on")
doors = [page for page in PAGES if page.url_path]
for column, page in zip(st.columns(len(doors)), doors, strict=True):
    with column:
        st.html(door_picture(page))
        st.page_link(page.file, label=f"**{page.title}**", icon=":material/arrow_forward:")
        note(page.question)
