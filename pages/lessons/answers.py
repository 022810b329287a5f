"""What a visitor answered in this visit, and what was really done."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from components.lesson_card import Answer, Report
from core.checkpoints import CheckpointError
from core.lessons import Ask, Facts, Step, value_of
from core.lessons.expression import Fact, Key
from pages.bench.choose import chosen_scales
from pages.lessons.figures import Errors
from pages.lessons.place import Place, go_to, places
from pages.lessons.truth import told
from pages.state.session import current_amount
from pages.state.view import View

_ANSWERS = "lesson_answers"  # in the session, by `lesson/step`
_NONE = Answer()


def answers() -> dict[str, Answer]:
    """All of this visit, and of earlier ones that the browser had kept."""
    return st.session_state.setdefault(_ANSWERS, {})


def answer_of(place: Place) -> Answer:
    """An empty one if there is none yet."""
    return answers().get(place.at, _NONE)


def take_over(report: Report) -> None:
    """For the callback of the card."""
    known = {place.at for place in places()}
    if report.forgets:
        answers().clear()
    for at, answer in (report.kept or {}).items():
        if at in known:
            answers().setdefault(at, answer)
    if report.answer is not None and report.at in known:
        before = answers().get(report.at, _NONE)
        drawn = tuple(chosen_scales().mixture.centres) if report.places else report.answer.drawn
        answers()[report.at] = replace(report.answer, done=before.done, drawn=drawn)
    if report.go:
        go_to(report.go)


def tell_drawn(place: Place, heights: tuple[float, ...]) -> None:
    """For a callback: a curve that was drawn into the figure answers the step."""
    answers()[place.at] = replace(answer_of(place), drawn=heights)


def tell_done(place: Place, view: View, errors: Errors) -> None:
    """After a release: if what the step asks for was done just now, that is kept, and the card is drawn again."""
    answer, do = answer_of(place), place.step.do
    if do is None or answer.done or not _was_done(do.until, place.step, view, errors):
        return
    answers()[place.at] = replace(answer, done=True)
    st.rerun()


def as_text() -> str:
    """All answers, for a teacher; empty if there are none."""
    lines = [_line(place, answers()[place.at]) for place in places() if place.at in answers()]
    return "\n".join(["My answers in Equiscope", *filter(None, lines)]) if any(lines) else ""


def _line(place: Place, answer: Answer) -> str:
    head = f"{place.lesson.title}, step {place.number}: "
    ask = place.step.ask
    if ask is None:
        return f"{head}done" if answer.done else ""
    said = [f"{ask.option[k].text} ({_judged(ask, k)})" for k in answer.chosen if k < len(ask.option)]
    said += [told(answer.number, ask)] if answer.number is not None else []
    said += [", ".join(f"{value:.3g}" for value in answer.drawn)] if answer.drawn else []
    said += ["asked to be shown"] if answer.shown else []
    return f"{head}{ask.prompt} {'; then '.join(said)}" if said else ""


def _judged(ask: Ask, place: int) -> str:
    return "right" if ask.option[place].right else "not right"


def _was_done(until: str, step: Step, view: View, errors: Errors) -> bool:
    amount = current_amount(view.transform)
    own = {"network": view.network, "transform": view.key, view.transform.parameter: f"{amount:g}"}
    try:
        facts: dict[str, Fact] = {**Facts({**step.parameters, **own})}
        facts["error"] = _first_here(errors.get(view.network, {}), view, amount, facts["error"])
        return bool(value_of(until, facts))
    except (CheckpointError, ValueError):  # of another transform, say: then it was not done
        return False


def _first_here(found: Mapping, view: View, amount: float, otherwise: Fact) -> Fact:
    """The error of a layer as it came with the figure; computed where it did not."""
    k = view.amounts.index(view.transform.nearest(view.amounts, amount))

    def fact(key: Key) -> float:
        return float(found[key[0]][k]) if len(key) == 1 and key[0] in found else otherwise(key)

    return fact
