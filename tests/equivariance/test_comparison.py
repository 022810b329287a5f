"""Two networks on the same digits: pairs are those of `measure`, signs are B − A, and nothing differs from itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import compare, measure
from core.equivariance.comparison import READ
from core.models import Shown, load
from core.results.differences import cell_differences, layer_differences, snippet

AMOUNTS = (0.63, 0.9, 1.0, 1.5874)  # 0.9 lies between the steps of the steerable network


@pytest.fixture(scope="module")
def reports():
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:6]])
    return {key: measure(load(key), digits, AMOUNTS) for key in ("cnn", "sesn_vector")}


@pytest.mark.slow
def test_layers_are_matched_by_name_and_what_the_classifiers_read_by_its_use(reports):
    found = compare(reports["cnn"], reports["sesn_vector"])
    assert found.layers == (*reports["cnn"].layers, READ)
    assert found.alone == ((), ("projection3",))
    assert found.read == READ
    first, second = found.first[found.layers.index(READ)], found.second[found.layers.index(READ)]
    np.testing.assert_array_equal(first, reports["cnn"].per_image[reports["cnn"].layers.index("conv3")])
    np.testing.assert_array_equal(
        second, reports["sesn_vector"].per_image[reports["sesn_vector"].layers.index("projection3")]
    )
    assert compare(reports["cnn"], reports["cnn"]).read == "conv3"


def test_the_difference_is_that_of_the_errors_at_one_amount_and_over_the_steps_of_both(reports):
    found = compare(reports["cnn"], reports["sesn_vector"])
    at = layer_differences(found, 0.63)["conv2"]
    a, b = (100 * report.error[report.layers.index("conv2")] for report in reports.values())
    assert (at.mean, at.n, at.kind) == (pytest.approx(b[0] - a[0]), 6, "digits")
    assert at.low < at.mean < at.high < 0  # kernels of several sizes commute better than those of one
    mean = layer_differences(found)["conv2"]
    assert mean.mean == pytest.approx((b - a)[[0, 3]].mean())
    assert cell_differences(found)["conv2", 1.5874].mean == pytest.approx(b[3] - a[3])


def test_swapping_the_networks_flips_every_sign(reports):
    one, other = (
        layer_differences(compare(reports[a], reports[b])) for a, b in (("cnn", "sesn_vector"), ("sesn_vector", "cnn"))
    )
    assert set(one) == set(other)
    for layer, found in one.items():
        back = other[layer]
        assert (found.mean, found.n) == (pytest.approx(-back.mean), back.n)
        assert (found.low, found.high) == (pytest.approx(-back.high, rel=0.05), pytest.approx(-back.low, rel=0.05))


def test_a_network_does_not_differ_from_itself(reports):
    for found in layer_differences(compare(reports["cnn"], reports["cnn"])).values():
        assert (found.mean, found.low, found.high, found.differs_from_zero) == (0, 0, 0, False)


def test_the_python_that_is_taken_away_prints_the_differences(capsys):
    first, second = Shown("cnn", None, "one size"), Shown("sesn_vector", load("sesn_vector").internal_scales)
    code = snippet(first, second, "vector", 3, (0.63, 1.5874), 0.63, data_scale=0.7)
    exec(code, {})
    digits = [SizedGlyph(glyph, 0.7) for glyph in GLYPHS[:3]]
    networks = load("cnn", trained_on="one size"), load("sesn_vector")
    found = layer_differences(compare(*(measure(each, digits, (0.63,)) for each in networks)), 0.63)
    assert capsys.readouterr().out.splitlines() == [f"{layer} {each.told()}" for layer, each in found.items()]


def test_what_sums_leave_is_no_difference(reports):
    almost = replace(reports["cnn"], per_image=reports["cnn"].per_image + 1e-6)
    for found in layer_differences(compare(reports["cnn"], almost)).values():
        assert (found.mean, found.differs_from_zero) == (0, False)


def test_a_digit_on_which_one_is_silent_is_in_no_pair():
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:4]])
    digits[1] = 0
    found = compare(*(measure(load(key), digits, (0.63,)) for key in ("cnn", "random_cnn")))
    assert {each.n for each in layer_differences(found).values()} == {3}


def test_what_cannot_be_paired_is_refused(reports):
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:6]])
    with pytest.raises(ValueError, match="the same digits"):
        compare(reports["cnn"], measure(load("cnn"), digits[:5], AMOUNTS))
    with pytest.raises(ValueError, match="no layer in common"):
        compare(reports["cnn"], replace(measure(load("identity"), digits, AMOUNTS), classifier_map=None))
    with pytest.raises(ValueError, match=r"nothing was measured at 3"):
        compare(reports["cnn"], reports["cnn"]).at(3.0)
