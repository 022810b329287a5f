"""Band-limited interpolation of a periodic signal: the Dirichlet kernel."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from core.resampling.kernel import Kernel, on_canvas


class Ideal(Kernel):
    """Trigonometric interpolation of n samples; when shrinking, only frequencies that stay below Nyquist."""

    smooth = True

    def rows(
        self, source: Float[Tensor, " n_out"], n: int, scale_factor: Float[Tensor, ""], antialias: bool
    ) -> Float[Tensor, "n_out n"]:
        distance = source[:, None] - torch.arange(n, dtype=torch.float64)[None]
        return _dirichlet(distance, n, float(scale_factor)) * on_canvas(source, n)[:, None]

    def slope(self, distance: Float[Tensor, "*shape"], n: int) -> Float[Tensor, "*shape"]:
        """The Nyquist mode of an even canvas has slope 0 at every sample."""
        frequencies = torch.arange(1, (n - 1) // 2 + 1, dtype=torch.float64) * (2 * math.pi / n)
        return -2 / n * (frequencies * torch.sin(distance[..., None] * frequencies)).sum(-1)


def _dirichlet(distance: Tensor, n: int, scale_factor: float) -> Tensor:
    limit = n / 2 * min(1.0, scale_factor)
    frequencies = torch.arange(1, n // 2 + 1, dtype=torch.float64)
    weights = torch.full_like(frequencies, 2.0)
    if n % 2 == 0:
        weights[-1] = 1.0  # the Nyquist frequency of an even canvas is one real mode
    if scale_factor < 1:
        weights[frequencies > limit - 1e-9] = 0.0
    phases = 2 * math.pi / n * distance[..., None] * frequencies
    return (1 + (weights * torch.cos(phases)).sum(-1)) / n
