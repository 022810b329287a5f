"""Scale projection and spatial pooling."""

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import forward_ad

from core.layers import ScaleProjection, SpatialPool


def test_the_projection_is_the_maximum_over_scales():
    x = torch.randn(2, 3, 4, 5, 6)
    expected = torch.stack([x[:, :, i] for i in range(4)]).max(0).values
    assert torch.equal(ScaleProjection()(x), expected)
    one = torch.randn(2, 3, 1, 5, 6)
    assert torch.equal(ScaleProjection()(one), one[:, :, 0])


def test_the_projection_ignores_the_order_of_scales_and_a_shift_along_them():
    x = torch.randn(2, 3, 6, 5, 5).abs()
    x[:, :, -2:] = 0  # room for a shift by up to two scales
    project = ScaleProjection()
    for shift in (1, 2):
        assert torch.equal(project(x.roll(shift, 2)), project(x))
    assert torch.equal(project(x.flip(2)), project(x))


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("shape", [(2, 3, 6, 4), (2, 3, 5, 6, 4)])
def test_pooling_takes_each_two_by_two_block(kind, shape):
    x = torch.randn(shape)
    blocks = torch.stack([x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)])
    expected = blocks.amax(0) if kind == "max" else blocks.mean(0)
    torch.testing.assert_close(SpatialPool(kind)(x), expected)
    torch.testing.assert_close(SpatialPool(kind)(x.requires_grad_()), expected)  # gradients take another way


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_keeps_the_canvas_centre(kind):
    x = torch.randn(1, 2, 3, 8, 12)
    pool = SpatialPool(kind)
    for axis in (-1, -2):
        torch.testing.assert_close(pool(x.flip(axis)), pool(x).flip(axis))


def test_an_odd_canvas_or_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="even canvas, got 6×7"):
        SpatialPool()(torch.randn(1, 2, 6, 7))
    with pytest.raises(ValueError, match="even canvas, got 5×4"):
        SpatialPool("average")(torch.randn(1, 2, 3, 5, 4))
    with pytest.raises(ValueError, match="'max' or 'average', got 'median'"):
        SpatialPool("median")


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("shape", [(2, 3, 6, 4), (2, 3, 5, 6, 4)])
def test_the_gradient_is_that_of_pytorch_among_equal_values_too(kind, shape):
    torch.manual_seed(0)
    x = torch.randint(0, 3, shape).double().requires_grad_()  # many windows with two or more largest values
    plain = F.max_pool2d if kind == "max" else F.avg_pool2d
    expected, found = plain(x.flatten(1, -3), 2).unflatten(1, shape[1:-2]), SpatialPool(kind)(x)
    assert torch.equal(found, expected)
    weights = torch.randn(found.shape).double()
    (one,) = torch.autograd.grad((found * weights).sum(), x)
    (other,) = torch.autograd.grad((expected * weights).sum(), x)
    torch.testing.assert_close(one, other, rtol=0, atol=1e-15)


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("with_gradients", [False, True])
def test_derivatives_pass_forwards(kind, with_gradients):
    torch.manual_seed(0)
    x, direction = torch.randn(2, 3, 5, 6, 4).double(), torch.randn(2, 3, 5, 6, 4).double()
    with forward_ad.dual_level(), torch.set_grad_enabled(with_gradients):
        dual = forward_ad.make_dual(x.requires_grad_(with_gradients), direction)
        tangent = forward_ad.unpack_dual(SpatialPool(kind)(dual)).tangent.detach()
    with torch.no_grad():
        moved = (SpatialPool(kind)(x + 1e-7 * direction) - SpatialPool(kind)(x - 1e-7 * direction)) / 2e-7
    torch.testing.assert_close(tangent, moved, rtol=0, atol=1e-7)
