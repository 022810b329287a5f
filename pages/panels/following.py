"""The viewer, and what follows its handle: drawn in a run of their own, so that a move redraws nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from components.stack_data import send_stacks
from components.stack_viewer import Handle, Row, show_viewer
from core.figures import Stack
from pages.panels.square import told_numbers
from pages.panels.taken_view import take_view_away
from pages.results.stacks import Numbers
from pages.state.presenting import grown
from pages.state.session import choose_amount, current_amount, publish_amount
from pages.state.view import View


def follow(
    view: View,
    rows: Sequence[Row],
    stacks: Sequence[Stack],
    numbers: Mapping[str, Numbers],
    plays_once: bool = False,
    brief: bool = False,
) -> None:
    """Draws the rows under a handle, the numbers of every network below, and a button that takes the view away.

    Args: stacks: that the rows name; their frames are those of the view's amounts. numbers: by network.
          plays_once: as `components.stack_viewer.show_viewer`. brief: as `told_numbers`.
    """  # fmt: skip
    _follow(view, rows, stacks, numbers, plays_once, brief)
    send_stacks(stacks)


@st.fragment
def _follow(
    view: View,
    rows: Sequence[Row],
    stacks: Sequence[Stack],
    numbers: Mapping[str, Numbers],
    plays_once: bool,
    brief: bool,
) -> None:
    amount = view.transform.nearest(view.amounts, current_amount(view.transform))
    show_viewer(handle_at(view, amount), rows, partial(_take_over, view), plays_once, grown)
    st.html(told_numbers(view, amount, numbers, brief))
    take_view_away(replace(view, amount=amount), handle_at(view, amount), rows, stacks, numbers)
    publish_amount(view.transform)


def handle_at(view: View, amount: float) -> Handle:
    """The handle of the view's transform, which stands at an amount."""
    transform = view.transform
    return Handle(
        view.amounts, amount, view.steps, transform.identity, list(transform.ticks(transform.handle_amounts).items()),
        transform.label, transform.symbol, transform.unit, transform.log,
        [(*down, *across) for down, across in map(transform.point, view.amounts)],
        transform.decimals, f"one of the {transform.steps_noun}",
    )  # fmt: skip


def _take_over(view: View, amount: float) -> None:
    choose_amount(view.transform, view.transform.nearest(view.amounts, amount))
