"""Page: is network B better than A, at what price? The paired difference of every layer; what else differs, folded."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.comparison.choose import choose_pair
from pages.comparison.outcome import compared, show_cells, show_outcome
from pages.comparison.price import show_price
from pages.comparison.reading import show_disagreements, show_test_sizes
from pages.hosting.server import enter_through_app
from pages.panels import cell, pictures
from pages.panels.sections import drawn_or_told, section
from pages.state.session import current_view
from pages.state.view import View


def show(view: View) -> None:
    """The outcome, and what else there is to know of both. Raises: CheckpointError, ValueError."""
    first = st.container()
    pair = choose_pair(view)
    with first:
        found = compared(pair)
    show_outcome(pair, found, first)
    parts: list[tuple[str, str, Callable[[], None]]] = [
        ("cells", "Is it so at every amount?", partial(show_cells, pair, found)),
        ("test_sizes", "Which reads digits of every size?", partial(show_test_sizes, pair)),
        ("disagree", "On which digits do they disagree?", partial(show_disagreements, view, pair, found.num_digits)),
        ("price", "What does each cost?", partial(show_price, pair)),
    ]
    for name, question, draw in parts:
        with section(question, name) as is_open:
            if is_open:
                drawn_or_told(draw)


enter_through_app(__file__)
view = current_view()
if cell.was_clicked():
    st.switch_page("pages/commute.py")
st.title("Is B better than A, and at what price?")
pictures.style()
drawn_or_told(partial(show, view))
