"""The sentences of the pages, kept beside the pictures they explain: assets/text/<page>.md."""

from functools import cache
from typing import Literal

import streamlit as st

from core.files import ASSETS
from pages.panels.terms import PAGE, marked

_FOLDER = ASSETS / "text"


def explain(page: str) -> None:
    """Writes the explanation of a page."""
    say(_read(page))


def say(text: str, place: str = "", part: str = PAGE, width: Literal["auto", "content"] = "auto") -> None:
    """Writes Markdown of ours, in which terms explain themselves. Args: as `pages.panels.terms.marked`."""
    st.markdown(marked(text, place, part), unsafe_allow_html=True, width=width)


def note(text: str, place: str = "", part: str = PAGE) -> None:
    """Writes a caption of ours, as `say`."""
    st.caption(marked(text, place, part), unsafe_allow_html=True)


@cache
def _read(page: str) -> str:
    return (_FOLDER / f"{page}.md").read_text(encoding="utf-8")
