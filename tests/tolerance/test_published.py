"""The published joint fit, and the pixels it gives an object."""

import math

import pytest

from core.tolerance import PUBLISHED_RANGES, DataScales, fit_jointly, published_fit, sigma_of_unit


def test_the_published_fit_is_the_joint_fit():
    assert list(published_fit()) == fit_jointly([DataScales.log_uniform(*ends) for ends in PUBLISHED_RANGES])
    assert published_fit()[0].tau_tol == pytest.approx(0.45949, abs=1e-5)


def test_sigma_grows_with_the_object_and_serves_a_digit_as_the_toy_network_does():
    references = [model.reference for model in published_fit()]
    logs = [math.log(2 / (reference * sigma_of_unit())) for reference in references]
    assert sum(logs) == pytest.approx(0, abs=1e-12)  # σ = 2 pixels at the geometric mean of the references
    assert sigma_of_unit(40) == pytest.approx(2 * sigma_of_unit(20))
    assert min(references) < 2 / sigma_of_unit(20) < max(references)


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf])
def test_an_object_has_a_size(size):
    with pytest.raises(ValueError, match="positive number of pixels"):
        sigma_of_unit(size)
