"""Page: what is this about? The commuting square of a plain CNN beside that of the chosen network."""

import streamlit as st

from components.stack_viewer import Row, show_viewer
from core.checkpoints import CheckpointError
from core.models import MODELS
from pages.shared import viewer
from pages.shared.controls import choose_factor, current_view
from pages.shared.server import enter_through_app
from pages.shared.square import handle_of, image_panels, layer_of, legend, numbers, square_of, square_panels
from pages.shared.text import explain

DOORS = (
    ("pages/commute.py", "Commute", "Does it commute with a change of size?"),
    ("pages/maps.py", "Feature maps", "What does each scale see?"),
    ("pages/errors.py", "Errors", "Which layer breaks equivariance?"),
    ("pages/scales.py", "Internal scales", "Which internal scales suit my data?"),
)

enter_through_app(__file__)
view = current_view()
st.title("Does a network see the same digit at another size?")
explain("start")
viewer.style()
squares = {}
for key in (view.network, "sesn_vector" if view.network == "cnn" else "cnn"):
    try:
        squares[key] = square_of(view, key)
    except (CheckpointError, ValueError) as error:
        st.warning(str(error))
if squares:
    first = next(iter(squares.values()))
    rows = [Row(image_panels(first, view.digit.title))]
    rows += [Row(square_panels(square, layer_of(view, key)), MODELS[key].title) for key, square in squares.items()]
    show_viewer(handle_of(view), rows, [square.stack for square in squares.values()], choose_factor)
    legend(view, {key: square.limits for key, square in squares.items()})
    st.html(numbers(view, list(squares)))
st.header("Go on")
for column, (path, label, text) in zip(st.columns(len(DOORS)), DOORS, strict=True):
    with column:
        st.page_link(path, label=f"**{label}**", icon=":material/arrow_forward:")
        st.caption(text)
