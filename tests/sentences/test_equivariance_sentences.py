"""The sentences say what the numbers say."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.equivariance import ArgmaxScale, EquivarianceReport
from core.sentences import explain_argmax_scale, explain_curves, explain_difference, explain_heatmap


def report(errors, factors=(0.5, 1.0, 2.0), costs=None):
    """Four images that all have the given (layer, factor) errors and costs of resampling."""
    errors = np.asarray(errors, dtype=float)
    per_image = np.repeat(errors[..., None], 4, axis=2)
    names = tuple(f"conv{i + 1}" for i in range(len(errors)))
    none = np.zeros(errors.shape)
    found = EquivarianceReport(names, factors, "bicubic", per_image, np.full((3, 4), 0.33), none, none + 1)
    if costs is None:
        return found
    return replace(found, cost_per_image=np.repeat(np.asarray(costs, dtype=float)[..., None], 4, axis=2))


def test_the_worst_and_the_best_layer_are_named():
    errors = [[0.02, 0, 0.06], [0.3, 0, 0.9], [0.1, 0, 0.2]]
    text = explain_heatmap(report(errors, costs=[[0.4, 0, 0.5], [0.1, 0, 0.08], [0.2, 0, 0.3]]), "The network")
    assert "conv2 commutes least: it differs by 60 % on average, by 90 % at s = 2" in text
    assert "conv1 commutes best, with 4 %" in text
    assert text.endswith(". Resampling conv2 there and back costs up to 10 %.")


def test_a_cost_that_is_not_known_is_not_told():
    errors = [[0.02, 0, 0.06], [0.3, 0, 0.9]]
    for costs in (None, [[0.4, 0, 0.5], [np.nan] * 3]):
        text = explain_heatmap(report(errors, costs=costs), "The network")
        assert "Resampling" not in text
        assert text.endswith("conv1 commutes best, with 4 %.")
    assert "costs up to 7 %" in explain_heatmap(report(errors, costs=[[0.4, 0, 0.5], [0.07, 0, np.nan]]), "It")


def test_perfect_and_unmeasured_networks_are_called_so():
    assert "commutes: no layer" in explain_heatmap(report([[1e-7, 0, 1e-7]]), "It")
    assert "Nothing of It" in explain_heatmap(report([[np.nan] * 3]), "It")


def test_two_networks_are_compared_where_both_can_be():
    one, other = report([[0.1, 0, 0.3]]), report([[0.2, 0, np.nan]])
    text = explain_curves({"A": one, "B": other}, {"A": "conv1", "B": "conv1"})
    assert "lower at 1 of 1 scale factors" in text
    assert "part at 1 of them" in text
    wide = replace(other, per_image=other.per_image * np.array([0.1, 0.5, 1.5, 2.0]))
    assert "part at 0 of them" in explain_curves({"A": one, "B": wide}, {"A": "conv1", "B": "conv1"})
    silent = report([[np.nan] * 3])
    assert "no amount" in explain_curves({"A": one, "B": silent}, {"A": "conv1", "B": "conv1"})


def test_the_difference_names_its_largest_cell():
    one, other = report([[0.1, 0, 0.3], [0.5, 0, 0.5]]), report([[0.2, 0, 0.9], [0.4, 0, 0.6]])
    text = explain_difference(one, other, ("A", "B"))
    assert re.search(r"A commutes better than B in 3 of 6 cells", text)
    assert "conv1 at s = 2, by -60 points" in text
    assert "no layer" in explain_difference(report([[np.nan] * 3]), other, ("A", "B"))


@pytest.mark.parametrize("errors", [[[0.02, 0, 0.06]], [[np.nan, 0, 0.5], [np.nan, np.nan, np.nan]]])
def test_a_single_or_silent_layer_still_gives_a_sentence(errors):
    assert explain_heatmap(report(errors), "It").endswith(".")


def test_the_slope_of_the_winning_scale_is_told():
    factors = (0.5, 1.0, 2.0)
    per_image = np.log2(factors)[:, None] * 0.75 + np.zeros((3, 2))
    found = ArgmaxScale(
        "conv1", (1.0, 2.0), factors, "bicubic", per_image, np.zeros(2), 0.4, np.array([True, True, False])
    )
    text = explain_argmax_scale(found, "It")
    assert "moves by 0.75 octaves" in text
    assert "2 factors and 40 %" in text
    assert "cannot be followed" in explain_argmax_scale(replace(found, used=np.zeros(3, dtype=bool)), "It")
