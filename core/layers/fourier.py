"""Layers that commute exactly with the ideal change of resolution: everything is decided by Fourier modes.

Source: Rahman, Yeh, "Truly Scale-Equivariant Deep Nets with Fourier Layers", arXiv:2311.02922, §4. An image of n × n
samples is a periodic function on the canvas with the modes |f| ≤ ⌈n/2⌉ − 1 per axis, in periods per canvas; the ideal
resize to r samples keeps the modes that r samples can hold. A layer F commutes with it if the modes of F(x) up to
any limit depend on the modes of x up to a limit of their own only. All layers take a map at any resolution and see the
canvas as one period: it is continued by itself, not by zeros.

Where we leave the paper:
- The Nyquist mode n/2 of an even canvas is one real number for two modes ±n/2, has no sign, and is not kept by the
  ideal resize; every layer drops it at its entrance. (The published measure sets it to 0 on both sides instead.)
- The nonlinearity of every band is taken at all points of the full grid (NestedReLU); published code takes that of band
  r at r points, where what it makes of frequencies beyond r is folded back into the band. Both commute exactly, and
  `points="band"` is the published way. Ours commutes with shifts by whole samples of the full grid as well.
- Kernels are real, which makes their transforms Hermitian and all maps real; the paper's weights are free complex
  numbers, and realness comes back by taking the real part.
"""

from functools import lru_cache, reduce

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from core.layers.background import CentredReLU

FULL, BAND = "full", "band"
POINTS = (FULL, BAND)  # where a nested nonlinearity is taken
_CENTRE = 0.5  # of a pixel: where its sample lies


def highest_frequency(samples: int) -> int:
    """The highest mode below Nyquist that `samples` can hold, in periods per canvas: 13 for 27 and for 28."""
    return (samples - 1) // 2


def low_pass(
    n_out: int, n_in: int, highest: int, begins: tuple[float, float] = (_CENTRE, _CENTRE)
) -> Float[Tensor, "n_out n_in"]:
    """The matrix of one axis that keeps the modes |f| ≤ `highest` and samples them at n_out points; float64.

    Modes at or above the Nyquist frequency of either grid are dropped. Sample i of n lies at (i + begin) / n.
    Args: begins: of the grid that comes out and of the one that goes in; ½ has the samples in the middle of pixels.
    """
    highest = min(highest, highest_frequency(n_in), highest_frequency(n_out))
    return _low_pass(n_out, n_in, highest, begins).clone()


@lru_cache(maxsize=512)
def _low_pass(n_out: int, n_in: int, highest: int, begins: tuple[float, float]) -> Tensor:
    out, inp = (
        (torch.arange(n, dtype=torch.float64) + begin) / n for n, begin in zip((n_out, n_in), begins, strict=True)
    )
    frequency = torch.arange(1, highest + 1, dtype=torch.float64)
    phase = 2 * torch.pi * (out[:, None] - inp[None])[..., None] * frequency
    return (1 + 2 * torch.cos(phase).sum(-1)) / n_in


def limit_band(
    values: Float[Tensor, "*axes"],
    size: tuple[int, ...],
    highest: int,
    begins: tuple[float, float] = (_CENTRE, _CENTRE),
) -> Float[Tensor, "*axes_out"]:
    """The modes up to `highest` on a grid of `size`, (height, width) of planes or (length,) of lines; the last axes.

    Args: begins: as of `low_pass`, the same on every axis.
    """
    grid = values.shape[-len(size) :]
    matrices = [low_pass(m, n, highest, begins).to(values) for m, n in zip(size, grid, strict=True)]
    if len(size) == 2:
        values = matrices[0] @ values
    return values @ matrices[-1].mT


class FourierConv1d(nn.Module):
    """Localised spectral convolution of lines: as FourierConv2d, along one axis.

        Y_o(f) = Σ_i Ŵ_oi(f) X_i(f),   Ŵ_oi(f) = Σ_p w_oi(p) exp(2πi f p / N)

    Args: kernel: k, odd. samples: N, of the line at full resolution; modes that N cannot hold are dropped.
    Shape: (b, c_in, n) → (b, c_out, n).
    Raises: ValueError for an even kernel, one longer than the line, or another number of channels.
    Error: under the ideal resize below 1e-6 (float32).
    """

    def __init__(self, c_in: int, c_out: int, kernel: int, samples: int):
        super().__init__()
        if kernel % 2 == 0 or not 1 <= kernel <= samples:
            raise ValueError(f"kernel must be odd and at most the line of {samples} samples, got {kernel}")
        self.samples = samples
        bound = 1 / (kernel * c_in) ** 0.5
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel).uniform_(-bound, bound))

    def forward(self, features: Float[Tensor, "b c_in n"]) -> Float[Tensor, "b c_out n"]:
        if features.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {features.shape[1]}")
        n = features.shape[-1]
        highest = min(highest_frequency(n), highest_frequency(self.samples))
        modes = torch.fft.rfft(features)[..., : highest + 1]
        product = torch.einsum("oif,bif->bof", self.transfer(highest), modes)
        rest = product.new_zeros(*product.shape[:2], n // 2 - highest)
        return torch.fft.irfft(torch.cat([product, rest], dim=-1), n=n)

    def transfer(self, highest: int) -> Complex[Tensor, "c_out c_in f"]:
        """Ŵ at the modes 0 … highest; those at −f are the complex conjugates."""
        reach = self.weight.shape[-1] // 2
        taps = torch.arange(-reach, reach + 1, dtype=torch.float64)
        phase = 2 * torch.pi / self.samples * taps[:, None] * torch.arange(highest + 1, dtype=torch.float64)
        real, imaginary = (f(phase).to(self.weight) for f in (torch.cos, torch.sin))
        return torch.complex(self.weight @ real, self.weight @ imaginary)


class FourierConv2d(nn.Module):
    """Localised spectral convolution: every mode of the canvas is multiplied by the transform of a small kernel.

        Y_o(f) = Σ_i Ŵ_oi(f) X_i(f),   Ŵ_oi(f) = Σ_p w_oi(p) exp(2πi f·p / N)

    The k × k taps w lie at p / N of the canvas, p = −⌊k/2⌋ … ⌊k/2⌋ (the paper's A L Aᵀ), whatever the resolution of
    the map. At N × N samples this is the circular convolution with w.
    Args: kernel: k, odd. samples: N, of the canvas at full resolution; modes that N cannot hold are dropped.
    Shape: (b, c_in, h, w) → (b, c_out, h, w).
    Raises: ValueError for an even kernel, one wider than the canvas, or another number of channels.
    Error: under the ideal resize, of rows and columns apart as well, below 1e-6 (float32).
    """

    def __init__(self, c_in: int, c_out: int, kernel: int, samples: int):
        super().__init__()
        if kernel % 2 == 0 or not 1 <= kernel <= samples:
            raise ValueError(f"kernel must be odd and at most the canvas of {samples} samples, got {kernel}")
        self.samples = samples
        bound = 1 / (kernel * c_in**0.5)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel, kernel).uniform_(-bound, bound))
        self._waves: dict[tuple, Tensor] = {}

    def forward(self, features: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out h w"]:
        if features.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {features.shape[1]}")
        h, w = features.shape[-2:]
        down, across = (min(highest_frequency(n), highest_frequency(self.samples)) for n in (h, w))
        spectrum = torch.fft.rfft2(features)[..., : across + 1]
        modes = torch.cat([spectrum[..., : down + 1, :], spectrum[..., h - down :, :]], dim=-2)
        product = self._multiply(modes, self.transfer(down, across))
        empty = product.new_zeros(*product.shape[:2], h - 2 * down - 1, across + 1)
        full = torch.cat([product[..., : down + 1, :], empty, product[..., down + 1 :, :]], dim=-2)
        return torch.fft.irfft2(full, s=(h, w))

    def transfer(self, down: int, across: int) -> Complex[Tensor, "c_out c_in rows columns"]:
        """Ŵ at the rows 0 … down, −down … −1 and the columns 0 … across; those at −f are the complex conjugates."""
        kernel = self.weight.to(torch.complex(self.weight, self.weight).dtype)
        rows, columns = self._exponentials(down, True), self._exponentials(across, False)
        return rows.mT @ kernel @ columns

    def _multiply(self, modes: Tensor, transfer: Tensor) -> Tensor:
        """One matrix product over the channels for each mode."""
        by_mode = modes.flatten(2).permute(2, 0, 1) @ transfer.flatten(2).permute(2, 1, 0)
        return by_mode.permute(1, 2, 0).unflatten(2, modes.shape[-2:])

    def _exponentials(self, highest: int, both: bool) -> Complex[Tensor, "k f"]:
        key = (highest, both, self.weight.dtype, self.weight.device)
        if key not in self._waves:
            with torch.inference_mode(False), torch.no_grad():  # what is kept may be trained with later
                reach = self.weight.shape[-1] // 2
                taps = torch.arange(-reach, reach + 1, dtype=torch.float64)
                frequency = torch.arange(highest + 1, dtype=torch.float64)
                if both:
                    frequency = torch.cat([frequency, torch.arange(-highest, 0, dtype=torch.float64)])
                phase = 2 * torch.pi / self.samples * taps[:, None] * frequency
                real, imaginary = (f(phase).to(self.weight) for f in (torch.cos, torch.sin))
                self._waves[key] = torch.complex(real, imaginary)
        return self._waves[key]


class NestedReLU(nn.Module):
    """Scale-equivariant nonlinearity with pooling: every band of the output rests on a low-pass of the input.

        y = Σ_j (L_j − L_{j−1}) σ(L_{q(j)} x),   q(j) = max(pool · j, lowest)

    L_k keeps the modes up to k in every axis and σ is a ReLU that maps 0 to 0 (core.layers.background), taken at
    N × N points, or at 2q + 1 points a side. The band j of a map with modes up to K is there if pool · j ≤ K; so a low
    resolution lacks the upper bands, and has the others unchanged. Pooling makes the output half as fine, but what
    becomes of its highest band has seen the finest detail of the input.
    Args: samples: N, of the canvas at full resolution. lowest: highest mode at the coarsest resolution that shall
          commute; bands below share one evaluation. pool: samples of the input for one of the output.
          points: where σ is taken: `full`, at all N on a side, or `band`, as published, at the r = 2q + 1 that hold
          the modes up to q, from the edge of the canvas on (and at 2q + 2 for the lowest).
    Shape: (b, c, h, w) → (b, c, ⌈h / pool⌉, ⌈w / pool⌉), and lines (b, c, n) → (b, c, ⌈n / pool⌉).
    Raises: ValueError for another number of channels, or other points.
    Error: under the ideal resize of a square, where it keeps the modes up to `lowest`, below 1e-6 (float32); a canvas
        with more rows than columns, or resized by two factors, does not commute, since bands are squares.
    """

    def __init__(self, channels: int, samples: int, lowest: int, pool: int = 1, points: str = FULL):
        super().__init__()
        if points not in POINTS:
            raise ValueError(f"points must be {' or '.join(POINTS)}, got {points!r}")
        self.activation = CentredReLU(channels)
        self.samples, self.lowest, self.pool, self.points = samples, lowest, pool, points

    def forward(self, features: Float[Tensor, "b c *axes"]) -> Float[Tensor, "b c *axes_out"]:
        if features.shape[1] != len(self.activation.bias):
            raise ValueError(f"expected {len(self.activation.bias)} channels, got {features.shape[1]}")
        axes = features.shape[2:]
        size = tuple(-(-n // self.pool) for n in axes)
        first = self.lowest // self.pool
        last = min(highest_frequency(max(axes)), highest_frequency(self.samples)) // self.pool
        bands = range(max(first, last), first - 1, -1)
        return reduce(torch.add, (self._at_band if self.points == BAND else self._at_all)(features, size, bands))

    def _at_all(self, features: Tensor, size: tuple[int, ...], bands: range) -> list[Tensor]:
        """Σ_j L_j (σ_j − σ_{j+1}), as all σ lie on one grid."""
        parts: list[Tensor] = []
        finer: Tensor | None = None
        for band in bands:
            active = self.activation(limit_band(features, (self.samples,) * len(size), self._cut(band)))
            parts.append(limit_band(active if finer is None else active - finer, size, band))
            finer = active
        return parts

    def _at_band(self, features: Tensor, size: tuple[int, ...], bands: range) -> list[Tensor]:
        """(L_j − L_{j−1}) σ_j for each band; a point i of r lies at i / r of the canvas."""
        parts: list[Tensor] = []
        for band in bands:
            cut = self._cut(band)
            points = (2 * cut + (2 if cut == self.lowest else 1),) * len(size)
            active = self.activation(limit_band(features, points, cut, (0.0, _CENTRE)))
            kept = limit_band(active, size, band, (_CENTRE, 0.0))
            if band != bands[-1]:
                kept = kept - limit_band(active, size, band - 1, (_CENTRE, 0.0))
            parts.append(kept)
        return parts

    def _cut(self, band: int) -> int:
        """The modes that σ of a band rests on."""
        return max(self.pool * band, self.lowest)
