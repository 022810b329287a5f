"""Filtering by wide kernels equals the plain convolution, whatever is cut off and however maps are stored."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import forward_ad

from core.layers.filtering import filter_planes, filter_scales
from tests.formulas import relative

VECTORS = ("DEFAULT", "AVX2", "AVX512")


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("canvas", [(1, 1), (7, 7), (8, 5), (15, 20), (28, 28)])
@pytest.mark.parametrize("k", [1, 7, 15, 31, 65])
def test_it_is_the_plain_convolution(k, canvas, stride):
    x, kernel = torch.randn(2, 3, *canvas).double(), torch.randn(4, 3, k, k).double()
    expected = F.conv2d(x, kernel, stride=stride, padding=k // 2)
    torch.testing.assert_close(filter_planes(x, kernel, stride), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("gradients", [True, False])
def test_every_scale_has_its_own_planes_and_kernel(gradients):
    planes = torch.randn(3, 2, 4, 20, 20).double().unbind()
    kernels = [torch.randn(5, 4, k, k).double() for k in (3, 15, 41)]
    expected = [F.conv2d(x, w, padding=w.shape[-1] // 2) for x, w in zip(planes, kernels, strict=True)]
    with torch.set_grad_enabled(gradients):
        found = filter_scales(planes, kernels)
    torch.testing.assert_close(found, torch.stack(expected, 2), rtol=0, atol=1e-11)
    with pytest.raises(ValueError, match=r"zip"):
        filter_scales(planes, kernels[:2])


@pytest.mark.parametrize("widest", [14, math.inf])
@pytest.mark.parametrize(("canvas", "k"), [((9, 9), 33), ((20, 17), 15), ((20, 17), 13), ((5, 40), 17)])
def test_gradients_are_those_of_the_plain_convolution(canvas, k, widest, monkeypatch):
    monkeypatch.setattr("core.layers.filtering._WIDEST_GRADIENT", dict.fromkeys(VECTORS, widest))
    torch.manual_seed(0)
    x, kernel = torch.randn(2, 3, *canvas).double().requires_grad_(), torch.randn(4, 3, k, k).double().requires_grad_()
    found = torch.autograd.grad(filter_planes(x, kernel).square().sum(), (x, kernel))
    expected = torch.autograd.grad(F.conv2d(x, kernel, padding=k // 2).square().sum(), (x, kernel))
    for one, other in zip(found, expected, strict=True):
        assert relative(one, other) < 1e-12
    (alone,) = torch.autograd.grad(filter_planes(x.detach(), kernel).square().sum(), kernel)
    assert relative(alone, expected[1]) < 1e-12


@pytest.mark.parametrize("moving", [(True, True), (True, False), (False, True)])
def test_a_wide_kernel_passes_derivatives_forwards(moving, monkeypatch):
    monkeypatch.setattr("core.layers.filtering._WIDEST_GRADIENT", dict.fromkeys(VECTORS, 14))
    x, kernel = torch.randn(2, 3, 20, 20).double(), torch.randn(4, 3, 15, 15).double().requires_grad_()
    directions = [torch.randn_like(each) if moves else None for each, moves in zip((x, kernel), moving, strict=True)]

    def derivative(way):
        with forward_ad.dual_level():
            pairs = zip((x, kernel), directions, strict=True)
            duals = [each if way_of is None else forward_ad.make_dual(each, way_of) for each, way_of in pairs]
            return forward_ad.unpack_dual(way(*duals)).tangent

    assert relative(derivative(filter_planes), derivative(lambda x, w: F.conv2d(x, w, padding=7))) < 1e-12
