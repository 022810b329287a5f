"""Hermite–Gaussian bases A and B against their formula, their order, and the divisor that all scales share."""

import math

import numpy as np
import pytest
import torch
from numpy.polynomial.hermite_e import hermeval

from core.bases import hermite_basis_a, hermite_basis_b, published_supports
from core.scales import internal_scales

SCALES = internal_scales(1.2, 2.0, 3)


def formula(nx, ny, sigma, support, size):
    """ψ(row, column) = σ⁻² He_nx(row / σ) He_ny(column / σ) exp(−r² / 2σ²), pixel by pixel, 0 beyond the support."""
    out = np.zeros((size, size))
    half = size // 2
    for row in range(-(support // 2), support // 2 + 1):
        for column in range(-(support // 2), support // 2 + 1):
            polynomial = hermeval(row / sigma, np.eye(nx + 1)[nx]) * hermeval(column / sigma, np.eye(ny + 1)[ny])
            gaussian = math.exp(-(row**2 + column**2) / (2 * sigma**2))
            out[half + row, half + column] = polynomial * gaussian / sigma**2
    return out


def orders_b(num_functions, max_order, mult):
    """(order along the height, along the width, what σ is divided by), in the published order."""
    pairs = [(nx, ny) for ny in range(max_order + 1) for nx in range(max_order + 1 - ny)]
    return [(*pairs[f % len(pairs)], mult ** (f // len(pairs))) for f in range(num_functions)]


BASES = {
    "A": (hermite_basis_a(SCALES, 3), [(nx, ny, 1.0) for ny in range(3) for nx in range(3)]),
    "A, order 4": (hermite_basis_a(SCALES, 5), [(nx, ny, 1.0) for ny in range(5) for nx in range(5)]),
    "B": (hermite_basis_b(SCALES, 15, 4, 1.5), orders_b(15, 4, 1.5)),
    "B, cut": (hermite_basis_b(SCALES, 25, 3, 1.3, published_supports(11)), orders_b(25, 3, 1.3)),
}


@pytest.mark.parametrize("name", BASES)
def test_the_functions_are_those_of_the_formula(name):
    basis, orders = BASES[name]
    kernels = basis.kernels().numpy()
    assert kernels.shape == (len(orders), len(SCALES), basis.size, basis.size)
    for f, (nx, ny, mult) in enumerate(orders):
        smallest = formula(nx, ny, SCALES[0] / mult, basis.supports[0], basis.size)
        for i, scale in enumerate(SCALES):
            expected = formula(nx, ny, scale / mult, basis.supports[i], basis.size) / np.linalg.norm(smallest)
            np.testing.assert_allclose(kernels[f, i], expected, rtol=0, atol=1e-12)


def test_the_first_functions_of_type_b():
    """Orders (height, width): the height's order runs fastest, total order at most 4, then σ / mult."""
    basis = hermite_basis_b((2.0,), 17, 4, 1.5)
    orders = [(row % 5, column % 5) for row, column in zip(basis.row, basis.column, strict=True)]
    assert orders[:9] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (0, 1), (1, 1), (2, 1), (3, 1)]
    assert orders[9:15] == [(0, 2), (1, 2), (2, 2), (0, 3), (1, 3), (0, 4)]
    assert orders[15:] == [(0, 0), (1, 0)]
    assert [row // 5 for row in basis.row] == [0] * 15 + [1] * 2
    assert basis.families == (tuple(range(15)), (15, 16))
    # Order 1 along the height changes its sign up and down, not left and right.
    first = basis.kernels()[1, 0]
    torch.testing.assert_close(first.flip(0), -first)
    torch.testing.assert_close(first.flip(1), first)


def test_the_published_bases_have_49_functions_in_4_families():
    basis = hermite_basis_b((2.0, 2.52, 3.17, 4.0), 49, 4, 1.5, published_supports(15))
    assert [len(family) for family in basis.families] == [15, 15, 15, 4]
    assert (basis.num_functions, basis.size) == (49, 15)
    assert hermite_basis_a((1.0,), 7).num_functions == 49
    assert len(hermite_basis_a((1.0, 2.0), 3).families) == 1


@pytest.mark.parametrize(
    ("scales", "size", "supports"),
    [
        ((2.0, 2.52, 3.17, 4.0), 15, (7, 9, 11, 15)),
        ((1.5, 1.89, 2.38, 3.0), 13, (7, 9, 11, 13)),
        ((2.0, 2.83, 4.0), 15, (7, 11, 15)),
        ((1.0, 1.73, 3.0), 17, (5, 9, 17)),
        ((1.5, 2.6, 4.5), 13, (5, 7, 13)),
        ((1.7, 2.45, 3.54, 5.1), 15, (5, 7, 11, 15)),
        ((1.0, 1.26, 1.59, 2.0), 7, (3, 5, 5, 7)),
    ],
)
def test_published_supports(scales, size, supports):
    """The numbers of the published MNIST networks."""
    assert published_supports(size)(scales) == supports


def test_kernels_reach_four_sigmas_unless_told_otherwise():
    basis = hermite_basis_a((1.0, 1.5, 2.0), 2)
    assert basis.supports == (9, 13, 17)
    kernels = basis.kernels()
    for i, support in enumerate(basis.supports):
        margin = (basis.size - support) // 2
        outside = torch.ones(basis.size, basis.size, dtype=torch.bool)
        outside[margin : basis.size - margin, margin : basis.size - margin] = False
        assert kernels[:, i][:, outside].abs().sum() == 0
        assert kernels[0, i, margin, basis.size // 2] > 0


@pytest.mark.parametrize("name", BASES)
def test_every_function_has_unit_norm_at_the_smallest_scale(name):
    norms = BASES[name][0].kernels().flatten(2).norm(dim=2)
    torch.testing.assert_close(norms[:, 0], torch.ones(len(norms), dtype=torch.float64))
    # A function of σ falls as 1 / σ in L2: of the mass, not of the height, the s⁻² keeps the same. Sampling and
    # cut supports disturb that by 3 % (orders 0 and 1 of σ itself).
    if "cut" not in name:
        assert norms[0].tolist() == pytest.approx([SCALES[0] / s for s in SCALES], rel=0.03)


def test_the_response_to_a_constant_is_the_same_at_every_scale():
    """∫ ψ does not depend on s; with sums for integrals to 1e-3 (supports of 4 σ)."""
    sums = hermite_basis_a((1.5, 2.0, 3.0, 4.5), 3).kernels().sum((2, 3))
    even = [0, 2, 6, 8]  # the odd ones integrate to 0
    torch.testing.assert_close(sums[[0]], sums[0, :1].expand(1, 4), rtol=1e-3, atol=0)
    assert sums[[1, 3, 4, 5, 7]].abs().max() < 1e-12
    assert sums[even[1:]].abs().max() < 0.05 * sums[0, 0]  # Hermite functions of order 2 integrate to 0 as well


@pytest.mark.parametrize(
    "make", [lambda s, **k: hermite_basis_a(s, 3, **k), lambda s, **k: hermite_basis_b(s, 20, **k)]
)
def test_normalise_at_gives_a_scale_the_same_kernel_in_every_set(make):
    """σ = 2 is σ_basis of one set, a middle scale of another and alone in a third."""
    sets = ((2.0, 4.0), (1.0, 2.0, 4.0), (2.0,), (0.7, 2.0, 2.5))
    kernels = []
    for scales in sets:
        basis = make(scales, normalise_at=(2.0, 17))
        i, margin = scales.index(2.0), (basis.size - 17) // 2
        kernels.append(basis.kernels()[:, i, margin : basis.size - margin, margin : basis.size - margin])
    for kernel in kernels[1:]:
        torch.testing.assert_close(kernel, kernels[0], rtol=0, atol=1e-12)
    # Without it the divisor moves with the smallest scale: from 1 to 2 the norm halves.
    free = make((1.0, 2.0)).kernels()[0, 1].norm()
    assert float(free) == pytest.approx(0.5, rel=0.02)
    assert float(kernels[0][0].norm()) == pytest.approx(1)


def test_what_makes_no_basis_is_refused_with_the_value():
    for scales in ((), (0.0, 1.0), (2.0, 1.0), (1.0, 1.0), (-1.0,)):
        with pytest.raises(ValueError, match=r"positive and ascending, got \("):
            hermite_basis_a(scales, 3)
        with pytest.raises(ValueError, match=r"positive and ascending, got \("):
            hermite_basis_b(scales, 3)
    with pytest.raises(ValueError, match="effective_size must be at least 1, got 0"):
        hermite_basis_a((1.0,), 0)
    for values in ((0, 4, 1.2), (3, -1, 1.2), (3, 4, 0.0)):
        with pytest.raises(ValueError, match="need functions, an order and a mult, got"):
            hermite_basis_b((1.0,), *values)


def test_a_basis_without_a_mean_has_the_other_functions_as_they_were():
    whole, without = hermite_basis_b(SCALES, 20, 3, 1.5), hermite_basis_b(SCALES, 20, 3, 1.5, mean=False)
    gaussians = [f for f in range(20) if whole.kernels()[f].sum(dim=(-2, -1)).abs().max() > 0.1]
    assert gaussians == [0, 10]  # one of each family of ten
    kept = [f for f in range(20) if f not in gaussians]
    assert torch.equal(without.kernels(), whole.kernels()[kept])
    assert without.kernels().sum(dim=(-2, -1)).abs().max() < 5e-3  # cut off at 4 σ
    assert [len(family) for family in without.families] == [9, 9]
    with pytest.raises(ValueError, match="without the Gaussian there is no function left"):
        hermite_basis_b(SCALES, 1, 0, mean=False)
