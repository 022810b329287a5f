"""One kernel at several sizes, resized at constant L1 norm; log-radial kernels in the same convolution."""

import math
import re

import pytest
import torch
import torch.nn.functional as F

from core.bases import log_radial_basis
from core.layers import KernelCopiesConv2d, LogRadialConv2d, ResizedKernelConv2d
from tests.formulas import bicubic_by_the_book, blobs, relative

SCALES = (1.0, 1.5, 3.0)


def smooth_layer(scales=(1.0, 2.0), kernel=11):
    """A layer in float64 whose canonical kernels are sampled smooth functions."""
    layer = ResizedKernelConv2d(1, 3, scales, kernel).double()
    with torch.no_grad():
        layer.weight.copy_(torch.cat([blobs(seed, kernel, width=1.6, spread=1.0) for seed in range(3)]))
    return layer


def error_of_a_step(layer):
    with torch.no_grad():
        small, large = (layer(blobs(0, 121, s, width=4.0, spread=6.0)) for s in (1.0, 2.0))
    return relative(large[:, :, 1, 10:111:2, 10:111:2], small[:, :, 0, 35:86, 35:86])


def test_scaling_the_image_steps_along_the_scale_axis():
    layer = smooth_layer()
    assert error_of_a_step(layer) < 3e-3  # 8e-4 is reached: bicubic weights on blobs of σ = 1.6 pixels
    first, second = layer.kernels()

    def with_second(kernel):
        other = smooth_layer()
        other.kernels = lambda: [first, kernel]
        return error_of_a_step(other)

    assert with_second(first) > 0.1  # mutation: not resized
    assert with_second(second * (first.norm() / second.norm())) > 0.3  # constant L2 norm in place of L1
    assert with_second(second.roll(1, -1)) > 0.05


def test_kernels_are_resized_by_the_book_at_constant_l1_norm():
    layer = ResizedKernelConv2d(2, 3, (0.5, *SCALES), kernel=5).double()
    found = layer.kernels()
    assert [k.shape[-1] for k in found] == [3, 5, 9, 15]
    for kernel, scale in zip(found, (0.5, *SCALES), strict=True):
        for o in range(3):
            for i in range(2):
                matrix = torch.from_numpy(bicubic_by_the_book(kernel.shape[-1], 5, scale))
                w = layer.weight[o, i].detach()
                expected = matrix @ w @ matrix.T
                expected = expected * w.abs().sum() / expected.abs().sum()
                torch.testing.assert_close(kernel[o, i].detach(), expected, rtol=0, atol=1e-12)
                assert float(kernel[o, i].detach().abs().sum()) == pytest.approx(float(w.abs().sum()))
    assert torch.equal(found[1], layer.weight)
    torch.testing.assert_close(layer.kernels(slice(1, 2))[2], found[2][:, 1:2])


@pytest.mark.parametrize("layer", [
    ResizedKernelConv2d(2, 3, SCALES, kernel=3),
    LogRadialConv2d(2, 3, log_radial_basis(SCALES, 1.5, (0.5,), 3)),
])  # fmt: skip
def test_each_scale_meets_its_own_kernel(layer):
    """Against a convolution for each scale, output and input, for an image and for a map over scales."""
    image, features = torch.randn(2, 2, 9, 8), torch.randn(2, 2, 3, 9, 8)
    with torch.no_grad():
        for x in (image, features):
            response = layer(x)
            assert response.shape == (2, 3, 3, 9, 8)
            for s, kernel in enumerate(layer.kernels()):
                plane = x if x.dim() == 4 else x[:, :, s]
                for o in range(3):
                    one = sum(F.conv2d(plane[:, i : i + 1], kernel[o : o + 1, i : i + 1], padding=kernel.shape[-1] // 2)
                              for i in range(2))  # fmt: skip
                    torch.testing.assert_close(response[:, o, s], one[:, 0], rtol=1e-4, atol=1e-5)
    assert not layer(torch.zeros(1, 2, 5, 5)).any()


def test_steered_kernels_are_the_weighted_sum_of_the_basis():
    basis = log_radial_basis(SCALES, 2.5, (0.5, 1.0), 3)
    layer = LogRadialConv2d(2, 3, basis).double()
    for kernel, functions in zip(layer.kernels(), basis.functions, strict=True):
        expected = torch.einsum("oif,fkl->oikl", layer.weight, functions)
        torch.testing.assert_close(kernel, expected, rtol=0, atol=1e-12)
    layer.kernels()[2].square().sum().backward()
    assert layer.weight.grad.abs().min() > 0


def test_gradients_flow_through_the_norm():
    layer = ResizedKernelConv2d(1, 1, (1.0, 1.7), kernel=3).double()

    def resized(weight):
        with torch.nn.utils.stateless._reparametrize_module(layer, {"weight": weight}):
            return layer.kernels()[1]

    assert torch.autograd.gradcheck(resized, (layer.weight.detach().clone().requires_grad_(),))


def test_another_canvas_or_inference_mode_before_training_changes_nothing():
    layer = LogRadialConv2d(1, 2, log_radial_basis(SCALES, 2.0, (0.5,), 2))
    with torch.inference_mode():
        layer(torch.rand(1, 1, 8, 8))
    layer(torch.rand(1, 1, 8, 8)).sum().backward()
    assert layer.weight.grad is not None


def test_wrong_input_is_refused_with_what_came():
    layer = ResizedKernelConv2d(2, 3, SCALES)
    for shape, text in (((1, 3, 8, 8), "(2,), got (3,)"), ((1, 2, 4, 8, 8), "(2, 3), got (2, 4)")):
        with pytest.raises(ValueError, match=re.escape(f"expected (channels, scales) = {text}")):
            layer(torch.zeros(shape))
    with pytest.raises(ValueError, match="odd number of pixels, got 4"):
        ResizedKernelConv2d(2, 3, SCALES, kernel=4)
    with pytest.raises(ValueError, match=r"positive and ascending, got \(1.0, 1.0\)"):
        ResizedKernelConv2d(2, 3, (1.0, 1.0))
    with pytest.raises(ValueError, match="at least 1 channel, got 0 and 3"):
        ResizedKernelConv2d(0, 3, SCALES)
    with pytest.raises(TypeError, match="KernelCopiesConv2d has no kernels"):
        KernelCopiesConv2d(1, 1, SCALES).kernels()
    assert math.isclose(layer.internal_scales[1], 1.5)
