"""How far the mean of a sample may be from that of everything it was drawn from.

Source: Efron, "Better Bootstrap Confidence Intervals", J. Am. Stat. Assoc. 82 (1987), 171–185: the interval BCa, which
is corrected for bias and for skewness (acceleration).
"""

from statistics import NormalDist

import numpy as np
from jaxtyping import Float

_NORMAL = NormalDist()
_AT_ONCE = 1000  # resamples: what bounds the memory


def bca_interval(
    values: Float[np.ndarray, " n"], confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """The BCa bootstrap interval of the mean; NaN among the values are left out, and few or equal values have no width.

    Args: values: one for each object that was drawn, such as an image; not one for each of its pixels.
          confidence: the share of such intervals that hold the true mean, between 0 and 1.
          resamples: bootstrap samples. seed: of their draw, so that the same values give the same interval.
    Returns: its ends, in the unit of the values; (NaN, NaN) without values.
    Raises: ValueError for a confidence not between 0 and 1, or less than one resample.
    """
    if not 0 < confidence < 1 or resamples < 1:
        raise ValueError(f"expected a confidence between 0 and 1 and resamples, got {confidence} and {resamples}")
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    mean = float(values.mean())
    if np.ptp(values) <= 1e-12 * abs(mean):
        return mean, mean
    means = _resampled_means(values, resamples, seed)
    below = (np.count_nonzero(means < mean) + np.count_nonzero(means == mean) / 2) / resamples
    bias = _NORMAL.inv_cdf(min(max(below, 0.5 / resamples), 1 - 0.5 / resamples))
    acceleration = _acceleration(values)
    ends = []
    for share in ((1 - confidence) / 2, (1 + confidence) / 2):
        moved = bias + _NORMAL.inv_cdf(share)
        ends.append(float(np.quantile(means, _NORMAL.cdf(bias + moved / (1 - acceleration * moved)))))
    return ends[0], ends[1]


def _resampled_means(values: Float[np.ndarray, " n"], resamples: int, seed: int) -> Float[np.ndarray, " resamples"]:
    generator, n = np.random.default_rng(seed), len(values)
    parts = [min(_AT_ONCE, resamples - done) for done in range(0, resamples, _AT_ONCE)]
    return np.concatenate([values[generator.integers(0, n, (part, n))].mean(axis=1) for part in parts])


def _acceleration(values: Float[np.ndarray, " n"]) -> float:
    """From the jackknife, Eq. 6.6; for a mean Σ d³ / 6 (Σ d²)^{3/2} of the deviations d."""
    deviation = values - values.mean()
    return float((deviation**3).sum() / (6 * (deviation**2).sum() ** 1.5))
