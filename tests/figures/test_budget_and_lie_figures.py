"""Budget and Lie derivative as figures and sentences: the numbers are those of the reports."""

import math

import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS
from core.equivariance import LieReport, budget, lie_derivative, measure
from core.figures import plot_budget, plot_lie_derivative
from core.models import load
from core.sentences import explain_budget, explain_lie_derivative

DIGITS = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:3]])


@pytest.fixture(scope="module")
def found():
    return budget(load("random_sesn"), DIGITS, 0.7)


def test_bars_are_the_parts_and_the_diamond_their_sum(found):
    *bars, total = plot_budget(found).data
    assert [bar.name for bar in bars] == list(found.causes)
    parts = np.array([bar.x for bar in bars], dtype=float)
    np.testing.assert_allclose(parts, 100 * found.parts)
    known = ~np.isnan(parts).any(axis=0)
    np.testing.assert_allclose(parts.sum(axis=0)[known], np.asarray(total.x, dtype=float)[known], rtol=1e-6)


def test_the_sentence_names_total_and_remainder(found):
    at = found.layers.index("conv2")
    text = explain_budget(found, "conv2", "The network")
    assert f"differs by {100 * found.errors[0, at]:.1f} % at s = 0.7" in text
    assert f"{100 * found.parts[-1, at]:.1f} points remain" in text
    step = found.causes.index("off-grid step")
    assert f"the step between two scales makes {100 * found.parts[step, at]:.1f}" in text
    assert "maximum" not in text
    large = torch.cat([glyph.render(1.3) for glyph in GLYPHS[:3]])  # reaches the edge of the canvas
    narrow, wide = (budget(load("random_cnn"), large, 0.7, canvas=canvas) for canvas in ("image", "wide"))
    assert f"the border makes {100 * narrow.parts[0, -1]:.1f} points" in explain_budget(narrow, "conv3", "It")
    assert "border" not in explain_budget(wide, "conv3", "It")
    with pytest.raises(ValueError, match="conv9"):
        explain_budget(found, "conv9", "It")


def test_the_sentence_names_the_maximum_over_scales_where_there_is_one(found):
    projection, at = found.causes.index("projection"), found.layers.index("projection3")
    percent = 100 * found.parts[projection, at]
    assert percent > 1
    assert f"the projection over an axis that ends makes {percent:.1f}, " in explain_budget(found, "projection3", "It")


def test_every_cause_has_a_pattern_of_its_own(found):
    *bars, _ = plot_budget(found).data
    assert len({bar.marker.pattern.shape for bar in bars}) == len({bar.marker.color for bar in bars}) == 5


def test_a_perfect_network_has_nothing_to_explain():
    text = explain_budget(budget(load("identity"), DIGITS, 0.7), "image", "The identity")
    assert text == "image of The identity differs by 0.0 % at s = 0.7; no cause that can be taken away makes any of it."


@pytest.mark.slow
def test_local_and_finite_error_share_one_unit():
    network, s = load("random_sesn"), 1.03
    local, finite = lie_derivative(network, DIGITS, side="enlarging"), measure(network, DIGITS, (s, 1.26))
    first, second, _ = plot_lie_derivative(local, finite).data
    np.testing.assert_allclose(np.asarray(first.x, dtype=float), 100 * local.error)
    np.testing.assert_allclose(np.asarray(second.x, dtype=float), 100 * finite.error[:, 0] / math.log(s))
    text = explain_lie_derivative(local, finite, "conv1", "It")
    assert f"measured are {100 * finite.error[0, 0]:.1f} %" in text
    with pytest.raises(ValueError, match="s = 1"):
        plot_lie_derivative(local, measure(network, DIGITS, (1.0,)))


def test_a_layer_without_a_derivative_says_why():
    nan = np.full((1, 3), np.nan)
    local = LieReport(("image",), "bicubic", "both", nan, np.zeros(1), np.zeros(1), {"image": "its canvas changes"})
    text = explain_lie_derivative(local, measure(load("identity"), DIGITS, (1.03,)), "image", "It")
    assert "no Lie derivative: its canvas changes." in text
