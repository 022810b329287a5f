"""Subsampling behind a blur that grows with the scale: by its formula, and what it is for."""

import math

import pytest
import torch
import torch.nn.functional as F

from core.layers import ScaleBlurPool, SpatialPool
from tests.formulas import centred, relative

SCALES = (1.0, 1.5, 2.0)


def test_it_is_a_gaussian_of_the_scales_own_width_and_then_the_mean_of_four():
    """One convolution with the kernel written out, far from the border and across it (zeros beyond)."""
    x, blur = torch.randn(2, 3, 3, 12, 16, dtype=torch.float64), 0.8
    found = ScaleBlurPool(SCALES, blur)(x)
    assert found.shape == (2, 3, 3, 6, 8)
    for i, sigma in enumerate(SCALES):
        reach = math.ceil(4 * blur * sigma)
        weights = [math.exp(-(d**2) / (2 * (blur * sigma) ** 2)) for d in range(-reach, reach + 1)]
        line = torch.tensor(weights, dtype=torch.float64) / sum(weights)
        kernel = (line[:, None] * line)[None, None]
        planes = F.conv2d(x[:, :, i].flatten(0, 1)[:, None], kernel, padding=reach)
        expected = F.avg_pool2d(planes, 2)[:, 0].unflatten(0, (2, 3))
        torch.testing.assert_close(found[:, :, i], expected, rtol=0, atol=1e-12)


def test_a_change_of_size_moves_what_it_makes_along_the_scales():
    """Gaussians of width 3 at σ = 1 and of width 6 at σ = 2, on a canvas twice as large: the same picture at 2 : 1."""

    def bump(n, width):
        across = torch.exp(-(centred(n) ** 2) / (2 * width**2))
        return (across[:, None] * across)[None, None, None]

    pool = ScaleBlurPool((1.0, 2.0), 1.2)
    small = pool(bump(48, 3.0).expand(1, 1, 2, 48, 48))[0, 0, 0]
    large = pool(bump(96, 6.0).expand(1, 1, 2, 96, 96))[0, 0, 1]
    # The mean of 2×2 blurs too, by half a pixel at either scale: that is what is left.
    between = (large[::2] + large[1::2])[:, ::2] / 4 + (large[::2] + large[1::2])[:, 1::2] / 4
    assert relative(between, small) < 0.02
    same_width = ScaleBlurPool((1.0, 1.0001), 1.2)(bump(96, 6.0).expand(1, 1, 2, 96, 96))[0, 0, 1]
    between = (same_width[::2] + same_width[1::2])[:, ::2] / 4 + (same_width[::2] + same_width[1::2])[:, 1::2] / 4
    assert relative(between, small) > 0.05  # a blur that does not grow


def test_it_removes_what_an_average_folds_over():
    """0.35 periods a pixel are 0.7 on the coarser grid, which shows them as 0.3: after an average, not after this."""
    wave = torch.cos(2 * math.pi * 0.35 * torch.arange(64, dtype=torch.float64)).expand(1, 1, 1, 64, 64)
    inside = slice(10, 22)
    averaged = SpatialPool("average")(wave)[..., inside, inside].abs().max()
    blurred = ScaleBlurPool((1.0,), 1.2)(wave)[..., inside, inside].abs().max()
    assert averaged > 0.4
    assert blurred < 0.05 * averaged


def test_it_keeps_the_canvas_centre_and_what_is_constant():
    x = torch.randn(1, 2, 3, 8, 12)
    pool = ScaleBlurPool(SCALES, 0.5)
    for axis in (-1, -2):
        torch.testing.assert_close(pool(x.flip(axis)), pool(x).flip(axis))
    flat = pool(torch.ones(1, 1, 3, 64, 64))[..., 12:20, 12:20]
    torch.testing.assert_close(flat, torch.ones_like(flat))


def test_gradients_and_types():
    pool = ScaleBlurPool(SCALES, 0.8)
    x = torch.randn(1, 2, 3, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pool, x)
    assert pool(x.float()).dtype == torch.float32
    with torch.inference_mode():
        pool(torch.zeros(1, 1, 3, 20, 22))
    pool(torch.zeros(1, 1, 3, 20, 22, requires_grad=True)).sum().backward()  # what was kept may be trained with


def test_what_it_cannot_take_is_refused():
    for blur in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="width above 0, in units of the scale"):
            ScaleBlurPool(SCALES, blur)
    with pytest.raises(ValueError, match="even canvas, got 6×7"):
        ScaleBlurPool(SCALES, 0.8)(torch.zeros(1, 1, 3, 6, 7))
    with pytest.raises(ValueError, match="expected 3 scales, got 2"):
        ScaleBlurPool(SCALES, 0.8)(torch.zeros(1, 1, 2, 6, 8))
