"""The error of a published study: by its formulas, channel by channel, and how far it is from the relative L2 error."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.equivariance import measure, measure_spectral
from core.models import FeatureMap, build, load
from core.resampling.cubic_zoom import cubic_zoom
from tests.formulas import all_glyphs

S = 1 / 1.5


class Maps:
    """Hands out maps that are made from the image by one function each."""

    def __init__(self, **layers):
        self.layers = layers

    def features(self, images):
        return {name: FeatureMap(*made(images)) for name, made in self.layers.items()}


@pytest.fixture(scope="module")
def images():
    torch.manual_seed(0)
    rough = torch.rand(3, 1, 14, 14)
    return F.pad(rough, [7] * 4)


def by_numpy(a, b, below):
    return np.linalg.norm(a - b, 2) / np.linalg.norm(b, below)


def test_planes_are_compared_channel_by_channel_as_published(images):
    network = load("cnn")
    found = measure_spectral(network, images, [S, 1.0])
    before = network.features(images)["conv3"].values
    after = network.features(cubic_zoom(images, S))["conv3"].values.double().numpy()
    moved = cubic_zoom(before, S).double().numpy()
    expected = [np.mean([by_numpy(moved[n, c], after[n, c], "fro") for c in range(moved.shape[1])]) for n in range(3)]
    i = found.layers.index("conv3")
    np.testing.assert_allclose(found.per_image[i, 0], expected, rtol=1e-5)
    np.testing.assert_array_equal(found.per_image[:, 1], 0)  # nothing is changed by a zoom of 1
    assert found.error[i, 0] == pytest.approx(np.mean(expected), rel=1e-5)
    assert found.spread[i, 0, 0] <= found.error[i, 0] <= found.spread[i, 0, 1]


@pytest.mark.parametrize(("s", "steps"), [(1 / 1.1, 0), (1 / 1.5, 1), (1 / 2, 1), (1 / 3, 2)])
def test_levels_are_shifted_and_not_made_smaller(images, s, steps):
    """dss has levels ½, 1, 2: base 2; the last level stands for those beyond it."""
    network = load("dss")
    found = measure_spectral(network, images, [s])
    a = network.features(images)["conv2"].values.double().numpy()
    b = network.features(cubic_zoom(images, s))["conv2"].values.double().numpy()
    ratios = [by_numpy(a[0, c, min(j + steps, 2)], b[0, c, j], 2) for c in range(a.shape[1]) for j in range(a.shape[2])]
    assert found.per_image[found.layers.index("conv2"), 0, 0] == pytest.approx(np.mean(ratios), rel=1e-5)


def test_a_turn_counts_as_a_channel(images):
    network = Maps(
        plane=lambda x: (torch.cat([x, 2 * x.flip(-1)], 1),),
        turns=lambda x: (torch.stack([x, 2 * x.flip(-1)], 2), "rotation"),
    )
    found = measure_spectral(network, images + torch.rand_like(images), [S])
    np.testing.assert_allclose(found.per_image[0], found.per_image[1], rtol=1e-12)


def test_a_silent_channel_is_left_out_and_told(images):
    network = Maps(one=lambda x: (x,), two=lambda x: (torch.cat([x, 0 * x], 1),), none=lambda x: (0 * x,))
    found = measure_spectral(network, images, [S])
    np.testing.assert_array_equal(found.per_image[0], found.per_image[1])
    assert np.isnan(found.per_image[2]).all()
    assert found.silent[:, 0].tolist() == [0, 0.5, 1]


def test_a_difference_over_all_singular_values_reads_a_root_of_the_side_smaller():
    """Why the two errors must not be compared: here ‖T Φ(x) − Φ(T x)‖ is the same map in both norms."""

    class Twice:
        def features(self, images):
            torch.manual_seed(0)
            orthogonal = torch.linalg.qr(torch.randn(16, 16, dtype=torch.float64))[0]
            grey = float(images[0, 0, 0, 0] > 0)  # the corner, which a zoom makes background
            return {"map": FeatureMap((orthogonal * (1 - grey))[None, None])}

    found = measure_spectral(Twice(), torch.ones(1, 1, 16, 16), [0.5])
    assert found.per_image.item() == pytest.approx(1 / math.sqrt(16))  # its relative L2 distance is 1


def test_it_is_no_relative_l2_error():
    network, images = load("cnn"), all_glyphs()[:4]
    i = network.classifier_map
    usual = measure(network, images, [0.5])
    theirs = measure_spectral(network, images, [0.5])
    assert theirs.layers == usual.layers
    ratio = theirs.error[theirs.layers.index(i), 0] / usual.error[usual.layers.index(i), 0]
    assert abs(ratio - 1) > 0.1


@pytest.mark.parametrize(
    ("factors", "why"), [([], "scale factors, got 1 and 0"), ([1.5], "up to 1, got 1.5"), ([0.0], "above 0")]
)
def test_only_what_the_study_does_can_be_asked(factors, why):
    with pytest.raises(ValueError, match=why):
        measure_spectral(load("cnn"), torch.rand(1, 1, 28, 28), factors)
    with pytest.raises(ValueError, match="images"):
        measure_spectral(load("cnn"), torch.rand(0, 1, 28, 28), [0.5])


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="canvas changes"):
        measure_spectral(build("fourier"), torch.rand(1, 1, 28, 28), [0.5])
    with pytest.raises(ValueError, match="unequal steps"):
        measure_spectral(build("dss", internal_scales=(0.5, 1, 3)), torch.rand(1, 1, 28, 28), [0.5])
