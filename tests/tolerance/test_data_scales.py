"""Distributions of data scales: densities, quantiles, and the estimate from measured sizes."""

import math

import numpy as np
import pytest

from core.tolerance import DataScales

PUBLISHED = [DataScales.log_uniform(1, high) for high in (2.83, 4.76, 8)]
OCTAVES = np.linspace(-12, 12, 48_001)
MEASURED = 2 ** np.random.default_rng(0).normal(1, 0.5, 2000)
DESCRIBED = [
    *PUBLISHED,
    DataScales.log_uniform(3, 3.001, tail_std=0.1),
    DataScales.log_normal(2, 0.8),
    DataScales.normal(3, 1),
    DataScales.normal(1, 2),  # a third of it is cut off
]
ALL = [*DESCRIBED, DataScales.measured(MEASURED)]


@pytest.mark.parametrize("data", ALL, ids=str)
def test_a_density_integrates_to_1_over_octaves(data):
    assert np.trapezoid(data.density(2**OCTAVES), OCTAVES) == pytest.approx(
        1, abs=1e-4
    )  # of the cut normal 6e-5 lie below 2⁻¹²×


@pytest.mark.parametrize("data", ALL, ids=str)
@pytest.mark.parametrize("p", [0.01, 0.3, 0.5, 0.9, 0.99])
def test_the_share_p_lies_below_a_quantile(data, p):
    octaves = np.linspace(-14, math.log2(data.quantile(p)), 100_001)
    assert np.trapezoid(data.density(2**octaves), octaves) == pytest.approx(p, abs=2e-4)


@pytest.mark.parametrize("data", ALL, ids=str)
@pytest.mark.parametrize(("low", "high"), [(0.01, 0.3), (0.05, 0.95), (0.4, 0.401)])
def test_between_two_quantiles_lies_the_difference_of_their_shares(data, low, high):
    share = data.share_between(data.quantile(low), data.quantile(high))
    assert share == pytest.approx(high - low, abs=2e-4)  # as the quantiles themselves, above


@pytest.mark.parametrize("data", ALL, ids=str)
def test_all_data_are_a_share_of_1(data):
    assert 0.999 < data.share_between(1e-4, 1e4) <= 1  # a normal that is cut ends slowly towards 0


@pytest.mark.parametrize(("low", "high"), [(0, 1), (2, 2), (3, 2), (1, math.inf), (math.nan, 1)])
def test_a_share_lies_between_two_positive_ends(low, high):
    with pytest.raises(ValueError, match="0 < low < high"):
        DataScales.log_normal(2, 1).share_between(low, high)


@pytest.mark.parametrize("data", PUBLISHED, ids=str)
def test_the_tails_join_the_plateau_continuously(data):
    inside = data.density(math.sqrt(data.low * data.high))
    for edge in (data.low, data.high):
        just_below, just_above = data.density([edge * (1 - 1e-9), edge * (1 + 1e-9)])
        assert just_below == pytest.approx(inside, rel=1e-12)
        assert just_above == pytest.approx(inside, rel=1e-12)
    # One std of 0.4 octaves outside, a half-Gaussian has fallen by exp(−½).
    assert data.density(data.high * 2**0.4) / inside == pytest.approx(math.exp(-0.5))
    assert data.density(data.low / 2**0.4) / inside == pytest.approx(math.exp(-0.5))


def test_a_log_normal_falls_by_half_a_nat_at_one_std():
    data = DataScales.log_normal(2, 0.8)
    assert data.quantile(0.5) == pytest.approx(2)
    for octaves in (-0.8, 0.8):
        assert data.density(2 * 2**octaves) / data.density(2) == pytest.approx(math.exp(-0.5))


@pytest.mark.parametrize(("mean", "std"), [(3, 1), (1, 2)])
def test_a_normal_per_octave_is_the_share_of_the_octave(mean, std):
    rng = np.random.default_rng(1)
    drawn = rng.normal(mean, std, 400_000)
    drawn = drawn[drawn > 0]
    data = DataScales.normal(mean, std)
    for low in (0.5, 1.0, 2.0, 4.0):
        octave = np.linspace(math.log2(low), math.log2(2 * low), 1001)
        share = np.mean((drawn > low) & (drawn < 2 * low))
        assert np.trapezoid(data.density(2**octave), octave) == pytest.approx(share, abs=3e-3)  # 3.5 std of 2.7e5


def test_many_measured_sizes_give_the_density_they_were_drawn_from():
    rng = np.random.default_rng(2)
    data = DataScales.measured(2 ** rng.normal(1, 0.6, 200_000))
    scales = 2 ** np.linspace(-0.5, 2.5, 61)
    truth = DataScales.log_normal(2, 0.6).density(scales)
    np.testing.assert_allclose(data.density(scales), truth, rtol=0.08)  # at the ends 3 std of the estimate


def test_the_smoothing_has_the_width_of_silverman():
    rng = np.random.default_rng(3)
    measured = rng.laplace(1, 0.3, 1000)  # its IQR / 1.34 is well below its std
    estimate = DataScales.measured(2**measured)
    octaves = np.linspace(-3, 5, 8001)
    density = estimate.density(2**octaves)
    mean = np.trapezoid(octaves * density, octaves)
    variance = np.trapezoid((octaves - mean) ** 2 * density, octaves)
    quarter, three_quarters = np.percentile(measured, [25, 75])
    width = 0.9 * min(measured.std(), (three_quarters - quarter) / 1.34) * 1000**-0.2
    assert mean == pytest.approx(measured.mean(), abs=1e-3)
    assert variance - measured.var() == pytest.approx(width**2, rel=0.02)  # binning and the even floor


def test_the_estimate_agrees_with_a_sum_of_gaussians():
    measured = np.array([0.8, 1.0, 1.7, 3.0, 3.1])
    octaves = np.log2(measured)
    quarter, three_quarters = np.percentile(octaves, [25, 75])
    width = 0.9 * min(octaves.std(), (three_quarters - quarter) / 1.34) * 5**-0.2
    scales = 2 ** np.linspace(-1, 2.5, 36)
    z = (np.log2(scales)[:, None] - octaves) / width
    expected = np.exp(-0.5 * z**2).mean(1) / (math.sqrt(2 * math.pi) * width)
    np.testing.assert_allclose(DataScales.measured(measured).density(scales), expected, atol=0.01)  # bins of 0.005


def test_equal_sizes_make_a_narrow_peak_and_no_scale_is_impossible():
    data = DataScales.measured(np.full(50, 2.0))
    assert data.density(2.0) > 50
    everywhere = data.density(np.geomspace(0.5, 17, 500))
    assert everywhere.min() > 0
    assert np.isfinite(np.log(everywhere)).all()


def test_sizes_in_whole_pixels_make_no_comb():
    rng = np.random.default_rng(4)
    pixels = np.rint(12 * 2 ** rng.uniform(0, 1, 300_000))  # 12 to 24
    density = DataScales.measured(pixels / 12).density(2 ** np.linspace(0.25, 0.75, 400))
    assert density.max() / density.min() < 1.3  # by Silverman's width alone more than 5


def test_a_million_sizes_are_binned_and_not_kept():
    data = DataScales.measured(np.random.default_rng(5).lognormal(1, 0.4, 1_000_000))
    assert data.octaves.size < 3000
    assert data.name == "1,000,000 measured sizes"


def test_equal_data_are_equal_and_have_one_hash():
    shuffled = np.random.default_rng(6).permutation(MEASURED)
    first, second = DataScales.measured(MEASURED), DataScales.measured(shuffled)
    assert first == second
    assert hash(first) == hash(second)
    assert first != DataScales.measured(MEASURED * 1.01)
    assert first != DataScales.measured(MEASURED[:-1])
    assert DataScales.normal(3, 1) == DataScales.normal(3, 1) != DataScales.log_normal(3, 1)


def test_the_names_say_what_the_data_are():
    assert [data.name for data in ALL[1:]] == [
        "log-uniform on [1, 4.76]",
        "log-uniform on [1, 8]",
        "log-uniform on [3, 3.001]",
        "log-normal, median 2, 0.8 octaves",
        "normal, mean 3, std 1",
        "normal, mean 1, std 2",
        "2,000 measured sizes",
    ]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: DataScales.log_uniform(2, 2), "0 < low < high"),
        (lambda: DataScales.log_uniform(0, 2), "0 < low < high"),
        (lambda: DataScales.log_uniform(1, math.inf), "0 < low < high"),
        (lambda: DataScales.log_uniform(math.nan, 2), "0 < low < high"),
        (lambda: DataScales.log_uniform(1, 2, tail_std=0), "tail_std"),
        (lambda: DataScales.log_normal(0, 0.5), "median"),
        (lambda: DataScales.log_normal(1, 0.001), "std_octaves must be a number of at least 0.01, got 0.001"),
        (lambda: DataScales.normal(-1, 1), "mean"),
        (lambda: DataScales.normal(2, 0.01), "at least 1 % of the mean"),
        (lambda: DataScales.measured([]), "at least one number"),
        (lambda: DataScales.measured(np.ones((2, 2))), r"got shape \(2, 2\)"),
        (lambda: DataScales.measured([1.0, -2.0]), "positive, got -2"),
        (lambda: DataScales.measured([1.0, math.nan]), "positive, got nan"),
        (lambda: PUBLISHED[0].density([1, 0]), "positive, got 0"),
        (lambda: PUBLISHED[0].quantile(1.0), "between 0 and 1, got 1"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()
