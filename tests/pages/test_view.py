"""The factors of the handle: the usual grid and the exact steps of the internal scales."""

import math
from itertools import pairwise

import pytest

from core.scales import internal_scales
from pages.state.view import SCALE_FACTORS, factors_with, nearest_factor, steps_between


def test_steps_move_one_scale_onto_another():
    steps = steps_between(internal_scales(1.0, 2.0, 4))
    assert steps == pytest.approx([2 ** (k / 3) for k in (-3, -2, -1, 1, 2, 3)], rel=1e-4)
    assert set(steps) <= set(SCALE_FACTORS)
    assert steps_between((1.0, 1.5, 3.0)) == pytest.approx([0.5, 1 / 1.5, 1.5, 2], rel=1e-4)
    assert steps_between((1.0, 1.05)) == pytest.approx([1 / 1.05, 1.05], rel=1e-4)
    assert steps_between(()) == steps_between((2.0,)) == steps_between((1.0, 5.0)) == ()


@pytest.mark.parametrize("isr", [1.1, 1.3, 2.0, 3.7, 8.0])
def test_the_handle_can_take_every_step_exactly(isr):
    steps = steps_between(internal_scales(1.0, isr, 4))
    factors = factors_with(steps)
    assert set(steps) <= set(factors)
    assert list(factors) == sorted(set(factors))
    assert min(b / a for a, b in pairwise(factors)) > 1.002
    assert 1.0 in factors
    for s in SCALE_FACTORS:
        assert abs(math.log(nearest_factor(factors, s) / s)) < 0.004
