"""The commuting square shows the very numbers that the measure reports."""

import pytest
import torch

from core.data.glyphs import glyph
from core.equivariance import commuting_square, measure
from core.models import FeatureMap, load
from core.resampling import rescale

IMAGE = glyph("5-round").render(0.7)
STEP = 2 ** (-1 / 3)


@pytest.mark.parametrize("key", ["random_sesn", "random_cnn"])
@pytest.mark.parametrize("s", [STEP, 0.71, 1.0, 1.5])
def test_its_error_is_that_of_the_report(key, s):
    network = load(key)
    before, after = network.features(IMAGE), network.features(rescale(IMAGE, s))
    report = measure(network, IMAGE, (s,))
    for layer, expected in zip(report.layers, report.error[:, 0], strict=True):
        square = commuting_square(before[layer], after[layer], s)
        assert square.error == pytest.approx(expected, rel=1e-4, abs=1e-6)
        inside = square.mask * square.moved.values
        assert float(square.difference.norm() / inside.norm()) == pytest.approx(square.error, rel=1e-4, abs=1e-6)


def test_the_strongest_scale_is_one_that_both_sides_know():
    """Shrunk by two steps, what the two largest scales would show comes from beyond the axis."""
    network = load("random_sesn")
    for s in (STEP**2, STEP**-2):
        square = commuting_square(network.features(IMAGE)["conv2"], network.features(rescale(IMAGE, s))["conv2"], s)
        channel, level = square.strongest()
        assert square.mask[level].max() == 1
        energy = square.before.values[0].flatten(1).square().sum(1)
        assert energy[channel] == energy.max()


def test_maps_of_two_shapes_make_no_square():
    with pytest.raises(ValueError, match=r"\(1, 1, 4, 4\) and \(1, 1, 8, 8\)"):
        commuting_square(FeatureMap(torch.ones(1, 1, 4, 4)), FeatureMap(torch.ones(1, 1, 8, 8)), 1.0)
