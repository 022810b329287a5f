"""Dips: where the mixture is less than half as dense as the data, found and explained."""

import math
import re

import numpy as np
import pytest

from core.sentences import explain_fit
from core.tolerance import DataScales, ScaleMixture, ToleranceModel, dips, fit

DATA = DataScales.log_uniform(1, 8)


def test_the_fit_of_enough_scales_leaves_no_dip():
    assert dips(fit(DATA, 3), DATA) == ()


def test_a_gap_between_two_scales_is_a_dip_between_them():
    (dip,) = dips(ScaleMixture((1.0, 8.0), 0.5), DATA)
    assert dip.between
    assert dip.deepest == pytest.approx(math.sqrt(8), rel=0.004)  # halfway, where both tails are lowest
    assert 1 < dip.low < dip.deepest < dip.high < 8
    assert dip.low * dip.high == pytest.approx(8, rel=0.01)
    for end in (dip.low, dip.high):  # a step of the grid is 0.008 in this ratio
        assert 0.492 < ScaleMixture((1.0, 8.0), 0.5).density(end) / DATA.density(end) < 0.5


@pytest.mark.parametrize("mixture", [ScaleMixture((1.0, 8.0), 0.5), ScaleMixture((2.0, 2.2), 0.2)], ids=str)
@pytest.mark.parametrize("data", [DATA, DataScales.log_normal(3, 1), DataScales.normal(4, 1)], ids=str)
def test_half_the_data_density_ends_a_dip(mixture, data):
    scales = np.geomspace(0.3, 20, 20_001)
    ratio = mixture.density(scales) / data.density(scales)
    counts = data.density(scales) >= 0.05 * data.density(scales).max()
    found = dips(mixture, data)
    assert found
    inside = np.zeros(scales.size, dtype=bool)
    for dip in found:
        within = (scales >= dip.low) & (scales <= dip.high)
        inside |= within
        assert dip.share == pytest.approx(ratio[within].min(), abs=0.01)
        assert mixture.density(dip.deepest) / data.density(dip.deepest) == pytest.approx(dip.share)
    missed = ((ratio < 0.5) & counts) != inside
    assert missed.mean() < 0.004 * len(found)  # a grid step at either end of each


def test_data_beyond_the_scales_are_a_dip_at_an_end():
    below, above = dips(ScaleMixture((2.5, 3.2), 0.2), DATA)
    assert not below.between
    assert not above.between
    assert below.high < 2.5
    assert above.low > 3.2


def test_a_dip_off_the_common_axis_is_found_too():
    (dip,) = dips(ScaleMixture((1.0, 2.0, 4.0, 8.0, 16.0), 0.5), DataScales.log_uniform(1, 60))
    assert dip.low > 17
    assert dip.high > 60


def test_scales_where_no_data_are_make_no_dip():
    assert dips(ScaleMixture((1.0, 2.0, 4.0, 8.0, 16.0), 0.5), DATA) == ()


def test_the_explanation_tells_what_was_found():
    model = fit(DATA, 3)
    text = explain_fit(model, DATA, fitted_tau=True)
    assert text.count(". ") == 0
    assert text.endswith(".")
    assert text.startswith(f"Three scales from **{model.centres[0]:.2f}×** to **{model.centres[-1]:.2f}×**")
    assert f"ISR {model.isr:.2f}" in text
    assert f"{model.tau_tol:.3f} octaves as the fit found it" in text
    assert f"**{model.kl(DATA):.4f}** nats" in text
    assert "leave no dip" in text


@pytest.mark.parametrize(
    ("mixture", "words"),
    [
        (ScaleMixture((1.0, 8.0), 0.5), r"leave a dip, .* \(between two scales\)"),
        (
            ScaleMixture((2.5, 3.2), 0.2),
            r"2 dips, .*:\n\n- .* \(below the smallest scale\)\n- .* \(above the largest scale\)",
        ),
        (
            ToleranceModel(5, 1, 1, 0.5),
            r"(?s)^One scale at \*\*5.00×\*\*, each .* as given, .*\n\nThey leave .* \(below the smallest scale\)",
        ),
    ],
    ids=str,
)
def test_the_explanation_says_where_the_dips_are(mixture, words):
    assert re.search(words, explain_fit(mixture, DATA, fitted_tau=False))
