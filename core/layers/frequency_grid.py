"""The Fourier transform of planes on one canvas, short enough for kernels of one reach, as products with matrices.

A correlation of planes with a kernel of reach r (taps −r … r) on h samples, continued by zeros, is the circular one of
any period n ≥ h + r: what comes round the end meets zeros. So the transforms need not hold the whole of canvas and
kernel, only r samples more than the canvas; a reach of h or more is cut to h − 1, since no tap beyond meets the canvas.

Periods are below a hundred samples and most are no power of two, so the transform of an axis is a product with a matrix
of its cosines and sines. That takes as long as a fast Fourier transform here, needs no period of a favourable size, and
leaves the frequency first, as the products over channels want it: a spectrum is real, (2, q, b, i), real part before
imaginary, with one half of the frequencies q, as planes are real (docs/decisions/0011-spectral-convolution.md).
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

# So many planes are written line by line into place, as turning their axes afterwards would take longer.
MANY = 512
_VECTOR = 8  # numbers

Spectrum = Float[Tensor, "2 q m _"]


class Grid:
    """The Fourier transform of planes on one canvas, and of kernels that reach no further than `reach`.

    Args: size: height and width of the canvas. reach: pixels that the widest kernel reaches from its centre.
          like: gives type and device.
    """

    def __init__(self, size: tuple[int, int], reach: int, like: Tensor):
        self.size, self.like = size, like.new_empty(0)
        self.reach = tuple(min(reach, n - 1) for n in size)
        self.periods = tuple(shortest_period(n, reach) for n in size)
        (h, w), (tall, wide) = size, self.periods
        half = wide // 2 + 1
        self.num_frequencies = tall * half
        self._into = self._matrices(_angles(tall, tall, range(h)), _angles(half, wide, range(w)))
        rows, columns = self._into
        # All frequencies but the first, and the middle one of an even period, stand for their conjugate as well.
        twice = torch.tensor([1.0 if f in (0, wide / 2) else 2.0 for f in range(half)], dtype=columns.dtype)
        weight = twice.to(columns).repeat(2) / (tall * wide)
        self._back = rows.T.contiguous(), (columns * weight[:, None]).T.contiguous()

    def into(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        """The spectra of planes; their number n is filled up by zeros (`whole`)."""
        return self._analyse(*self._into, _filled(planes))

    def into_adjoint(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes to `planes`, as `back` does."""
        rows, columns = self._into
        self._synthesise(rows.T, columns.T, spectra, planes)

    def back(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes the planes that have these spectra, cut to the canvas; of `planes`, m and n must be one axis."""
        self._synthesise(*self._back, spectra, planes)

    def back_adjoint(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        rows, columns = self._back
        return self._analyse(rows.T, columns.T, _filled(planes))

    def of_kernels(self, kernels: Float[Tensor, "m n k k"]) -> Spectrum:
        """What the spectra of planes are multiplied by to be correlated with these kernels; k odd."""
        half = kernels.shape[-1] // 2
        if half > max(self.reach):
            cut = half - max(self.reach)
            kernels, half = kernels[..., cut:-cut, cut:-cut], max(self.reach)
        (tall, wide), taps = self.periods, range(half, -half - 1, -1)  # a correlation, so mirrored
        rows, columns = self._matrices(_angles(tall, tall, taps), _angles(wide // 2 + 1, wide, taps))
        for matrix, reach, size in ((rows, self.reach[0], 2), (columns, self.reach[1], 1)):
            beyond = half - reach  # on a canvas that is not square
            if beyond > 0:
                matrix[:, : beyond * size] = matrix[:, -beyond * size :] = 0
        return self._analyse(rows, columns, kernels)

    def _matrices(self, rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Of e^{−iφ}: along the height from complex to complex, along the width from real to complex."""
        cos, sin = rows.cos(), rows.sin()
        turned = torch.stack([torch.stack([cos, sin], 2), torch.stack([-sin, cos], 2)])  # (2, n, h, 2)
        along_width = torch.cat([columns.cos(), -columns.sin()])
        return turned.flatten(2).flatten(0, 1).to(self.like), along_width.to(self.like)

    def _analyse(self, rows: Tensor, columns: Tensor, planes: Tensor) -> Spectrum:
        m, n, h, w = planes.shape
        x = planes.permute(2, 3, 0, 1).reshape(h, w, m * n)
        x = torch.matmul(columns, x).view(2 * h, -1)  # (h, 2 fw, m n), as (h 2, fw m n)
        return torch.mm(rows, x).view(2, -1, m, n)

    def _synthesise(self, rows: Tensor, columns: Tensor, spectra: Spectrum, planes: Tensor) -> None:
        m, n, h, w = planes.shape
        x = torch.mm(rows, spectra.reshape(rows.shape[1], -1)).view(h, -1, m * n)
        if m * n < MANY:
            planes.copy_(torch.matmul(columns, x).view(h, w, m, n).permute(2, 3, 0, 1))
            return
        in_place = planes.view(m * n, h, w)
        for line, spectrum in enumerate(x.unbind()):
            in_place[:, line].addmm_(spectrum.T, columns.T, beta=0)


def whole(channels: int) -> int:
    """So many channels as fill vectors of the processor: products of spectra take a third longer with fewer."""
    return channels if channels < _VECTOR else math.ceil(channels / _VECTOR) * _VECTOR


def _filled(planes: Float[Tensor, "m n h w"]) -> Float[Tensor, "m _ h w"]:
    n = planes.shape[1]
    return planes if whole(n) == n else F.pad(planes, (0, 0, 0, 0, 0, whole(n) - n))


def shortest_period(samples: int, reach: int) -> int:
    """Of a transform that continues an axis by zeros, for kernels that reach so many samples from their centre."""
    return samples + min(reach, samples - 1)


def _angles(frequencies: int, period: int, samples: Sequence[int]) -> Float[Tensor, "f n"]:
    """2π f x / period; whole numbers are multiplied first, so that no angle is large."""
    turns = torch.arange(frequencies)[:, None] * torch.tensor(list(samples)) % period
    return turns.double() * (2 * math.pi / period)


def grids_of(planes: Float[Tensor, "b i p h w"], supports: Sequence[int], interaction: int = 1) -> tuple[Grid, ...]:
    """The grid of each scale, for kernels of these sides in pixels.

    Where scales read each a plane of their own, each has the shortest period of its own; else one serves all.
    """
    h, w = planes.shape[-2:]
    if planes.shape[2] == 1 or interaction > 1:
        supports = [max(supports)] * len(supports)
    return tuple(_grid((h, w), support // 2, planes.dtype, planes.device) for support in supports)


@lru_cache(maxsize=256)
def _grid(size: tuple[int, int], reach: int, dtype: torch.dtype, device: torch.device) -> Grid:
    with torch.inference_mode(False), torch.no_grad():  # what is kept may be trained with later
        return Grid(size, reach, torch.empty(0, dtype=dtype, device=device))
