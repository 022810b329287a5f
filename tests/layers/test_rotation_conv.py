"""Convolutions over turns: the definition with loops, and what a turn of the input does to the output."""

import pytest
import torch
import torch.nn.functional as F

from core.bases import circular_harmonics
from core.layers import LiftingRotationConv2d, RotationConv2d
from tests.formulas import relative


def turned(values, quarters, turns=8):
    """A map over turns, turned by quarters: its planes turn, and move along the axis, cyclically."""
    return torch.rot90(values, quarters, (-2, -1)).roll(quarters * turns // 4, 2)


@pytest.mark.parametrize("turns", [4, 8])
def test_they_compute_the_definition(turns):
    basis = circular_harmonics(3, turns)
    lifting, group = (kind(2, 3, basis).double() for kind in (LiftingRotationConv2d, RotationConv2d))
    functions = basis.functions
    lifting.functions, group.functions = functions, functions
    image, features = torch.randn(1, 2, 6, 5).double(), torch.randn(1, 2, turns, 6, 5).double()
    lifted, grouped = (torch.zeros(1, 3, turns, 6, 5).double() for _ in range(2))
    with torch.no_grad():
        for o in range(3):
            for g in range(turns):
                for i in range(2):
                    kernel = sum(w * f for w, f in zip(lifting.weight[o, i], functions[g], strict=True))
                    lifted[:, o, g] += F.conv2d(image[:, i : i + 1], kernel[None, None], padding=1)[:, 0]
                    for h in range(turns):
                        weights = group.weight[o, i, (h - g) % turns]
                        kernel = sum(w * f for w, f in zip(weights, functions[g], strict=True))
                        grouped[:, o, g] += F.conv2d(features[:, i, h : h + 1], kernel[None, None], padding=1)[:, 0]
        assert relative(lifting(image), lifted) < 1e-12
        assert relative(group(features), grouped) < 1e-12


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize(("height", "width"), [(9, 9), (8, 8), (7, 10)])
def test_a_quarter_turn_of_the_input_turns_the_output(quarters, height, width):
    basis = circular_harmonics(5)
    lifting, group = LiftingRotationConv2d(2, 3, basis), RotationConv2d(3, 4, basis)
    image = torch.randn(1, 2, height, width)
    with torch.no_grad():
        lifted = lifting(image)
        again = lifting(torch.rot90(image, quarters, (-2, -1)))
        assert relative(again, turned(lifted, quarters)) < 1e-6  # float32; the wrong way round gives 1
        assert relative(group(again), turned(group(lifted), quarters)) < 1e-6
        assert relative(again, torch.rot90(lifted, quarters, (-2, -1))) > 0.1  # without the shift of the axis


def test_weights_that_do_not_move_along_the_axis_of_turns_show(monkeypatch):
    """Mutation: every turn of the output reads the turns of the input in the same order."""
    group = RotationConv2d(2, 2, circular_harmonics(5))
    features = torch.randn(1, 2, 8, 9, 9)
    group.relative_turn = torch.arange(8).expand(8, 8)
    with torch.no_grad():
        assert relative(group(turned(features, 1)), turned(group(features), 1)) > 0.1


def test_wrong_input_is_refused():
    basis = circular_harmonics(3)
    with pytest.raises(ValueError, match="expected 2 channels, got 3"):
        LiftingRotationConv2d(2, 1, basis)(torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match=r"expected \(channels, turns\) = \(2, 8\), got \(2, 4\)"):
        RotationConv2d(2, 1, basis)(torch.zeros(1, 2, 4, 8, 8))
