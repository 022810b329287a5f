"""The viewer, and what follows its handle: drawn in a run of their own, so that a move redraws nothing else."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.figures import Stack
from pages.panels.square import told_numbers
from pages.results.stacks import Numbers
from pages.shared.stack_viewer import Handle, Row, send_stacks, show_viewer
from pages.state.session import choose_factor, current_factor, publish_factor
from pages.state.view import View, nearest_factor


def follow(view: View, rows: Sequence[Row], stacks: Sequence[Stack], numbers: Mapping[str, Numbers]) -> None:
    """Draws the rows under a handle, and the numbers of every network below.

    Args: stacks: that the rows name; their frames are those of the view's factors. numbers: by network.
    """
    _follow(view, rows, numbers)
    send_stacks(stacks)


@st.fragment
def _follow(view: View, rows: Sequence[Row], numbers: Mapping[str, Numbers]) -> None:
    factor = nearest_factor(view.factors, current_factor())
    show_viewer(Handle(view.factors, factor, view.steps), rows, partial(_take_over, view))
    st.html(told_numbers(view, factor, numbers))
    publish_factor()


def _take_over(view: View, factor: float) -> None:
    choose_factor(nearest_factor(view.factors, factor))
