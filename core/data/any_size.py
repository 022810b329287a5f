"""Test digits that can be had at any size, a few at a time: of MNIST, or the vector digits where there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch

from core.data.glyphs import GLYPHS
from core.data.mnist import LabelledImages
from core.data.mnist_scale import unscaled
from core.data.one_size import scaled_to

COUNT = 2_000  # digits of MNIST; the study reads as many at each size


@runtime_checkable
class AnySize(Protocol):
    """The same digits at any size.

    Attributes: count: how many there are. kind: what they are, in the plural.
    """

    @property
    def count(self) -> int: ...

    @property
    def kind(self) -> str: ...

    def at(self, size: float, start: int, stop: int) -> LabelledImages:
        """Digits from `start` to before `stop`, at a size × MNIST."""


@dataclass(frozen=True, eq=False)
class MnistDigits:
    """Digits of a test split, which training has not met. Attributes: pool: the digits as MNIST has them."""

    pool: LabelledImages
    kind: str = "MNIST digits"

    @property
    def count(self) -> int:
        return len(self.pool)

    def at(self, size: float, start: int, stop: int) -> LabelledImages:
        chosen = slice(start, stop)
        return scaled_to(size, LabelledImages(self.pool.images[chosen], self.pool.labels[chosen]))


@dataclass(frozen=True)
class VectorDigits:
    """Every vector digit in every hand, drawn at its size and kept in 8 bits, as MNIST is."""

    count: int = len(GLYPHS)
    kind: str = "vector digits"

    def at(self, size: float, start: int, stop: int) -> LabelledImages:
        chosen = GLYPHS[start:stop]
        images = torch.cat([glyph.render(size) for glyph in chosen])
        return LabelledImages((images * 255).round().to(torch.uint8), torch.tensor([glyph.digit for glyph in chosen]))


def mnist_digits(count: int = COUNT) -> MnistDigits:
    """The first of realisation 0, whose weights are shipped. Raises: MnistMissing."""
    return MnistDigits(unscaled("test", 0, count))


ANY_SIZE: dict[str, Callable[[], AnySize]] = {"mnist": mnist_digits, "vector": VectorDigits}
