"""For teachers: a plan of forty-five minutes, and an address for every step."""

import streamlit as st

from core.lessons import LESSONS, Lesson, Step
from pages.lessons.place import FOR, PAGE, TEACHERS
from pages.panels.text import explain, say


def show_teachers() -> None:
    """The plan, and each lesson step by step."""
    st.title("Teaching with these lessons")
    st.button("To the lessons", icon=":material/arrow_back:", on_click=_choose, args=("",))
    explain("teachers")
    for lesson in LESSONS.values():
        with st.expander(f"{lesson.title} · {lesson.minutes} minutes"):
            say("\n".join(_line(lesson, step) for step in lesson.steps), place=lesson.id)


def offer_teachers() -> None:
    """The way there."""
    st.button("For teachers: a plan for 45 minutes", icon=":material/co_present:", on_click=_choose, args=(TEACHERS,))


def _choose(reader: str) -> None:
    st.session_state[FOR.key] = reader


def _line(lesson: Lesson, step: Step) -> str:
    return f"- [{step.id}](/{PAGE}?lesson={lesson.id}&step={step.id}): {step.text}"
