"""Page: what is this about? One digit that changes its size, and two networks' answers to it, put back to its size."""

import base64

import streamlit as st

from core.files import ASSETS
from pages import PAGES, Page
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.following import follow
from pages.panels.stage import stage_of
from pages.panels.text import explain, note
from pages.state.session import current_view
from pages.state.view import View

DRAW = "draw"


def stage(view: View) -> None:
    """The digit and both answers under one handle."""
    found = stage_of(view)
    if found is None:
        return
    follow(
        view,
        found.rows,
        found.stacks,
        found.numbers,
        plays_once=view.amount == view.transform.usual,
        brief=True,
    )


def draw_own() -> None:
    """Callback: the sidebar opens with the pad."""
    st.session_state["source"] = DRAW


def door_picture(page: Page) -> str:
    """A picture of a page, as HTML: one of Streamlit's own would be another control. Empty until one is drawn."""
    drawn = ASSETS / "doors" / f"{page.name}.webp"
    if not drawn.exists():
        return ""
    picture = base64.b64encode(drawn.read_bytes()).decode("ascii")
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
        if picture := door_picture(page):
            st.html(picture)
        st.page_link(page.file, label=f"**{page.title}**", icon=":material/arrow_forward:")
        note(page.question)
