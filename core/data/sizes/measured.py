"""Sizes that were measured, what a refusal is, and how both are said."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

LIMITS = (1e-4, 1e7)  # pixels; beyond them no picture has an object, and the axis of scales would have no end


class SizesRefused(ValueError):
    """The sizes cannot be used; the message is one sentence for the visitor."""


@dataclass(frozen=True, eq=False)
class MeasuredSizes:
    """Sizes of objects in pixels, at least two, positive; `note` says in a sentence where they come from."""

    values: Float[np.ndarray, " n"]
    note: str


def checked(values: Float[np.ndarray, " n"], note: str) -> MeasuredSizes:
    """Sizes that nobody can change any more.

    Raises: SizesRefused if there are fewer than two.
    """
    if values.size < 2:
        raise SizesRefused(f"At least 2 sizes are needed, got {values.size}: {note}")
    values.flags.writeable = False
    return MeasuredSizes(values, note)


def short(text: str) -> str:
    """The beginning of a text, for a message."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def counted(n: int, what: str) -> str:
    """counted(2, "row") is "2 rows"."""
    return f"{n:,} {what}{'s' * (n != 1)}"
