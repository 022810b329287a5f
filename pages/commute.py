"""Page: does it commute? The commuting square of one layer of one network, or of two, while the scale moves."""

import streamlit as st

from components.stack_viewer import CORNER_MODES, Note, Row
from core.checkpoints import CheckpointError
from core.files import ASSETS
from core.models import MODELS, titles
from pages.hosting.server import enter_through_app
from pages.panels import cell, pictures
from pages.panels.beside import beside, offer_training, others, training
from pages.panels.following import follow
from pages.panels.ribbons import probability_ribbons
from pages.panels.segments import segments
from pages.panels.square import (
    commuting_square,
    formula,
    has_grey,
    legend,
    off_step,
    place_choices,
    square_of,
)
from pages.panels.text import explain, say
from pages.state.links import choice, flag, number_or_word, page_parameters
from pages.state.session import current_view

STRONGEST = "strongest"

enter_through_app(__file__)
view = current_view()
st.title("Does it commute?")
pictures.style()
st.html(ASSETS / "style" / "commute.css")
explain("commute")
offered = [None, *others(view)]
channels, places = place_choices(view, view.shown())
page_parameters([choice(cell.OTHER, offered, None, name="other")])
other = st.session_state[cell.OTHER]
other_trained = training(cell.COMMUTE, view, other, differs=True)
page_parameters(
    [
        other_trained,
        number_or_word("commute_channel", STRONGEST, 1, max(1, channels), name="channel"),
        number_or_word("commute_level", STRONGEST, 1, max(1, len(places)), name="scale"),
        flag("commute_undo", name="untransform"),
        choice("commute_corner", CORNER_MODES, CORNER_MODES[0], name="corner"),
    ]
)
with st.container(horizontal=True, vertical_alignment="center"):
    mode = segments(
        "The corner where both ways meet", {each: each for each in CORNER_MODES}, "commute_corner",
        label_visibility="collapsed",
    )  # fmt: skip
    with st.popover("More"):
        st.selectbox(
            "Beside it",
            offered,
            key=cell.OTHER,
            format_func=lambda key: MODELS[key].title if key else "no other network",
        )
        offer_training(other_trained, other)
        channel = st.selectbox(
            "Channel", [STRONGEST, *range(1, channels + 1)], key="commute_channel",
            help="Strongest: most energy in Φ(x).",
        )  # fmt: skip
        level = st.selectbox(
            "Internal scale", [STRONGEST, *range(1, len(places) + 1)], key="commute_level", disabled=len(places) < 2,
            format_func=lambda place: place if place == STRONGEST else places[place - 1],
            help="Strongest: at each amount the one at which T′Φ(x) has most energy.",
        )  # fmt: skip
        undo = st.toggle(
            "Untransform", key="commute_undo", help="Show T′⁻¹Φ(T x): a network that commutes looks frozen."
        )
    st.html(formula(undo))
chosen = {"channel": None if channel == STRONGEST else channel - 1, "level": None if level == STRONGEST else level - 1}
squares = {}
for shown in (view.shown(), *([beside(other_trained, other)] if other else [])):
    try:
        squares[shown] = square_of(view, shown, **chosen)
    except (CheckpointError, ValueError) as error:
        st.warning(str(error))
if not squares:
    st.stop()
if view.shown() in squares and (clicked := cell.tell_clicked(view, squares[view.shown()].numbers.errors)):
    say(clicked)
names = titles(squares)
numbers = {shown: square.numbers for shown, square in squares.items()}
rows = [Row([commuting_square(square, view, shown, names[shown], mode, undo) for shown, square in squares.items()])]
if ribbons := probability_ribbons(view, numbers):
    rows = [Row([*rows[0].panels, ribbons])]
rows += [Row([Note(between)]) for shown in squares if (between := off_step(view, shown))]
follow(view, rows, [found.stack for found in squares.values()], numbers)
legend(view, {shown: square.limits for shown, square in squares.items()}, has_grey(squares.values(), undo))
