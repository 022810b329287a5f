"""Page: does it commute? The commuting square of one layer of one network, or of two, while the scale moves."""

import streamlit as st

from components.stack_viewer import CORNER_MODES
from core.checkpoints import CheckpointError
from core.files import ASSETS
from core.models import MODELS
from pages.hosting.server import enter_through_app
from pages.panels import cell, pictures
from pages.panels.beside import beside, offer_training, others, training
from pages.panels.following import follow
from pages.panels.segments import segments
from pages.panels.square import formula, has_grey, legend, place_choices, square_of
from pages.panels.square_choices import (
    CHANNEL,
    CORNER,
    LEVEL,
    STRONGEST,
    UNDO,
    chosen_map,
    other_parameter,
    square_parameters,
    square_rows,
)
from pages.panels.text import explain, say
from pages.state.links import page_parameters
from pages.state.session import current_view

enter_through_app(__file__)
view = current_view()
st.title("Does it commute?")
pictures.style()
st.html(ASSETS / "style" / "commute.css")
explain("commute")
offered = others(view)
channels, places = place_choices(view, view.shown())
page_parameters([other_parameter(offered)])
other = st.session_state[cell.OTHER]
other_trained = training(cell.COMMUTE, view, other, differs=True)
page_parameters([other_trained, *square_parameters(channels, len(places))])
with st.container(horizontal=True, vertical_alignment="center"):
    mode = segments(
        "The corner where both ways meet", {each: each for each in CORNER_MODES}, CORNER,
        label_visibility="collapsed",
    )  # fmt: skip
    with st.popover("More"):
        st.selectbox(
            "Beside it",
            [None, *offered],
            key=cell.OTHER,
            format_func=lambda key: MODELS[key].title if key else "no other network",
        )
        offer_training(other_trained, other)
        channel = st.selectbox(
            "Channel", [STRONGEST, *range(1, channels + 1)], key=CHANNEL,
            help="Strongest: most energy in Φ(x).",
        )  # fmt: skip
        level = st.selectbox(
            "Internal scale", [STRONGEST, *range(1, len(places) + 1)], key=LEVEL, disabled=len(places) < 2,
            format_func=lambda place: place if place == STRONGEST else places[place - 1],
            help="Strongest: at each amount the one at which T′Φ(x) has most energy.",
        )  # fmt: skip
        undo = st.toggle("Untransform", key=UNDO, help="Show T′⁻¹Φ(T x): a network that commutes looks frozen.")
    st.html(formula(undo))
squares = {}
for shown in (view.shown(), *([beside(other_trained, other)] if other else [])):
    try:
        squares[shown] = square_of(view, shown, **chosen_map(channel, level))
    except (CheckpointError, ValueError) as error:
        st.warning(str(error))
if not squares:
    st.stop()
if view.shown() in squares and (clicked := cell.tell_clicked(view, squares[view.shown()].numbers.errors)):
    say(clicked)
numbers = {shown: square.numbers for shown, square in squares.items()}
rows = square_rows(squares, view, mode, undo)
follow(view, rows, [found.stack for found in squares.values()], numbers)
legend(view, {shown: square.limits for shown, square in squares.items()}, has_grey(squares.values(), undo))
