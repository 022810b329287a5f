"""What the runs of a sweep train on, by name, and the digits of many sizes that they read afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from core.data.dynamic_scale_mnist import RANGES, at_data_scales, dynamic_scale_mnist, unscaled
from core.data.mnist_scale import ScaledDigits, mnist_scale
from core.data.one_size import SIZES, TRAINED, digits_of_size

SPLITS = ("train", "validation", "test")
# Quarter octaves over [2^-0.5, 2^3.5], as the thesis measures (Fig. 4)
DATA_SCALES = tuple(float(2.0**exponent) for exponent in np.arange(-0.5, 3.51, 0.25))

Counts = tuple[int | None, int | None, int | None]


@runtime_checkable
class Dataset(Protocol):
    """One kind of digits."""

    @property
    def canvas(self) -> int | None:
        """Its side in pixels; None if the network says."""

    @property
    def realisations(self) -> int:
        """How many there are; a seed beyond takes one of them again."""

    def splits(self, realisation: int, counts: Counts, canvas: int) -> list[ScaledDigits]:
        """Digits for training, validation and test; only the first so many of each. Raises: MnistMissing."""

    def at_each_size(self, realisation: int, count: int, canvas: int) -> Iterator[tuple[float, ScaledDigits]]:
        """The same test digits at each of many sizes, × MNIST, ascending. Raises: MnistMissing."""


@dataclass(frozen=True)
class AllSizes:
    """MNIST-Scale: sizes of 0.3 to 1, as published."""

    canvas: int | None = 28
    realisations: int = 6

    def splits(self, realisation: int, counts: Counts, canvas: int) -> list[ScaledDigits]:
        whole = [mnist_scale(name, realisation) for name in SPLITS]
        return [_first(digits, count) for digits, count in zip(whole, counts, strict=True)]

    def at_each_size(self, realisation: int, count: int, canvas: int) -> Iterator[tuple[float, ScaledDigits]]:
        for size in SIZES:
            yield size, digits_of_size(size, "test", realisation, count)


@dataclass(frozen=True)
class OneSize(AllSizes):
    """The digits of MNIST-Scale, all of one size."""

    def splits(self, realisation: int, counts: Counts, canvas: int) -> list[ScaledDigits]:
        return [digits_of_size(TRAINED, name, realisation, count) for name, count in zip(SPLITS, counts, strict=True)]


@dataclass(frozen=True)
class DynamicScale:
    """Dynamic Scale MNIST over one range of data scales, on the canvas of a `toy`."""

    ends: tuple[float, float]
    canvas: int | None = None
    realisations: int = 3

    def splits(self, realisation: int, counts: Counts, canvas: int) -> list[ScaledDigits]:
        return [
            dynamic_scale_mnist(name, self.ends, realisation, canvas=canvas, count=count)
            for name, count in zip(SPLITS, counts, strict=True)
        ]

    def at_each_size(self, realisation: int, count: int, canvas: int) -> Iterator[tuple[float, ScaledDigits]]:
        digits = unscaled("test", realisation, count)
        for scale in DATA_SCALES:
            sizes = torch.full((len(digits.labels),), scale).double()
            yield round(scale, 4), at_data_scales(digits, sizes, canvas)


DATASETS: dict[str, Dataset] = {
    "mnist-scale": AllSizes(),
    "one-size": OneSize(),
    **{name: DynamicScale(ends) for name, ends in RANGES.items()},
}


def _first(digits: ScaledDigits, count: int | None) -> ScaledDigits:
    return ScaledDigits(digits.images[:count], digits.labels[:count], digits.scale_factors[:count])
