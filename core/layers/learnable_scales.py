"""Internal scales as parameters: what a network learns instead of being told.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks" (2024), §3.
"""

import math
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.scales import ScaleSet

MODES = ("isr", "spacings", "direct")

# Below half a pixel a sampled envelope is a single pixel, and scales closer than 2 % are one scale.
SMALLEST, CLOSEST = 0.5, 1.02


def scales_from_isr(
    sigma_basis: Float[Tensor, ""], gamma: Float[Tensor, ""], num_scales: int, per_step: bool = False
) -> Float[Tensor, " s"]:
    """s_i = σ_basis · ISR^(i / (N_S − 1)) with ISR = 1 + γ² (Basting, Eq. 3 and 6); log-uniform for every γ.

    Args: per_step: 1 + γ² is the ratio of neighbours instead, as the published code has it. Both reach the same
          scales, with another γ and so another gradient.
    """
    step = 1 + gamma.square() if per_step else (1 + gamma.square()) ** (1 / max(1, num_scales - 1))
    return scales_from_ratios(sigma_basis, step.expand(num_scales - 1))


def scales_from_spacings(sigma_basis: Float[Tensor, ""], gammas: Float[Tensor, " steps"]) -> Float[Tensor, " s"]:
    """s_0 = σ_basis, s_{i+1} = s_i (1 + γ_i²): every step has its own ratio."""
    return scales_from_ratios(sigma_basis, 1 + gammas.square())


def scales_from_ratios(sigma_basis: Float[Tensor, ""], ratios: Float[Tensor, " steps"]) -> Float[Tensor, " s"]:
    """Ascending scales in pixels from the smallest one and the ratios of neighbours.

    σ_basis is held at 0.5 pixels or more and ratios at 1.02 or more. At these bounds the gradient passes as if they
    were not there, so a parameter that has run into one can come back.
    """
    ratios = torch.cat([ratios.new_ones(1), _at_least(ratios, CLOSEST)])
    return _at_least(sigma_basis, SMALLEST) * ratios.cumprod(0)


def _at_least(values: Tensor, bound: float) -> Tensor:
    return values + (bound - values).clamp_min(0).detach()


class LearnableScales(nn.Module):
    """The internal scales of all layers of one network.

    Args: mode: what is learned besides σ_basis. `isr`: one γ, ISR = 1 + γ²; `spacings`: a γ_i for every step,
              1 + γ_i²; `direct`: the scales themselves, sorted, without σ_basis.
          start: where they start, in pixels, at least two scales; in equal steps for `isr`, which keeps them so.
    Returns of a call: (s,) scales in pixels, ascending, with gradients.
    Raises: ValueError for an unknown mode, a single scale, scales that are too small or too close, or unequal steps
        for `isr`.
    """

    def __init__(self, mode: str, start: ScaleSet):
        super().__init__()
        if mode not in MODES:
            raise ValueError(f"mode must be one of {MODES}, got {mode!r}")
        if len(start) < 2:
            raise ValueError(f"learning scales needs at least 2 of them, got {len(start)}")
        if start.smallest < SMALLEST or min(b / a for a, b in pairwise(start)) < CLOSEST:
            raise ValueError(f"scales must start from {SMALLEST} pixels in steps of {CLOSEST} or more, got {start}")
        if mode == "isr" and not start.is_log_uniform:
            raise ValueError(f"a learned range needs scales that start in equal steps, got {start}")
        self.mode, self.num_scales = mode, len(start)
        if mode == "direct":
            self.scales = nn.Parameter(torch.tensor(start))
            return
        self.sigma_basis = nn.Parameter(torch.tensor(start.smallest))
        gammas = [math.sqrt(b / a - 1) for a, b in pairwise(start)]
        self.gamma = nn.Parameter(torch.tensor(math.sqrt(start.isr - 1) if mode == "isr" else gammas))

    def forward(self) -> Float[Tensor, " s"]:
        if self.mode == "isr":
            return scales_from_isr(self.sigma_basis, self.gamma, self.num_scales)
        if self.mode == "spacings":
            return scales_from_spacings(self.sigma_basis, self.gamma)
        ascending = self.scales.sort().values
        return scales_from_ratios(ascending[0], ascending[1:] / ascending[:-1].clamp_min(SMALLEST))

    def extra_repr(self) -> str:
        return f"mode={self.mode}, now ({', '.join(f'{s:.3g}' for s in self().tolist())})"
