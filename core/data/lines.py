"""Lines to try a network of lines on: three kinds of sound, made by formula, at any sampling rate.

Each is a few harmonics of a low tone at a random place: all of them (a saw), every second one (a square), or all of one
strength (pulses). A low rate holds fewer of the harmonics, exactly those that the ideal resize leaves.
"""

import math

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

KINDS = ("saw", "square", "pulses")
_HIGHEST = 31  # periods of a line: what 63 samples hold


def lines(count: int, samples: int, seed: int = 0) -> tuple[Float[Tensor, "b 1 n"], Int64[Tensor, " b"]]:
    """The same lines for the same seed at every rate: modes that it cannot hold are left out.

    Returns: lines, and the kind of each, an index of `KINDS`; sample i of n lies at (i + ½) / n.
    Raises: ValueError for less than one line or sample.
    """
    if count < 1 or samples < 1:
        raise ValueError(f"expected at least one line and one sample, got {count} and {samples}")
    random = np.random.Generator(np.random.PCG64(seed))
    place = (np.arange(samples) + 0.5) / samples
    kinds = random.integers(0, len(KINDS), count)
    tones, begins = random.integers(1, 4, count), random.uniform(0, 1, count)
    drawn = zip(kinds.tolist(), tones.tolist(), begins.tolist(), strict=True)
    found = [_line(place, *each) for each in drawn]
    return torch.from_numpy(np.stack(found))[:, None].float(), torch.from_numpy(kinds)


def _line(place: np.ndarray, kind: int, tone: int, begin: float) -> np.ndarray:
    total = np.zeros_like(place)
    for number in range(1, _HIGHEST // tone + 1):
        if tone * number > (len(place) - 1) // 2 or (KINDS[kind] == "square" and number % 2 == 0):
            continue
        strength = 0.3 if KINDS[kind] == "pulses" else 1 / number
        total += strength * np.sin(2 * math.pi * tone * number * (place - begin))
    return total
