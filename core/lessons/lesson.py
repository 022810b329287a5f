"""Lessons as data: what a file of assets/lessons holds, and what no lesson may hold.

A file is TOML: title, misconception, minutes, and a `[[step]]` for each card. What a file names and the project does
not have is refused, in one sentence that names file and step.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from core import typed_json
from core.lessons.expression import names_in, value_of
from core.lessons.facts import Facts
from core.models import MODELS

MOST_WORDS, MOST_STEPS, FEWEST_STEPS = 60, 9, 5
KINDS = ("choice", "number", "draw", "place")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

CURVE = "errors.curve"  # the figure that a curve is drawn into
FIGURES: Mapping[str, str] = {
    "stage": "",  # the start page: a digit and two networks' answers put back
    "square": "commute",
    "maps": "maps",
    "errors.layers": "errors",
    CURVE: "errors",
    "scales": "scales",
    "sizes": "results",
}
"""What can stand beside a card, and the address of the page that shows it."""

EVERYTHING = "everything"
PARTS: Mapping[str, Collection[str]] = {
    "stage": ("tx", "cnn", "sesn_antialiased"),
    "square": ("x", "tx", "before", "moved", "after", "difference"),
    "maps": ("tx", "maps", "kernels", *map(str, range(1, 10))),
    "scales": (),
    "sizes": tuple(MODELS),
}
"""What a step may let stand out or cover, or `EVERYTHING`; for the other figures the layers of its network."""


@dataclass(frozen=True)
class Option:
    """One answer to choose. Attributes: says: what its choice is answered with. right: whether it is."""

    text: str
    says: str
    right: bool = False


@dataclass(frozen=True)
class Ask:
    """A question before the reveal.

    Attributes:
        kind: of KINDS. prompt: what is asked.
        option: for `choice`, with one right answer at least.
        truth: for the others, a formula: a number; for `draw` the height of the curve at each amount of the transform;
            for `place` the place of each mark, its number from 1 as `mark`.
        unit: of the number or the curve. low, high: of its axis. within: how far off is right. marks: how many.
    """

    kind: str
    prompt: str
    option: tuple[Option, ...] = ()
    truth: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    within: float = 0.0
    marks: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.kind == "choice":
            if len(self.option) < 2 or not any(each.right for each in self.option) or self.truth:
                raise ValueError("a choice needs two options or more, one of them right, and no other truth")
        elif self.option or not self.truth:
            raise ValueError(f"a {self.kind} needs a truth to be compared with, and no options")
        if self.kind != "choice" and not self.low < self.high:
            raise ValueError(f"the axis of a {self.kind} must rise, got {self.low} to {self.high}")
        if (self.kind == "place") != (self.marks > 0):
            raise ValueError("marks are for a place, and it needs one or more")


@dataclass(frozen=True)
class Check:
    """Attributes: expect: what must be true of the networks as they are, a formula of `core.lessons.facts`."""

    expect: str


@dataclass(frozen=True)
class Do:
    """Attributes: until: true once the visitor has done what the card asks, a formula of what the figure can tell."""

    until: str


@dataclass(frozen=True)
class Step:
    """One card and the figure beside it.

    Attributes:
        id: part of the link. figure: of FIGURES. link: parameters of the page that shows it, as in an address.
        text: of the card. focus: parts of the figure that stand out. hide: parts that are covered until answered.
        ask: the question, if there is one. why: what follows the reveal. claim: what must be true, `[step.check]` in
            the file. do: what is to be done.
    """

    id: str
    figure: str
    link: str
    text: str
    focus: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    ask: Ask | None = None
    why: str = ""
    claim: Check | None = None
    do: Do | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"an id has small letters, digits and single dashes, got {self.id!r}")
        if self.figure not in FIGURES:
            raise ValueError(f"there is no figure {self.figure!r}; there are {', '.join(FIGURES)}")
        known = (*PARTS.get(self.figure, (*self.focus, *self.hide)), EVERYTHING)
        if unknown := [part for part in (*self.focus, *self.hide) if part not in known]:
            raise ValueError(f"the figure {self.figure} has no part {unknown[0]!r}; it has {', '.join(known)}")
        for what, text in (("text", self.text), ("why", self.why), *_answers(self.ask)):
            if (count := len(text.split())) > MOST_WORDS:
                raise ValueError(f"its {what} has {count} words, at most {MOST_WORDS} are read")
        if self.ask and not self.why:
            raise ValueError("what is asked needs a why after the reveal")
        if self.hide and not self.ask:
            raise ValueError("what is hidden needs a question that uncovers it")
        draws = self.ask is not None and self.ask.kind == "draw"
        if draws != (self.figure == CURVE and bool(self.hide)):
            raise ValueError(f"a curve is drawn into the figure {CURVE}, which hides it, and it hides nothing else")
        for formula in self.formulas:
            names_in(formula)

    @property
    def formulas(self) -> tuple[str, ...]:
        """Of the claim, the question and what is to be done, as far as there are any."""
        found = (self.claim and self.claim.expect, self.ask and self.ask.truth, self.do and self.do.until)
        return tuple(formula for formula in found if formula)

    @property
    def parameters(self) -> dict[str, str]:
        """Of the link, by name."""
        return dict(parse_qsl(self.link, keep_blank_values=True))

    def check(self) -> bool:
        """Whether what the step claims is true of the networks as they are; so is a step that claims nothing.

        Raises: ValueError if the claim names what there is not; CheckpointError.
        """
        return self.claim is None or bool(value_of(self.claim.expect, Facts(self.parameters)))


@dataclass(frozen=True)
class Lesson:
    """Attributes: id: of its file and in links. misconception: that it meets. minutes: it takes. steps: in order."""

    id: str
    title: str
    misconception: str
    minutes: int
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not FEWEST_STEPS <= len(self.steps) <= MOST_STEPS:
            raise ValueError(f"a lesson has {FEWEST_STEPS} to {MOST_STEPS} steps, got {len(self.steps)}")
        ids = [step.id for step in self.steps]
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"two steps have the id {', '.join(sorted(twice))}")

    def step(self, name: str) -> Step:
        """Raises: KeyError for one that there is not."""
        return {step.id: step for step in self.steps}[name]


def read(path: Path) -> Lesson:
    """The lesson of a file, named after it.

    Raises: ValueError, in one sentence that names the file and the step, for a key that no lesson has, a text that is
        too long, a figure that does not exist, a formula that is none; OSError.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no lesson: {error}") from error
    steps = values.pop("step", [])
    if not isinstance(steps, list):
        raise ValueError(f"{path.name}: its steps are no list of tables")
    cards = [_step(each, f"{path.name}, step {place}") for place, each in enumerate(steps, start=1)]
    try:
        head = typed_json.build(_Head, values)
        return Lesson(path.stem, head.title, head.misconception, head.minutes, tuple(cards))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


@dataclass(frozen=True)
class _Head:
    """What stands above the steps of a file."""

    title: str
    misconception: str
    minutes: int


def _step(values: Any, place: str) -> Step:
    """Raises: ValueError, with the place and the id of the step."""
    if isinstance(values, dict) and isinstance(values.get("id"), str):
        place += f" ({values['id']})"
    try:
        if isinstance(values, dict) and "check" in values:  # in Python the name is that of the method
            values = {**values, "claim": values["check"]}
            del values["check"]
        return typed_json.build(Step, values)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _answers(ask: Ask | None) -> list[tuple[str, str]]:
    if ask is None:
        return []
    texts = [(f"option {place}", f"{each.text} {each.says}") for place, each in enumerate(ask.option, start=1)]
    return [("prompt", ask.prompt), *texts]
