"""The viewer, whose handle all it shows follows in the browser; a release tells the server, in a run of its own."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from components.stack_data import send_stacks
from components.stack_viewer import Row, captions, show_viewer
from core.figures import Stack
from core.glossary import Term
from core.models import Shown
from pages.panels.handle import handle_at, take_over
from pages.panels.square import told_numbers
from pages.panels.take_away import take_away
from pages.panels.taken_view import view_taken
from pages.panels.terms import unexplained
from pages.results.numbers import Numbers
from pages.state.links import Parameter
from pages.state.presenting import grown
from pages.state.session import current_amount, publish_amount
from pages.state.view import View


def follow(
    view: View,
    rows: Sequence[Row],
    stacks: Sequence[Stack],
    numbers: Mapping[Shown, Numbers],
    plays_once: bool = False,
    brief: bool = False,
    opened: Parameter | None = None,
) -> None:
    """Draws the rows under a handle, what is said of every network below, and a button that takes the view away.

    Args: stacks: that the rows name; their frames are those of the view's amounts. numbers: by network.
          plays_once: as `components.stack_viewer.show_viewer`. brief: as `told_numbers`.
          opened: the map of a layer that is open, in the session and in the link.
    """  # fmt: skip
    rows = [*rows, told_numbers(view, numbers, brief)]
    follow_rows(view, rows, stacks, plays_once, opened)
    take_away("viewer", partial(view_taken, view, rows, stacks, numbers))


def follow_rows(
    view: View,
    rows: Sequence[Row],
    stacks: Sequence[Stack],
    plays_once: bool = False,
    opened: Parameter | None = None,
    at_rest: Callable[[], None] = lambda: None,
) -> None:
    """The rows under a handle, and nothing else. Args: as for `follow`. at_rest: called after every release."""
    terms = unexplained([view.transform.symbol, *captions(rows)], "viewer")  # once, not at every release
    _follow(view, rows, plays_once, opened, terms, at_rest)
    send_stacks(stacks)


@st.fragment
def _follow(
    view: View, rows: Sequence[Row], plays_once: bool, opened: Parameter | None, terms: Sequence[Term],
    at_rest: Callable[[], None],
) -> None:  # fmt: skip
    amount = view.transform.nearest(view.amounts, current_amount(view.transform))
    shown = {} if opened is None else {"opened": st.session_state[opened.key], "on_open": partial(_open, opened)}
    show_viewer(handle_at(view, amount), rows, partial(take_over, view), plays_once, grown, terms, **shown)
    publish_amount(view.transform, *filter(None, [opened]))
    at_rest()


def _open(parameter: Parameter, opened: str) -> None:
    st.session_state[parameter.key] = parameter.fit(opened)
