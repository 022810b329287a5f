"""Where a set of internal scales serves the data too little, and what a fit means in one sentence."""

import math
from dataclasses import dataclass

import numpy as np

from core.tolerance.axis import OCTAVES, STEP
from core.tolerance.data_scales import DataScales
from core.tolerance.mixture import Mixture

_SERVED = 0.5  # of the data density: below, the mixture has a dip
_NEGLIGIBLE = 0.05  # of the highest data density: below, there is nothing to serve
_TAIL = 1e-4  # share of the data beyond the axis on either side that is not looked at


@dataclass(frozen=True)
class Dip:
    """An interval of data scale (×) where the mixture is less than half as dense as the data.

    Attributes:
        low, high: its ends, exact to a step of the common grid (0.4 %).
        deepest: the data scale of the smallest ratio.
        share: that ratio, mixture over data, from 0 to 0.5.
        between: whether `deepest` lies between two internal scales, not below the smallest or above the largest.
    """

    low: float
    high: float
    deepest: float
    share: float
    between: bool


def dips(mixture: Mixture, data: DataScales) -> tuple[Dip, ...]:
    """All dips, ascending, on and off the common axis; data below 5 % of their own highest density do not count."""
    first, last = (
        min(math.log2(data.quantile(_TAIL)), OCTAVES[0]),
        max(math.log2(data.quantile(1 - _TAIL)), OCTAVES[-1]),
    )
    octaves = np.linspace(first, last, math.ceil((last - first) / STEP) + 1)
    log_data = data._log_density(octaves)
    ratio = np.exp(np.minimum(mixture._log_density(octaves) - np.maximum(log_data, -1e9), 700.0))
    low = (ratio < _SERVED) & (log_data > log_data.max() + math.log(_NEGLIGIBLE))
    ends = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]])))
    return tuple(_dip(octaves[start:end], ratio[start:end], mixture) for start, end in ends.reshape(-1, 2))


def _dip(octaves: np.ndarray, ratio: np.ndarray, mixture: Mixture) -> Dip:
    low, deepest, high = (float(2**u) for u in (octaves[0], octaves[ratio.argmin()], octaves[-1]))
    return Dip(low, high, deepest, float(ratio.min()), mixture.centres[0] < deepest < mixture.centres[-1])
