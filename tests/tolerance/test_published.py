"""The published joint fit, what the thesis prints of it, and the pixels it gives an object."""

import math

import pytest

from core.tolerance import (
    PUBLISHED_ISRS,
    PUBLISHED_RANGES,
    PUBLISHED_TAU_TOL,
    DataScales,
    fit_jointly,
    published_fit,
    sigma_of_unit,
)


def test_the_published_fit_is_the_joint_fit():
    assert list(published_fit()) == fit_jointly([DataScales.log_uniform(*ends) for ends in PUBLISHED_RANGES])
    assert published_fit()[0].tau_tol == pytest.approx(0.45949, abs=1e-5)


def test_what_the_thesis_prints():
    """Basting, "Scale Learning in Scale-Equivariant Convolutional Networks": τ_tol, and an ISR for each range."""
    assert PUBLISHED_TAU_TOL == 0.459
    assert PUBLISHED_ISRS == (2.34, 4.76, 5.35)
    assert len(PUBLISHED_ISRS) == len(PUBLISHED_RANGES)
    assert round(published_fit()[0].tau_tol, 3) == PUBLISHED_TAU_TOL


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
