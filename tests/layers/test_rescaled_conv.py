"""Rescale, filter by one kernel, rescale back: what is larger is found at a larger scale."""

import re

import pytest
import torch
import torch.nn.functional as F

from core.layers import RescaledConv2d
from core.layers.rescaled_conv import Rescaling
from tests.formulas import bicubic_by_the_book, blobs, relative

SCALES = (0.5, 1.0, 2.0)


def error_of_a_step(layer, low=1):
    """A formula twice as large, one scale up, compared where pixel centres coincide."""
    with torch.no_grad():
        small, large = (layer(blobs(0, 121, s, width=4.0, spread=6.0)) for s in (1.0, 2.0))
    return relative(large[:, :, low + 1, 10:111:2, 10:111:2], small[:, :, low, 35:86, 35:86])


@pytest.mark.parametrize("resampler", ["bicubic", "bilinear"])
def test_scaling_the_image_steps_along_the_scale_axis(resampler):
    layer = RescaledConv2d(1, 3, SCALES, kernel=7, resampler=resampler).double()
    bound = {"bicubic": 1e-3, "bilinear": 0.03}[resampler]  # reached: 3e-4 and 0.013
    for low in (0, 1):
        assert error_of_a_step(layer, low) < bound
    layer.rescaling.factors = (0.5, 1.0, 2.0)  # mutation: σ and the factor of the image the same way round
    layer.rescaling._matrices.clear()
    assert error_of_a_step(layer) > 0.3


def test_a_response_that_is_not_brought_back_shows():
    layer = RescaledConv2d(1, 3, SCALES).double()
    layer.rescaling.back = lambda responses, like: torch.stack([F.pad(r, 2 * [(121 - r.shape[-1]) // 2, (122 - r.shape[-1]) // 2]) for r in responses], 2)  # fmt: skip  # noqa: E501
    assert error_of_a_step(layer) > 0.3


def test_the_responses_are_those_by_the_book():
    """Every matrix from its definition, every plane on its own. 9 × 12 pixels on 5 × 8 and on 19 × 24, odd × even."""
    layer = RescaledConv2d(2, 3, (0.5, 2.0), kernel=3).double()
    x = torch.randn(2, 2, 9, 12, dtype=torch.float64)
    with torch.no_grad():
        found = layer(x)
    grids = {0.5: (19, 24), 2.0: (5, 8)}
    for s, (sigma, grid) in enumerate(grids.items()):
        factor = 1 / sigma
        there = [torch.from_numpy(bicubic_by_the_book(m, n, factor)) for m, n in zip(grid, (9, 12), strict=True)]
        back = [torch.from_numpy(bicubic_by_the_book(n, m, sigma, antialias=False))
                for m, n in zip(grid, (9, 12), strict=True)]  # fmt: skip
        for b in range(2):
            scaled = torch.stack([there[0] @ plane @ there[1].T for plane in x[b]])
            response = F.conv2d(scaled[None], layer.weight.detach(), padding=1)[0]
            for o in range(3):
                expected = back[0] @ response[o] @ back[1].T
                torch.testing.assert_close(found[b, o, s], expected, rtol=0, atol=1e-12)


def test_the_scale_of_the_image_itself_is_an_ordinary_convolution():
    layer = RescaledConv2d(2, 3, (1.0, 2.0), kernel=5, reference_sigma=2.0)
    x = torch.randn(1, 2, 8, 10)
    torch.testing.assert_close(layer(x)[:, :, 1], F.conv2d(x, layer.weight, padding=2))


def test_shifts_that_are_whole_pixels_on_every_grid_shift_the_response():
    layer = RescaledConv2d(1, 2, SCALES, kernel=5).double()
    x = F.pad(blobs(1, 24, width=2.0, spread=3.0), (20, 20, 20, 20))
    with torch.no_grad():
        shifted, expected = layer(x.roll((2, -4), (2, 3))), layer(x).roll((2, -4), (3, 4))
        assert relative(shifted, expected) < 1e-12
        assert relative(layer(x.roll(1, 3)), layer(x).roll(1, 4)) > 1e-6  # half a pixel of the smallest grid


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (7, 28), (28, 13)])
def test_nothing_is_lost_at_the_border_on_the_way_back(size):
    """A constant response comes back as that constant: no sample of the plane reads beyond the other grid."""
    rescaling = Rescaling((0.3, 0.71, 1.0, 1.3, 2.0, 3.3), resampler="bilinear")
    plane = torch.zeros(1, 1, *size, dtype=torch.float64)
    back = rescaling.back([torch.ones_like(r) for r in rescaling.there(plane)], plane)
    torch.testing.assert_close(back, torch.ones_like(back), rtol=0, atol=1e-12)


def test_matrices_made_without_gradients_serve_training():
    layer = RescaledConv2d(1, 2, SCALES, kernel=3)
    with torch.inference_mode():
        layer(torch.rand(1, 1, 8, 8))
    layer(torch.rand(1, 1, 8, 8)).sum().backward()
    assert layer.weight.grad is not None
    assert not layer(torch.zeros(1, 1, 8, 8)).any()


def test_wrong_input_is_refused_with_what_came():
    with pytest.raises(ValueError, match="expected 2 channels, got 3"):
        RescaledConv2d(2, 1, SCALES)(torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match="odd number of pixels, got 6"):
        RescaledConv2d(2, 1, SCALES, kernel=6)
    with pytest.raises(ValueError, match=re.escape("positive and ascending, got (2.0, 1.0)")):
        RescaledConv2d(2, 1, (2.0, 1.0))
    with pytest.raises(ValueError, match="unknown resampler 'nameless'"):
        RescaledConv2d(1, 1, SCALES, resampler="nameless")(torch.zeros(1, 1, 8, 8))
