"""The amounts of a handle: the usual ones of a transform and the exact steps of a network."""

import math
from itertools import pairwise

import pytest

from core.scales import ScaleSet
from core.sentences import tell_steps
from core.transforms import TRANSFORMS

SCALE = TRANSFORMS["scale"]


@pytest.mark.parametrize("isr", [1.1, 1.3, 2.0, 3.7, 8.0])
def test_the_handle_can_take_every_step_exactly(isr):
    steps = ScaleSet.log_uniform(1.0, isr, 4).steps_between(0.5, 2.0)
    factors = SCALE.handle(steps)
    assert set(steps) <= set(factors)
    assert list(factors) == sorted(set(factors))
    assert min(b / a for a, b in pairwise(factors)) > 1.002
    assert 1.0 in factors
    for s in SCALE.handle_amounts:
        assert abs(math.log(SCALE.nearest(factors, s) / s)) < 0.004


def test_a_sentence_says_between_which_steps_an_amount_falls():
    steps = ScaleSet.log_uniform(1.0, 2.0, 4).steps_between(0.5, 2.0)
    assert tell_steps(SCALE, 1.1225, steps) == (
        "s = 1.12 falls between two steps of the internal scales, 1.00 and 1.26: "
        "T′ blends neighbouring scales there, and the network was not built for it."
    )
    assert [tell_steps(SCALE, s, steps) for s in (1.0, *steps)] == 7 * [""]
    beyond = tell_steps(SCALE, 1.9, ScaleSet((1.0, 1.5)).steps_between(0.5, 2.0))
    assert beyond == "s = 1.90 lies beyond the internal scales: no scale has a partner."
    shift = tell_steps(TRANSFORMS["translation"], 3.0, (-4.0, 4.0))
    assert shift == "t = 3.00 px falls between two whole strides, 0.00 and 4.00 px: T′ resamples the map there."
    assert "lies beyond the last of the whole strides" in tell_steps(TRANSFORMS["translation"], 5.0, (-4.0, 4.0))
    assert tell_steps(TRANSFORMS["rotation"], 90.0, (90.0,)) == ""
