"""What is said of a fit: what a single scale leaves out, and where the thesis prints other numbers."""

import re
from statistics import NormalDist

import pytest

from core.sentences import compare_isrs, explain_fit
from core.tolerance import PUBLISHED_ISRS, PUBLISHED_TAU_TOL, DataScales, ToleranceModel, fit

LOST = r"middle 90 % of the data span ([\d.]+) octaves, and (\d+) % of the data lie more than ([\d.]+) octaves from it"
MIDDLE = 2 * NormalDist().inv_cdf(0.95)  # std between the ends of the middle 90 % of a normal distribution


def lost(model, data, fitted_tau=False) -> tuple[float, ...]:
    """Octaves that the data span, per cent of them left out, and the tolerance in octaves."""
    return tuple(map(float, re.search(LOST, explain_fit(model, data, fitted_tau)).groups()))


@pytest.mark.parametrize("std", [0.4, 0.8, 1.2])
@pytest.mark.parametrize("tau", [0.3, 0.459])
def test_one_scale_for_wide_data_says_what_it_leaves_out(std, tau):
    data = DataScales.log_normal(2.5, std)
    outside = 200 * NormalDist().cdf(-tau / std)
    assert lost(ToleranceModel(2.5, 1, 1, tau), data) == pytest.approx((MIDDLE * std, outside, tau), abs=0.51)
    assert lost(ToleranceModel(2.5, 1, 1, tau), data)[0] == pytest.approx(MIDDLE * std, abs=0.051)  # one decimal


def test_a_scale_beside_the_data_leaves_more_out():
    data = DataScales.log_normal(2.5, 0.8)
    assert lost(ToleranceModel(5.0, 1, 1, 0.459), data)[1] > lost(ToleranceModel(2.5, 1, 1, 0.459), data)[1] + 10


def test_an_octave_is_the_width_that_one_scale_need_not_justify():
    for width, told in ((0.98, False), (1.02, True)):
        data = DataScales.log_normal(2.5, width / MIDDLE)
        assert ("leaves out" in explain_fit(ToleranceModel(2.5, 1, 1, 0.459), data, False)) == told


def test_a_fitted_tolerance_does_not_hide_what_is_left_out():
    data = DataScales.log_normal(2.5, 1.0)
    model = fit(data, 1)
    assert model.tau_tol > 2 * PUBLISHED_TAU_TOL
    assert lost(model, data, fitted_tau=True)[1:] == (
        round(200 * NormalDist().cdf(-PUBLISHED_TAU_TOL)), PUBLISHED_TAU_TOL,
    )  # fmt: skip
    assert "the thesis' network" in explain_fit(model, data, fitted_tau=True)


def test_the_share_of_data_as_wide_as_the_tolerance_is_given_to_compare():
    text = explain_fit(ToleranceModel(2.5, 1, 1, 0.4), DataScales.log_normal(2.5, 0.4), False)
    assert "32 % of the data lie" in text
    assert text.endswith("Of data that are just as wide as this tolerance, 32 % would.")


def test_several_scales_leave_nothing_to_say():
    data = DataScales.log_normal(2.5, 0.8)
    assert "leaves out" not in explain_fit(fit(data, 2, 0.459), data, False)


def test_the_range_where_the_thesis_differs_most_is_named():
    ours = {"1-2.83": 2.9, "1-4.76": 4.3, "1-8": 6.4}
    fits = {name: ToleranceModel(1, isr, 3, 0.459) for name, isr in ours.items()}
    assert "up to 24 % (for 1 to 2.83×, 2.90 instead of 2.34)" in compare_isrs(fits, PUBLISHED_ISRS)
    assert "up to 50 % (for 1 to 8×, 6.40 instead of 12.80)" in compare_isrs(fits, (2.9, 4.3, 12.8))
