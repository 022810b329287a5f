"""Internal scales of a scale-equivariant network: the set of them, its limits, and the kernel that holds them.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", Eq. 3, 6 and 7.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_EQUAL = 1e-4  # relative: ratios of neighbours that differ by no more are one step
_NOISE = 1e-9  # relative: of floats; a limit that is met is not broken
_ALIKE = 0.003  # relative: scale factors closer than this stand for one another
_DECIMALS = 4  # of a scale factor in a link


@dataclass(frozen=True)
class ScaleLimits:
    """How far internal scales may go where a visitor chooses them; a script is free to go further.

    Attributes:
        sigma: smallest and largest σ in pixels of a network's own grid. The smallest of a published network is 0.25;
            at the largest a kernel by Eq. 7 has the largest side.
        isr: of a set of two or more, without unit; the largest is the whole axis of data scales (core.tolerance.AXIS).
        num_scales: how many.
        kernel_side: of the widest kernel in pixels; beyond, building a network takes many seconds and gigabytes.
    """

    sigma: tuple[float, float] = (0.25, 16.0)
    isr: tuple[float, float] = (1.1, 34.0)
    num_scales: tuple[int, int] = (1, 8)
    kernel_side: int = 129


SCALE_LIMITS: Final = ScaleLimits()


class ScaleSet(tuple[float, ...]):
    """A set of internal scales: σ in pixels, positive and ascending, in equal steps or not.

    It is a tuple: it iterates, compares, hashes and goes into JSON like one, and what is cut out of it is one.

    Args: scales: at least one, finite. A set in equal steps is made by `log_uniform`.
    Raises: ValueError unless the scales are finite, positive and ascending.
    """

    __slots__ = ()

    def __new__(cls, scales: Iterable[float | int]) -> "ScaleSet":
        values = tuple(float(scale) for scale in scales)
        if not values or not all(a < b < math.inf for a, b in pairwise((0.0, *values))):
            raise ValueError(f"internal scales must be positive and ascending, got {values}")
        return super().__new__(cls, values)

    @classmethod
    def log_uniform(cls, sigma_basis: float | int, isr: float | int, num_scales: int) -> "ScaleSet":
        """Scales in equal steps (Basting, Eq. 3). Args and errors: as `internal_scales`."""
        return cls(internal_scales(float(sigma_basis), float(isr), num_scales))

    @classmethod
    def from_text(cls, text: str) -> "ScaleSet":
        """The reverse of `to_text`, in any order. Raises: ValueError for what is no set."""
        try:
            return cls(sorted(float(each) for each in re.split(r"(?<!e)-", text)))
        except ValueError:
            raise ValueError(f"internal scales must read like 1-1.26-1.59-2, got {text!r}") from None

    def to_text(self) -> str:
        """As a link holds it, `1-1.26-1.59-2`, with six digits a scale."""
        return "-".join(f"{scale:g}" for scale in self)

    def __repr__(self) -> str:
        return f"ScaleSet({self})"

    def __str__(self) -> str:
        return str(tuple(self))

    @property
    def smallest(self) -> float:
        """σ_basis in pixels."""
        return self[0]

    @property
    def largest(self) -> float:
        return self[-1]

    @property
    def isr(self) -> float:
        """Internal scale range, largest over smallest scale, without unit; 1 for a single scale.

        Rounded to 12 digits where that gives the same largest scale: 0.55 · 1.9 / 0.55 is 1.9 but for float noise.
        """
        ratio = self.largest / self.smallest
        rounded = float(f"{ratio:.12g}")
        return rounded if self.smallest * rounded == self.largest else ratio

    @property
    def step(self) -> float | None:
        """The ratio between any two neighbours, without unit; None for a single scale or unequal steps.

        Ratios are equal within 1e-4, so sets printed with two decimals are not: 2, 2.52, 3.17, 4.
        """
        return scale_step(self) if self.is_log_uniform else None

    @property
    def is_log_uniform(self) -> bool:
        """Whether all steps are equal, as in `step`; a single scale has none that could differ."""
        ratios = [b / a for a, b in pairwise(self)]
        return not ratios or max(ratios) / min(ratios) <= 1 + _EQUAL

    def scaled_by(self, factor: float | int) -> "ScaleSet":
        """The set on a grid of `factor` times as many pixels. Raises: ValueError unless it is a positive number."""
        return ScaleSet(scale * factor for scale in self)

    def steps_between(self, low: float | int, high: float | int) -> tuple[float, ...]:
        """The scale factors in [low, high] but 1 that move one of the scales onto another, ascending, without unit.

        Rounded to four decimals, as links keep them; of factors within 0.3 % the smallest stands for all, and within
        0.3 % of 1 there is none.
        """
        steps: list[float] = []
        for ratio in sorted(a / b for a in self for b in self):
            inside = low * (1 - _EQUAL) <= ratio <= high * (1 + _EQUAL) and abs(ratio - 1) > _ALIKE
            if inside and not (steps and ratio / steps[-1] < 1 + _ALIKE):
                steps.append(round(ratio, _DECIMALS))
        return tuple(steps)

    def broken_limit(self, kernel_side: int | None = None) -> str | None:
        """Which of `SCALE_LIMITS` the set breaks, as a clause that goes into a sentence; None if it keeps them all.

        Args: kernel_side: of the network's widest kernel in pixels, by default 2⌈4 σ⌉ + 1 of the largest scale (Eq. 7).
        """
        (least, most), (narrowest, widest), most_scales = (
            SCALE_LIMITS.sigma,
            SCALE_LIMITS.isr,
            SCALE_LIMITS.num_scales[1],
        )
        side = kernel_size(self.largest) if kernel_side is None else kernel_side
        if len(self) > most_scales:
            return f"at most {most_scales} internal scales, got {len(self)}"
        if self.smallest < least * (1 - _NOISE):
            return f"the smallest internal scale is at least {least:g} pixels, got {self.smallest:.4g}"
        if self.largest > most * (1 + _NOISE):
            return f"the largest internal scale is at most {most:g} pixels, got {self.largest:.4g}"
        if len(self) > 1 and not narrowest <= self.isr <= widest:
            return f"the internal scale range is from {narrowest:g} to {widest:g}, got {self.isr:.4g}"
        if side > SCALE_LIMITS.kernel_side:
            return f"kernels have at most {SCALE_LIMITS.kernel_side} pixels a side, got {side}"
        return None

    @property
    def within_limits(self) -> bool:
        """Whether `broken_limit` finds nothing."""
        return self.broken_limit() is None


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
