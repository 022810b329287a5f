"""Log-radial harmonics: filters that a phase factor takes from one size to another.

Source: Ghosh, Gupta, "Scale Steerable Filters for Locally Scale-Invariant Convolutional Neural Networks",
arXiv:1906.03861, Eq. 2 and Theorem 1:
    S_kj(r, φ) = (1 / r) exp(−d(φ, φ_j)² / 2 σ_φ²) exp(i k ln r),   k = 2π · order / ln R,   r ≤ a
with R from the middle to a corner of the widest published filter, 17 pixels: k = 1.30, 2.59, 5.18. Enlarged by s this
is s⁻² S_kj(r / s, φ) = s⁻¹ exp(−i k ln s) S_kj(r, φ) for r ≤ a s: the same function times a complex number, on a larger
disc. A kernel is Re Σ c_kj S_kj with complex coefficients c_kj.

Where we leave the paper: the phase β in the exponent is left out, since c_kj absorbs it; the 9 published angles on
[0, π] hold both 0 and π, one direction twice, so there are 8; functions are averaged over each pixel instead of sampled
at its middle, since at r = 0 they have no value (public code puts r = 1 there, and counts r in whole pixels); a kernel
is the disc r ≤ a s, where public code cuts a square of 11 s pixels; it also leaves out the amplitude s⁻¹ of Theorem 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from core.bases.supports import odd_size
from core.scales import ScaleSet

PUBLISHED_CORNER = 8 * math.sqrt(2)  # R, in pixels
_SUBPIXELS = 12  # points per axis of one pixel; even, so none of them lies at r = 0


@dataclass(frozen=True)
class LogRadialBasis:
    """F real functions at S internal scales: the real and minus the imaginary part of every s⁻¹ e^{−ik ln s} S_kj.

    Attributes:
        internal_scales: in pixels, ascending.
        functions: (F, k, k) float64 for each scale; k grows with the scale.
    """

    internal_scales: ScaleSet
    functions: tuple[Float[Tensor, "f _ _"], ...]

    @property
    def num_functions(self) -> int:
        return self.functions[0].shape[0]


def log_radial_basis(
    internal_scales: Sequence[float],
    radius: float = 2.5,
    orders: Sequence[float] = (0.5, 1.0, 2.0),
    num_angles: int = 8,
    sigma_angle: float = math.pi / 16,
    two_sided: bool = True,
    reference_sigma: float = 1.0,
    corner: float = PUBLISHED_CORNER,
) -> LogRadialBasis:
    """The basis at every internal scale, each function with L2 norm 1 at `reference_sigma`.

    Args: radius: a, of the disc at `reference_sigma`, in pixels, above 0.
          orders: periods of the harmonic between r = 1 and r = `corner`, R in pixels, above 1.
          num_angles: directions φ_j, evenly spread over π if `two_sided`, else over 2π.
          sigma_angle: width of the angular Gaussian in radians.
          two_sided: each function also points to φ_j + π (as published), so that every kernel is even.
    Raises: ValueError for scales that are not positive and ascending, no function, a radius that is
        not above 0, or a corner of 1 or less.
    """
    scales = ScaleSet(internal_scales)
    if not (radius > 0 and corner > 1) or num_angles < 1 or not orders:
        raise ValueError(
            f"expected a radius above 0, a corner above 1, at least 1 angle and 1 order, got {radius}, {corner}, "
            f"{num_angles} and {tuple(orders)}"
        )
    frequencies = torch.tensor([2 * math.pi * order / math.log(corner) for order in orders], dtype=torch.float64)
    span = math.pi if two_sided else 2 * math.pi
    angles = torch.arange(num_angles, dtype=torch.float64) * span / num_angles

    def at(factor: float) -> Tensor:
        harmonics = _harmonics(radius * factor, frequencies, angles, span, sigma_angle)  # (k, j, size, size)
        steering = torch.polar(torch.full_like(frequencies, 1 / factor), -frequencies * math.log(factor))
        return (steering[:, None, None, None] * harmonics).flatten(0, 1)

    divisor = at(1.0).abs().square().sum(dim=(1, 2), keepdim=True).div(2).sqrt()
    complex_functions = [at(s / reference_sigma) / divisor for s in scales]
    return LogRadialBasis(scales, tuple(torch.cat([f.real, -f.imag]) for f in complex_functions))


def _harmonics(
    radius: float, frequencies: Tensor, angles: Tensor, period: float, sigma_angle: float
) -> Complex[Tensor, "k j size size"]:
    """S_kj on the disc of `radius` pixels, complex128, averaged over each pixel."""
    size, n = odd_size(2 * radius), _SUBPIXELS
    position = (torch.arange(size * n, dtype=torch.float64) + 0.5) / n - size / 2
    x, y = position[None, :], position[:, None]  # y runs down, as the rows of an image
    r, phi = torch.hypot(x, y), torch.atan2(y, x)
    distance = torch.remainder(phi - angles[:, None, None] + period / 2, period) - period / 2
    angular = (r <= radius) / r * torch.exp(-(distance**2) / (2 * sigma_angle**2))
    wave = torch.exp(1j * frequencies[:, None, None] * r.log())
    pixels = (wave[:, None] * angular).unflatten(-1, (size, n)).unflatten(-3, (size, n))
    return pixels.mean(dim=(-3, -1))
