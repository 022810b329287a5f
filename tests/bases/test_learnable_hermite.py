"""The bases with gradients are the bases without, and the gradients are those of finite differences."""

import pytest
import torch

from core.bases import hermite_basis_a, hermite_basis_b, learnable_hermite_a, learnable_hermite_b, published_supports
from core.scales import internal_scales, kernel_size

SCALES = internal_scales(1.1, 2.3, 3)
PAIRS = {
    "A": (lambda s, **k: hermite_basis_a(s, 4, **k), lambda s, **k: learnable_hermite_a(s, 4, **k)),
    "A, one": (lambda s, **k: hermite_basis_a(s, 1, **k), lambda s, **k: learnable_hermite_a(s, 1, **k)),
    "B": (lambda s, **k: hermite_basis_b(s, 10, 3, 1.4, **k), lambda s, **k: learnable_hermite_b(s, 10, 3, 1.4, **k)),
    "B, four σ": (
        lambda s, **k: hermite_basis_b(s, 49, 4, 1.4, **k),
        lambda s, **k: learnable_hermite_b(s, 49, 4, 1.4, **k),
    ),
    "B, growing": (
        lambda s, **k: hermite_basis_b(s, 8, 1, 0.7, **k),
        lambda s, **k: learnable_hermite_b(s, 8, 1, 0.7, **k),
    ),
}


@pytest.mark.parametrize("supports", [None, published_supports(11)])
@pytest.mark.parametrize("name", PAIRS)
def test_it_is_the_basis_of_fixed_scales(name, supports):
    fixed, learnable = PAIRS[name]
    expected, found = fixed(SCALES, supports=supports), learnable(torch.tensor(SCALES).double(), supports=supports)
    assert found.internal_scales == pytest.approx(SCALES, rel=1e-6)  # through float32
    exact = learnable(torch.tensor(SCALES, dtype=torch.float64), supports=supports)
    torch.testing.assert_close(exact.functions, expected.functions, rtol=0, atol=1e-13)
    torch.testing.assert_close(exact.kernels(), expected.kernels(), rtol=1e-12, atol=1e-13)
    for same in ("internal_scales", "row", "column", "families", "supports"):
        assert getattr(exact, same) == getattr(expected, same), same


@pytest.mark.slow
@pytest.mark.parametrize("name", PAIRS)
def test_gradients_reach_the_scales_through_every_sample_and_through_the_divisor(name):
    """Finite differences in float64, at scales whose supports do not change nearby; one per output and scale."""
    learnable = PAIRS[name][1]
    scales = torch.tensor(SCALES, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s: learnable(s).functions, scales)
    assert torch.autograd.gradcheck(lambda s: learnable(s).divisor, scales)
    # The mutation that leaves the divisor constant shows: only the smallest scale has an influence through it.
    through_divisor = torch.autograd.grad(learnable(scales).divisor.sum(), scales)[0]
    assert abs(through_divisor[0]) > 0.1
    assert through_divisor[1:].tolist() == [0, 0]


def test_supports_follow_equation_7_and_float_noise_adds_no_pixel():
    for scales in ((0.5, 0.9), (1.0, 2.0), (1.3, 3.7), (2.0, 3.4641018, 6.0000005)):
        basis = learnable_hermite_a(torch.tensor(scales), 2)
        assert basis.supports == tuple(kernel_size(s) for s in scales)
    assert basis.supports[-1] == 49  # 2⌈4 · 6⌉ + 1, not 51
    assert basis.functions.shape == (2, 3, 49)


def test_it_computes_in_float64_whatever_the_scales_are():
    scales = torch.tensor((1.0, 2.0), requires_grad=True)
    basis = learnable_hermite_b(scales, 6, 2)
    assert (basis.functions.dtype, basis.divisor.dtype) == (torch.float64, torch.float64)
    basis.kernels().sum().backward()
    assert scales.grad.dtype == torch.float32


def test_what_makes_no_basis_is_refused_with_the_value():
    for scales in ((2.0, 1.0), (0.0, 1.0), (1.0, 1.0)):
        with pytest.raises(ValueError, match=r"positive and ascending, got \("):
            learnable_hermite_a(torch.tensor(scales), 3)
    with pytest.raises(ValueError, match="effective_size must be at least 1, got 0"):
        learnable_hermite_a(torch.tensor((1.0, 2.0)), 0)
    with pytest.raises(ValueError, match=r"need functions, an order and a mult, got 0, 4 and 1\.2"):
        learnable_hermite_b(torch.tensor((1.0, 2.0)), 0)
