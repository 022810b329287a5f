"""The concept test: eight items in two forms, one before the lessons and one after, and what was gained.

Each item is of one lesson; each wrong option is one wrong idea, so that an answer tells more than right or wrong.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core import typed_json
from core.files import ASSETS

FILE = ASSETS / "concepts.toml"
FORMS = ("before", "after")


@dataclass(frozen=True)
class Choice:
    """One option. Attributes: right: whether it is. idea: the wrong one that leads to it; empty if it is right."""

    text: str
    right: bool = False
    idea: str = ""

    def __post_init__(self) -> None:
        if self.right == bool(self.idea):
            raise ValueError("an option is right, or names the idea that leads to it")


@dataclass(frozen=True)
class Form:
    """One wording of an item, with one right option."""

    prompt: str
    option: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if len(self.option) < 3 or sum(each.right for each in self.option) != 1:
            raise ValueError("a form has three options or more, and one of them is right")

    @property
    def right(self) -> int:
        """The place of the right option."""
        return next(place for place, each in enumerate(self.option) if each.right)


@dataclass(frozen=True)
class Item:
    """One idea in two wordings. Attributes: lesson: its id. form: as FORMS."""

    lesson: str
    form: tuple[Form, Form]


@dataclass(frozen=True)
class Score:
    """Right answers before and after, of so many items."""

    before: int
    after: int
    items: int

    @property
    def gain(self) -> float | None:
        """Normalised gain: the share of what was not known before that is known after (Hake, Am. J. Phys. 66, 1998).

        From −∞ to 1; None if all was known before.
        """
        unknown = self.items - self.before
        return (self.after - self.before) / unknown if unknown else None


@dataclass(frozen=True)
class _File:
    item: tuple[Item, ...]


def read_items(path: Path = FILE) -> tuple[Item, ...]:
    """Raises: ValueError, in one sentence that names file and item, if it is no concept test; OSError."""
    try:
        return typed_json.build(_File, tomllib.loads(path.read_text(encoding="utf-8"))).item
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def score(items: Sequence[Item], before: Sequence[int], after: Sequence[int]) -> Score:
    """Args: before, after: the place of the chosen option of each item, −1 for none.

    Raises: ValueError for another number of answers than of items.
    """
    counts = [
        sum(item.form[k].right == chosen for item, chosen in zip(items, answers, strict=True))
        for k, answers in enumerate((before, after))
    ]
    return Score(counts[0], counts[1], len(items))
