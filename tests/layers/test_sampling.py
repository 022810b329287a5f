"""Bilinear sampling: the definition, the edge of the canvas, and derivatives in both modes."""

import pytest
import torch
from torch.autograd import forward_ad

from core.layers.sampling import _gather, bilinear_sample
from tests.formulas import relative

SIZES = [(5, 6), (1, 4), (1, 1), (7, 2)]


def by_definition(planes, rows, columns):
    """Every sample weighs (1 − |distance|) on each axis; the sum over the whole canvas, one sample at a time."""
    out = torch.zeros(*planes.shape[:2], rows.shape[1], dtype=planes.dtype)
    h, w = planes.shape[-2:]
    for b in range(planes.shape[0]):
        for i in range(rows.shape[1]):
            for y in range(h):
                for x in range(w):
                    weight = max(0, 1 - abs(float(rows[b, i]) - y)) * max(0, 1 - abs(float(columns[b, i]) - x))
                    out[b, :, i] += weight * planes[b, :, y, x]
    return out


def anywhere(h, w, n=40):
    """Planes and positions, on samples, between them, at the edge and far outside."""
    torch.manual_seed(0)
    planes = torch.randn(2, 3, h, w, dtype=torch.float64)
    rows, columns = ((size + 3) * torch.rand(2, n, dtype=torch.float64) - 2 for size in (h, w))
    rows[:, :4] = torch.tensor([0.0, h - 1.0, -1.0, 1e6])
    columns[:, :4] = torch.tensor([w - 1.0, 0.0, -0.5, -1e6])
    return planes, rows, columns


@pytest.mark.parametrize("size", SIZES)
def test_both_methods_are_the_definition(size):
    given = anywhere(*size)
    expected = by_definition(*given)
    for method in (bilinear_sample, _gather):
        torch.testing.assert_close(method(*given), expected, rtol=0, atol=1e-13)


def test_a_plane_read_at_its_own_samples_is_itself():
    planes = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    rows, columns = (
        x.flatten().double().expand(2, -1) for x in torch.meshgrid(torch.arange(4), torch.arange(5), indexing="ij")
    )
    torch.testing.assert_close(bilinear_sample(planes, rows, columns), planes.flatten(2), rtol=0, atol=1e-14)


def test_gradients_agree_with_differences():
    planes, rows, columns = (x.requires_grad_() for x in anywhere(4, 5, 12))
    with torch.no_grad():  # a bend has no derivative: away from the samples, and on the canvas
        rows.copy_(rows.clamp(-3, 6).floor() + 0.3)
        columns.copy_(columns.clamp(-3, 7).floor() + 0.6)
    for method in (bilinear_sample, _gather):
        assert torch.autograd.gradcheck(method, (planes, rows, columns))


@pytest.mark.parametrize("moved", ["planes", "rows", "columns"])
def test_the_forward_mode_derivative_is_there_and_agrees_with_differences(moved):
    """For the Lie derivative of a network; PyTorch's grid_sample alone raises here."""
    names, given = ("planes", "rows", "columns"), anywhere(6, 7)
    tangents = [torch.randn_like(x) if name == moved else None for name, x in zip(names, given, strict=True)]
    with forward_ad.dual_level():
        dual = [x if t is None else forward_ad.make_dual(x, t) for x, t in zip(given, tangents, strict=True)]
        found = forward_ad.unpack_dual(bilinear_sample(*dual)).tangent
    step = 1e-7
    there = [x if t is None else x + step * t for x, t in zip(given, tangents, strict=True)]
    expected = (bilinear_sample(*there) - bilinear_sample(*given)) / step
    at_a_bend = slice(4, None)  # the first four positions lie on samples
    assert relative(found[..., at_a_bend], expected[..., at_a_bend]) < 1e-6


def test_functional_transforms_use_it_too():
    planes, rows, columns = anywhere(6, 7)
    for direction in (torch.ones_like(planes), torch.randn_like(planes)):
        value, tangent = torch.func.jvp(lambda x: bilinear_sample(x, rows, columns), (planes,), (direction,))
        torch.testing.assert_close(value, bilinear_sample(planes, rows, columns))
        torch.testing.assert_close(tangent, bilinear_sample(direction, rows, columns))  # linear in the planes


def test_a_position_far_outside_is_background():
    planes, far = torch.ones(1, 1, 3, 3), torch.tensor([[-1e9, 1e30, 1.0]])
    for method in (bilinear_sample, _gather):
        assert method(planes, far, torch.ones(1, 3)).tolist() == [[[0.0, 0.0, 1.0]]]
