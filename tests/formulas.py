"""Images given by a formula, so that a change of scale is exact: the formula is sampled again, nothing is resampled."""

import torch
from torch import Tensor


def centred(n: int) -> Tensor:
    """Positions of n samples in pixels from the middle of the canvas, as everywhere in core (half-pixel centres)."""
    return torch.arange(n, dtype=torch.float64) + 0.5 - n / 2


def blobs(
    seed: int = 0, size: int | tuple[int, int] = 161, scale_factor: float = 1.0, width: float = 3.0,
    spread: float = 8.0, batch: int = 1, channels: int = 1,
) -> Tensor:  # fmt: skip
    """(batch, channels, h, w) float64: eight Gaussian blobs of σ = `width` pixels and random sign, in an image.

    Their centres lie within ± `spread` pixels; `scale_factor` enlarges positions and widths about the centre.
    """
    random = torch.Generator().manual_seed(seed)
    shape = (batch, channels, 8)
    x, y = (2 * torch.rand(2, *shape, generator=random, dtype=torch.float64) - 1) * spread
    height = torch.randn(*shape, generator=random, dtype=torch.float64)
    h, w = (size, size) if isinstance(size, int) else size
    down, across = centred(h) / scale_factor, centred(w) / scale_factor
    rows = torch.exp(-((down - y[..., None]) ** 2) / (2 * width**2))
    columns = torch.exp(-((across - x[..., None]) ** 2) / (2 * width**2))
    return torch.einsum("bcn,bcnh,bcnw->bchw", height, rows, columns)


def trigonometric(n: int, highest: int, seed: int = 0, period: int | None = None) -> Tensor:
    """(1, 1, n, n) float64: random real waves of 0 to `highest` periods per canvas, sampled at n × n points."""
    random = torch.Generator().manual_seed(seed)
    position = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    order = torch.arange(highest + 1, dtype=torch.float64)
    phase = 2 * torch.pi * order[:, None] * position[None]
    waves = torch.cat([torch.cos(phase), torch.sin(phase)])
    amplitude = torch.randn(len(waves), len(waves), generator=random, dtype=torch.float64)
    return (waves.T @ amplitude @ waves)[None, None]


def relative(actual: Tensor, expected: Tensor) -> float:
    """‖actual − expected‖₂ / ‖expected‖₂."""
    return float((actual - expected).norm() / expected.norm())
