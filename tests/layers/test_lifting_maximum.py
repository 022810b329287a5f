"""The maximum of a lifting convolution, against the plain way: every response, then the maxima."""

import pytest
import torch
import torch.nn.functional as F

from core.bases import hermite_basis_a, hermite_basis_b, learnable_hermite_a
from core.layers.filtering import filter_scales
from core.layers.lifting_maximum import LiftingMaximum
from core.layers.separable import SeparableFilter
from tests.formulas import relative

SCALES = (0.9, 1.6, 3.1)


def layer_and_images(seed, side=(24, 36), batch=11):
    torch.manual_seed(seed)
    fine = torch.randn(batch, 1, *side, dtype=torch.float64)
    coarse = F.interpolate(torch.randn(batch, 1, 3, 4, dtype=torch.float64), side, mode="bilinear")
    return LiftingMaximum(5, 9, 6).double(), 0.1 * fine + coarse  # so that every scale wins somewhere


def plainly(layer, images, basis):
    kernels = layer.kernels(basis)
    return F.max_pool2d(filter_scales([images] * len(kernels), kernels).amax(2), layer.window)


@pytest.mark.parametrize("seed", range(3))
def test_maxima_are_those_of_all_responses(seed):
    layer, images = layer_and_images(seed)
    basis = hermite_basis_a(SCALES, 3)
    expected = plainly(layer, images, basis).detach()
    assert relative(layer(images, SeparableFilter(basis)).detach(), expected) < 1e-12  # float64
    with torch.no_grad():
        assert relative(layer(images, SeparableFilter(basis)), expected) < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_weights_and_scales_are_those_of_all_responses(seed):
    layer, images = layer_and_images(seed)
    gradients = []
    for way in (lambda basis: layer(images, SeparableFilter(basis)), lambda basis: plainly(layer, images, basis)):
        scales = torch.tensor(SCALES, dtype=torch.float64, requires_grad=True)
        layer.weight.grad = None
        maxima = way(learnable_hermite_a(scales, 3))
        (maxima * torch.linspace(-1, 2, maxima.numel(), dtype=torch.float64).view(maxima.shape)).sum().backward()
        gradients.append((layer.weight.grad, scales.grad))
    for found, expected in zip(*gradients, strict=True):
        assert float(expected.abs().min()) > 0
        assert relative(found, expected) < 1e-10  # float64


def test_what_cannot_be_computed_is_refused():
    layer, images = layer_and_images(0)
    good = SeparableFilter(hermite_basis_a(SCALES, 3))
    with pytest.raises(ValueError, match="expected 1 channel, got 2"):
        layer(images.expand(-1, 2, -1, -1), good)
    with pytest.raises(ValueError, match="9 functions, got 16"):
        layer(images, SeparableFilter(hermite_basis_a(SCALES, 4)))
    with pytest.raises(ValueError, match="one family, got 2"):
        layer(images, SeparableFilter(hermite_basis_b(SCALES, 9, 2)))
    with pytest.raises(ValueError, match="windows of 6 pixels do not fill a canvas of 24×35"):
        layer(images[..., :35], good)
