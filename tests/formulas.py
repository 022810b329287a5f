"""Images given by a formula, so that a change of scale is exact: the formula is sampled again, nothing is resampled."""

import numpy as np
import torch
from torch import Tensor

from core.data.glyphs import GLYPHS
from core.data.mnist_scale import ScaledDigits
from core.resampling import rescale


def centred(n: int) -> Tensor:
    """Positions of n samples in pixels from the middle of the canvas, as everywhere in core (half-pixel centres)."""
    return torch.arange(n, dtype=torch.float64) + 0.5 - n / 2


def all_glyphs(scale_factor: float = 1.0) -> Tensor:
    """(glyph, 1, 28, 28) float32: every vector digit at one size, in the order of `GLYPHS`."""
    return torch.cat([each.render(scale_factor) for each in GLYPHS])


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


def trigonometric(n: int, highest: int, seed: int = 0) -> Tensor:
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
    return float(((actual - expected).norm() / expected.norm()).detach())


def bicubic_by_the_book(n_out: int, n_in: int, s: float, antialias: bool = True) -> np.ndarray:
    """The matrix of bicubic resampling about the centre, one weight at a time, over a grid without end."""

    def cubic(x: float) -> float:  # Keys 1981 with a = −½
        x = abs(x)
        if x < 1:
            return 1.5 * x**3 - 2.5 * x**2 + 1
        return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0

    width = max(1.0, 1 / s) if antialias else 1.0
    matrix = np.zeros((n_out, n_in))
    for i in range(n_out):
        source = (i + 0.5 - n_out / 2) / s + n_in / 2 - 0.5
        far = int(2 * width) + 2
        taps = range(int(source) - far, int(source) + far + 1)
        weights = {j: cubic((source - j) / width) for j in taps}
        for j in taps:
            if 0 <= j < n_in:
                matrix[i, j] = weights[j] / sum(weights.values())
    return matrix


def drawn_digits(n: int, first: int = 0) -> ScaledDigits:
    """Vector digits as a data set: every digit in turn, in all hands, each drawn at one of a few sizes."""
    glyphs = [GLYPHS[(7 * k) % len(GLYPHS)] for k in range(first, first + n)]
    factors = torch.tensor([0.5 + 0.1 * (k % 5) for k in range(n)], dtype=torch.float64)
    images = torch.cat([glyph.render(s) for glyph, s in zip(glyphs, factors.tolist(), strict=True)])
    labels = torch.tensor([glyph.digit for glyph in glyphs])
    return ScaledDigits((images * 255).round().to(torch.uint8), labels, factors)


def resampling_cost(images: Tensor, s: float, resampler: str = "bicubic") -> Tensor:
    """‖T_{1/s} T_s x − x‖ / ‖x‖ of each image, on its own canvas."""
    there_and_back = rescale(rescale(images, s, resampler), 1 / s, resampler)
    return (there_and_back - images).flatten(1).norm(dim=1) / images.flatten(1).norm(dim=1).clamp_min(1e-12)
