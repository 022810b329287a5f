"""The Fourier network commutes with the ideal resize at every size, and pages can measure it like any other."""

import re

import jaxtyping
import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS, glyph
from core.equivariance import measure, sweep, sweep_layer
from core.equivariance.measure import relative_error
from core.models import FeatureMap, build, load
from core.resampling import rescale, resize
from core.transforms import TRANSFORMS
from core.transforms.scale import drawing
from tests.formulas import relative

SCALE = TRANSFORMS["scale"]
LAYERS = ("conv1", "pool1", "conv2", "pool2", "conv3")


@pytest.fixture(scope="module")
def network():
    """Random weights, and a bias in each activation, as training leaves them."""
    torch.manual_seed(0)
    network = build("fourier").eval().requires_grad_(False)
    for pool in network.pools:
        pool.activation.bias.uniform_(-0.5, 0.5)
    return network


@pytest.fixture(scope="module")
def digits():
    return torch.cat([each.render(0.8) for each in GLYPHS[::9]])


@pytest.mark.slow
@pytest.mark.parametrize("r", range(8, 29))
def test_every_layer_commutes_with_the_ideal_resize(r, network, digits):
    """Digits, and white noise with all modes up to Nyquist; float32, 5e-7 is reached at even and odd sizes alike."""
    images = torch.cat([digits[:2], torch.rand(2, 1, 28, 28)])
    large, small = network.features(images), network.features(resize(images, (r, r), "ideal"))
    for layer in LAYERS:
        expected = resize(large[layer].values, small[layer].values.shape[-2:], "ideal")
        assert relative(small[layer].values, expected) < 1e-5, layer


def test_the_report_shows_it_under_the_ideal_resampler(network, digits):
    factors = tuple(np.geomspace(0.3, 2, 12).tolist())
    report = measure(network, digits, factors, "ideal")
    assert report.layers == LAYERS
    assert report.error.max() < 1e-5
    assert (report.known == 1).all()
    assert measure(network, digits, (1.0,), "bicubic").error.max() == 0


def test_other_resamplers_are_what_keeps_it_from_commuting(network, digits):
    for resampler in ("bicubic", "bilinear", "nearest"):
        report = measure(network, digits, (0.6,), resampler)
        assert report.error.min() > 1e-3
        assert report.error.max() < 1
        assert report.image_cost[0] > 0


def test_vector_digits_are_drawn_on_the_smaller_canvas(network):
    assert drawing(network, 0.61) == (17 / 28, 17)
    assert drawing(build("cnn"), 0.61) == (0.61, 28)
    report = measure(network, GLYPHS[:3], (0.61, 1.0), "exact")
    assert report.error[:, 1].max() <= 1e-6
    before, after = (network.features(glyph("5-round").render(k / 28, k))["conv2"] for k in (28, 17))
    assert SCALE.act(before, 0.61)[0].values.shape == after.values.shape == (1, 32, 9, 9)


@pytest.mark.parametrize("s", [0.5, 0.71, 1.0, 1.5])
def test_its_commuting_square_shows_the_number_of_the_report(s, network, digits):
    swept, report = sweep(network, digits[:1], (s,)), measure(network, digits[:1], (s,))
    for layer, expected in zip(report.layers, report.error[:, 0], strict=True):
        square = sweep_layer(swept, layer)
        assert square.errors[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)
        assert square.moved[0].values.shape == square.after[0].values.shape


def test_on_a_canvas_that_stays_it_would_not_commute(network, digits):
    """Mutation: maps that do not say that the canvas changes are compared on a canvas that stays."""
    before, after = (network.features(x)["conv3"].values for x in (digits, rescale(digits, 0.5)))
    error, _ = relative_error(FeatureMap(before, stride=2.0), FeatureMap(after, stride=2.0), 0.5, "ideal")
    assert error.min() > 0.1


def test_kernels_that_are_not_localised_on_the_canvas_are_caught(network, digits, monkeypatch):
    """Mutation: taps a pixel of the map apart, as in an ordinary convolution, whatever the resolution."""
    small = SCALE.images(network, digits, 0.5, "ideal")
    for conv, side in zip(network.convs, (14, 7, 7), strict=True):
        monkeypatch.setattr(conv, "samples", side)
        monkeypatch.setattr(conv, "_waves", {})
    after = network.features(small)["conv1"].values
    monkeypatch.undo()
    before, _ = SCALE.act(network.features(digits)["conv1"], 0.5, "ideal")
    assert relative(after, before.values) > 0.1


@pytest.mark.parametrize("r", [8, 13, 28])
def test_it_reads_squares_of_8_to_28_pixels(r, network, digits):
    logits = network(resize(digits, (r, r), "ideal"))
    assert logits.shape == (len(digits), 10)
    torch.testing.assert_close(network(resize(digits[:1], (r, r), "ideal")), logits[:1], rtol=1e-4, atol=1e-5)


def test_other_sizes_are_refused(network, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    for shape in ((1, 1, 7, 7), (1, 1, 29, 29), (1, 1, 28, 20), (1, 2, 20, 20)):
        with pytest.raises(ValueError, match=re.escape(f"got {shape}; of smaller images")):
            network(torch.zeros(shape))


def test_a_changing_canvas_has_planes_on_its_own_grid():
    assert FeatureMap(torch.zeros(1, 1, 9, 7), stride=2.0, canvas=(17, 14)).grid_of((9, 8)) == (5, 4)
    with pytest.raises(ValueError, match=re.escape("(17, 14), has planes of (9, 7), got plane (9, 8)")):
        FeatureMap(torch.zeros(1, 1, 9, 8), stride=2.0, canvas=(17, 14))
    with pytest.raises(ValueError, match="got scale"):
        FeatureMap(torch.zeros(1, 1, 2, 9, 7), "scale", (1.0, 2.0), stride=2.0, canvas=(17, 14))


def test_a_map_of_another_size_than_expected_makes_no_square(network, digits):
    before, after = (network.features(x)["conv1"] for x in (digits, SCALE.images(network, digits, 0.5)))
    with pytest.raises(ValueError, match=re.escape("must have one shape, got (4, 16, 20, 20) and (4, 16, 14, 14)")):
        relative_error(
            FeatureMap(before.values[:4], canvas=(28, 28)),
            FeatureMap(after.values[:4], canvas=(14, 14)),
            0.7,
            "bicubic",
        )


@pytest.mark.parametrize("points", ["full", "band"])
def test_a_head_for_all_resolutions_reads_each_as_if_the_image_came_so(points, digits):
    """One pass at 28×28 against a pass of its own for every size; logits of up to 2, float32."""
    torch.manual_seed(0)
    network = build("fourier", points=points).eval().requires_grad_(False)
    resolutions = range(8, 29)
    together = network.logits_by_resolution(digits, resolutions)
    assert together.shape == (len(digits), 21, 10)
    for number, r in enumerate(resolutions):
        alone = network(resize(digits, (r, r), "ideal"))
        torch.testing.assert_close(together[:, number], alone, rtol=0, atol=1e-5)
    assert (together[:, 0] - together[:, -1]).abs().max() > 1e-3


def test_the_published_points_are_a_setting_that_the_weights_do_not_ask_for(digits):
    trained, published = load("fourier"), load("fourier", points="band")
    with torch.no_grad():
        assert (trained(digits) - published(digits)).abs().max() > 1e-3
        assert measure(published, digits[:2], (0.5,), "ideal").error.max() < 1e-5


@pytest.mark.parametrize("resolutions", [[7, 20], [20, 21]])
def test_resolutions_beyond_those_of_the_images_are_refused(network, digits, resolutions):
    small = resize(digits, (20, 20), "ideal")
    with pytest.raises(ValueError, match=r"^resolutions must be from 8 to 20 pixels, got \[\d+, \d+\]$"):
        network.logits_by_resolution(small, resolutions)
