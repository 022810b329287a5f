"""Filtering by wide kernels equals the plain convolution, whatever is cut off and however maps are stored."""

import pytest
import torch
import torch.nn.functional as F

from core.layers.filtering import filter_planes, filter_scales


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


def test_gradients_are_those_of_the_plain_convolution():
    x, kernel = torch.randn(2, 3, 9, 9).double().requires_grad_(), torch.randn(4, 3, 33, 33).double().requires_grad_()
    found = torch.autograd.grad(filter_planes(x, kernel).square().sum(), (x, kernel))
    expected = torch.autograd.grad(F.conv2d(x, kernel, padding=16).square().sum(), (x, kernel))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
