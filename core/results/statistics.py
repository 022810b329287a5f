"""Numbers with the spread that they have: a mean over realisations, and a difference over the same digits.

Every interval says of what it is one, and of how many: `Estimate.told`. That it holds 0 means that no difference was
found, which is an answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Bool, Float

from core.results.bootstrap import bca_interval

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
# Student's t below which 97.5 % lie, for 1, 2, … degrees of freedom (Fisher and Yates, Statistical Tables, table III).
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval.

    Attributes:
        mean: of the sample, in its unit. low, high: ends of the interval; NaN where the sample has no spread to tell.
        n: how many were drawn. kind: of what, in the plural, e.g. `realisations`.
    """

    mean: float
    low: float
    high: float
    n: int
    kind: str

    @property
    def has_interval(self) -> bool:
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def differs_from_zero(self) -> bool:
        """Whether the interval leaves 0 out; False without one."""
        return self.has_interval and not self.low <= 0 <= self.high

    def told(self, decimals: int = 2) -> str:
        """E.g. `2.31 (2.10 to 2.52; n = 3 realisations)`, in the unit of the sample."""
        interval = f"{self.low:.{decimals}f} to {self.high:.{decimals}f}; " if self.has_interval else ""
        kind = self.kind.removesuffix("s") if self.n == 1 else self.kind
        return f"{self.mean:.{decimals}f} ({interval}n = {self.n} {kind})"


def over_realisations(values: Sequence[float], kind: str = "realisations", least: float = -math.inf) -> Estimate:
    """The mean of a few runs, each on its own data and seed, with Student's interval.

    A bootstrap of three to six values is too narrow by far; Student's interval holds its promise where the values are
    normal (tested by simulation for 3 and 6). One value has no interval.

    Args: least: that a value can be, 0 for a share; an interval reaches no further down.

    Raises: ValueError without values, for one that is not finite, or for more than 31 of them.
    """
    if not values or not all(map(math.isfinite, values)):
        raise ValueError(f"a mean over {kind} needs finite values, got {list(values)}")
    n, mean = len(values), math.fsum(values) / len(values)
    if n == 1:
        return Estimate(mean, math.nan, math.nan, 1, kind)
    if n - 1 > len(_T):
        raise ValueError(f"an interval is known for up to {len(_T) + 1} {kind}, got {n}")
    half = _T[n - 2] * standard_deviation(values) / math.sqrt(n)
    return Estimate(mean, max(least, mean - half), mean + half, n, kind)


def over_hits(hits: Bool[np.ndarray, " n"], kind: str = "digits") -> Estimate:
    """The share in % of what is either so or not, such as misread, with its binomial interval.

    It keeps its promise near 0 and 100 %, where standard errors to each side do not.
    Source: Wilson, "Probable Inference", J. Am. Stat. Assoc. 22 (1927), 209–212.

    Raises: ValueError without any.
    """
    n = len(hits)
    if not n:
        raise ValueError(f"a share of {kind} needs some, got none")
    share = float(np.mean(hits))
    weight = 1 / (1 + _Z**2 / n)
    middle = weight * (share + _Z**2 / (2 * n))
    half = weight * _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return Estimate(100 * share, max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half)), n, kind)


def standard_deviation(values: Sequence[float]) -> float:
    """Of the sample, with n − 1; NaN for a single value. Raises: ValueError without values."""
    if not values:
        raise ValueError("no values have no spread")
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def paired_difference(
    first: Float[np.ndarray, " n"], second: Float[np.ndarray, " m"], kind: str = "digits", resamples: int = 10_000
) -> Estimate:
    """The mean of second − first over the same objects, with the BCa bootstrap interval of the pairs.

    Drawing pairs is drawing differences, so it is the interval of one sample (core.results.bootstrap). Pairs of which
    one is NaN are left out.

    Args: first, second: one value for each object, in the same order (m = n). kind: of the objects, in the plural.
    Raises: ValueError if the lengths differ, or no pair is left.
    """
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"pairs need two lists of one length, got {first.shape} and {second.shape}")
    differences = (second - first)[~np.isnan(second - first)]
    if not len(differences):
        raise ValueError(f"there is no pair of {kind} to compare")
    low, high = bca_interval(differences, CONFIDENCE, resamples)
    return Estimate(float(differences.mean()), low, high, len(differences), kind)
