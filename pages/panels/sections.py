"""Folded parts of a page: what one holds is computed only while it is open, and the link says whether it is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from core.checkpoints import CheckpointError
from pages.state.links import Parameter, flag, publish, restore


@contextmanager
def section(question: str, name: str, controls: Sequence[Parameter] = ()) -> Iterator[bool]:
    """Draws a folded part and yields whether it is open; what is then drawn lies in it.

    Args: question: that it answers. name: in the link, `open_<name>`.
          controls: that it holds, restored already: where one of them is not as usual, the part is open unless the
              link says otherwise.
    """
    parameter = opening(name, _any_moved(controls))
    restore([parameter])
    publish([parameter])
    with st.expander(question, key=parameter.key, on_change="rerun"):
        yield is_open(name)


def drawn_or_told(draw: Callable[[], None]) -> None:
    """Draws a part of the page; a sentence where that cannot be."""
    try:
        draw()
    except (CheckpointError, ValueError) as error:
        st.error(str(error))


def is_open(name: str) -> bool:
    """Whether a part that this session has drawn before is open."""
    return bool(st.session_state.get(opening(name).key))


def opening(name: str, usual: bool = False) -> Parameter:
    """Whether a part is open, in the link."""
    return flag(f"open_{name}", usual)


def _any_moved(controls: Sequence[Parameter]) -> bool:
    return any(st.session_state.get(each.key, each.usual) != each.usual for each in controls)
