"""Digits of MNIST that all have one size, on the canvas of MNIST-Scale: what a network learns that meets one size only.

The pool, its split and its realisations are those of `core.data.mnist_scale`, so a digit is in the same split whatever
its size. The kernel widens where a digit shrinks (there it does not, as published): a small digit is then the large one
seen from further away, and what a network makes of an unseen size is not what it makes of aliasing.
"""

import torch

from core.data.mnist import LabelledImages
from core.data.mnist_scale import ScaledDigits, scale_digits, unscaled

TRAINED = 0.6  # the one size, × MNIST
# Two octaves about it, from 0.3 to 1.2
SIZES = tuple(round(TRAINED * 2 ** (step / 6), 4) for step in range(-6, 7))


def digits_of_size(size: float, split: str, realisation: int = 0, count: int | None = None) -> ScaledDigits:
    """One split, every digit at one size.

    Args: size: × MNIST. split, realisation: as of `mnist_scale`. count: only the first so many digits of the split,
              which are in random order.
    Raises: ValueError for an unknown split or realisation or a size that is not positive; MnistMissing.
    """
    return scaled_to(size, unscaled(split, realisation, count))


def scaled_to(size: float, digits: LabelledImages) -> ScaledDigits:
    """Digits as MNIST has them, every one at one size, × MNIST. Raises: ValueError for a size that is not positive."""
    sizes = torch.full((len(digits),), size, dtype=torch.float64)
    return ScaledDigits(scale_digits(digits.images, sizes, antialias=True), digits.labels, sizes)
