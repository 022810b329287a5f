"""Internal scales of a scale-equivariant network, and the kernel that holds them.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", Eq. 3, 6 and 7.
"""

import math
from collections.abc import Sequence
from itertools import pairwise


def internal_scales(sigma_basis: float, isr: float, num_scales: int) -> tuple[float, ...]:
    """Log-uniform internal scales s_i = σ_basis · ISR^(i / (N_S − 1)) (Basting, Eq. 3).

    Args: sigma_basis: smallest scale in pixels (σ of the Gaussian envelope), positive.
          isr: internal scale range, largest over smallest scale, without unit, at least 1.
          num_scales: N_S, at least 1; a single scale is σ_basis itself.
    Returns: N_S scales in pixels, ascending.
    Raises: ValueError if a value is out of range or not finite.
    """
    if not (math.isfinite(sigma_basis) and sigma_basis > 0):
        raise ValueError(f"sigma_basis must be a positive number of pixels, got {sigma_basis}")
    if not (math.isfinite(isr) and isr >= 1):
        raise ValueError(f"isr must be a number of at least 1, got {isr}")
    if num_scales < 1 or num_scales != int(num_scales):
        raise ValueError(f"num_scales must be a whole number of at least 1, got {num_scales}")
    if num_scales > 1 and isr == 1:
        raise ValueError(f"{num_scales} scales need an isr above 1, got {isr}")
    if num_scales == 1:
        return (float(sigma_basis),)
    return tuple(sigma_basis * isr ** (i / (num_scales - 1)) for i in range(int(num_scales)))


def scale_step(scales: Sequence[float]) -> float | None:
    """The constant ratio between neighbouring internal scales, without unit; None for a single scale.

    Raises: ValueError if the scales are not log-uniform, since then no one step exists.
    """
    if len(scales) < 2:
        return None
    ratios = [b / a for a, b in pairwise(scales)]
    if max(ratios) / min(ratios) > 1 + 1e-4:
        raise ValueError(f"internal scales are not log-uniform: {tuple(scales)}")
    return float((scales[-1] / scales[0]) ** (1 / (len(scales) - 1)))


def kernel_size(sigma: float, k: float = 4.0) -> int:
    """Odd kernel size l = 2⌈k σ⌉ + 1 in pixels that holds a Gaussian envelope of σ out to k·σ.

    With σ = σ_basis · ISR this is Basting, Eq. 7. The product is rounded to 4 decimals before the
    ceiling: float noise (a σ of 6.0000005, twice that is 12.000001) must not add a pixel at each end.
    """
    return 2 * math.ceil(round(k * sigma, 4)) + 1
