"""The truth that follows an answer, computed by core, and what it says of the answer."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from components.lesson_card import Answer, Truth
from core.checkpoints import CheckpointError
from core.lessons import Ask, Facts, Step, value_of
from pages.lessons.place import Place

POINTS = 20  # of a curve that is drawn


def truth_of(place: Place, answer: Answer) -> Truth | None:
    """What follows an answer; None for a choice, whose options say it, and while the truth is a secret."""
    ask = place.step.ask
    if ask is None or ask.kind == "choice" or not answer.reveals:
        return None
    try:
        found = value_asked(place)
    except (CheckpointError, ValueError) as error:
        return Truth(said=f"The truth cannot be computed here: {error}.", failed=True)
    if ask.kind == "number":
        return _of_number(ask, answer, found[0])
    return _of_curve(ask, answer, found) if ask.kind == "draw" else _of_places(ask, answer, found)


def solution_of(place: Place) -> str:
    """What is computed, for a sheet on paper; a curve is told at five of its amounts."""
    step, ask = place.step, place.step.ask
    truth = truth_of(place, Answer(shown=True))
    if truth is None or ask is None:
        return ""
    if ask.kind != "draw" or truth.failed:
        return truth.said
    transform, curve = Facts(step.parameters).transform, value_asked(place)
    pairs = list(zip(amounts_of(step), curve, strict=True))[:: POINTS // 5]
    return "; ".join(f"{transform.told(amount)}: {told(value, ask)}" for amount, value in pairs) + "."


def amounts_of(step: Step) -> tuple[float, ...]:
    """The amounts at which a curve is drawn: all along the handle of the step's transform."""
    every = Facts(step.parameters).transform.handle_amounts
    return tuple(every[k] for k in np.linspace(0, len(every) - 1, POINTS).round().astype(int))


def value_asked(place: Place) -> tuple[float, ...]:
    """What a question asks for: a number, the points of a curve, or the places of marks.

    Raises: CheckpointError, ValueError.
    """
    return _computed(place.at, place.step)


def told(value: float, ask: Ask) -> str:
    """A value of the question with its unit."""
    return f"{value:.3g} {ask.unit}".strip().replace("-", "\N{MINUS SIGN}")


def _of_number(ask: Ask, answer: Answer, value: float) -> Truth:
    if answer.number is None:
        return Truth(value, f"It is **{told(value, ask)}**.")
    right = abs(answer.number - value) <= ask.within
    return Truth(value, _judged(right, f"You said {told(answer.number, ask)}, it is **{told(value, ask)}**."), right)


def _of_curve(ask: Ask, answer: Answer, curve: tuple[float, ...]) -> Truth:
    if len(answer.drawn) != len(curve):
        return Truth(said="The figure shows what is computed.")
    gap = float(np.abs(np.subtract(answer.drawn, curve)).mean())
    right = gap <= ask.within
    said = f"Your curve and the computed one are **{told(gap, ask)}** apart on average."
    return Truth(gap, _judged(right, said), right)


def _of_places(ask: Ask, answer: Answer, found: tuple[float, ...]) -> Truth:
    if not answer.drawn:
        return Truth(said=f"They are **{_listed(found, ask)}**.")
    same = len(answer.drawn) == len(found)
    right = same and bool(np.abs(np.subtract(sorted(answer.drawn), sorted(found))).max() <= ask.within)
    said = f"You placed {_listed(sorted(answer.drawn), ask)}; it is **{_listed(found, ask)}**."
    return Truth(said=_judged(right, said), right=right)


def _judged(right: bool, said: str) -> str:
    return f"**Right.** {said}" if right else said


def _listed(values: Sequence[float], ask: Ask) -> str:
    return ", ".join(told(value, ask) for value in values)


@st.cache_data(max_entries=256, show_spinner=False)
def _computed(at: str, _step: Step) -> tuple[float, ...]:
    """`value_asked`, once for all visitors."""
    ask = _step.ask
    if ask is None:
        raise ValueError(f"{at} asks nothing")
    if ask.kind == "place":
        return tuple(_value(ask.truth, _step, mark=float(number)) for number in range(1, ask.marks + 1))
    if ask.kind == "draw":
        return tuple(_value(ask.truth, _step, amount) for amount in amounts_of(_step))
    return (_value(ask.truth, _step),)


def _value(truth: str, step: Step, amount: float | None = None, mark: float | None = None) -> float:
    facts = Facts(step.parameters)
    if amount is not None:
        facts = Facts({**step.parameters, facts.transform.parameter: f"{amount:g}"})
    return float(value_of(truth, facts if mark is None else {**facts, "mark": lambda key: mark}))
