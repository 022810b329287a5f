"""The card of a lesson: text, question, feedback, and the way to the next step, by mouse and by keyboard.

The browser keeps the visitor's answers, in its own storage where that is allowed; the server holds them for the visit.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import streamlit as st

from components.bundle import register
from components.reports import id_of, is_number, mount
from core.glossary import Term
from core.lessons import Ask

KEY = "lesson_card"  # its trigger is {"told": {"go": ..., "at": ..., "answer": ..., "kept": ..., "id": ...}}
_ANSWERS = "lesson_card.answers"  # id of the report that was taken over last
_MOST = 200  # answers that a browser may bring, more than there are steps
_component = register("lesson_card")


@dataclass(frozen=True)
class Answer:
    """What a visitor said to a step.

    Attributes:
        chosen: options, in the order in which they were tried. number: that was guessed, in the unit of the question.
        shown: whether the truth was asked for. done: whether what is to be done was done.
        drawn: heights of a curve, or places of marks.
    """

    chosen: tuple[int, ...] = ()
    number: float | None = None
    shown: bool = False
    done: bool = False
    drawn: tuple[float, ...] = ()

    @property
    def reveals(self) -> bool:
        """Whether the truth is no secret any more."""
        return bool(self.chosen) or self.number is not None or bool(self.drawn) or self.shown


@dataclass(frozen=True)
class Truth:
    """What follows an answer.

    Attributes:
        value: of a number that was asked for. said: about it. right: or not.
        failed: whether it could not be computed, which `said` tells.
    """

    value: float | None = None
    said: str = ""
    right: bool | None = None
    failed: bool = False


@dataclass(frozen=True)
class Card:
    """One step as the browser draws it.

    Attributes:
        at: `lesson/step`, as answers are kept. lesson: its title. place: of the step, counted from 1. count: of steps.
        text, ask, why: of the step; why is empty until the answer. do: whether something is to be done.
        answer: so far. truth: once it is revealed. back, next: the steps beside it, as `at`; empty where there is none.
        next_lesson: the title of the lesson that begins with the next step; empty within one.
        copied: all answers as text. ahead: a script of Streamlit's that a figure will need soon, or empty.
    """

    at: str
    lesson: str
    place: int
    count: int
    text: str
    ask: Ask | None
    why: str
    do: bool
    answer: Answer
    truth: Truth | None
    back: str
    next: str
    next_lesson: str
    copied: str
    ahead: str = ""


@dataclass(frozen=True)
class Report:
    """What the browser says: where the visitor wants to go, what was answered where, and what the browser had kept.

    Attributes: go, at: steps as `lesson/step`, or empty. answer: to `at`. kept: answers of earlier visits, None if the
        report has none. forgets: whether all answers are to be forgotten. places: whether the marks on the figure
        are the answer.
    """

    go: str
    at: str
    answer: Answer | None
    kept: Mapping[str, Answer] | None
    forgets: bool = False
    places: bool = False


def lesson_card(
    card: Card, answers: Mapping[str, Answer], terms: Sequence[Term], on_report: Callable[[Report], None]
) -> None:
    """Puts the card on the page. Args: answers: all of this visit. on_report: called before the run that it causes."""

    def take(told: Any) -> None:
        report = read_report(told)
        if report is None:
            return
        st.session_state[_ANSWERS] = id_of(told)
        on_report(report)

    data = {
        **asdict(replace(card, answer=Answer())), "answer": asdict(card.answer),
        "kept": {at: asdict(answer) for at, answer in answers.items()},
        "terms": [{"forms": term.forms, "definition": term.definition} for term in terms],
        "answers": st.session_state.get(_ANSWERS, ""),
    }  # fmt: skip
    mount(_component, KEY, json.loads(json.dumps(data)), "told", take)


def read_report(told: Any) -> Report | None:
    """The report; None for anything else."""
    if not isinstance(told, dict):
        return None
    kept = told.get("kept")
    found = {str(at)[:80]: read_answer(each) for at, each in kept.items()} if isinstance(kept, dict) else None
    if found is not None and len(found) > _MOST:
        return None
    at, go = (told.get(name) if isinstance(told.get(name), str) else "" for name in ("at", "go"))
    answer = told.get("answer")
    return Report(
        str(go)[:80], str(at)[:80], read_answer(answer) if isinstance(answer, dict) else None, found,
        told.get("forgets") is True, told.get("places") is True,
    )  # fmt: skip


def read_answer(told: Any) -> Answer:
    """An answer; what is none of it is left out."""
    if not isinstance(told, dict):
        return Answer()
    chosen, number, drawn = told.get("chosen"), told.get("number"), told.get("drawn")
    values = [float(each) for each in drawn if is_number(each)] if isinstance(drawn, list) else []
    tried = [each for each in chosen if type(each) is int and 0 <= each < 20] if isinstance(chosen, list) else []
    return Answer(
        tuple(tried[:20]), float(number) if is_number(number) else None,
        told.get("shown") is True, told.get("done") is True, tuple(values[:_MOST]),
    )  # fmt: skip
