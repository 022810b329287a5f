"""Internal scales and the kernels that hold them (Basting, Eq. 3, 6 and 7)."""

import copy
import json
import math
import pickle

import numpy as np
import pytest

from core.scales import SCALE_LIMITS, ScaleLimits, ScaleSet, internal_scales, kernel_size, scale_step


@pytest.mark.parametrize(
    ("sigma_basis", "isr", "num_scales"), [(1.0, 2.0, 4), (1.5, 3.0, 3), (0.7, 8.0, 2), (2.0, 1.2, 9)]
)
def test_internal_scales_are_log_uniform_from_sigma_basis_over_the_range(sigma_basis, isr, num_scales):
    scales = internal_scales(sigma_basis, isr, num_scales)
    assert scales == pytest.approx([sigma_basis * isr ** (i / (num_scales - 1)) for i in range(num_scales)])
    assert scales == pytest.approx(np.geomspace(sigma_basis, sigma_basis * isr, num_scales))
    assert (scales[0], scales[-1]) == pytest.approx((sigma_basis, sigma_basis * isr))
    assert scale_step(scales) == pytest.approx(isr ** (1 / (num_scales - 1)))


def test_the_published_scales():
    # SESN on MNIST: four scales from 2, range 2. Basting's toy: three from 2, range 3.
    assert internal_scales(2.0, 2.0, 4) == pytest.approx((2, 2.52, 3.17, 4), abs=5e-3)
    assert internal_scales(2.0, 3.0, 3) == pytest.approx((2, 3.46, 6), abs=5e-3)


def test_one_scale_is_sigma_basis_and_has_no_step():
    assert internal_scales(1.3, 5.0, 1) == (1.3,)
    assert internal_scales(1.3, 1.0, 1) == (1.3,)
    assert scale_step((1.3,)) is None
    assert scale_step(()) is None


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("sigma_basis must be a positive number of pixels, got 0", (0.0, 2.0, 3)),
        ("sigma_basis .* got -1", (-1.0, 2.0, 3)),
        ("sigma_basis .* got nan", (math.nan, 2.0, 3)),
        ("isr must be a number of at least 1, got 0.9", (1.0, 0.9, 3)),
        ("isr .* got inf", (1.0, math.inf, 3)),
        ("num_scales must be a whole number of at least 1, got 0", (1.0, 2.0, 0)),
        ("3 scales need an isr above 1, got 1", (1.0, 1.0, 3)),
    ],
)
def test_values_out_of_range_are_refused_by_name(message, values):
    with pytest.raises(ValueError, match=message):
        internal_scales(*values)


def test_scales_that_are_not_log_uniform_have_no_step():
    with pytest.raises(ValueError, match=r"not log-uniform: \(1.0, 2.0, 3.0\)"):
        scale_step((1.0, 2.0, 3.0))
    # Published scales are rounded to two decimals: ratios 1.26, 1.2579, 1.2618 differ by 3e-3 and are refused too.
    with pytest.raises(ValueError, match="not log-uniform"):
        scale_step((2.0, 2.52, 3.17, 4.0))


def test_a_kernel_reaches_k_sigmas_to_either_side():
    for sigma in np.linspace(0.2, 9, 45):
        for k in (2.0, 4.0):
            size = kernel_size(float(sigma), k)
            assert size % 2 == 1
            assert size // 2 >= k * sigma - 1e-4
            assert size // 2 - 1 < k * sigma


@pytest.mark.parametrize(("sigma", "k", "size"), [(3.0, 4.0, 25), (1.5, 4.0, 13), (6.0, 2.0, 25), (1.51, 4.0, 15)])
def test_kernel_sizes_by_hand(sigma, k, size):
    assert kernel_size(sigma, k) == size


def test_float_noise_does_not_enlarge_a_kernel():
    """σ_basis 2, range 3 has the largest scale 6; public code gets 6.0000005 in float32, and 27 in place of 25
    at k = 2."""
    assert kernel_size(6.0000005, 2.0) == kernel_size(6.0, 2.0) == 25
    assert kernel_size(np.float32(1.5000001).item()) == 13
    for num_scales in range(2, 12):
        assert kernel_size(internal_scales(2.0, 3.0, num_scales)[-1]) == 49
    assert kernel_size(6.0005, 2.0) == 27


SETS = [
    ScaleSet.log_uniform(1.0, 2.0, 4),
    ScaleSet.log_uniform(0.8, 2.5, 4),
    ScaleSet.log_uniform(0.3, 0.3**-2, 7),
    ScaleSet((1.3,)),
    ScaleSet((1, 1.2, 2.5)),
    ScaleSet((2, 2.52, 3.17, 4)),
]


@pytest.mark.parametrize("scales", SETS)
def test_a_set_is_a_tuple_of_its_scales(scales):
    plain = tuple(scales)
    assert type(plain) is tuple
    assert scales == plain
    assert hash(scales) == hash(plain)
    assert (len(scales), scales[0], scales[-1]) == (len(plain), scales.smallest, scales.largest)
    assert all(isinstance(scale, float) for scale in scales)
    assert json.loads(json.dumps(scales)) == list(plain)
    assert eval(repr(scales)) == scales
    for copied in (copy.deepcopy(scales), pickle.loads(pickle.dumps(scales))):
        assert (copied, type(copied)) == (scales, ScaleSet)
    with pytest.raises(AttributeError):
        scales.smallest = 1.0


@pytest.mark.parametrize("numbers", [(1.0, 2.0, 4), (0.8, 2.5, 4), (0.55, 1.9, 5), (0.55, 7.45, 6), (0.5, 1.1, 2)])
def test_three_numbers_make_a_set_and_a_set_knows_them(numbers):
    scales = ScaleSet.log_uniform(*numbers)
    assert scales == internal_scales(*numbers)
    assert (scales.smallest, scales.isr, len(scales)) == numbers  # 0.55 · 1.9 / 0.55 without its float noise
    assert ScaleSet.log_uniform(scales.smallest, scales.isr, len(scales)) == scales
    assert scales.is_log_uniform
    assert scales.step == pytest.approx(numbers[1] ** (1 / (numbers[2] - 1)), rel=1e-12)


def test_a_range_of_many_digits_is_kept_as_it_is():
    assert ScaleSet((3.0, 3.0 * 2**0.5)).isr == pytest.approx(2**0.5, rel=1e-15)
    assert ScaleSet((1.3,)).isr == 1


@pytest.mark.parametrize(
    ("scales", "step"),
    [
        ((1.3,), None),
        ((1, 3), 3),
        ((1, 2, 4), 2),
        ((1, 2, 4.00039), 4.00039**0.5),  # ratios 1e-4 apart are equal, by less than 1e-4
        ((1, 2, 4.0006), None),
        ((1, 1.2, 2.5), None),
        ((2, 2.52, 3.17, 4), None),  # as printed; 2^⅓ to two decimals is 3e-3 off
    ],
)
def test_a_step_is_the_one_ratio_of_neighbours(scales, step):
    found = ScaleSet(scales)
    assert found.step == (None if step is None else pytest.approx(step, rel=1e-12))
    assert found.is_log_uniform == (len(scales) == 1 or step is not None)


@pytest.mark.parametrize(
    "scales",
    [(), (0, 1), (-1, 2), (1, 1), (2, 1), (1, math.inf), (math.nan,), (1, math.nan, 3), (math.nan, 1), (1, math.nan)],
)
def test_what_is_no_set_is_refused_with_what_came(scales):
    with pytest.raises(ValueError, match=r"must be positive and ascending, got \("):
        ScaleSet(scales)


@pytest.mark.parametrize(
    ("scales", "low", "high", "steps"),
    [
        (ScaleSet.log_uniform(1, 2, 4), 0.5, 2, (0.5, 0.63, 0.7937, 1.2599, 1.5874, 2.0)),
        (ScaleSet.log_uniform(1, 2, 4), 0.7, 1.5, (0.7937, 1.2599)),
        (ScaleSet.log_uniform(1, 3, 3), 0.5, 2, (0.5774, 1.7321)),
        (ScaleSet((1, 1.2, 2.5)), 0.4, 2.5, (0.4, 0.48, 0.8333, 1.2, 2.0833, 2.5)),
        (ScaleSet((1, 1.001)), 0.5, 2, ()),  # within 0.3 % of 1
        (ScaleSet((1, 1.25, 1.5657)), 0.5, 2, (0.6387, 0.7984, 1.25, 1.5657)),  # 1.2526 is 1.25 within 0.3 %
        (ScaleSet((1.3,)), 0.5, 2, ()),
        (ScaleSet((1, 2.0001)), 0.5, 2, (0.5, 2.0001)),  # ends hold within 1e-4
        (ScaleSet((1, 2.001)), 0.5, 2, ()),
    ],
)
def test_steps_move_one_scale_onto_another(scales, low, high, steps):
    assert scales.steps_between(low, high) == steps


@pytest.mark.parametrize("scales", SETS)
def test_every_step_inside_is_found_and_brings_a_scale_to_a_scale(scales):
    steps = scales.steps_between(0.3, 3)
    assert list(steps) == sorted(steps)
    moved = [math.log(a * step / b) for step in steps for a in scales for b in scales]
    assert sum(abs(each) < 1e-4 for each in moved) >= len(steps)
    for ratio in (b / a for a in scales for b in scales if 0.3 <= b / a <= 3 and a != b):
        assert min(abs(ratio / step - 1) for step in steps) < 0.003 + 1e-4


def test_a_set_on_a_finer_grid_has_larger_scales():
    assert ScaleSet((1, 1.2, 2.5)).scaled_by(2) == (2, 2.4, 5)
    assert type(ScaleSet((1, 2)).scaled_by(0.5)) is ScaleSet
    with pytest.raises(ValueError, match="positive and ascending"):
        ScaleSet((1, 2)).scaled_by(0)


@pytest.mark.parametrize("scales", SETS)
def test_a_link_keeps_six_digits_of_each_scale(scales):
    found = ScaleSet.from_text(scales.to_text())
    assert found == pytest.approx(tuple(scales), rel=5e-6)
    assert ScaleSet.from_text(found.to_text()) == found
    assert found.is_log_uniform == scales.is_log_uniform


def test_the_text_of_a_link():
    assert ScaleSet((1, 1.26, 1.59, 2)).to_text() == "1-1.26-1.59-2"
    assert ScaleSet.from_text("1-1.26-1.59-2") == (1, 1.26, 1.59, 2)
    assert ScaleSet.from_text("2-1") == (1, 2)  # in any order
    assert ScaleSet.from_text(ScaleSet((1e-5, 2)).to_text()) == (1e-5, 2)


@pytest.mark.parametrize("text", ["", "-", "a", "1--2", "-1-2", "1-1", "0-1", "1-inf", "nan", "1,2", "1-2-"])
def test_text_that_is_no_set_is_refused(text):
    with pytest.raises(ValueError, match=r"must read like 1-1.26-1.59-2, got '"):
        ScaleSet.from_text(text)


def test_the_limits_of_the_whole_program():
    """At the largest scale a kernel by Eq. 7 has the largest side; the smallest is that of the published DSS."""
    assert ScaleLimits(sigma=(0.25, 16.0), isr=(1.1, 34.0), num_scales=(1, 8), kernel_side=129) == SCALE_LIMITS
    assert kernel_size(SCALE_LIMITS.sigma[1]) == SCALE_LIMITS.kernel_side


@pytest.mark.parametrize(
    ("scales", "clause"),
    [
        ((0.25, 8.5), None),
        ((16,), None),
        ((1,), None),
        (ScaleSet.log_uniform(1, 1.1, 8), None),
        (ScaleSet.log_uniform(0.3, 34, 8), None),
        (ScaleSet.log_uniform(1.6000000000000003, 10, 2), None),  # 16 but for float noise
        (ScaleSet.log_uniform(1, 2, 9), "at most 8 internal scales, got 9"),
        ((0.249, 1), "the smallest internal scale is at least 0.25 pixels, got 0.249"),
        ((1, 16.01), "the largest internal scale is at most 16 pixels, got 16.01"),
        ((1, 1.09), "the internal scale range is from 1.1 to 34, got 1.09"),
        ((0.25, 8.6), "the internal scale range is from 1.1 to 34, got 34.4"),
    ],
)
def test_a_broken_limit_is_said_in_one_clause(scales, clause):
    assert ScaleSet(scales).broken_limit() == clause
    assert ScaleSet(scales).within_limits == (clause is None)


def test_a_network_may_have_kernels_that_are_wider_than_equation_7_says():
    scales = ScaleSet((1, 2))
    assert scales.broken_limit(kernel_side=129) is None
    assert scales.broken_limit(kernel_side=131) == "kernels have at most 129 pixels a side, got 131"
