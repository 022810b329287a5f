"""Discrete Gaussian kernels exp(−t) I_n(t): the scale-space that stays one on the pixel grid.

Source: Lindeberg, "Scale-Space for Discrete Signals" (1990), as used by Worrall & Welling, "Deep Scale-spaces",
arXiv:1905.11697, §3. Unlike sampled Gaussians they keep the semigroup property G_s ∗ G_t = G_{s+t} exactly, so that
blurring in steps is blurring at once. t is the variance in pixels².
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def published_half_width(t: float) -> int:
    """4⌈√t⌉ pixels, where the published code cuts the kernel (0 for t = 0)."""
    return 4 * math.ceil(math.sqrt(t))


def discrete_gaussian(t: float, half_width: int | None = None) -> Float[Tensor, " k"]:
    """G_t(n) = exp(−t) I_n(t) for |n| ≤ half_width, renormalised to sum 1.

    Args: t: variance in pixels², at least 0; 0 is the identity.
          half_width: where to cut, in pixels; by default as published, 4⌈√t⌉.
    Returns: 2 · half_width + 1 values, float64.
    Raises: ValueError for a variance that is negative or not finite, or a negative half width.
    Error: below 1e-14 (float64) before the cut.
    """
    if not (math.isfinite(t) and t >= 0):
        raise ValueError(f"the variance must be a number of at least 0 pixels², got {t}")
    reach = published_half_width(t) if half_width is None else half_width
    if reach < 0:
        raise ValueError(f"half_width must be at least 0 pixels, got {reach}")
    # Ratios r_n = I_n / I_{n−1} from high orders downwards, r_n = 1 / (2 n / t + r_{n+1}): all terms are positive,
    # so nothing cancels and nothing overflows, whatever order it begins at (Gautschi's form of Miller's algorithm).
    ratios = [0.0] * (reach + 1)
    ratio = 0.0
    for n in range(reach + 30 + 3 * math.ceil(t), 0, -1):
        ratio = 1 / (2 * n / t + ratio) if t > 0 else 0.0
        if n <= reach:
            ratios[n] = ratio
    half = torch.tensor([1.0, *ratios[1:]], dtype=torch.float64).cumprod(0)
    kernel = torch.cat([half[1:].flip(0), half])
    return kernel / kernel.sum()
