"""Beyond what kernels reach from the ink nothing is computed, and nothing is missed."""

import math

import pytest
import torch
from torch.autograd import forward_ad

from core.bases import hermite_basis_b
from core.layers import LiftingConv2d, ScaleBlurPool, ScaleConv2d, ink
from core.layers.methods import fixed
from core.scales import ScaleSet


@pytest.fixture
def conv():
    torch.manual_seed(0)
    return LiftingConv2d(1, 3, hermite_basis_b(ScaleSet.log_uniform(1.0, 2.0, 3), 6, 2, 1.5), bias=False)


def on_canvas(side, rows, columns):
    torch.manual_seed(1)
    image = torch.zeros(2, 1, side, side)
    image[..., rows, columns] = torch.rand(2, 1, *image[0, 0, rows, columns].shape) + 0.1
    return image


def seen(conv, image, monkeypatch):
    """The answer, and the sides of the canvases that it was computed on."""
    sides, respond = [], conv._respond
    monkeypatch.setattr(conv, "_respond", lambda part: sides.append(tuple(part.shape[-2:])) or respond(part))
    with torch.no_grad():
        return conv(image), sides


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (slice(70, 90), slice(70, 90)),
        (slice(72, 73), slice(50, 90)),
        (slice(70, 90), slice(30, 140)),
        (slice(0), slice(0)),
    ],
)
@pytest.mark.parametrize("method", ["direct", "spectral", "separable"])
def test_the_answer_is_that_of_the_whole_canvas(conv, rows, columns, method, monkeypatch):
    image = on_canvas(160, rows, columns)
    with fixed(method):
        part, sides = seen(conv, image, monkeypatch)
        with torch.enable_grad():
            whole = conv(image).detach()
    assert part.shape == whole.shape
    assert (part - whole).abs().max() <= 2e-6 * max(1.0, float(whole.abs().max()))
    assert sides[0][0] < 160


def test_ink_at_the_edge_leaves_the_whole_canvas(conv, monkeypatch):
    image = on_canvas(96, slice(40, 50), slice(40, 50))
    image[0, 0, 0, 50] = 1.0
    assert seen(conv, image, monkeypatch)[1] == [(96, 96)]


def test_the_ink_of_every_image_counts(conv, monkeypatch):
    image = on_canvas(160, slice(75, 85), slice(75, 85))
    alone = seen(conv, image[:1], monkeypatch)[1][0][0]
    image[1, 0, 20, 75] = 1.0
    assert seen(conv, image, monkeypatch)[1][-1][0] > alone + 60


def test_derivatives_see_the_whole_canvas(conv, monkeypatch):
    """A pixel that is 0 may be about to change."""
    image, change = on_canvas(160, slice(75, 85), slice(75, 85)), torch.zeros(2, 1, 160, 160)
    change[..., 10, 10] = 1.0
    with torch.no_grad(), forward_ad.dual_level():
        answer = forward_ad.unpack_dual(conv(forward_ad.make_dual(image, change))).tangent
        plain = conv(change)
    assert torch.allclose(answer, plain, atol=1e-6)
    assert answer[..., 10, 10].abs().max() > 0
    wanted = image.clone().requires_grad_()
    conv(wanted)[..., 8:13, 8:13].sum().backward()
    assert wanted.grad is not None
    assert wanted.grad[..., 10, 10].abs().max() > 0


def test_sides_come_in_few_steps():
    sides = set()
    for width in range(2, 100, 2):
        image = on_canvas(160, slice(80 - width // 2, 80 + width // 2), slice(79, 81))
        with torch.no_grad():
            ink.respond_around_ink(lambda part: sides.add(part.shape[-1]) or part, image, 8)
    assert len(sides) <= 8


SIDE, SCALES, INSIDE = 96, (1.0, 1.5, 2.0), (slice(44, 50), slice(40, 60), slice(5, 90))


@pytest.fixture
def over_scales():
    """A map of which every scale has ink in a square of its own; of the last it touches nearly the edge."""
    torch.manual_seed(2)
    features = torch.zeros(2, 4, 3, SIDE, SIDE)
    for i, inside in enumerate(INSIDE):
        features[:, :, i, inside, inside] = torch.randn(2, 4, *[inside.stop - inside.start] * 2)
    return features


def layers():
    torch.manual_seed(3)
    yield ScaleConv2d(4, 3, hermite_basis_b(ScaleSet(SCALES), 6, 2, 1.5), bias=False)
    yield ScaleBlurPool(SCALES, 1.2)


@pytest.mark.parametrize("method", ["auto", "direct", "spectral", "separable"])
@pytest.mark.parametrize("layer", layers(), ids=["convolution", "pool"])
def test_every_scale_is_answered_as_on_the_whole_grid(layer, method, over_scales):
    for features in (over_scales, torch.zeros_like(over_scales), over_scales[..., 3:83, 11:91]):
        with fixed(method):
            with torch.no_grad():
                part = layer(features)
            whole = layer(features).detach()  # where derivatives may be wanted nothing is left out
        assert part.shape == whole.shape
        assert (part - whole).abs().max() <= 2e-6 * max(1.0, float(whole.abs().max()))


def test_a_convolution_answers_no_further_than_kernels_reach_from_the_ink_of_a_scale(over_scales):
    """By a method whose sums would leave noise all over the grid, had it been asked there."""
    conv = next(layers())
    with torch.no_grad(), fixed("spectral"):
        answer = conv(over_scales)
    for plane, inside, support in zip(answer.unbind(2), INSIDE, conv.basis.supports, strict=True):
        margin = min(inside.start, SIDE - inside.stop) - support // 2
        if margin > 0:
            plane = plane.clone()
            plane[..., margin : SIDE - margin, margin : SIDE - margin] = 0
            assert not plane.any()
    assert answer.any()


def test_what_is_below_0_or_no_number_is_ink(over_scales):
    for value in (-1.0, math.nan):
        features = over_scales.clone()
        features[1, 2, 0, 7, 50] = value
        with torch.no_grad():
            found = ink.ink_by_scale(features)
        assert [each.margin for each in found] == [7, 36, 5]
    assert ink.ink_by_scale(over_scales) is None  # gradients are on


def test_the_reach_of_a_convolution_is_told_where_it_is_known(conv):
    plain = torch.nn.Conv2d(1, 1, (3, 7), padding="same", bias=False)
    assert ink.reach_of(plain) == 3
    assert ink.reach_of(torch.nn.Conv2d(1, 1, 5, padding="same", dilation=(1, 3), bias=False)) == 6
    assert ink.reach_of(conv) == max(conv.basis.supports) // 2
    assert ink.reach_of(torch.nn.Sequential(plain, conv)) == 3 + ink.reach_of(conv)
    biased, unpadded = torch.nn.Conv2d(1, 1, 3, padding="same"), torch.nn.Conv2d(1, 1, 3, bias=False)
    around = torch.nn.Conv2d(1, 1, 3, padding="same", padding_mode="circular", bias=False)
    for unknown in (biased, unpadded, around, torch.nn.Linear(1, 1), torch.nn.Sequential(plain, biased)):
        assert ink.reach_of(unknown) is None
