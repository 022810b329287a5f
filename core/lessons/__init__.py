"""Twenty minutes from "what is equivariance?" to "which layer breaks it?": lessons as data, each claim computed.

A lesson is a file of assets/lessons and a line in the order below. `step.check()` says whether what a step claims is
true of the networks as they are.
"""

from core.files import ASSETS
from core.lessons.expression import value_of
from core.lessons.facts import Facts
from core.lessons.lesson import FIGURES, KINDS, Ask, Check, Do, Lesson, Option, Step, read

FOLDER = ASSETS / "lessons"
_ORDER = (
    "shift-first", "smaller", "two-ways", "resize-the-filter", "where-did-it-go", "who-breaks-it", "nothing-is-exact",
    "which-scales", "so-what",
)  # fmt: skip
LESSONS: dict[str, Lesson] = {name: read(FOLDER / f"{name}.toml") for name in _ORDER}
CORE = ("shift-first", "smaller", "who-breaks-it")
"""What nobody should leave out: what equivariance is, what a change of size does, and which layer breaks it."""

__all__ = [
    "CORE",
    "FIGURES",
    "FOLDER",
    "KINDS",
    "LESSONS",
    "Ask",
    "Check",
    "Do",
    "Facts",
    "Lesson",
    "Option",
    "Step",
    "read",
    "value_of",
]
