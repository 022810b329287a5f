"""Circular harmonics: rings of waves around the centre, which a turn of the plane only shifts in phase.

Source: Weiler, Hamprecht, Storath, "Learning Steerable Filters for Rotation Equivariant CNNs", arXiv:1711.07289, §3:
ψ_jm(r, φ) = τ_j(r) e^{imφ} with Gaussian rings τ_j; here as cosine and sine.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

_WIDTH = 0.6  # σ of a ring in pixels, as in the paper
_HIGHEST = 4  # periods around a ring; 45° between two turns tell up to 4 apart


@dataclass(frozen=True)
class CircularHarmonics:
    """The functions of one kernel size.

    Attributes:
        functions: (turn, f, k, k) float64: every function turned counter-clockwise by 2π · turn / turns.
        radius, periods: of each function: its ring in pixels, and m.
    """

    functions: Float[Tensor, "turn f k k"]
    radius: tuple[int, ...]
    periods: tuple[int, ...]

    @property
    def turns(self) -> int:
        return self.functions.shape[0]


def circular_harmonics(size: int, turns: int = 8) -> CircularHarmonics:
    """Rings at 0, 1, … ⌊size / 2⌋ pixels with up to min(2 · radius, 4) periods, each cosine and sine.

    A quarter turn maps the samples onto each other, so it is exact; other turns are those of the sampled function.
    Cosine and sine share one norm, 1 on average over their phases.
    Args: size: side of the kernel in pixels, odd. turns: of a full circle, a multiple of 4.
    Raises: ValueError for an even size or turns that hold no quarter.
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"a kernel that turns about its middle needs an odd size, got {size}")
    if turns < 4 or turns % 4:
        raise ValueError(f"turns must be a multiple of 4, so that quarter turns are among them, got {turns}")
    across = torch.arange(size, dtype=torch.float64) - size // 2
    distance = torch.hypot(across[:, None], across[None])
    angle = torch.atan2(-across[:, None], across[None])  # counter-clockwise, the first row on top
    turned = angle - 2 * math.pi / turns * torch.arange(turns, dtype=torch.float64)[:, None, None]
    functions, radius, periods = [], [], []
    for ring in range(size // 2 + 1):
        profile = torch.exp(-((distance - ring) ** 2) / (2 * _WIDTH**2))
        for m in range(min(2 * ring, _HIGHEST) + 1):
            if m:
                profile = profile * (distance > 0)  # the angle of the middle is not defined
            norm = profile.norm() / (math.sqrt(2) if m else 1)
            waves = (torch.cos, torch.sin) if m else (torch.cos,)
            functions += [profile * wave(m * turned) / norm for wave in waves]
            radius += [ring] * len(waves)
            periods += [m] * len(waves)
    return CircularHarmonics(torch.stack(functions, dim=1), tuple(radius), tuple(periods))
