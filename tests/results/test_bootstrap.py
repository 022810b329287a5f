"""The BCa interval: it holds the truth as often as it says, and leans where the sample leans."""

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest

from core.results.bootstrap import bca_interval


def test_of_many_symmetric_values_it_is_the_interval_of_a_normal_mean():
    values = np.random.default_rng(0).normal(3.0, 2.0, 4000)
    low, high = bca_interval(values)
    half = 1.959964 * values.std(ddof=1) / math.sqrt(4000)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05 * half)


def test_it_holds_the_true_mean_as_often_as_it_says_for_skewed_values():
    """Of 400 samples of 30 exponential values; a 95 % interval misses 20 ± 4.4 (BCa somewhat more at n = 30)."""
    generator = np.random.default_rng(1)
    missed = [0, 0]
    for trial in range(400):
        low, high = bca_interval(generator.exponential(1.0, 30), resamples=1000, seed=trial)
        missed[0] += low > 1
        missed[1] += high < 1
    assert 12 <= sum(missed) <= 40
    assert missed[1] <= 2.5 * missed[0] + 12  # the interval without its correction misses above five times as often


def test_by_its_formula_over_every_resample_of_six_values():
    """All 6⁶ of them, with the normal distribution by its table: Φ(±1.959964) = 0.025, 0.975."""
    values = np.array([0.0, 0.31, 0.77, 1.93, 3.1, 8.6])
    every = np.array(list(itertools.product(values, repeat=6))).mean(axis=1)
    d = values - values.mean()
    a = sum(d**3) / (6 * sum(d**2) ** 1.5)
    bias = NormalDist().inv_cdf(np.mean(every < values.mean() - 1e-12))
    assert (a, bias) == pytest.approx((0.0905, 0.0836), abs=1e-4)  # neither correction is nothing
    shares = [NormalDist().cdf(bias + (bias + z) / (1 - a * (bias + z))) for z in (-1.959964, 1.959964)]
    assert bca_interval(values, resamples=200_000) == pytest.approx(np.quantile(every, shares), abs=0.1)
    assert abs(np.quantile(every, 0.975) - np.quantile(every, shares[1])) > 0.9  # the plain percentile is not it


def test_skewed_values_have_a_longer_upper_half():
    values = np.random.default_rng(2).exponential(1.0, 50)
    low, high = bca_interval(values)
    assert high - values.mean() > 1.15 * (values.mean() - low)
    mirrored = bca_interval(-values)
    assert mirrored == pytest.approx((-high, -low), abs=0.03)


def test_the_same_values_give_the_same_interval_and_missing_ones_do_not_count():
    values = np.random.default_rng(3).normal(size=40)
    assert bca_interval(values) == bca_interval(values)
    assert bca_interval(np.concatenate([values, [np.nan]])) == bca_interval(values)
    wide, narrow = bca_interval(values, 0.99), bca_interval(values, 0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_what_has_no_spread_has_no_width_and_nothing_has_no_interval():
    assert bca_interval(np.array([0.25])) == (0.25, 0.25)
    assert bca_interval(np.full(9, 0.1)) == pytest.approx((0.1, 0.1))
    assert all(map(math.isnan, bca_interval(np.array([np.nan]))))
    for arguments in ((0.0, 100), (1.0, 100), (0.95, 0)):
        with pytest.raises(ValueError, match="confidence between 0 and 1 and resamples"):
            bca_interval(np.ones(3), *arguments)
