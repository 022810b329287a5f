"""Means with their intervals: by a written-out reference, by the density of Student's t, and by simulated studies."""

import math

import numpy as np
import pytest

from core.results import statistics
from core.results.bootstrap import bca_interval
from core.results.statistics import Estimate, over_realisations, paired_difference, standard_deviation


@pytest.mark.parametrize("degrees", range(1, 31))
def test_the_quantiles_are_those_of_students_density(degrees):
    """∫ from 0 to t of Γ((ν+1)/2) / (√(νπ) Γ(ν/2)) (1 + x²/ν)^−(ν+1)/2 is 0.475, by Simpson's rule."""
    t, n = statistics._T[degrees - 1], 20_000
    x = np.linspace(0, t, n + 1)
    density = math.gamma((degrees + 1) / 2) / (math.sqrt(degrees * math.pi) * math.gamma(degrees / 2))
    y = density * (1 + x**2 / degrees) ** (-(degrees + 1) / 2)
    area = t / n / 3 * (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum())
    assert area == pytest.approx(0.475, abs=2.5e-5)  # the table has three decimals


def test_the_interval_of_three_realisations_by_hand():
    """2, 3 and 7: mean 4, s = √7, half-width 4.303 √(7/3) = 6.573."""
    found = over_realisations([2.0, 3.0, 7.0])
    assert (found.mean, found.low, found.high) == pytest.approx((4.0, -2.573, 10.573), abs=1e-3)
    assert found.told() == "4.00 (-2.57 to 10.57; n = 3 realisations)"
    assert not found.differs_from_zero
    assert standard_deviation([2.0, 3.0, 7.0]) == pytest.approx(math.sqrt(7))


@pytest.mark.parametrize("n", [3, 6])
def test_the_interval_holds_the_truth_in_as_many_studies_as_it_says(n):
    """500 simulated studies; of 95 % ± 1 % (binomial). A bootstrap of three values holds it in about three of four."""
    generator = np.random.default_rng(n)
    held = [0, 0]
    for trial in range(500):
        values = generator.normal(2.5, 0.2, n)
        found = over_realisations(values.tolist())
        held[0] += found.low <= 2.5 <= found.high
        low, high = bca_interval(values, resamples=200, seed=trial)
        held[1] += low <= 2.5 <= high
    assert 0.92 <= held[0] / 500 <= 0.98
    assert held[1] < held[0]


def test_a_paired_interval_holds_the_truth_and_is_narrower_than_that_of_two_samples():
    """500 simulated comparisons of 64 digits whose difficulty both networks share."""
    generator, held, widths = np.random.default_rng(0), 0, []
    for _ in range(500):
        difficulty = generator.gamma(2.0, 0.2, 64)
        first = difficulty + generator.normal(0, 0.05, 64)
        second = difficulty - 0.1 + generator.normal(0, 0.05, 64)
        found = paired_difference(first, second, resamples=500)
        held += found.low <= -0.1 <= found.high
        widths.append((found.high - found.low) / (2 * 1.96 * math.sqrt(first.var() / 64 + second.var() / 64)))
    assert 0.90 <= held / 500 <= 0.99
    assert np.median(widths) < 0.5


def test_a_paired_difference_is_that_of_a_slow_reference():
    """The jackknife written out, and every resample drawn one by one with the same generator."""
    generator = np.random.default_rng(5)
    first, second = generator.gamma(2.0, 1.0, 20), generator.gamma(2.5, 1.0, 20)
    d = [b - a for a, b in zip(first, second, strict=True)]
    mean = sum(d) / 20
    left_out = [sum(d[:i] + d[i + 1 :]) / 19 for i in range(20)]
    centre = sum(left_out) / 20
    a = sum((centre - each) ** 3 for each in left_out) / (6 * sum((centre - each) ** 2 for each in left_out) ** 1.5)
    draws = np.random.default_rng(0).integers(0, 20, (1000, 20))
    means = np.array([sum(d[i] for i in draw) / 20 for draw in draws])
    from statistics import NormalDist

    normal = NormalDist()
    bias = normal.inv_cdf(float(np.mean(means < mean) + np.mean(means == mean) / 2))
    shares = [normal.cdf(bias + (bias + z) / (1 - a * (bias + z))) for z in (-1.959964, 1.959964)]
    found = paired_difference(first, second, resamples=1000)
    assert (found.mean, found.n) == (pytest.approx(mean), 20)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, shares)), abs=1e-6)


def test_pairs_with_a_missing_value_are_left_out():
    first, second = np.array([1.0, 2.0, np.nan, 4.0]), np.array([2.0, np.nan, 3.0, 5.5])
    found = paired_difference(first, second)
    assert (found.mean, found.n) == (1.25, 2)


def test_one_realisation_has_no_interval_and_says_so():
    found = over_realisations([2.9])
    assert (found.has_interval, found.differs_from_zero) == (False, False)
    assert found.told(1) == "2.9 (n = 1 realisation)"
    assert math.isnan(standard_deviation([2.9]))


def test_no_difference_is_an_answer():
    assert not Estimate(0.3, -0.1, 0.7, 64, "digits").differs_from_zero
    assert Estimate(0.3, 0.1, 0.5, 64, "digits").differs_from_zero
    assert Estimate(-0.3, -0.5, -0.1, 64, "digits").differs_from_zero


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf], [1.0] * 32])
def test_what_has_no_mean_over_realisations(values):
    with pytest.raises(ValueError, match=r"finite values|up to 31"):
        over_realisations(values)


def test_what_are_no_pairs():
    with pytest.raises(ValueError, match="one length"):
        paired_difference(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="no pair of digits"):
        paired_difference(np.array([np.nan]), np.ones(1))


def test_an_interval_ends_at_the_least_that_a_value_can_be():
    """Two shares far apart: Student's interval alone would go below nothing."""
    free, bound = over_realisations([1.0, 3.0]), over_realisations([1.0, 3.0], least=0.0)
    assert free.low < 0
    assert bound.low == 0
    assert (bound.mean, bound.high) == (free.mean, free.high)
