"""Dynamic Scale MNIST: every digit at one random size of a wide range, centred on a canvas that holds the largest.

Protocol of Basting, "Scale Learning in Scale-Equivariant Convolutional Networks" (thesis, 2024): MNIST centre-padded
to 168×168, one data scale a digit, log-uniform over [1, 2.83], [1, 4.76] or [1, 8], bicubic; 10,000 digits for
training, 5,000 for validation, 50,000 for the test; three realisations, 0 to 2. At data scale 1 a digit has the size it
has in MNIST, 20 of 28 pixels.

Where we differ: the draws and the resampling are our own and the same on every machine, as for MNIST-Scale
(core.data.mnist_scale). The kernel widens where a digit shrinks, so that a smaller canvas, on which every size is
reduced in proportion, holds what the large one would hold seen from further away, without aliasing.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from core.data.mnist import all_of_mnist
from core.data.mnist_scale import ScaledDigits, scale_digits, split_indices

SPLITS: dict[str, int] = {"train": 10_000, "validation": 5_000, "test": 50_000}
REALISATIONS = 3
CANVAS = 168  # pixels
RANGES: dict[str, tuple[float, float]] = {"1-2.83": (1.0, 2.83), "1-4.76": (1.0, 4.76), "1-8": (1.0, 8.0)}

_STEPS = 1 << 16
_FIRST_SEED = 100  # MNIST-Scale takes those from 0


def dynamic_scale_mnist(
    split: str,
    ends: tuple[float | int, float | int],
    realisation: int = 0,
    *,
    canvas: int = CANVAS,
    count: int | None = None,
    folder: Path | None = None,
) -> ScaledDigits:
    """One split of one realisation, made anew; `scale_factors` of the result are the data scales.

    Args: split: `train`, `validation` or `test`; no digit is in two of them.
          ends: smallest and largest data scale, without unit.
          realisation: 0 to 2, the seed of the split and of the data scales.
          canvas: side in pixels; on a smaller one than 168 every digit is smaller in proportion.
          count: only the first so many digits of the split, which are in random order.
          folder: where MNIST lies, as for `load_mnist`.
    Raises: ValueError for an unknown split or realisation or an empty range; MnistMissing as `load_mnist`.
    """
    digits = unscaled(split, realisation, count, folder)
    low, high = ends
    if not 0 < low < high < math.inf:
        raise ValueError(f"a range of data scales needs 0 < low < high, got {low} and {high}")
    random = np.random.RandomState(_FIRST_SEED + realisation)
    drawn = random.random_sample((len(SPLITS), max(SPLITS.values())))[list(SPLITS).index(split), : len(digits.labels)]
    data_scales = low * (high / low) ** drawn
    return at_data_scales(digits, torch.from_numpy(np.round(data_scales * _STEPS) / _STEPS), canvas)


def unscaled(split: str, realisation: int = 0, count: int | None = None, folder: Path | None = None) -> ScaledDigits:
    """The digits of a split as MNIST has them, 28×28, data scale 1. Args and errors: as `dynamic_scale_mnist`."""
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; known are {', '.join(SPLITS)}")
    if not 0 <= realisation < REALISATIONS:
        raise ValueError(f"realisation must be 0 to {REALISATIONS - 1}, got {realisation}")
    whole = all_of_mnist(folder)
    chosen = split_indices(whole.labels, _FIRST_SEED + realisation, SPLITS)[split][:count]
    return ScaledDigits(whole.images[chosen], whole.labels[chosen], torch.ones(len(chosen), dtype=torch.float64))


def at_data_scales(digits: ScaledDigits, data_scales: Float64[Tensor, " n"], canvas: int = CANVAS) -> ScaledDigits:
    """Digits of MNIST's size, each drawn at a data scale of its own, centred on a canvas of `canvas` pixels."""
    images = scale_digits(digits.images, data_scales * (canvas / CANVAS), (canvas, canvas), antialias=True)
    return replace(digits, images=images, scale_factors=data_scales)


def ends_of(data: str) -> tuple[float, float]:
    """The range that a name such as `1-4.76` stands for."""
    low, high = map(float, data.split("-"))
    return low, high


def in_words(data: str) -> str:
    """That range for a reader, e.g. `1 to 4.76`."""
    low, high = ends_of(data)
    return f"{low:g} to {high:g}"
