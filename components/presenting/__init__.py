"""Present mode in the browser: its keys, its sign, the idle cursor and the list of saved views."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.bundle import register
from components.reports import id_of, mount

_KEY = "presenting"
_ANSWERS = "presenting.answers"  # id of the report that was taken over last
_HTML = """
<div class="views">
  <button type="button" id="add">Add this view</button>
  <button type="button" id="present" aria-keyshortcuts="p" title="Or press P">Present</button>
  <button type="button" id="copy" hidden>Copy link to saved views</button>
  <span id="said" role="status"></span>
  <input id="field" type="text" readonly aria-label="Link to the saved views" hidden>
</div>
"""

_component = register("presenting", html=_HTML)


@dataclass(frozen=True)
class Report:
    """What the browser says.

    Attributes:
        present: whether the mode is on. wide: whether its window has room for large type.
        open: a saved view that is asked for, as text; or empty.
        edited: whether the list that came by the link was edited, and is this browser's from now on.
    """

    present: bool
    wide: bool
    open: str
    edited: bool


def presenting(
    *, present: bool, wide: bool, views: str, pages: Sequence[str], on_report: Callable[[Report], None]
) -> None:
    """Puts the buttons on the page, and the sign beside it.

    Args: views: saved views that came by a link, as text. pages: all pages, as in an address.
          on_report: called before the run that the report causes.
    """

    def take(told: Any) -> None:
        report = read_report(told)
        if report is None:
            return
        st.session_state[_ANSWERS] = id_of(told)
        on_report(report)

    answers = st.session_state.get(_ANSWERS, "")
    data = {"present": present, "wide": wide, "views": views, "pages": list(pages), "answers": answers}
    mount(_component, _KEY, data, "told", take)


def read_report(told: Any) -> Report | None:
    """The report; None for anything else."""
    if not isinstance(told, dict):
        return None
    flags, view = [told.get(name) for name in ("present", "wide", "edited")], told.get("open")
    if not all(isinstance(each, bool) for each in flags) or not isinstance(view, str):
        return None
    return Report(bool(flags[0]), bool(flags[1]), view, bool(flags[2]))
