"""The concept test: what a learner knew before the lessons, and what after."""

import streamlit as st

from components.concept_test import concept_test
from core.files import ASSETS
from core.lessons import LESSONS
from core.lessons.concept_test import read_items
from pages.lessons.place import PAGE, TEST
from pages.panels.sections import drawn_or_told
from pages.panels.text import explain


def show_concepts() -> None:
    """Both forms, one after the other, and the gain."""
    st.html(ASSETS / "style" / "commute.css")
    st.title("What do you know already?")
    st.button("To the lessons", icon=":material/arrow_back:", on_click=_choose, args=(False,))
    explain("concepts")
    drawn_or_told(lambda: concept_test(read_items(), LESSONS, f"/{PAGE}?lesson={next(iter(LESSONS))}"))


def offer_concepts() -> None:
    """The way there."""
    st.button(
        "Eight questions, before and after", key="to_concepts", icon=":material/quiz:", on_click=_choose, args=(True,)
    )


def _choose(wanted: bool) -> None:
    st.session_state[TEST.key] = wanted
