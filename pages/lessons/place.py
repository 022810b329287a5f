"""Where a visitor is in the lessons, and what that makes of the view: on entering a step its link becomes the state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import streamlit as st

from core.data.sources import SOURCES
from core.lessons import FIGURES, LESSONS, Lesson, Step
from pages import Page
from pages.lessons.own import own_parameters
from pages.panels.sidebar import shared_parameters
from pages.state.links import Parameter, choice, flag, is_new, leave_out, restore, several

PAGE = "learn"
LIST = "lessons"  # of all lessons, below the figure
HIDDEN = several("lesson_hide", ("sidebar", "menu", LIST), name="hide")
LESSON = choice("lesson", list(LESSONS), next(iter(LESSONS)))
PRINT = flag("lesson_print", name="print")  # the lesson on paper
TEST = flag("lesson_test", name="test")  # the concept test
TEACHERS = "teachers"
FOR = choice("lesson_for", ("", TEACHERS), "", name="for")
_STEP = "lesson_step"
_ENTERED = "lesson_entered"  # the place whose link the view has taken over


@dataclass(frozen=True)
class Place:
    """A step of a lesson."""

    lesson: Lesson
    step: Step

    @property
    def at(self) -> str:
        """As answers are kept: `lesson/step`."""
        return f"{self.lesson.id}/{self.step.id}"

    @property
    def number(self) -> int:
        """Of the step, counted from 1."""
        return self.lesson.steps.index(self.step) + 1


def step_parameter(lesson: Lesson) -> Parameter:
    """The step in the link; which there are depends on the lesson."""
    ids = [step.id for step in lesson.steps]
    return choice(_STEP, ids, ids[0], name="step")


def place_parameters() -> list[Parameter]:
    """Lesson and step, as the session has them."""
    return [LESSON, step_parameter(LESSONS[st.session_state[LESSON.key]])]


def current_place() -> Place:
    """Where the visitor is; after `enter_step`."""
    lesson = LESSONS[st.session_state[LESSON.key]]
    return Place(lesson, lesson.step(st.session_state[_STEP]))


def places() -> list[Place]:
    """Every step of every lesson, in order."""
    return [Place(lesson, step) for lesson in LESSONS.values() for step in lesson.steps]


def go_to(at: str) -> None:
    """For a callback: to a step, if there is one of that name."""
    for place in places():
        if place.at == at:
            st.session_state[LESSON.key], st.session_state[_STEP] = place.lesson.id, place.step.id


def enter_step(page: Page) -> None:
    """Before the shared controls are drawn: on the page of the lessons, a step that is new takes over the view.

    Whoever leaves the page and comes back finds the step as it begins.
    """
    if page.name != PAGE:
        st.session_state.pop(_ENTERED, None)
        leave_out({})
        return
    restore([LESSON])
    restore([step_parameter(LESSONS[st.session_state[LESSON.key]])])
    place = current_place()
    if st.session_state.get(_ENTERED) != place.at:
        take_link(place.step, arrives=_ENTERED not in st.session_state)
        st.session_state[_ENTERED] = place.at


def take_link(step: Step, arrives: bool) -> None:
    """Gives every control the value that the link of a step has, or the usual one, and leaves that out of the address.
    A visitor's own digits stay.

    Args: arrives: whether the visitor comes by a link. What that asks for in a new session counts more, so that a
        copied link shows the handle as it was; else parameters that only the figure before had leave the address.
    """
    values = [(parameter, asked(step, parameter)) for parameter in _parameters(step)]
    leave_out({parameter.key: value for parameter, value in values})
    if not arrives:
        gone = {each.url_name for figure in FIGURES for each in own_parameters(figure)}
        st.query_params.from_dict({k: v for k, v in st.query_params.to_dict().items() if k not in gone})
    for parameter, value in values:
        if not (arrives and is_new(parameter) and parameter.url_name in st.query_params):
            st.session_state[parameter.key] = value


def asked(step: Step, parameter: Parameter) -> object:
    """The value of a control in the link of a step. Raises: ValueError if it is none."""
    text = step.parameters.get(parameter.url_name)
    return parameter.usual if text is None else parameter.parse(text)


def _parameters(step: Step) -> Iterator[Parameter]:
    own_digits = {field.key for key, source in SOURCES.items() if key != "vector" for field in source.fields}
    for parameter in known_parameters(step):
        if parameter.url_name in step.parameters or parameter.url_name not in own_digits:
            yield parameter


def known_parameters(step: Step) -> Iterable[Parameter]:
    """Every parameter that the link of a step may have."""
    return [*shared_parameters(), *own_parameters(step.figure)]
