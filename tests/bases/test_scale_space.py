"""Discrete Gaussians: against the series of the Bessel functions, and the semigroup that only they keep."""

import math

import pytest
import torch
import torch.nn.functional as F

from core.bases.scale_space import discrete_gaussian, published_half_width


def by_the_series(t, half_width):
    """exp(−t) I_n(t), I_n(t) = Σ_m (t / 2)^{2 m + n} / (m! (m + n)!); every term is positive."""

    def value(n):
        terms = (math.exp(-t + (2 * m + n) * math.log(t / 2) - math.lgamma(m + 1) - math.lgamma(m + n + 1)) for m in
                 range(20 + int(4 * t)))  # fmt: skip
        return math.fsum(terms)

    return torch.tensor([value(abs(n)) for n in range(-half_width, half_width + 1)], dtype=torch.float64)


def convolved(a, b):
    return F.conv1d(a.view(1, 1, -1), b.flip(0).view(1, 1, -1), padding=len(b) - 1).flatten()


@pytest.mark.parametrize("t", [0.01, 0.1875, 1.0, 3.75, 15.75, 60.0])
def test_the_values_are_those_of_the_series(t):
    # Wide enough that nothing is cut; the logarithms of the series cost about 1e-13.
    torch.testing.assert_close(discrete_gaussian(t, 80), by_the_series(t, 80), rtol=1e-11, atol=1e-13)


def test_a_value_from_a_table():
    # e⁻¹ I_0(1), e⁻¹ I_1(1), e⁻¹ I_2(1): Abramowitz & Stegun, Table 9.8.
    expected = [0.4657596, 0.2079104, 0.0499388]
    assert discrete_gaussian(1.0, 30)[30:33].tolist() == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("s", "t"), [(0.3, 0.3), (0.1875, 0.75), (2.0, 5.5), (0.0, 1.3), (10.0, 0.01)])
def test_blurring_in_steps_is_blurring_at_once(s, t):
    found = convolved(discrete_gaussian(s, 60), discrete_gaussian(t, 60))
    torch.testing.assert_close(found, discrete_gaussian(s + t, 120), rtol=0, atol=1e-14)


def test_a_sampled_gaussian_does_not_blur_in_steps():
    """What the test above must catch: the ordinary kernel is no semigroup on the grid."""

    def sampled(t, half_width):
        x = torch.arange(-half_width, half_width + 1, dtype=torch.float64)
        kernel = torch.exp(-(x**2) / (2 * t))
        return kernel / kernel.sum()

    assert (convolved(sampled(0.3, 60), sampled(0.3, 60)) - sampled(0.6, 120)).abs().max() > 0.02


@pytest.mark.parametrize("t", [0.0, 1e-6, 0.1875, 0.9375, 15.75, 400.0])
def test_it_is_a_symmetric_kernel_of_sum_1_and_variance_t(t):
    kernel = discrete_gaussian(t)
    assert len(kernel) == 2 * published_half_width(t) + 1
    assert kernel.min() >= 0
    assert torch.equal(kernel, kernel.flip(0))
    assert float(kernel.sum()) == pytest.approx(1, abs=1e-14)
    place = torch.arange(len(kernel), dtype=torch.float64) - len(kernel) // 2
    assert float((kernel * place**2).sum()) == pytest.approx(t, rel=1e-2, abs=1e-12)  # the cut costs up to 4e-3


def test_no_blur_is_the_identity():
    assert discrete_gaussian(0.0).tolist() == [1.0]
    assert discrete_gaussian(0.0, 2).tolist() == [0, 0, 1, 0, 0]


def test_what_is_no_variance_is_refused():
    for t in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match=rf"at least 0 pixels², got {t}"):
            discrete_gaussian(t)
    with pytest.raises(ValueError, match="at least 0 pixels, got -1"):
        discrete_gaussian(1.0, -1)
