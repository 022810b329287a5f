"""The projection that selects scales by their response: by its formula, and what the maximum does not do."""

import pytest
import torch

from core.layers import ScaleProjection, ScaleSelection
from tests.formulas import relative

SCALES = (1.0, 1.5, 2.25, 3.375)


def selection(sharpness=12.0, power=0.75, threshold=0.6, scales=SCALES):
    return ScaleSelection(scales, sharpness, power, threshold).eval()


def test_it_is_its_formula_place_by_place():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 2, 2, dtype=torch.float64)
    layer = selection(sharpness=3.0)
    layer.running_square.fill_(1.7)
    found = layer(x)
    for b, row, column in ((0, 0, 0), (1, 1, 0), (1, 0, 1)):
        here = x[b, :, :, row, column]  # (channel, scale)
        energy = (here.square().sum(0) / 1.7).sqrt()
        weight = (energy * torch.tensor(SCALES) ** 0.75) ** 3.0
        mean = (here * (weight / weight.sum())).sum(1)
        gate = energy.pow(8).sum() / (0.6**8 + energy.pow(8).sum())
        torch.testing.assert_close(found[b, :, row, column], gate * mean, rtol=1e-6, atol=1e-9)


def test_without_sharpness_and_threshold_it_is_the_mean():
    x = torch.randn(1, 2, 4, 3, 3, dtype=torch.float64)
    torch.testing.assert_close(selection(0.0, 0.0, 0.0)(x), x.mean(2), rtol=1e-6, atol=1e-9)


def test_a_response_that_moves_along_the_axis_leaves_the_same_plane():
    """A peak over the scales, far from both ends, moved by one and by two steps."""
    peak = torch.tensor([0.0, 0.2, 1.0, 0.2, 0.0, 0.0, 0.0], dtype=torch.float64)
    x = torch.randn(1, 3, 1, 4, 4, dtype=torch.float64) * peak[:, None, None]
    layer = selection(scales=tuple(1.5**i for i in range(7)))
    for steps in (1, 2):
        torch.testing.assert_close(layer(x.roll(steps, 2)), layer(x), rtol=1e-6, atol=1e-9)


def test_a_scale_that_leaves_the_axis_matters_less_than_under_the_maximum():
    """Responses that fall off along the axis, one channel of which is largest at its end."""
    torch.manual_seed(1)
    fall = torch.tensor([0.5, 1.0, 0.4, 0.2, 0.1], dtype=torch.float64)
    x = torch.randn(1, 8, 5, 6, 6, dtype=torch.float64) * fall[:, None, None]
    longer = selection(power=0.0, threshold=0.0, scales=(*SCALES, 5.0))
    shorter = selection(power=0.0, threshold=0.0)
    changed = relative(shorter(x[:, :, :4]), longer(x))
    assert changed < 0.02
    largest = ScaleProjection()
    assert relative(largest(x[:, :, 1:]), largest(x)) > 0.1
    torch.testing.assert_close(longer(x, torch.tensor([True] * 4 + [False])), shorter(x[:, :, :4]))


def test_scales_that_take_no_part_might_as_well_not_be_there():
    x = torch.randn(2, 3, 4, 5, 5, dtype=torch.float64)
    some = torch.tensor([False, True, False, True])
    alone = selection(scales=(SCALES[1], SCALES[3]))
    torch.testing.assert_close(selection()(x, some), alone(x[:, :, some]))
    assert relative(selection()(x), alone(x[:, :, some])) > 0.1


def test_faint_places_are_silent_and_loud_ones_pass():
    x = torch.ones(1, 1, 4, 1, 3, dtype=torch.float64) * torch.tensor([0.05, 1.0, 20.0])
    found = selection()(x)[0, 0, 0]
    assert found[0] < 1e-6
    assert found[1] == pytest.approx(4 / (0.6**8 + 4), rel=1e-6)
    assert found[2] == pytest.approx(20.0)
    assert torch.equal(selection()(torch.zeros(1, 1, 4, 2, 2)), torch.zeros(1, 1, 2, 2))
    assert torch.isfinite(selection(threshold=0.0)(torch.zeros(1, 1, 4, 2, 2))).all()


def test_the_gate_stands_higher_in_use_than_in_training():
    x = torch.ones(2, 1, 4, 1, 1)
    layer = ScaleSelection(SCALES, 12.0, 0.0, 1.0, rise=1.5, momentum=0.0)
    assert layer.train()(x)[0, 0, 0, 0] == pytest.approx(4 / (1 + 4), rel=1e-6)
    assert layer.eval()(x)[0, 0, 0, 0] == pytest.approx(4 / (1.5**8 + 4), rel=1e-6)


def test_the_mean_square_is_learned_like_that_of_a_norm():
    layer = ScaleSelection(SCALES, 12.0, 0.0, 0.6)
    x = 3 * torch.randn(4, 2, 4, 6, 6)
    square = float(x.square().sum(1).mean())
    layer.train()(x)
    assert float(layer.running_square) == pytest.approx(0.9 + 0.1 * square, rel=1e-5)
    for _ in range(100):
        layer(x)
    torch.testing.assert_close(layer.eval()(x), layer.train()(x), rtol=1e-2, atol=1e-3)
    kept = float(layer.running_square)
    layer.eval()(10 * x)
    assert float(layer.running_square) == kept


def test_gradients():
    x = torch.randn(1, 2, 4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(selection(2.0), x)
    layer = ScaleSelection(SCALES, 2.0, 0.5, 0.6)
    silent = torch.zeros(1, 2, 4, 2, 2, requires_grad=True)
    layer(silent).sum().backward()
    assert torch.isfinite(silent.grad).all()


def test_what_it_cannot_take_is_refused():
    for numbers in ((-1.0, 0.0, 0.0), (1.0, 0.0, -0.1), (float("inf"), 0.0, 0.0)):
        with pytest.raises(ValueError, match="sharpness, threshold and rise must be at least 0"):
            ScaleSelection(SCALES, *numbers)
    with pytest.raises(ValueError, match="expected 4 scales, got 3"):
        selection()(torch.zeros(1, 1, 3, 2, 2))
