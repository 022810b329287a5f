"""Hermite–Gaussian bases whose internal scales are learned: the functions of core.bases.hermite, with gradients.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks" (2024), §3: the basis is sampled again
whenever the scales have moved, so the loss reaches them through every sample and through the divisor, which is the
norm at the smallest scale. The supports follow Eq. 7; they are whole numbers and have no gradient. That leaves out
what a support gains or loses at its edge when it changes: at 4 s, 3e-4 of the envelope's height.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from core.bases.hermite import (
    HermiteBasis,
    Orders,
    Pairs,
    Supports,
    assemble,
    default_supports,
    functions_a,
    functions_b,
    hermite_gaussians,
)
from core.scales import ScaleSet


def learnable_hermite_a(
    internal_scales: Float[Tensor, " s"], effective_size: int, supports: Supports | None = None
) -> HermiteBasis:
    """`hermite_basis_a` of scales in a tensor: functions and divisor carry gradients to it.

    Args and errors: as there. The basis is in float64 on the CPU, whatever the scales are.
    """
    return _basis(internal_scales, *functions_a(effective_size), supports)


def learnable_hermite_b(
    internal_scales: Float[Tensor, " s"],
    num_functions: int,
    max_order: int = 4,
    mult: float = 1.2,
    supports: Supports | None = None,
) -> HermiteBasis:
    """`hermite_basis_b` of scales in a tensor. Args, errors and type: as `learnable_hermite_a`."""
    return _basis(internal_scales, *functions_b(num_functions, max_order, mult), supports)


def _basis(internal_scales: Tensor, orders: Orders, pairs: Pairs, supports: Supports | None) -> HermiteBasis:
    scales = ScaleSet(internal_scales.detach().tolist())
    sizes = (supports or default_supports)(scales)
    x = torch.arange(max(sizes), dtype=torch.float64) - max(sizes) // 2
    inside = x.abs() <= torch.tensor(sizes)[:, None] // 2  # (s, k)
    mults = torch.tensor([mult for order, mult in orders if order == 0], dtype=torch.float64)  # of the families
    sigma = internal_scales.to("cpu", torch.float64)[:, None] / mults[:, None, None]  # (family, s, 1)
    highest = max(order for order, _ in orders)
    functions = torch.stack(hermite_gaussians(x, sigma, highest), dim=1)  # (family, order, s, k)
    functions = functions.flatten(0, 1) * inside
    return assemble(scales, functions, functions[:, 0].norm(dim=1), orders, pairs, sizes)
