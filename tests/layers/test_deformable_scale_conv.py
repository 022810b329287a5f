"""Deformable scale convolution: its warp commutes with a change of size, and displacements in pixels would not."""

import math

import numpy as np
import pytest
import torch

from core.bases import hermite_basis_a, hermite_basis_b
from core.layers import DeformableScaleConv2d, LiftingConv2d, ScaleConv2d
from tests.formulas import blobs, relative

SCALES = (0.8, 1.1, 1.6)
BASIS, BRANCH = hermite_basis_b(SCALES, 10, 3, 1.5), hermite_basis_a(SCALES, 2)


def restless(c_in=2, c_out=3, basis=BASIS, branch=BRANCH, std=0.3, **options):
    """A layer whose branch says something."""
    torch.manual_seed(0)
    layer = DeformableScaleConv2d(c_in, c_out, basis, branch, **options).double()
    torch.nn.init.normal_(layer.branch.weight, std=std)
    return layer


class InPixels(DeformableScaleConv2d):
    """The mutation that the tests must catch: displacements of the same number of pixels at every scale."""

    @property
    def internal_scales(self):
        scales = super().internal_scales
        return (math.prod(scales) ** (1 / len(scales)),) * len(scales)


class Unmodulated(DeformableScaleConv2d):
    def displacement_and_modulation(self, features):
        displacement, modulation = super().displacement_and_modulation(features)
        return displacement, torch.ones_like(modulation)


def error_of_a_step(pixels=1, kind=DeformableScaleConv2d, seed=0):
    """Blobs and blobs twice as large, through a lifting convolution and the layer; one scale up against twice as large.

    `pixels` refines the grid: everything, the internal scales too, spans so many more pixels. The displacements have a
    standard deviation of 0.3 internal scales and reach 2.
    """
    scales = (2.0 * pixels, 4.0 * pixels)

    def supports(scales):
        return tuple(2 * math.ceil(7 * s) + 1 for s in scales)

    basis, branch = (hermite_basis_b(scales, n, order, 1.5, supports) for n, order in ((10, 3), (3, 1)))
    torch.manual_seed(seed)
    lift = LiftingConv2d(1, 2, basis, bias=False).double()
    layer = kind(2, 3, basis, branch, bias=False).double()
    torch.nn.init.normal_(layer.branch.weight)
    side, half = 120 * pixels + 1, 24 * pixels
    centre = side // 2
    with torch.no_grad():
        maps = [lift(blobs(seed, side, s * pixels, width=2.5, spread=4.0)) for s in (1.0, 2.0)]
        layer.branch.weight.mul_(0.3 / layer.branch(maps[0])[:, :2].std())
        small, large = (layer(m) for m in maps)
    near = slice(centre - half, centre + half + 1)
    far = slice(centre - 2 * half, centre + 2 * half + 1, 2)
    return relative(large[:, :, 1, far, far], small[:, :, 0, near, near])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_change_of_size_is_a_step_along_the_scale_axis_up_to_interpolation(seed):
    """Nothing but bilinear interpolation is left, which is of second order: half the pixel, a quarter of the error."""
    coarse, fine = error_of_a_step(1, seed=seed), error_of_a_step(2, seed=seed)
    assert coarse < 0.04  # 0.02 is reached
    assert coarse / fine == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize("pixels", [1, 2])
def test_displacements_in_pixels_do_not_commute_however_fine_the_grid(pixels):
    assert error_of_a_step(pixels, InPixels) > 0.4


def test_modulation_commutes_as_well():
    """It changes the response much, and the error of a step little."""
    assert error_of_a_step(1) < 1.5 * error_of_a_step(1, Unmodulated)
    layer, x = restless(), torch.randn(1, 2, 3, 10, 11, dtype=torch.float64)
    without = restless()
    without.__class__ = Unmodulated
    with torch.no_grad():
        assert relative(without(x), layer(x)) > 0.1


def test_the_warp_is_its_definition():
    """W(s, t) = m f(s, t + s δ), one sample at a time."""
    layer, x = restless(), torch.randn(2, 2, 3, 6, 5, dtype=torch.float64)
    with torch.no_grad():
        (delta, m), found = layer.displacement_and_modulation(x), layer.warp(x)
    expected = torch.zeros_like(x)
    for b, i, row, column in np.ndindex(2, 3, 6, 5):
        y, z = (n + SCALES[i] * float(delta[b, axis, i, row, column]) for axis, n in enumerate((row, column)))
        for j, k in np.ndindex(6, 5):
            weight = max(0, 1 - abs(y - j)) * max(0, 1 - abs(z - k))
            expected[b, :, i, row, column] += m[b, 0, i, row, column] * weight * x[b, :, i, j, k]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(layer(x), layer.conv(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("interaction", [1, 2])
def test_it_begins_as_a_scale_convolution(interaction):
    layer = DeformableScaleConv2d(2, 3, BASIS, BRANCH, interaction=interaction).double()
    plain = ScaleConv2d(2, 3, BASIS, interaction=interaction).double()
    plain.load_state_dict(layer.conv.state_dict())
    x = torch.randn(2, 2, 3, 9, 12, dtype=torch.float64)
    torch.testing.assert_close(layer(x), plain(x), rtol=0, atol=1e-12)
    assert all(torch.equal(a, b) for a, b in zip(layer.kernels(), layer.conv.kernels(), strict=True))


def test_shifts_commute():
    layer = restless(bias=False)
    x = torch.zeros(1, 2, 3, 60, 56, dtype=torch.float64)
    x[..., 24:32, 22:30] = torch.randn(2, 3, 8, 8)
    for shift in ((3, 0), (0, 5), (-4, 2)):
        moved, expected = layer(x.roll(shift, (3, 4))), layer(x).roll(shift, (3, 4))
        torch.testing.assert_close(moved, expected, rtol=0, atol=1e-12)


def test_a_blank_map_stays_blank_and_displacements_stay_within_reach():
    layer = restless(std=30.0, reach=1.5, bias=False)
    assert torch.equal(layer(torch.zeros(1, 2, 3, 8, 8).double()), torch.zeros(1, 3, 3, 8, 8).double())
    with torch.no_grad():
        displacement, modulation = layer.displacement_and_modulation(10 * torch.randn(1, 2, 3, 8, 8).double())
    assert 1.4 < displacement.abs().max() <= 1.5
    assert 0 <= modulation.min() < modulation.max() <= 2


def test_wrong_input_is_refused_with_both_values():
    with pytest.raises(ValueError, match=r"one set of scales, got \(0.8, 1.1, 1.6\) and \(0.8, 1.2\)"):
        DeformableScaleConv2d(2, 3, BASIS, hermite_basis_a((0.8, 1.2), 2))
    with pytest.raises(ValueError, match="reach must be positive, got 0"):
        DeformableScaleConv2d(2, 3, BASIS, BRANCH, reach=0.0)
    with pytest.raises(ValueError, match=r"expected \(channels, scales\) = \(2, 3\), got \(2, 4\)"):
        restless()(torch.randn(1, 2, 4, 8, 8).double())
