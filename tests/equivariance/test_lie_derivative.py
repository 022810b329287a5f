"""The Lie derivative: against differences of small finite changes of scale, written out here, and its controls."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.equivariance import lie_derivative, measure
from core.models import MODELS, FeatureMap, load
from core.models.identity import Identity, IdentityConfig
from core.models.measurable import background_margin
from core.resampling import resampling_generator, resampling_matrix
from tests.formulas import all_glyphs, bicubic_by_the_book, blobs, centred, relative
from tests.models.restless import restless

H = 1e-5  # of ln s: far above the rounding of float64, far below the nearest kink of the networks here


@pytest.fixture(scope="module")
def images():
    """Three images in which no value is 0, so that no maximum is taken over equals."""
    return blobs(0, 28, spread=5.0, batch=3).abs()


def lively(key):
    """An untrained network in float64, its offsets and biases not 0."""
    network = restless(key)
    for name, parameter in network.named_parameters():
        if name.endswith("bias") and ".branch." not in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return network


def interpolation(n, s, resampler):
    """The matrix of one axis that reads at u / s, without a low-pass at either side of s = 1."""
    if resampler == "bicubic":
        return torch.from_numpy(bicubic_by_the_book(n, n, s, antialias=False))
    distance = centred(n)[:, None] / s - centred(n)
    waves = sum(torch.cos(2 * math.pi * f * distance / n) for f in range(1, (n + 1) // 2))
    return (1 + 2 * waves + (torch.cos(math.pi * distance) if n % 2 == 0 else 0)) / n


def scaled(planes, s, resampler):
    rows, columns = (interpolation(n, s, resampler) for n in planes.shape[-2:])
    return rows @ planes @ columns.T


def moved(found, s, resampler):
    """T'_s of a map, along the scale axis by linear interpolation in log σ."""
    values = scaled(found.values, s, resampler)
    if found.group != "scale":
        return values
    logs = np.log(found.internal_scales)
    shift = np.stack([np.interp(logs - math.log(s), logs, row) for row in np.eye(len(logs))], axis=1)
    return torch.einsum("st,bcthw->bcshw", torch.from_numpy(shift), values)


def by_differences(network, images, resampler, h=H, canvas="image"):
    """{layer: (image,)}: ‖M L‖ / ‖M Φ‖ with L = (T'_{e^-h} Φ(T_{e^h} x) − T'_{e^h} Φ(T_{e^-h} x)) / 2h."""
    if canvas == "wide":
        images = F.pad(images, [background_margin(network)] * 4)
    with torch.no_grad():
        there, back = (network.features(scaled(images, math.exp(t), resampler)) for t in (h, -h))
        found, result = network.features(images), {}
        for layer, now in found.items():
            slope = moved(there[layer], math.exp(-h), resampler) - moved(back[layer], math.exp(h), resampler)
            border = 1 if resampler == "bicubic" and canvas == "image" else 0
            inside = slice(border, now.values.shape[-1] - border)
            known = [x[..., inside, inside] for x in (slope / (2 * h), now.values)]
            if now.group == "scale":
                known = [x[:, :, 1:-1] for x in known]
            result[layer] = (known[0].flatten(1).norm(dim=1) / known[1].flatten(1).norm(dim=1)).numpy()
    return result


ALL_BUT_CONTROLS = [key for key in MODELS if not MODELS[key].control and key != "fourier"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("canvas", "resampler", "key"),
    [("image", "bicubic", key) for key in ALL_BUT_CONTROLS]
    + [("image", "ideal", key) for key in ("cnn", "sesn_vector", "so2_cnn")]
    + [("wide", "bicubic", key) for key in ("cnn", "sesn_vector", "so2_cnn")],
)
def test_it_is_the_limit_of_small_changes_of_scale(canvas, resampler, key, images):
    """Every layer, with offsets and biases that are not 0. Reached: 9e-4."""
    network = lively(key)
    report = lie_derivative(network, images, resampler, canvas=canvas)
    expected = by_differences(network, images, resampler, canvas=canvas)
    assert report.layers == tuple(expected)
    for layer, found in zip(report.layers, report.per_image, strict=True):
        if layer not in report.reasons:
            np.testing.assert_allclose(found, expected[layer], rtol=0.01)
            assert found.min() > 0.01  # so the agreement says something
    assert len(report.reasons) == (7 if key == "sevf" else 0)


def test_it_foretells_the_error_of_small_changes_of_scale(images):
    """From above s = 1, where `measure` does not blur; T'_s then reads the next smaller scale only. Reached: 0.7 %."""
    network, s = lively("sesn_vector"), math.exp(1e-3)
    report = lie_derivative(network, images, side="enlarging", canvas="image")
    measured = measure(network, images, (s,), canvas="image", costs=False)
    np.testing.assert_allclose(report.near(s), measured.error[:, 0], rtol=0.02)
    np.testing.assert_allclose(report.known, measured.known[:, 0])
    both = lie_derivative(network, images, canvas="image")
    assert both.error[0] < 0.5 * report.error[0]  # the better slope along the scale axis
    layer = both.layers.index("conv1")
    assert both.known[layer] == pytest.approx(2 / 4 * (26 / 28) ** 2)  # two of four scales, a ring of one sample
    assert lie_derivative(network, all_glyphs(0.7)[:1].double()).known[layer] == pytest.approx(2 / 4)


@pytest.mark.parametrize("resampler", ["bicubic", "ideal"])
def test_the_identity_network_has_none(resampler):
    for images in (all_glyphs(0.7)[::9], torch.rand(2, 1, 31, 20)):
        report = lie_derivative(load("identity"), images, resampler)
        assert report.per_image.max() == 0


@pytest.mark.slow
def test_equivariance_by_construction_shows():
    """random_sesn against random_cnn, digits: 0.2 against 1.6 after the first convolution."""
    digits = all_glyphs(0.7)[::3]
    plain, steerable = (lie_derivative(load(key), digits).error[0] for key in ("random_cnn", "random_sesn"))
    assert 3 * steerable < plain
    assert plain > 1


class OverScales(Identity):
    """Hands on the image times σ^power at each scale: ∂Φ/∂(log σ) = power · Φ, and only the shift does not commute."""

    scales, power = (1.0, 1.2, 1.44, 1.728), 1.5

    def features(self, images):
        profile = torch.tensor([s**self.power for s in self.scales], dtype=images.dtype)
        return {"map": FeatureMap(images[:, :, None] * profile[:, None, None], "scale", self.scales)}


@pytest.mark.parametrize("side", ["both", "enlarging"])
def test_along_the_scale_axis_it_is_the_slope_in_log_sigma(side, images):
    network = OverScales(IdentityConfig())
    step = math.log(1.2)
    ahead, behind = math.exp(1.5 * step), math.exp(-1.5 * step)
    slope = (ahead - behind) / 2 if side == "both" else 1 - behind
    report = lie_derivative(network, images, side=side)
    np.testing.assert_allclose(report.per_image, slope / step, rtol=1e-9)  # the exact map has 1.5


@pytest.mark.parametrize(("side", "enough"), [("both", 3), ("enlarging", 2)])
def test_too_few_scales_have_no_slope_and_the_report_says_so(side, enough, images):
    for count in (1, 2, 3):
        network = OverScales(IdentityConfig())
        network.scales = OverScales.scales[:count]
        report = lie_derivative(network, images, side=side)
        if count < enough:
            assert f"needs {enough} internal scales, got {count}" in report.reasons["map"]
            assert np.isnan(report.error).all()
            assert report.known[0] == report.silent[0] == 0
        else:
            assert report.reasons == {}
            assert report.error[0] > 1


def test_a_canvas_that_changes_has_none(images):
    report = lie_derivative(lively("fourier"), images, "ideal")
    assert np.isnan(report.per_image).all()
    assert set(report.reasons) == set(report.layers)
    assert "whole pixels" in report.reasons["conv1"]
    assert np.isnan(report.near(1.1)).all()


@pytest.mark.slow
def test_a_jump_has_none_and_the_layers_before_it_have_one():
    """Of sevf the error does not fall with ln s: on some digits it stays large, however small the change is."""
    network, digits = load("sevf").double(), all_glyphs(0.7)[2:26:4].double()
    report = lie_derivative(network, digits)
    defined = [layer for layer in report.layers if layer not in report.reasons]
    assert defined == ["conv1", "projection1", "relu1"]
    assert np.isfinite(report.error[:3]).all()
    assert np.isnan(report.error[3:]).all()
    assert "pool1" in report.reasons["projection3"]
    slopes = [by_differences(network, digits, "bicubic", h)["projection3"].max() for h in (1e-3, 1e-6)]
    assert slopes[1] > 10 * slopes[0]


def test_a_padded_canvas_has_its_own_centre():
    """On 29 pixels the network pads 1 before and 2 after; its maps say so. Without: 4 times as much."""
    network = lively("sesn_vector")
    on_28, on_29 = (lie_derivative(network, blobs(0, n, spread=5.0, batch=2).abs()).error[0] for n in (28, 29))
    assert on_29 == pytest.approx(on_28, rel=0.2)


@pytest.mark.slow
def test_images_are_measured_alone_and_in_batches(images):
    network = lively("sesn_vector")
    many = images.repeat(12, 1, 1, 1)  # 36: more than one batch
    many[5] = 0
    report = lie_derivative(network, many)
    alone = lie_derivative(network, images[:1])
    np.testing.assert_allclose(report.per_image[:, 33], alone.per_image[:, 0], rtol=1e-9)
    assert np.isnan(report.per_image[:, 5]).all()  # a blank image is silent, not 0
    np.testing.assert_allclose(report.silent, 1 / 36)
    assert report.num_images == 36
    np.testing.assert_allclose(report.error, np.nanmean(report.per_image, axis=-1))
    np.testing.assert_allclose(report.spread.T, np.nanquantile(report.per_image, (0.16, 0.84), axis=-1))


@pytest.mark.slow
def test_several_visitors_may_ask_at_once(images):
    network = lively("sesn_vector")
    expected = lie_derivative(network, images).per_image
    with ThreadPoolExecutor(4) as visitors:
        found = visitors.map(lambda _: lie_derivative(network, images).per_image, range(8))
        for per_image in found:
            np.testing.assert_allclose(per_image, expected)


@pytest.mark.slow
def test_measuring_leaves_network_and_images_alone(images):
    network, before = lively("sesn_deformable"), images.clone()
    plain = network.features(images)["conv3"].values
    lie_derivative(network, images)
    assert torch.equal(images, before)
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(network.features(images)["conv3"].values, plain)


class Bare:
    """A network that declares nothing."""

    def features(self, images):
        return {"square": FeatureMap(images**2)}


def test_a_network_of_your_own(images):
    report = lie_derivative(Bare(), images, "ideal")
    np.testing.assert_allclose(report.per_image[0], by_differences(Bare(), images, "ideal")["square"], rtol=0.01)


def test_what_cannot_be_measured_is_refused(images):
    network = load("identity")
    refused = [
        ("'bilinear' has no derivative at a scale factor of 1; ideal and bicubic", images, "bilinear", "both"),
        ("'nearest' has no derivative", images, "nearest", "both"),
        ("'exact' draws vector digits again", images, "exact", "both"),
        ("side must be one of both, enlarging, got 'left'", images, "bicubic", "left"),
        ("at least one image", images[:0], "bicubic", "both"),
        ("not finite", images * math.nan, "bicubic", "both"),
    ]
    for message, pictures, resampler, side in refused:
        with pytest.raises(ValueError, match=message):
            lie_derivative(network, pictures, resampler, side)


@pytest.mark.parametrize("resampler", ["bicubic", "ideal"])
@pytest.mark.parametrize(("n", "centre"), [(28, 0.0), (29, 0.0), (7, -0.5), (1, 0.0)])
def test_the_generator_is_the_slope_of_the_resampling_matrix(n, centre, resampler):
    h = 1e-6
    slope = (resampling_matrix(n, n, math.exp(h), resampler, centre=centre) - torch.eye(n, dtype=torch.float64)) / h
    found = resampling_generator(n, resampler, centre=centre)
    torch.testing.assert_close(found, slope, rtol=0, atol=1e-6 * n**2)
    assert n == 1 or found.abs().max() > 1


def test_the_generator_is_the_slope_of_a_scene():
    """Blobs of σ = 3 pixels by formula, on a canvas they do not fill."""
    h = 1e-5
    slope = (blobs(0, 80, math.exp(h)) - blobs(0, 80, math.exp(-h))) / (2 * h)
    for resampler, bound in (("ideal", 1e-6), ("bicubic", 0.05)):
        matrix = resampling_generator(80, resampler)
        found = matrix @ blobs(0, 80) + blobs(0, 80) @ matrix.T
        assert relative(found, slope) < bound
