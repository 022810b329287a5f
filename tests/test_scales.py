"""Internal scales and the kernels that hold them (Basting, Eq. 3, 6 and 7)."""

import math

import numpy as np
import pytest

from core.scales import internal_scales, kernel_size, scale_step


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
