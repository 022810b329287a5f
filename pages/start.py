"""Page: what is this about? The commuting square of a plain CNN beside that of the chosen network."""

import streamlit as st

from components.stack_viewer import Row
from core.checkpoints import CheckpointError
from core.models import MODELS
from pages import PAGES
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.following import follow
from pages.panels.square import has_grey, image_panels, layer_of, legend, square_of, square_panels
from pages.panels.text import explain
from pages.state.session import current_view

enter_through_app(__file__)
view = current_view()
st.title("Does a network see the same digit at another size?")
explain("start")
pictures.style()
squares = {}
for key in (view.network, "sesn_vector" if view.network == "cnn" else "cnn"):
    try:
        squares[key] = square_of(view, key)
    except (CheckpointError, ValueError) as error:
        st.warning(str(error))
if squares:
    first = next(iter(squares.values()))
    rows = [Row(image_panels(first, view))]
    rows += [Row(square_panels(square, layer_of(view, key)), MODELS[key].title) for key, square in squares.items()]
    follow(view, rows, [found.stack for found in squares.values()], {key: f.numbers for key, f in squares.items()})
    legend(view, {key: square.limits for key, square in squares.items()}, has_grey(squares.values()))
st.header("Go on")
doors = [page for page in PAGES if page.url_path]
for column, page in zip(st.columns(len(doors)), doors, strict=True):
    with column:
        st.page_link(page.file, label=f"**{page.title}**", icon=":material/arrow_forward:")
        st.caption(page.question)
