"""Parts joined are the whole."""

import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import join, measure, measure_side_by_side
from core.models import load


def turned(network, digits):
    return measure(network, digits, (90.0, 180.0), transform="rotation")


@pytest.mark.slow
def test_joined_parts_are_the_report_of_all_images():
    network = load("random_sesn")
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:7]])
    digits[2] = 0  # silent
    for whole, parts in (
        (measure(network, digits, (0.5, 1.26)), [measure(network, part, (0.5, 1.26)) for part in digits.split(3)]),
        (turned(network, digits), [turned(network, part) for part in digits.split(3)]),
    ):
        joined = join(parts)
        assert joined.num_images == 7
        np.testing.assert_allclose(joined.per_image, whole.per_image, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(joined.image_cost, whole.image_cost, rtol=1e-5)
        np.testing.assert_allclose(joined.cost, whole.cost, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(joined.silent, whole.silent, rtol=1e-6)
        np.testing.assert_allclose(joined.error, whole.error, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(joined.blank, whole.blank)
        assert whole.blank.all(axis=0).tolist() == [n == 2 for n in range(7)]
        assert joined.silence == whole.silence


def test_what_does_not_belong_together_is_refused():
    digits = GLYPHS[0].render()
    one = measure(load("identity"), digits, (0.5,))
    other_transform = measure(load("identity"), digits, (0.5,), transform="translation")
    other_amount, other_layers = (
        measure(load(key), digits, (s,)) for key, s in (("identity", 0.6), ("random_cnn", 0.5))
    )
    for other in (other_transform, other_amount, other_layers):
        with pytest.raises(ValueError, match="joined"):
            join([one, other])
    with pytest.raises(ValueError, match="none"):
        join([])


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [False, True])
def test_side_by_side_the_errors_are_the_same_and_costs_can_be_left_out(drawn):
    network, how = load("sesn_vector"), "exact" if drawn else "bicubic"
    digits = [SizedGlyph(glyph, 0.7) for glyph in GLYPHS[:5]]
    digits = digits if drawn else torch.cat([each.render() for each in digits])
    whole = measure(network, digits, (0.5, 1.5874), how)
    found = measure_side_by_side(network, digits, (0.5, 1.5874), how, costs=False)
    np.testing.assert_allclose(found.per_image, whole.per_image, rtol=1e-4, atol=1e-6)
    assert (found.steps, found.classifier_map, found.num_images) == (whole.steps, whole.classifier_map, 5)
    assert not np.isnan(whole.cost).all()
    assert found.cost_per_image is None
    assert np.isnan(found.image_cost).all()
    with pytest.raises(ValueError, match="at least one image"):
        measure_side_by_side(network, digits[:0], (0.5,))
