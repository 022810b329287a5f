"""The choice of N_S: what the criteria charge, and what they find where the truth is known."""

import math

import numpy as np
import pytest

from core.tolerance import PUBLISHED_TAU_TOL, DataScales, ScaleMixture, ToleranceModel, choose_num_scales, fit

GRID = np.linspace(-1, math.log2(17), 2001)  # the cut axis


def drawn_from(mixture, n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return 2 ** (rng.choice(np.log2(mixture.centres), n) + mixture.tau_tol * rng.normal(size=n))


def best(candidates) -> ToleranceModel:
    return min(candidates, key=lambda candidate: candidate.score).model


@pytest.mark.slow
@pytest.mark.parametrize("truth", [1, 2, 3, 4])
@pytest.mark.parametrize("criterion", ["bic", "aic"])
def test_well_separated_scales_are_counted(truth, criterion):
    mixture = ToleranceModel(1, 2.5 ** (truth - 1), truth, 0.25)
    data = DataScales.measured(drawn_from(mixture, 2000))
    assert best(choose_num_scales(data, 0.25, range(1, 7), criterion)).num_scales == truth


def log_normal_sizes(std: float, seed: int):
    """500 sizes, as a visitor might measure them. Args: std: in octaves."""
    return DataScales.measured(2.5 * 2 ** (std * np.random.default_rng(seed).normal(size=500)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_wider_data_get_more_scales(seed):
    found = [best(choose_num_scales(log_normal_sizes(std, seed))).num_scales for std in (0.4, 0.6, 0.8, 1.0)]
    assert found == sorted(found)
    assert found == pytest.approx([1, 2, 3, 4], abs=1)


def test_unless_told_otherwise_the_tolerance_is_that_of_the_published_network():
    data = log_normal_sizes(0.8, 0)
    assert choose_num_scales(data) == choose_num_scales(data, PUBLISHED_TAU_TOL)
    assert {candidate.model.tau_tol for candidate in choose_num_scales(data)} == {PUBLISHED_TAU_TOL}


@pytest.mark.slow
def test_a_fitted_tolerance_finds_one_scale_in_any_hill():
    for std in (0.4, 1.0):  # the trap that the docstring tells of
        (only, *_) = sorted(choose_num_scales(log_normal_sizes(std, 0), None), key=lambda candidate: candidate.score)
        assert only.model.num_scales == 1
        assert only.model.tau_tol == pytest.approx(std, rel=0.1)  # 500 draws: 3 %, and what the smoothing adds


def test_every_candidate_is_the_fit_of_its_count():
    data = DataScales.log_uniform(1, 4.76)
    candidates = choose_num_scales(data, 0.459, (4, 2))
    assert [candidate.model for candidate in candidates] == [fit(data, 4, 0.459), fit(data, 2, 0.459)]


def test_the_score_is_twice_the_negative_log_likelihood_plus_the_price_of_each_scale():
    mixture = ScaleMixture((0.6, 3.0, 7.5), 0.4)
    octaves = np.log2(drawn_from(mixture, 4000))
    octaves = octaves[(octaves > -1) & (octaves < math.log2(17))]
    n = octaves.size
    data = DataScales.measured(2**octaves)
    for tau, criterion, price in ((0.4, "bic", math.log(n)), (0.4, "aic", 2), (None, "bic", math.log(n))):
        for candidate in choose_num_scales(data, tau, (2, 3, 5), criterion):
            model = candidate.model
            likelihood = np.log(model.density(2**octaves)).sum()
            parameters = model.num_scales + (tau is None)
            mass = np.trapezoid(model.density(2**GRID), GRID)  # the score takes the model on the axis only
            expected = -2 * likelihood + 2 * n * math.log(mass)
            assert candidate.score - price * parameters == pytest.approx(expected, rel=1e-3)  # bins of 0.005 octaves
    with_bic, with_aic = (choose_num_scales(data, None, (3,), criterion)[0].score for criterion in ("bic", "aic"))
    assert with_bic - with_aic == pytest.approx(4 * (math.log(n) - 2))  # three scales and τ_tol
    given_bic, given_aic = (choose_num_scales(data, 0.4, (3,), criterion)[0].score for criterion in ("bic", "aic"))
    assert given_bic - given_aic == pytest.approx(3 * (math.log(n) - 2))


def test_more_objects_justify_more_scales():
    data = DataScales.log_uniform(1, 4.76)
    few, many = (best(choose_num_scales(data, num_objects=n)).num_scales for n in (20, 1_000_000))
    assert few < many


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"criterion": "mdl"}, "criterion must be one of"),
        ({"counts": ()}, "at least one number of scales"),
        ({"counts": (0,)}, "num_scales"),
        ({"num_objects": 1}, "at least 2 objects, got 1"),
        ({"tau_tol": 0.01}, "tau_tol"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(arguments, words):
    with pytest.raises(ValueError, match=words):
        choose_num_scales(DataScales.log_uniform(1, 4), **arguments)
