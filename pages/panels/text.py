"""The sentences of the pages, kept beside the pictures they explain: assets/text/<page>.md."""

from functools import cache

import streamlit as st

from core.files import ASSETS

_FOLDER = ASSETS / "text"


def explain(page: str) -> None:
    """Writes the explanation of a page."""
    st.markdown(_read(page))


@cache
def _read(page: str) -> str:
    return (_FOLDER / f"{page}.md").read_text(encoding="utf-8")
