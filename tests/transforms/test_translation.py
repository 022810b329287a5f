"""Shifts along x: whole strides move whole samples, and what a network with strides makes of the others."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import FeatureMap, build, load
from core.transforms import TRANSFORMS
from tests.formulas import blobs, relative

TRANSLATION = TRANSFORMS["translation"]
FOUR = ("ideal", "bicubic", "bilinear", "nearest")


@pytest.mark.parametrize("resampler", FOUR)
@pytest.mark.parametrize(("stride", "pixels"), [(1.0, 3.0), (2.0, -4.0), (4.0, 4.0), (0.5, 1.5)])
def test_whole_strides_move_whole_samples(stride, pixels, resampler):
    values = torch.rand(2, 3, 5, 12)
    moved, mask = TRANSLATION.act(FeatureMap(values, stride=stride), pixels, resampler)
    samples = round(pixels / stride)
    expected = F.pad(values, (samples, -samples))  # to the right, background comes in
    assert torch.equal(moved.values, expected)
    assert torch.equal(mask, F.pad(torch.ones(5, 12), (samples, -samples)))
    assert (moved.stride, moved.group) == (stride, "plane")


@pytest.mark.parametrize(("resampler", "bound"), [("ideal", 1e-6), ("bicubic", 2e-3), ("bilinear", 0.02)])
def test_between_samples_it_is_the_shift_of_the_formula(resampler, bound):
    """Blobs of σ = 3 pixels on a canvas of twice the resolution give those shifted by half a pixel."""
    fine = blobs(0, 160, scale_factor=2.0)
    here, there = fine[..., ::2], F.pad(fine, (1, -1))[..., ::2]  # half a pixel of the coarse grid to the right
    moved, mask = TRANSLATION.act(FeatureMap(here), 0.5, resampler)
    assert relative(mask * moved.values, mask * there) < bound
    assert relative(mask * here, mask * there) > 0.05
    assert mask.mean() > 0.9


@pytest.mark.parametrize("amount", [0.5, -2.25, 3.75])
def test_the_mask_knows_what_rests_on_the_canvas_only(amount):
    values = torch.ones(1, 1, 4, 20, dtype=torch.float64)
    moved, mask = TRANSLATION.act(FeatureMap(values), amount)
    # Cubic convolution reads two samples to each side, and of these the shift takes its own away at one end.
    known = [x - amount + 1 >= 2 and x - amount - 1 <= 17 for x in range(20)]
    assert mask[0].tolist() == [float(each) for each in known]
    torch.testing.assert_close(mask * moved.values, mask * values)


def test_axes_over_scales_and_turns_stay():
    profile = torch.rand(3)
    for group, scales in (("scale", (1.0, 2.0, 4.0)), ("rotation", ())):
        values = profile[None, None, :, None, None] * torch.rand(1, 1, 1, 6, 16)
        moved, mask = TRANSLATION.act(FeatureMap(values, group, scales, stride=2.0), 2.0)
        assert torch.equal(moved.values, F.pad(values, (1, -1)))
        assert mask.shape == (6, 16)


def test_a_map_whose_canvas_changes_with_scale_is_shifted_like_a_plane():
    found = FeatureMap(torch.rand(1, 1, 9, 7), stride=2.0, canvas=(17, 14))
    moved, _ = TRANSLATION.act(found, 2.0)
    assert torch.equal(moved.values, F.pad(found.values, (1, -1)))
    assert moved.canvas == (17, 14)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_plain_cnn_commutes_with_whole_strides_and_not_with_half_of_one(dtype):
    """On a canvas so wide that no layer feels its border. Its pools step by 2, so the last map has a stride of 4."""
    digits = F.pad(torch.cat([each.render(0.7) for each in GLYPHS[:3]]), [28] * 4).to(dtype)
    report = measure(load("cnn").to(dtype), digits, (4.0, -8.0, 2.0, 0.5), transform="translation")
    errors = dict(zip(report.layers, report.error, strict=True))
    load("cnn").to(torch.float32)
    bound = 1e-5 if dtype == torch.float32 else 1e-12
    assert report.error[:, :2].max() <= bound
    for layer in ("conv1", "pool1", "conv2", "relu2"):  # of stride 1 and 2
        assert errors[layer][2] <= bound
    assert min(errors["pool2"][2], errors["conv3"][2]) > 0.1  # half a stride
    assert errors["conv1"][3] <= bound  # a linear layer commutes with the resampling of half a pixel too
    assert errors["relu1"][3] > 0.05


def test_steps_are_strides_of_the_coarsest_map():
    features = build("cnn").eval().features(GLYPHS[0].render())
    assert TRANSLATION.steps(features) == (-4.0, 4.0)
    assert TRANSLATION.steps(features["conv1"]) == tuple(float(i) for i in range(-6, 7) if i)
    assert TRANSLATION.steps(features["pool1"]) == (-6.0, -4.0, -2.0, 2.0, 4.0, 6.0)
    both = {"a": FeatureMap(torch.ones(1, 1, 4, 4), stride=1.5), "b": FeatureMap(torch.ones(1, 1, 4, 4), stride=2.0)}
    assert TRANSLATION.steps(both) == (-6.0, 6.0)


def test_the_report_says_what_was_measured():
    report = measure(load("identity"), GLYPHS[0].render(0.7), (-1.0, 0.25), "bilinear", "translation")
    assert (report.transform, report.amounts, report.resampler) == ("translation", (-1.0, 0.25), "bilinear")
    assert report.name_amount(1) == "0.25 px"
    assert report.image_cost[0] == report.cost[0, 0] == 0  # nothing leaves the canvas
    assert report.image_cost[1] > 0.01
    assert (report.known == 1).all()
    own = measure(load("identity"), GLYPHS[0].render(0.7), (-1.0, 0.25), "bilinear", "translation", "image")
    np.testing.assert_allclose(own.known[0], (27 / 28, 27 / 28))
    with pytest.raises(AttributeError, match="a report over translation has no scale factors"):
        _ = report.scale_factors
