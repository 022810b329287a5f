"""Deformable convolution: the definition, its limit of no deformation, shifts, and what it refuses."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.layers import DeformableConv2d, deform_conv2d

GEOMETRIES = [  # kernel, stride, padding, dilation, groups
    ((3, 3), 1, 1, 1, 1),
    ((5, 5), 1, 2, 1, 1),
    ((3, 3), 2, 2, 2, 2),
    ((1, 4), 1, 0, 1, 4),
    ((2, 3), 3, 1, 2, 2),
    ((1, 1), 1, 0, 1, 1),
]


def given(kernel, stride, padding, dilation, groups, canvas=(8, 9), spread=2.0):
    """A random input, weights, offsets of `spread` pixels and modulation in (0, 1), all of one geometry."""
    torch.manual_seed(0)
    x = torch.randn(2, 4, *canvas, dtype=torch.float64)
    weight = torch.randn(3, 4, *kernel, dtype=torch.float64)
    size = [(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(canvas, kernel, strict=True)]
    taps = groups * kernel[0] * kernel[1]
    offsets = spread * torch.randn(2, 2 * taps, *size, dtype=torch.float64)
    return x, weight, offsets, torch.rand(2, taps, *size, dtype=torch.float64)


def by_definition(x, weight, offsets, modulation, stride, padding, dilation):
    """y(p) = Σ_k w_k m_k(p) x(p + p_k + Δ_k(p)), one tap at a time."""
    (c_in, h, w), (c_out, _, kh, kw) = x.shape[1:], weight.shape
    taps = kh * kw
    groups = offsets.shape[1] // (2 * taps)
    out = torch.zeros(len(x), c_out, *offsets.shape[-2:], dtype=x.dtype)
    for b, i, j in np.ndindex(len(x), *offsets.shape[-2:]):
        for c, row, column in np.ndindex(c_in, kh, kw):
            tap = (c // (c_in // groups)) * taps + row * kw + column
            y = i * stride - padding + row * dilation + float(offsets[b, 2 * tap, i, j])
            z = j * stride - padding + column * dilation + float(offsets[b, 2 * tap + 1, i, j])
            value = 0.0
            for corner in (int(np.floor(y)), int(np.floor(y)) + 1):
                for side in (int(np.floor(z)), int(np.floor(z)) + 1):
                    if 0 <= corner < h and 0 <= side < w:
                        value += (1 - abs(y - corner)) * (1 - abs(z - side)) * float(x[b, c, corner, side])
            m = 1.0 if modulation is None else float(modulation[b, tap, i, j])
            out[b, :, i, j] += weight[:, c, row, column] * m * value
    return out


@pytest.mark.slow
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_it_is_its_definition_for_any_geometry(geometry):
    _, stride, padding, dilation, _ = geometry
    x, weight, offsets, modulation = given(*geometry, canvas=(6, 7))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    for m in (modulation, None):
        found = deform_conv2d(x, weight, offsets, m, **options)
        torch.testing.assert_close(found, by_definition(x, weight, offsets, m, **options), rtol=0, atol=1e-12)
    swapped = offsets.unflatten(1, (-1, 2)).flip(2).flatten(1, 2)  # (dx, dy) taken for (dy, dx)
    other = deform_conv2d(x, weight, swapped, modulation, **options)
    assert (other - deform_conv2d(x, weight, offsets, modulation, **options)).abs().max() > 0.1


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_without_offsets_and_with_constant_modulation_it_is_an_ordinary_convolution(geometry):
    _, stride, padding, dilation, _ = geometry
    x, weight, offsets, modulation = given(*geometry)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    expected = F.conv2d(x, weight, **options)
    still, constant = torch.zeros_like(offsets), torch.full_like(modulation, 0.5)
    torch.testing.assert_close(deform_conv2d(x, weight, still, **options), expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(deform_conv2d(x, weight, still, constant, **options), expected / 2, rtol=0, atol=1e-12)


def test_whole_offsets_read_the_neighbour():
    """Every tap one down and two across: the response to an image moved one up and two left."""
    x, weight, offsets, _ = given((3, 3), 1, 1, 1, 1)
    offsets = torch.tensor([1.0, 2.0], dtype=torch.float64).repeat(9)[None, :, None, None].expand_as(offsets)
    moved = F.pad(x, (0, 2, 0, 1))[..., 1:, 2:]
    found, expected = (deform_conv2d(x, weight, offsets, padding=1), F.conv2d(moved, weight, padding=1))
    torch.testing.assert_close(found[..., 1:, 1:], expected[..., 1:, 1:], rtol=0, atol=1e-12)


def restless(c_in=2, c_out=3, kernel=3, **options):
    """A layer whose branch says something."""
    torch.manual_seed(0)
    layer = DeformableConv2d(c_in, c_out, kernel, **options).double()
    for parameter in layer.branch.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return layer


def test_it_begins_as_half_an_ordinary_convolution():
    layer, x = DeformableConv2d(4, 3, 5, groups=2).double(), torch.randn(2, 4, 9, 8, dtype=torch.float64)
    torch.testing.assert_close(layer(x), F.conv2d(x, layer.weight, padding=2) / 2, rtol=0, atol=1e-12)
    offsets, modulation = layer.offsets_and_modulation(x)
    assert offsets.shape == (2, 100, 9, 8)
    assert torch.equal(offsets, torch.zeros_like(offsets))
    assert torch.equal(modulation, torch.full((2, 50, 9, 8), 0.5, dtype=torch.float64))


def test_shifts_commute():
    """The taps follow the image: positions are counted from the output, offsets come from what is there."""
    layer = restless(2, 3, 3, bias=False)
    x = torch.zeros(1, 2, 40, 36, dtype=torch.float64)
    x[..., 14:22, 12:20] = torch.randn(2, 8, 8)
    for shift in ((3, 0), (0, 5), (-4, 2)):
        moved, expected = layer(x.roll(shift, (2, 3))), layer(x).roll(shift, (2, 3))
        torch.testing.assert_close(moved, expected, rtol=0, atol=1e-12)
    assert layer.offsets_and_modulation(x)[0].std() > 0.2  # it does deform


def test_it_does_not_commute_with_a_change_of_size():
    """What the deformable SESN is for: each pixel doubled is not the response doubled."""
    layer, x = restless(2, 3, 3, bias=False), torch.randn(1, 2, 8, 8, dtype=torch.float64)
    doubled = layer(x.repeat_interleave(2, 2).repeat_interleave(2, 3))
    expected = layer(x).repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert (doubled - expected).norm() / expected.norm() > 0.3


def test_a_blank_image_gives_0_whatever_the_branch_says():
    layer = restless(2, 3, 5, bias=False)
    assert torch.equal(layer(torch.zeros(1, 2, 7, 6).double()), torch.zeros(1, 3, 7, 6).double())
    with_bias = restless(2, 3, 5)
    torch.nn.init.constant_(with_bias.bias, 2.0)
    assert torch.equal(with_bias(torch.zeros(1, 2, 7, 6).double()), torch.full((1, 3, 7, 6), 2.0).double())


@pytest.mark.slow
def test_gradients_agree_with_differences():
    x, weight, offsets, modulation = given((3, 2), 1, 1, 1, 2, canvas=(3, 4))
    offsets = offsets.floor() + 0.2 + 0.6 * torch.rand_like(offsets)  # a sample is a bend, without a derivative
    inputs = [t.requires_grad_() for t in (x, weight, offsets, modulation)]
    assert torch.autograd.gradcheck(lambda *t: deform_conv2d(*t, padding=1), inputs)


def test_wrong_input_is_refused_with_both_values():
    x, weight, offsets, modulation = given((3, 3), 1, 1, 1, 1)
    with pytest.raises(ValueError, match=r"expected offsets \(b, 18 · groups, 8, 9\), got \(2, 17, 8, 9\)"):
        deform_conv2d(x, weight, offsets[:, 1:], padding=1)
    with pytest.raises(ValueError, match=r"expected offsets \(b, 18 · groups, 6, 7\), got \(2, 18, 8, 9\)"):
        deform_conv2d(x, weight, offsets)
    with pytest.raises(ValueError, match=r"expected offsets \(b, 18 · groups, 8, 9\), got \(2, 54, 8, 9\)"):
        deform_conv2d(x, weight, offsets.repeat(1, 3, 1, 1), padding=1)  # 3 groups of 4 channels
    with pytest.raises(ValueError, match=r"expected modulation \(b, 9, 8, 9\), got \(2, 8, 8, 9\)"):
        deform_conv2d(x, weight, offsets, modulation[:, 1:], padding=1)
    with pytest.raises(ValueError, match="over 19 pixels does not fit into 8 with padding 1"):
        deform_conv2d(x, weight, offsets, padding=1, dilation=9)
    with pytest.raises(ValueError, match="expected 2 channels, got 4"):
        restless()(x)
    with pytest.raises(ValueError, match=r"groups must divide the 4 input channels, got 3"):
        DeformableConv2d(4, 4, 3, groups=3)
    with pytest.raises(ValueError, match=r"must be at least 1, got \(4, 4, 0, 1, 1, 1\)"):
        DeformableConv2d(4, 4, 0)
