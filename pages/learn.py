"""Page: what is equivariance, and what breaks it? Lessons: a card beside the live figure of another page."""

from functools import partial

import streamlit as st

from components.lesson_card import Answer
from core.files import ASSETS
from core.lessons import FIGURES, LESSONS, Lesson, Step
from pages import PAGES
from pages.hosting.server import enter_through_app
from pages.lessons.answers import answer_of, tell_done, tell_drawn
from pages.lessons.card import show_card
from pages.lessons.concepts import offer_concepts, show_concepts
from pages.lessons.cover import Cover
from pages.lessons.drawn import Drawn
from pages.lessons.figures import Scene, show_figure
from pages.lessons.own import own_parameters
from pages.lessons.place import FOR, HIDDEN, LIST, PRINT, TEST, Place, current_place, go_to, place_parameters
from pages.lessons.sheet import sheets
from pages.lessons.teachers import offer_teachers, show_teachers
from pages.panels import pictures
from pages.panels.sections import drawn_or_told
from pages.panels.text import explain, note
from pages.state.links import page_parameters
from pages.state.presenting import is_presenting
from pages.state.session import current_view

_CSS = ASSETS / "style"
_A_ROW = 3  # lessons


def scene_of(place: Place) -> Scene:
    """The figure of a step, as the visitor's answer uncovers it."""
    step, answer, view = place.step, answer_of(place), current_view()
    cover = Cover(step.focus, () if answer.reveals else step.hide, guess_of(step, answer))
    drawn = Drawn(answer.drawn, partial(tell_drawn, place))
    return Scene(view, step, cover, partial(tell_done, place, view), drawn)


def guess_of(step: Step, answer: Answer) -> tuple[str, float] | None:
    """The part of the figure that a number in % was guessed of, and the guess as a share."""
    if answer.number is None or step.ask is None or step.ask.unit != "%" or len(step.hide) != 1:
        return None
    return step.hide[0], answer.number / 100


def open_view(place: Place) -> None:
    """The way to the page of the figure, which shows the same state."""
    page = next(page for page in PAGES if page.url_path == FIGURES[place.step.figure])
    st.page_link(page.file, label=f"Open this view on {page.title}", icon=":material/open_in_new:")


def offer(lesson: Lesson) -> None:
    """A lesson to begin."""
    with st.container(border=True, height="stretch"):
        first = f"{lesson.id}/{lesson.steps[0].id}"
        st.button(f"**{lesson.title}**", key=f"lesson_{lesson.id}", on_click=go_to, args=(first,), width="stretch")
        note(f"“{lesson.misconception}” · {lesson.minutes} minutes")


def list_lessons() -> None:
    """All of them, three in a row."""
    st.header("Lessons")
    explain("learn")
    lessons = list(LESSONS.values())
    for start in range(0, len(lessons), _A_ROW):
        for column, lesson in zip(st.columns(_A_ROW), lessons[start : start + _A_ROW], strict=False):
            with column:
                offer(lesson)
    with st.container(horizontal=True):
        offer_concepts()
        offer_teachers()


def print_sheets(place: Place) -> None:
    """The lesson on paper, for whoever presses Ctrl+P."""
    st.html(_CSS / "sheets.css")
    st.html(sheets(place.lesson))


enter_through_app(__file__)
place = current_place()
page_parameters([*place_parameters(), HIDDEN, PRINT, FOR, TEST, *own_parameters(place.step.figure)])
if st.session_state[FOR.key]:
    show_teachers()
    st.stop()
if st.session_state[TEST.key]:
    show_concepts()
    st.stop()
if st.session_state[PRINT.key]:
    print_sheets(place)
    st.stop()
pictures.style()
hidden = st.session_state[HIDDEN.key]
for name in ("commute", "learn", *(f"hide_{part}" for part in hidden if part != LIST)):
    st.html(_CSS / f"{name}.css")
with st.container(key="lesson"):
    card, figure = st.columns([1, 2], gap="medium")
    with card:
        st.title(place.lesson.title)
        show_card(place)
    with figure:
        drawn_or_told(lambda: show_figure(scene_of(place)))
        open_view(place)
if LIST not in hidden and not is_presenting():
    list_lessons()
