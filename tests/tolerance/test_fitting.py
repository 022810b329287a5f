"""The fit against the published value, against its neighbours, and on data of every kind."""

import math

import numpy as np
import pytest

from core.tolerance import DataScales, ToleranceModel, fit, fit_jointly

PUBLISHED = [DataScales.log_uniform(1, high) for high in (2.83, 4.76, 8)]


def hills(*each: tuple[float, float, int]):
    """Measured data scales, normal about some octaves: (mean, std, how many) of each hill."""
    rng = np.random.default_rng(0)
    return DataScales.measured(2 ** np.concatenate([rng.normal(*hill) for hill in each]))


TWO_HILLS = hills((0.2, 0.25, 500), (2.8, 0.25, 500))
# The best three scales are not about the median.
LOW_AND_PEAK = hills((-0.26, 0.19, 758), (2.97, 0.07, 267))
PEAK_AND_HILL = hills((-0.14, 0.11, 191), (3.33, 0.2, 521))


def test_the_joint_fit_gives_the_published_tolerance():
    models = fit_jointly(PUBLISHED, num_scales=3)
    assert {model.tau_tol for model in models} == {models[0].tau_tol}
    assert models[0].tau_tol == pytest.approx(0.459, rel=0.002)  # printed to three digits; the aim is 1 %
    assert [model.isr for model in models] == sorted(model.isr for model in models)


@pytest.mark.parametrize(
    ("data", "num_scales", "tau_tol"),
    [
        (DataScales.log_uniform(1, 2.83), 3, None),
        (DataScales.log_uniform(1, 8), 3, 0.459),
        (DataScales.log_uniform(1, 8), 1, None),
        (DataScales.log_uniform(0.5, 17), 4, None),  # ends at bounds
        (DataScales.log_uniform(4, 4.5), 3, None),  # ends at the bound of the ISR
        (DataScales.log_uniform(2, 16), 5, 0.459),  # more scales than the data need
    ],
)
def test_no_step_away_from_a_fit_lowers_the_divergence(data, num_scales, tau_tol):
    model = fit(data, num_scales, tau_tol)
    least = model.kl(data)
    for factor in (0.97, 0.999, 1.001, 1.03):
        reference, isr, tau = model.reference * factor, model.isr * factor, model.tau_tol * factor
        neighbours = []
        if reference >= 0.5 and reference * model.isr <= 17:
            neighbours.append(ToleranceModel(reference, model.isr, num_scales, model.tau_tol))
        if num_scales > 1 and isr >= 1.5 and model.reference * isr <= 17:
            neighbours.append(ToleranceModel(model.reference, isr, num_scales, model.tau_tol))
        if tau_tol is None and tau >= 0.1:
            neighbours.append(ToleranceModel(model.reference, model.isr, num_scales, tau))
        for neighbour in neighbours:
            assert neighbour.kl(data) >= least - 1e-12


def test_no_joint_change_of_the_tolerance_lowers_the_sum():
    models = fit_jointly(PUBLISHED)
    least = sum(model.kl(data) for model, data in zip(models, PUBLISHED, strict=True))
    for tau in (models[0].tau_tol * 0.99, models[0].tau_tol * 1.01):
        assert sum(fit(data, 3, tau).kl(data) for data in PUBLISHED) > least


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_coarse_search_of_all_parameters_finds_nothing_better(seed):
    rng = np.random.default_rng(seed)
    low = float(rng.uniform(0.6, 2))
    data = DataScales.log_uniform(low, low * float(rng.uniform(2, 6)))
    least = fit(data, 3).kl(data)
    for reference in np.geomspace(0.5, 8, 9):
        for isr in np.geomspace(1.5, 17 / reference, 9):
            for tau in np.geomspace(0.1, 1.5, 7):
                assert ToleranceModel(float(reference), float(isr), 3, float(tau)).kl(data) > least


def test_doubling_the_data_scales_doubles_the_reference_only():
    small, large = fit(DataScales.log_uniform(1.5, 2.5), 3), fit(DataScales.log_uniform(3, 5), 3)
    assert large.reference == pytest.approx(2 * small.reference, rel=1e-3)  # the cut is 4 std away
    assert large.isr == pytest.approx(small.isr, rel=1e-3)
    assert large.tau_tol == pytest.approx(small.tau_tol, rel=1e-3)


def test_a_fit_to_a_mixture_finds_that_mixture():
    truth = ToleranceModel(1.2, 5.0, 3, 0.35)
    found = fit(truth, 3)
    assert found.kl(truth) < 1e-9
    assert (found.reference, found.isr, found.tau_tol) == pytest.approx((1.2, 5.0, 0.35), rel=1e-4)


def test_a_joint_fit_of_one_is_a_fit():
    assert fit_jointly([PUBLISHED[2]], num_scales=3) == [fit(PUBLISHED[2], 3)]


def test_a_single_scale_sits_in_the_middle_and_has_no_range():
    model = fit(DataScales.log_uniform(2, 4.25), 1)  # 2 · 4.25 = 0.5 · 17, so the axis is cut evenly
    assert model.isr == 1
    assert model.centres == pytest.approx((math.sqrt(8.5),), rel=1e-6)
    assert ToleranceModel(2, 0, 1, 0.5).density(2) == ToleranceModel(2, 7, 1, 0.5).density(2)


def test_every_scale_of_a_fit_stays_on_the_axis():
    for num_scales in (3, 5, 8):
        centres = fit(DataScales.log_uniform(2, 16), num_scales, 0.7).centres
        assert centres[0] >= 0.5 - 1e-9
        assert centres[-1] <= 17 + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("num_scales", [1, 2, 3])
@pytest.mark.parametrize(
    "data",
    [
        DataScales.log_normal(2, 0.8),
        DataScales.normal(3, 1),
        DataScales.normal(2, 4),
        TWO_HILLS,
        LOW_AND_PEAK,
        PEAK_AND_HILL,
    ],
    ids=str,
)
def test_a_coarse_search_finds_nothing_better_on_data_of_any_kind(data, num_scales):
    least = fit(data, num_scales).kl(data)
    for reference in np.geomspace(0.5, 11, 12):
        for isr in np.geomspace(1.5, 17 / reference, 9 if num_scales > 1 else 1):
            for tau in (0.1, 0.2, 0.3, 0.5, 0.8):
                model = ToleranceModel(float(reference), float(isr), num_scales, tau)
                assert model.kl(data) > least - 1e-9


def test_one_scale_on_a_log_normal_is_that_log_normal():
    model = fit(DataScales.log_normal(2.5, 0.5), 1)
    assert (model.reference, model.tau_tol) == pytest.approx((2.5, 0.5), rel=1e-4)  # 4.6 std from the cut


def test_two_scales_find_two_hills():
    assert fit(TWO_HILLS, 2).centres == pytest.approx((2**0.2, 2**2.8), rel=0.03)  # 500 draws: 0.011 octaves


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: fit(PUBLISHED[0], 0), "num_scales"),
        (lambda: fit(PUBLISHED[0], 3, 0.05), "at least 0.1 octaves, got 0.05"),
        (lambda: fit(DataScales.log_uniform(20, 40), 3), r"only \d+ % of log-uniform on \[20, 40\] lie there"),
        (lambda: fit(DataScales.measured([30.0, 40.0]), 3), r"only 0 % of 2 measured sizes lie there"),
        (lambda: fit_jointly([]), "at least one"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()
