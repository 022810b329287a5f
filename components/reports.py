"""What a browser reports: it reaches the page, and as anything may be in it, nothing is believed."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeGuard

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_EARLY = "{}.early"  # whether a report of this run came before its component
_LATE = "reports.late"  # what the next run has to take over


def mount(
    component: ComponentRenderer, key: str, data: Mapping[str, Any], event: str, take: Callable[[Any], None]
) -> None:
    """Puts a component on the page; `take` gets what it reports, before the run that the report causes.

    From one page to the next Streamlit forgets each component until it is drawn again, and cannot read a report that
    comes in between. That one is kept until it can be read, and another run begins with it.
    """
    early = _EARLY.format(key)

    def take_report() -> None:
        if key in st.session_state:
            take(st.session_state[key].get(event))
        else:
            st.session_state[early] = True

    on_change: dict[str, Any] = {f"on_{event}_change": take_report}
    told = component(key=key, data=data, **on_change)
    if st.session_state.pop(early, False) and told.get(event) is not None:
        st.session_state.setdefault(_LATE, []).append(partial(take, told[event]))
        st.rerun()


def take_late_reports() -> None:
    """Begins a run, as callbacks do: before any control is drawn, so that whatever they change may still be changed."""
    for take in st.session_state.pop(_LATE, []):
        take()


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a finite number that a float can hold; a truth value is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def id_of(report: Any) -> str:
    """The id of a report, short enough to send back; an empty text if it has none."""
    return str(report["id"])[:40] if isinstance(report, dict) and isinstance(report.get("id"), str) else ""
