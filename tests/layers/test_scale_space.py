"""Scale-space lifting and dilated scale correlation: a change of size is a step along the scale axis."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.bases import discrete_gaussian
from core.layers import ScaleSpaceConv2d, ScaleSpaceLifting
from tests.formulas import blobs, relative

ZERO = 0.5
SCALES = (0.5, 1.0, 2.0, 4.0)


def error_of_a_step(lift, conv, seed=0):
    """Scaling a scene by 2 against moving up one level. The scene is seen through the blur of the pixels each time."""

    def seen(width, pixel, s):  # a blurred blob is wider and lower
        blurred = math.hypot(width, pixel)
        return (width / blurred) ** 2 * blobs(seed, 101, s, width=blurred, spread=4.0)

    small, large = seen(3.0, ZERO, 1.0), seen(3.0, ZERO / 2, 2.0)  # ZERO / 2 is ZERO once enlarged
    with torch.no_grad():
        before, after = conv(lift(small)), conv(lift(large))
    # Only the levels whose kernels stay on the canvas: 101 pixels, sampled where pixel centres coincide.
    return [relative(after[:, :, k + 1, 10:91:2, 10:91:2], before[:, :, k, 30:71, 30:71]) for k in range(2)]


def step_layers(scales=SCALES, **options):
    torch.manual_seed(0)
    return ScaleSpaceLifting(scales, ZERO), ScaleSpaceConv2d(1, 3, scales, ZERO, **options).double()


@pytest.mark.parametrize("seed", range(3))
def test_scaling_the_image_steps_along_the_scale_axis(seed):
    # 1e-4 to 1e-3 is reached: discrete Gaussians only approach continuous ones, and are cut at 4 σ.
    assert max(error_of_a_step(*step_layers(), seed)) < 3e-3


def test_what_would_break_the_step_along_the_scale_axis_shows():
    lift, conv = step_layers()
    conv.dilations = conv.dilations[::-1]
    assert min(error_of_a_step(lift, conv)) > 0.3
    lift, conv = step_layers()
    conv.dilations = (1.0, 1.0, 2.0, 4.0)  # one level late, as a base cut to whole numbers gives
    assert error_of_a_step(lift, conv)[0] > 0.1
    lift, conv = step_layers()
    lift._kernels = [discrete_gaussian(0.0)] * 4  # no blur: dilation alone
    assert error_of_a_step(lift, conv)[1] > 0.02


def test_interaction_keeps_the_step_below_the_cut_of_the_scale_axis():
    scales = SCALES[:3]
    errors = error_of_a_step(*step_layers(scales, interaction=2))
    assert errors[0] < 3e-3
    assert errors[1] > 0.1  # the last level lacks its neighbour


@pytest.mark.parametrize("interaction", [1, 2])
def test_a_dilated_filter_answers_to_an_image_as_the_filter_to_every_second_pixel(interaction):
    """Exact, whatever the levels hold: the reason why whole steps need no resampling."""
    conv = ScaleSpaceConv2d(2, 3, SCALES, ZERO, interaction=interaction).double()
    levels = torch.randn(2, 2, 4, 24, 20, dtype=torch.float64)
    finer = F.pad(levels[:, :, :-1], (0, 0, 0, 0, 1, 0))  # moved up by one level
    with torch.no_grad():
        dilated, plain = conv(finer), conv(levels[..., ::2, ::2])
    sound = 3 - (interaction - 1)
    torch.testing.assert_close(dilated[:, :, 1 : sound + 1, ::2, ::2], plain[:, :, :sound], rtol=0, atol=1e-12)


def by_definition(conv, levels):
    """Σ over channels, levels spanned and taps, one at a time; between pixels linear, 0 beyond canvas and top level."""
    weight, half = conv.weight.detach().numpy(), conv.weight.shape[-1] // 2
    b, s, (h, w), values = len(levels), levels.shape[2], levels.shape[-2:], levels.numpy()

    def read(plane, y, x):
        total = 0.0
        for row in (math.floor(y), math.floor(y) + 1):
            for column in (math.floor(x), math.floor(x) + 1):
                if 0 <= row < h and 0 <= column < w:
                    total += (1 - abs(y - row)) * (1 - abs(x - column)) * plane[row, column]
        return total

    out = np.zeros((b, len(weight), s, h, w))
    for index in np.ndindex(*out.shape):
        n, o, k, row, column = index
        for c, j, y, x in np.ndindex(*weight.shape[1:]):
            if k + j < s:
                d = conv.internal_scales[k] / 0.5
                tap = read(values[n, c, k + j], row + d * (y - half), column + d * (x - half))
                out[index] += weight[o, c, j, y, x] * tap
    return torch.from_numpy(out)


@pytest.mark.parametrize("scales", [(0.5, 1.0), (0.5, 0.75, 1.125), (0.4, 0.6), (0.5, 3.15)])
@pytest.mark.parametrize("interaction", [1, 2])
def test_the_responses_are_those_of_the_definition(scales, interaction):
    """Whole dilations, base 1.5, a level below the reference, and taps that leave the canvas."""
    conv = ScaleSpaceConv2d(2, 2, scales, 0.5, kernel=3, interaction=interaction).double()
    levels = torch.randn(1, 2, len(scales), 5, 4, dtype=torch.float64)
    torch.testing.assert_close(conv(levels).detach(), by_definition(conv, levels), rtol=0, atol=1e-12)


def test_levels_are_the_image_and_its_blurred_copies():
    image = torch.randn(2, 3, 20, 17, dtype=torch.float64)
    levels = ScaleSpaceLifting(SCALES[:3], ZERO)(image)
    assert torch.equal(levels[:, :, 0], image)
    kernel = discrete_gaussian(2.0**2 - 0.5**2)  # zero_scale² (base⁴ − 1)
    taps = kernel[:, None] * kernel[None]
    expected = F.conv2d(image.flatten(0, 1)[:, None], taps[None, None], padding=len(kernel) // 2)
    torch.testing.assert_close(levels[:, :, 2], expected.view_as(image), rtol=0, atol=1e-12)


def test_the_published_variances():
    assert ScaleSpaceLifting((0.25, 0.5, 1.0, 2.0), 0.25).variances == (0, 0.1875, 0.9375, 3.9375)
    assert ScaleSpaceLifting([0.5 * 1.5**k for k in range(4)], 0.5).variances == (0, 0.3125, 1.015625, 2.59765625)


def test_kernels_are_what_the_layer_filters_with():
    for scales in (SCALES[:3], (0.5, 0.8, 1.3)):
        conv = ScaleSpaceConv2d(2, 3, scales, ZERO, kernel=3).double()
        levels = torch.randn(1, 2, 3, 9, 8, dtype=torch.float64)
        for k, kernel in enumerate(conv.kernels()):
            expected = F.conv2d(levels[:, :, k], kernel, padding=kernel.shape[-1] // 2)
            torch.testing.assert_close(conv(levels)[:, :, k], expected, rtol=0, atol=1e-12)
        assert [k.shape[1] for k in conv.kernels(slice(0, 1))] == [1, 1, 1]


def test_shifts_commute_and_a_blank_image_stays_blank():
    lift, conv = step_layers(SCALES[:3], kernel=3)
    image = torch.zeros(1, 1, 48, 44, dtype=torch.float64)
    assert not conv(lift(image)).any()
    image[..., 18:26, 16:24] = torch.randn(8, 8)
    moved, expected = conv(lift(image.roll((3, -2), (2, 3)))), conv(lift(image)).roll((3, -2), (3, 4))
    torch.testing.assert_close(moved, expected, rtol=0, atol=1e-12)


def test_wrong_input_is_refused_with_both_values():
    with pytest.raises(ValueError, match=r"scale 0\.5 cannot be blurred to a smaller one, got 0\.4"):
        ScaleSpaceLifting((0.4, 1.0), 0.5)
    for scales in ((), (1.0, 1.0), (0.0, 1.0)):
        with pytest.raises(ValueError, match="positive and ascending, got"):
            ScaleSpaceLifting(scales, 0.5)
    with pytest.raises(ValueError, match=r"expected \(channels, scales\) = \(2, 4\), got \(2, 3\)"):
        ScaleSpaceConv2d(2, 3, SCALES, ZERO)(torch.randn(1, 2, 3, 8, 8))
    with pytest.raises(ValueError, match="odd and at least 1, got 4"):
        ScaleSpaceConv2d(2, 3, SCALES, ZERO, kernel=4)
    with pytest.raises(ValueError, match="at least 1, got 2, 3 and 0"):
        ScaleSpaceConv2d(2, 3, SCALES, ZERO, interaction=0)
