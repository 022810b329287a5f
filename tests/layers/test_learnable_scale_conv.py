"""The convolution with learned scales against loops, against the layers of fixed scales, and its gradients."""

import math

import numpy as np
import pytest
import torch
from numpy.polynomial.hermite_e import hermeval

from core.bases import hermite_basis_b, learnable_hermite_a, learnable_hermite_b
from core.layers import LearnableScaleConv2d, LiftingConv2d, ScaleConv2d
from core.layers.methods import METHODS, fixed
from core.layers.separable import SeparableFilter
from tests.formulas import blobs, relative

SCALES = (0.8, 1.3, 1.7)


def filtering(scales, make=learnable_hermite_b, **options):
    """The filter of a basis."""
    values = scales if isinstance(scales, torch.Tensor) else torch.tensor(scales, dtype=torch.float64)
    return SeparableFilter(make(values, *options.pop("arguments", (6, 2, 1.4)), **options))


def by_the_book(conv, features, scales, order):
    """Every response by its definition, one pixel at a time: type A, functions divided by their norm at scale 0."""
    w = conv.weight.detach().numpy().astype(np.float64)
    x = features.numpy()
    b, _, height, width = x.shape[0], x.shape[1], *x.shape[-2:]
    out = np.zeros((b, w.shape[0], len(scales), height, width))

    def function(n, m, sigma, row, column):
        polynomial = hermeval(row / sigma, np.eye(n + 1)[n]) * hermeval(column / sigma, np.eye(m + 1)[m])
        return polynomial * math.exp(-(row**2 + column**2) / (2 * sigma**2)) / sigma**2

    for s, sigma in enumerate(scales):
        reach, first = math.ceil(4 * sigma), math.ceil(4 * scales[0])
        for f in range(order * order):
            n, m = f % order, f // order
            near = range(-first, first + 1)
            norm = math.sqrt(sum(function(n, m, scales[0], i, j) ** 2 for i in near for j in near))
            for i in range(-reach, reach + 1):
                for j in range(-reach, reach + 1):
                    value = function(n, m, sigma, i, j) / norm
                    for row in range(max(0, -i), min(height, height - i)):
                        for column in range(max(0, -j), min(width, width - j)):
                            pixel = x[:, :, s, row + i, column + j] if x.ndim == 5 else x[:, :, row + i, column + j]
                            out[:, :, s, row, column] += value * pixel @ w[:, :, f].T
    return torch.from_numpy(out)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("axes", [(2, 2, 6, 5), (2, 2, 2, 6, 5)])
def test_the_responses_are_those_of_the_definition(axes, method):
    torch.manual_seed(0)
    conv, x = LearnableScaleConv2d(2, 2, 4).double(), torch.randn(axes, dtype=torch.float64)
    with fixed(method):
        found = conv(x, filtering((0.6, 1.1), learnable_hermite_a, arguments=(2,)))
    torch.testing.assert_close(found.detach(), by_the_book(conv, x, (0.6, 1.1), 2), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_with_fixed_scales_it_is_the_layer_of_fixed_scales(method):
    basis = hermite_basis_b(SCALES, 6, 2, 1.4)
    conv, x = LearnableScaleConv2d(2, 3, 6).double(), torch.randn(2, 2, 3, 12, 10, dtype=torch.float64)
    lifting, group = LiftingConv2d(2, 3, basis, bias=False).double(), ScaleConv2d(2, 3, basis, bias=False).double()
    lifting.weight.data, group.weight.data = conv.weight.data, conv.weight.data[:, :, None]
    filters = filtering(SCALES)
    with fixed(method):
        torch.testing.assert_close(conv(x, filters), group(x), rtol=0, atol=1e-12)
        torch.testing.assert_close(conv(x[:, :, 0], filters), lifting(x[:, :, 0]), rtol=0, atol=1e-12)
    for found, expected in zip(conv.kernels(filters.basis), group.kernels(), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    assert conv.kernels(filters.basis, slice(1, 2))[0].shape[:2] == (3, 1)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_gradients_reach_the_scales_as_finite_differences_say(method):
    torch.manual_seed(0)
    conv, x = LearnableScaleConv2d(1, 2, 6).double(), torch.randn(1, 1, 7, 8, dtype=torch.float64)
    scales = torch.tensor(SCALES, dtype=torch.float64, requires_grad=True)
    with fixed(method):
        assert torch.autograd.gradcheck(lambda s: conv(x, filtering(s)), scales)
    # A basis of detached scales, as public code without the rebuilt basis would have it, has no such gradient.
    assert torch.autograd.grad(conv(x, filtering(scales)).sum(), scales)[0].abs().min() > 1e-3
    assert not filtering(scales.detach()).basis.functions.requires_grad


def error_of_a_step(scales, seed=0):
    """A formula scaled by 2 against moving up one scale; kernels are cut at 7 s."""
    torch.manual_seed(seed)
    conv = LearnableScaleConv2d(1, 2, 10).double()
    filters = filtering(
        scales, arguments=(10, 3, 1.4), supports=lambda s: tuple(2 * math.ceil(7 * sigma) + 1 for sigma in s)
    )
    with torch.no_grad():
        small, large = (conv(blobs(seed, 101, s, width=2.5, spread=4.0), filters) for s in (1.0, 2.0))
    return relative(large[:, :, 1, 10:91:2, 10:91:2], small[:, :, 0, 30:71, 30:71])


@pytest.mark.parametrize("seed", range(3))
def test_scaling_the_image_steps_along_the_scale_axis(seed):
    """Bound as for fixed scales (tests/layers/test_scale_conv.py): wherever learning has put them, steps are steps."""
    assert error_of_a_step((1.5, 3.0), seed) < 1e-7
    assert error_of_a_step((1.83, 3.66), seed) < 1e-7
    assert error_of_a_step((1.5, 3.1), seed) > 1e-2  # the mutation: a scale that has moved alone


def test_wrong_input_is_refused_with_both_values():
    conv = LearnableScaleConv2d(2, 3, 6)
    with pytest.raises(ValueError, match="expected 2 channels, got 1"):
        conv(torch.randn(1, 1, 8, 8), filtering(SCALES))
    with pytest.raises(ValueError, match="expected 3 scales, got 4"):
        conv(torch.randn(1, 2, 4, 8, 8), filtering(SCALES))
    with pytest.raises(ValueError, match="a basis of 6 functions, got 9"):
        conv(torch.randn(1, 2, 8, 8), filtering(SCALES, learnable_hermite_a, arguments=(3,)))


def test_without_gradients_every_basis_is_filtered_by_itself():
    """What is kept belongs to the basis, not to the memory that it had: the next one often takes the same."""
    conv, x = LearnableScaleConv2d(2, 3, 6).double(), torch.randn(1, 2, 9, 8, dtype=torch.float64)
    with torch.no_grad(), fixed("spectral"):
        for scales in (SCALES, (0.9, 1.3, 1.7), (0.8, 1.2, 1.6), SCALES) * 3:  # all of one shape
            found = conv(x, filtering(scales))
            with fixed("separable"):
                assert relative(found, conv(x, filtering(scales))) < 1e-12
