"""The measure of the equivariance error: its controls, its definition written out, and what it must not hide."""

import importlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.equivariance.inked import Reach
from core.models import MODELS, FeatureMap, build, load
from core.models.identity import Identity, IdentityConfig
from core.resampling import RESAMPLERS, rescale
from core.transforms import Scale
from tests.formulas import all_glyphs, bicubic_by_the_book, blobs, resampling_cost
from tests.thorough import rest

STEP = 2 ** (1 / 3)  # of the internal scales of random_sesn
CONVS = ("conv1", "conv2", "conv3")
module = importlib.import_module("core.equivariance.measure")  # the name leads to the function of the same name


@pytest.fixture(scope="module")
def digits():
    """Every third vector digit at 0.7 of its size, so that it stays on the canvas when enlarged."""
    return all_glyphs(0.7)[::3]


def errors(report, column=0):
    return dict(zip(report.layers, report.error[:, column].tolist(), strict=True))


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_the_identity_network_commutes_with_every_change_of_scale(resampler, digits):
    for images in (digits, torch.rand(2, 1, 31, 20)):
        report = measure(load("identity"), images, (0.5, 0.83, 1.0, STEP, 2.0), resampler)
        assert report.layers == ("image",)
        assert np.nanmax(report.per_image) <= 1e-6
        assert not np.isnan(report.per_image).any()


@pytest.mark.slow
@pytest.mark.parametrize("resampler", RESAMPLERS)
@pytest.mark.parametrize("key", rest(MODELS, "cnn", "sesn_vector", "dss", "fourier", "identity"))
def test_every_network_and_layer_commutes_with_the_factor_1(key, resampler, digits):
    for canvas in (digits[:2], torch.rand(2, 1, 29, 33)):
        report = measure(build(key).eval(), canvas, (0.7, 1.0, 1.4), resampler, costs=False)  # 1 beside others
        assert report.per_image[:, 1].max() <= 1e-6
        assert (report.known[:, 1] == 1).all()
        if key != "identity" and (key, resampler) != ("fourier", "ideal"):  # which commute with the others too
            assert report.per_image[:, (0, 2)].min() > 1e-4  # so the 0 above says something


def keys_positions(n, s):
    """Rows of the bicubic matrix by its definition, and which rows read nothing beyond the canvas."""
    source = [(i + 0.5 - n / 2) / s + n / 2 - 0.5 for i in range(n)]
    reach = 2 * max(1, 1 / s)
    known = [x - reach > -1 - 1e-6 and x + reach < n + 1e-6 for x in source]
    return bicubic_by_the_book(n, n, s), np.array(known, dtype=float)


@pytest.mark.parametrize("s", [1 / STEP, STEP**2, 0.9, 1.1])
def test_the_error_is_that_of_the_definition(s, digits):
    """ε of two images in the lifting convolution of random_sesn, with loops and numpy, from Φ(x) and Φ(T_s x) on."""
    network, images = load("random_sesn"), digits[2:4]
    report = measure(network, images, (s,), canvas="image")
    with torch.no_grad():
        scales = network.features(images)["conv1"].internal_scales
        before, after = (network.features(x)["conv1"].values.double().numpy() for x in (images, rescale(images, s)))
    matrix, known = keys_positions(28, s)
    for image in range(2):
        difference = size = 0.0
        for i, sigma in enumerate(scales):
            place = math.log(sigma / s / scales[0]) / math.log(STEP)  # of σ / s on the axis
            if not -1e-6 <= place <= len(scales) - 1 + 1e-6:
                continue
            low = min(max(math.floor(place + 1e-6), 0), len(scales) - 2)
            share = place - low
            plane = (1 - share) * before[image, :, low] + share * before[image, :, low + 1]
            moved = matrix @ plane @ matrix.T
            mask = known[:, None] * known[None]
            difference += ((mask * (moved - after[image, :, i])) ** 2).sum()
            size += ((mask * moved) ** 2).sum()
        expected = math.sqrt(difference / size)
        # The measure works in float32; of the numbers compared the smallest is 0.01.
        assert report.per_image[0, 0, image] == pytest.approx(expected, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("resampler", "factor"), [("ideal", 2), ("bicubic", 2), ("bilinear", 2), ("nearest", 1.5)])
def test_scale_equivariance_by_construction_shows_in_every_convolution(resampler, factor, digits):
    """At one step of the scales random_sesn lies far below random_cnn: 0.01, 0.06, 0.07 against 0.5, 0.6, 0.4
    (bicubic). Nearest neighbours lose the digit's shape themselves: 0.3 against 0.6."""
    plain, steerable = (
        errors(measure(load(key), digits, (1 / STEP,), resampler)) for key in ("random_cnn", "random_sesn")
    )
    for layer in CONVS:
        assert factor * steerable[layer] < plain[layer]


@pytest.mark.slow
def test_bounds_of_random_sesn_at_its_steps(digits):
    report = measure(load("random_sesn"), digits, (STEP**-2, 1 / STEP, STEP))
    # Measured 0.013 to 0.026 after the lifting convolution, 0.06 to 0.1 after the second and third.
    assert report.error[report.layers.index("conv1")].max() < 0.04
    assert report.error[report.layers.index("conv3")].max() < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("steps", [-2, -1, 1])
def test_forgetting_or_reversing_the_shift_along_the_scale_axis_shows(steps, digits, monkeypatch):
    network, s = load("random_sesn"), STEP**steps
    right = errors(measure(network, digits, (s,)))
    scale = importlib.import_module("core.transforms.scale")
    shift = scale.scale_shift
    monkeypatch.setattr(
        scale, "scale_shift", lambda scales, s: (torch.eye(4, dtype=torch.float64), shift(scales, s)[1])
    )
    forgotten = errors(measure(network, digits, (s,)))
    monkeypatch.setattr(scale, "scale_shift", lambda scales, s: shift(scales, 1 / s))
    reversed_shift = errors(measure(network, digits, (s,)))
    for layer in CONVS:  # 3 to 20 times without the shift, 4 to 40 times against it
        assert forgotten[layer] > 1.5 * right[layer]
        assert reversed_shift[layer] > 3 * right[layer]
    assert forgotten["projection3"] == right["projection3"]  # a plane has no scale axis


@pytest.mark.slow
@pytest.mark.parametrize("side", [29, 30, 31])
def test_a_padded_canvas_is_scaled_about_its_own_centre(side, monkeypatch):
    """On 29 pixels the network pads 1 before and 2 after; its maps say so. Of the digit itself nothing changes."""
    network = load("random_sesn")
    images, usual = (torch.cat([glyph.render(0.7, n) for glyph in GLYPHS[::3]]) for n in (side, 28))
    right, on_28 = (errors(measure(network, x, (1 / STEP,))) for x in (images, usual))
    for layer in CONVS:
        assert right[layer] == pytest.approx(on_28[layer], rel=0.2)
    act = Scale.act
    monkeypatch.setattr(Scale, "act", lambda self, found, *how: act(self, replace(found, centre=(0.0, 0.0)), *how))
    without = errors(measure(network, images, (1 / STEP,)))
    if side % 2:  # 0.10 in place of 0.013
        assert without["conv1"] > 3 * right["conv1"]
        assert all(without[layer] > right[layer] for layer in CONVS)
    else:
        assert without == right


@pytest.mark.slow
def test_an_image_is_measured_alone_whatever_is_measured_with_it(digits):
    network, factors = load("random_sesn"), (0.8, 1.0, STEP)
    together = measure(network, digits, factors)
    for i in (0, 5):
        alone = measure(network, digits[i : i + 1], factors)
        np.testing.assert_allclose(alone.per_image[..., 0], together.per_image[..., i], rtol=1e-4, atol=1e-6)
        for found in ("image_cost_per_image", "cost_per_image"):
            one, all_of_them = getattr(alone, found)[..., 0], getattr(together, found)[..., i]
            np.testing.assert_allclose(one, all_of_them, rtol=1e-4, atol=1e-7)
    many = np.geomspace(0.5, 2, 40).tolist()  # more than one batch
    one_by_one = [measure(network, digits[:2], (s,), costs=False).per_image[:, 0] for s in many]
    at_once = measure(network, digits[:2], many, costs=False).per_image
    np.testing.assert_allclose(np.stack(one_by_one, axis=1), at_once, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_the_report_says_what_was_measured(digits):
    network, factors = load("random_sesn"), (0.5, 0.7, 1.0, 1.3)
    report = measure(network, digits, factors, "bilinear")
    assert report.layers == tuple(network.features(digits[:1]))
    assert (report.scale_factors, report.resampler, report.num_images) == (factors, "bilinear", len(digits))
    layers = len(report.layers)
    assert report.error.shape == report.silent.shape == report.known.shape == (layers, 4)
    assert report.spread.shape == (layers, 4, 2)
    np.testing.assert_allclose(report.error, report.per_image.mean(-1))
    np.testing.assert_allclose(report.spread, np.moveaxis(np.quantile(report.per_image, (0.16, 0.84), axis=-1), 0, -1))
    assert (report.spread[..., 0] <= report.error).all()
    assert (report.error <= report.spread[..., 1]).all()
    assert (report.side, report.classifier_map) == (80, "projection3")
    np.testing.assert_allclose(report.cost, report.cost_per_image.mean(-1))
    expected = [float(resampling_cost(F.pad(digits, [26] * 4), s, "bilinear").mean()) for s in factors]
    np.testing.assert_allclose(report.image_cost, expected, rtol=1e-5)
    assert report.image_cost[2] == report.cost[:, 2].max() == 0
    # At 0.5 a map over 4 scales that span 2 knows the lowest only; on the image's own canvas also nothing beyond 14
    # pixels a side less the reach of 1 at each end.
    conv1 = report.layers.index("conv1")
    assert report.known[conv1, 0] == pytest.approx(0.25)
    report = measure(network, digits, factors, "bilinear", canvas="image")
    assert report.known[conv1, 0] == pytest.approx(0.25 * (12 / 28) ** 2)
    assert report.side is None


@pytest.mark.slow
def test_the_amounts_are_the_steps_of_the_networks_own_axes(digits):
    steps = tuple(round(STEP**k, 4) for k in (-3, -2, -1, 1, 2, 3))
    report = measure(load("random_sesn"), digits[:2])
    assert report.amounts == report.steps == pytest.approx(steps)
    assert report.on_grid.all()
    report = measure(load("dss"), digits[:2], (0.5, STEP, 1.0, 2.0))
    assert (report.steps, report.on_grid.tolist()) == ((0.5, 2.0), [True, False, True, True])
    report = measure(load("random_cnn"), digits[:2])  # without an axis, what curves are drawn for
    assert (report.amounts, report.steps) == (Scale.curve_amounts, ())
    assert report.on_grid.all()


@pytest.mark.filterwarnings("error")
def test_a_silent_layer_is_neither_0_nor_infinite(digits):
    network = build("cnn").eval().requires_grad_(False)
    network.convs[1].weight.zero_()
    report = measure(network, digits[:4], (0.8, 1.0, 1.25))
    mute = [layer in ("conv2", "relu2", "pool2", "conv3") for layer in report.layers]
    assert np.isnan(report.error[mute]).all()
    assert np.isnan(report.spread[mute]).all()
    assert (report.silent[mute] == 1).all()
    audible = np.logical_not(mute)
    assert np.isfinite(report.error[audible]).all()
    assert (report.silent[audible] == 0).all()
    # One blank image among others is left out of the mean, not counted as 0.
    with_blank = measure(network, torch.cat([digits[:3], torch.zeros(1, 1, 28, 28)]), (0.8,))
    assert np.isnan(with_blank.per_image[0, 0]).tolist() == [False, False, False, True]
    assert with_blank.silent[0, 0] == 0.25
    assert with_blank.error[0, 0] == pytest.approx(with_blank.per_image[0, 0, :3].mean())


def test_where_nothing_is_known_nothing_is_claimed(digits):
    report = measure(load("random_sesn"), digits[:2], (3.0,))  # beyond the range of the internal scales, 2
    over_scales = [layer not in ("projection3",) for layer in report.layers]
    assert (report.known[over_scales] == 0).all()
    assert np.isnan(report.error[over_scales]).all()
    assert (report.silent[over_scales] == 0).all()
    assert np.isfinite(report.error[-1]).all()


@pytest.mark.slow
def test_exact_draws_the_digit_again(digits):
    network, glyphs = load("random_sesn"), GLYPHS[::7]
    report = measure(network, glyphs, (0.8, 1.0), "exact", canvas="image")
    assert report.resampler == "exact"
    assert (report.image_cost == 0).all()
    assert report.cost[:, 0].min() > 0.01  # maps are resampled
    assert report.per_image[:, 1].max() <= 1e-6
    originals, drawn = (torch.cat([glyph.render(s, 28) for glyph in glyphs]) for s in (1.0, 0.8))
    with torch.no_grad():
        before, after = network.features(originals)["conv2"], network.features(drawn)["conv2"]
    expected, _ = module.relative_error(before, after, 0.8, "bicubic")
    np.testing.assert_allclose(report.per_image[report.layers.index("conv2"), 0], expected, rtol=1e-4)
    # Under a resampler vector digits are drawn once, at 1.
    by_pixels, by_glyphs = (measure(network, x, (0.8,)).per_image for x in (originals, glyphs))
    np.testing.assert_allclose(by_glyphs, by_pixels, rtol=1e-5)
    with torch.no_grad():
        wide = [network.features(torch.cat([glyph.render(s, 80) for glyph in glyphs]))["conv2"] for s in (1.0, 0.8)]
    expected, _ = module.relative_error(*(replace(each, beyond="background") for each in wide), 0.8, "bicubic")
    found = measure(network, glyphs, (0.8,), "exact")
    np.testing.assert_allclose(found.per_image[found.layers.index("conv2"), 0], expected, rtol=1e-4)


class Turned(Identity):
    def features(self, images):
        return {"turned": FeatureMap(images[:, :, None], "rotation")}


def test_a_change_of_scale_leaves_the_axis_of_turns_alone(digits):
    report = measure(Turned(IdentityConfig()), digits, (0.7, 1.2))
    assert report.error.max() <= 1e-6
    assert report.known.min() > 0


def test_what_cannot_be_measured_is_refused(digits):
    network = load("identity")
    refused = [
        ("expected at least one image", digits[:0], (1.0,), "bicubic"),
        ("expected at least one image", (), (1.0,), "exact"),
        ("expected at least one scale factor, got none", digits, (), "bicubic"),
        ("a scale factor must be a positive number, got -0.5", digits, (1.0, -0.5), "bicubic"),
        ("a scale factor must be a positive number, got nan", digits, (math.nan,), "bicubic"),
        ("unknown resampler 'nameless'", digits, (1.2,), "nameless"),
        ("'exact' draws vector digits again, got an image", digits, (1.2,), "exact"),
        (r"expected images \(b, 1, h, w\)", digits.expand(-1, 1, 28, 28)[:, :, :, :0], (1.2,), "bicubic"),
    ]
    for message, images, factors, resampler in refused:
        with pytest.raises(ValueError, match=message):
            measure(network, images, factors, resampler)
    with pytest.raises(ValueError, match="canvas must be one of wide, image, got 'narrow'"):
        measure(network, digits, (1.2,), canvas="narrow")


def test_measuring_leaves_network_and_images_alone(digits):
    network, images = build("sesn_vector").train(), digits.clone()
    network.eval()
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    report = measure(network, images, (0.9,))
    assert torch.equal(images, digits)
    assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    again = measure(network, blobs(0, 28).float(), (0.9,))
    assert again.layers == report.layers


def test_values_that_are_not_finite_are_refused_and_not_called_silent():
    network = load("random_cnn")
    broken = {"map": FeatureMap(torch.full((1, 1, 8, 8), torch.nan))}
    network.features = lambda images: broken
    with pytest.raises(ValueError, match="not finite"):
        measure(network, torch.ones(1, 1, 8, 8), (0.5,))


def test_a_silent_layer_says_why(digits):
    """Blank: nothing to answer. Unknown: no scale that both sides know. Outside: what it answers leaves the mask."""
    dead = build("cnn").eval().requires_grad_(False)
    dead.convs[1].weight.zero_()
    report = measure(dead, digits[:2], (0.8, 1.25))
    layers = dict(zip(report.layers, report.silence, strict=True))
    assert layers["conv2"] == layers["conv3"] == ("blank", "blank")
    assert layers["conv1"] == layers["pool1"] == ("", "")

    report = measure(load("random_sesn"), digits[:2], (3.0, 1.0))
    assert dict(zip(report.layers, report.silence, strict=True))["conv1"] == ("unknown", "")
    assert report.silence[-1] == ("", "")  # a plane is known everywhere

    corner = torch.zeros(1, 1, 28, 28)
    corner[..., :2, :2] = 1.0
    report = measure(load("identity"), corner, (0.5, 1.0, 2.0), canvas="image")
    assert report.silence == (("", "", "outside"),)
    np.testing.assert_array_equal(report.silent, [[0, 0, 1]])


def test_the_cause_of_silence_is_that_of_most_silent_images():
    ink, corner, blank = torch.zeros(3, 1, 1, 28, 28)
    ink[..., 10:18, 10:18], corner[..., :2, :2] = 1.0, 1.0

    def cause(*images):
        return measure(load("identity"), torch.cat(images), (2.0,), canvas="image").silence[0][0]

    assert cause(ink, ink) == ""
    assert cause(ink, ink, corner) == cause(corner, corner, blank) == "outside"
    assert cause(ink, ink, blank) == cause(corner, blank, blank) == cause(corner, blank) == "blank"
    report = measure(load("identity"), torch.cat([ink, blank]), (2.0, 0.5))
    assert report.blank.tolist() == [[False, True]]
    assert replace(report, blank=None).silence == (("silent", "silent"),)


def test_images_are_measured_a_few_at_a_time_and_in_order(digits, monkeypatch):
    network, amounts = load("sesn_vector"), (0.5, 1.3)
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", 10**9)
    together = measure(network, digits[:5], amounts)
    monkeypatch.setattr(module, "_PIXELS_AT_ONCE", 2 * 80**2)
    few = measure(network, digits[:5], amounts)
    assert [len(part) for part in module._few(torch.zeros(5, 1, 80, 80))] == [2, 2, 1]
    for name in ("per_image", "cost_per_image", "silent", "known", "blank"):
        np.testing.assert_allclose(getattr(few, name), getattr(together, name), atol=1e-5, err_msg=name)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_not_cut_away(value):
    values = torch.zeros(1, 2, 80, 80)
    values[..., 38:42, 38:42] = 1.0
    assert Reach(FeatureMap(values, beyond="background")).radius == 2
    values[0, 1, 3, 40] = value
    assert Reach(FeatureMap(values, beyond="background")).radius == math.inf
