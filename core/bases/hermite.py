"""Hermite–Gaussian filter bases A and B of scale-equivariant steerable networks.

Source: Sosnovik, Szmaja, Smeulders, "Scale-Equivariant Steerable Networks", arXiv:1910.11093, Eq. 9:
    ψ_{n m}(x, y; s) = g_n(x; s) g_m(y; s),   g_n(x; s) = s⁻¹ He_n(x / s) exp(−x² / 2 s²)
with the probabilists' Hermite polynomials He_n. The two factors s⁻¹ make the s⁻² that keeps the response to a
rescaled image at the same height. Every function is divided by its own L2 norm at one scale, the same divisor
for all scales.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from jaxtyping import Float
from torch import Tensor

from core.scales import ScaleSet, kernel_size

Supports = Callable[[Sequence[float]], tuple[int, ...]]
Orders = list[tuple[int, float]]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class HermiteBasis:
    """F separable functions at S internal scales.

    Attributes:
        internal_scales: s in pixels, ascending.
        functions: (g, S, k) float64, one-dimensional functions g_n(x; s), zero outside the support of their scale.
        row, column: for each of the F functions, which of the g runs along the height and along the width.
        divisor: (F,) the L2 norm of each function at the normalising scale.
        families: the functions in groups of one common σ; all products within a group share their factors.
        supports: odd number of pixels that each scale's kernel covers; the largest is k.
    """

    internal_scales: ScaleSet
    functions: Float[Tensor, "g s k"]
    row: tuple[int, ...]
    column: tuple[int, ...]
    divisor: Float[Tensor, " f"]
    families: tuple[tuple[int, ...], ...]
    supports: tuple[int, ...]

    @property
    def num_functions(self) -> int:
        return len(self.row)

    @property
    def size(self) -> int:
        return max(self.supports)

    def kernels(self) -> Float[Tensor, "f s k k"]:
        """The two-dimensional functions; axis 2 runs along the height, axis 3 along the width."""
        along_height, along_width = self.functions[list(self.row)], self.functions[list(self.column)]
        outer = along_height[..., :, None] * along_width[..., None, :]
        return outer / self.divisor[:, None, None, None]


def hermite_basis_a(
    internal_scales: Sequence[float],
    effective_size: int,
    supports: Supports | None = None,
    normalise_at: tuple[float, int] | None = None,
) -> HermiteBasis:
    """Type A: all products of orders below `effective_size`, so effective_size² functions.

    Args: internal_scales: s in pixels, ascending.
          effective_size: number of orders per axis.
          supports: how many pixels each scale covers; by default 2⌈4 s⌉ + 1 (Basting, Eq. 7).
          normalise_at: the scale and its support, in pixels, whose L2 norm is the divisor; by default the smallest's.
    Raises: ValueError if the scales are not positive and ascending or there is no function.
    """
    return _basis(internal_scales, *functions_a(effective_size), supports, normalise_at)


def hermite_basis_b(
    internal_scales: Sequence[float],
    num_functions: int,
    max_order: int = 4,
    mult: float = 1.2,
    supports: Supports | None = None,
    normalise_at: tuple[float, int] | None = None,
    mean: bool = True,
) -> HermiteBasis:
    """Type B: products of total order ≤ `max_order` at σ = s, then at s / mult, s / mult² … until there are enough.

    Order 4 gives 15 functions for each σ; the published networks take 49, that is 15 + 15 + 15 + 4. The first 15
    alone are the Gaussian derivatives up to order 4 (an N-jet).
    Args and errors: as `hermite_basis_a`; mult: ratio of neighbouring σ, above 0, without unit.
          mean: whether the Gaussians themselves are among the `num_functions`; all others have mean 0.
    """
    orders, pairs = functions_b(num_functions, max_order, mult)
    if not mean:
        pairs = [(nx, ny) for nx, ny in pairs if orders[nx][0] or orders[ny][0]]
    if not pairs:
        raise ValueError("without the Gaussian there is no function left")
    return _basis(internal_scales, orders, pairs, supports, normalise_at)


def functions_a(effective_size: int) -> tuple[Orders, Pairs]:
    """The one-dimensional functions of type A, as (order, divisor of σ), and the pairs of them that it multiplies.

    Raises: ValueError if there is no function.
    """
    if effective_size < 1:
        raise ValueError(f"effective_size must be at least 1, got {effective_size}")
    orders = [(order, 1.0) for order in range(effective_size)]
    return orders, [(nx, ny) for ny in range(effective_size) for nx in range(effective_size)]


def functions_b(num_functions: int, max_order: int, mult: float) -> tuple[Orders, Pairs]:
    """As `functions_a`, for type B."""
    if num_functions < 1 or max_order < 0 or mult <= 0:
        raise ValueError(f"need functions, an order and a mult, got {num_functions}, {max_order} and {mult}")

    def every_pair():  # type: ignore[no-untyped-def]
        for family in range(num_functions):
            first = family * (max_order + 1)
            for ny in range(max_order + 1):
                for nx in range(max_order + 1 - ny):
                    yield first + nx, first + ny

    pairs = list(islice(every_pair(), num_functions))
    families = max(max(pair) for pair in pairs) // (max_order + 1) + 1
    orders = [(order, mult**family) for family in range(families) for order in range(max_order + 1)]
    return orders, pairs


def published_supports(size: int) -> Supports:
    """Supports as in the published networks: proportional to the scale, the largest is `size` pixels."""

    def supports(scales: Sequence[float]) -> tuple[int, ...]:
        return tuple(int(size * s / max(scales)) // 2 * 2 + 1 for s in scales)

    return supports


def default_supports(scales: Sequence[float]) -> tuple[int, ...]:
    """Supports by Basting, Eq. 7: 2⌈4 s⌉ + 1 pixels."""
    return tuple(kernel_size(s) for s in scales)


def assemble(
    scales: ScaleSet,
    functions: Float[Tensor, "g s k"],
    norm: Float[Tensor, " g"],
    orders: Orders,
    pairs: Pairs,
    supports: tuple[int, ...],
) -> HermiteBasis:
    """A basis of given one-dimensional functions and their L2 norms at the normalising scale."""
    row, column = (tuple(axis) for axis in zip(*pairs, strict=True))
    divisor = norm[list(row)] * norm[list(column)]
    members: dict[float, list[int]] = {}
    for f, first in enumerate(row):
        members.setdefault(orders[first][1], []).append(f)
    families = tuple(tuple(group) for group in members.values())
    return HermiteBasis(scales, functions, row, column, divisor, families, supports)


def hermite_gaussians(
    x: Float[Tensor, "*positions"], sigma: float | Float[Tensor, "*sigmas"], highest: int
) -> list[Float[Tensor, "*both"]]:
    """σ⁻¹ He_n(x / σ) exp(−x² / 2 σ²) for n = 0 … highest, differentiable in σ; x and σ broadcast."""
    u = x / sigma
    polynomials = [torch.ones_like(u), u]
    for n in range(1, highest):  # He_{n+1}(u) = u He_n(u) − n He_{n−1}(u)
        polynomials.append(u * polynomials[-1] - n * polynomials[-2])
    envelope = torch.exp(-(u**2) / 2) / sigma
    return [polynomial * envelope for polynomial in polynomials[: highest + 1]]


def _basis(
    internal_scales: Sequence[float],
    orders: Orders,
    pairs: Pairs,
    supports: Supports | None,
    normalise_at: tuple[float, int] | None,
) -> HermiteBasis:
    scales = ScaleSet(internal_scales)
    sizes = (supports or default_supports)(scales)
    functions = torch.stack([_sample(orders, s, k, max(sizes)) for s, k in zip(scales, sizes, strict=True)], dim=1)
    reference = functions[:, 0] if normalise_at is None else _sample(orders, *normalise_at, size=normalise_at[1])
    return assemble(scales, functions, reference.norm(dim=1), orders, pairs, sizes)


def _sample(orders: Orders, scale: float, support: int, size: int) -> Float[Tensor, "g size"]:
    """g_n(x; s / mult) on the integers, zero outside `support`, for every (n, mult)."""
    x = torch.arange(size, dtype=torch.float64) - size // 2
    inside = x.abs() <= support // 2
    return torch.stack([hermite_gaussians(x, scale / mult, order)[order] * inside for order, mult in orders])
