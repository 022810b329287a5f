"""The Fourier transform of planes on one canvas, short enough for kernels of one reach, as products with matrices.

A correlation of planes with a kernel of reach r (taps −r … r) on h samples, continued by zeros, is the circular one of
any period n ≥ h + r: what comes round the end meets zeros. So the transforms need not hold the whole of canvas and
kernel, only r samples more than the canvas; a reach of h or more is cut to h − 1, since no tap beyond meets the canvas.

Periods are below a hundred samples and most are no power of two, so the transform of an axis is a product with a matrix
of its cosines and sines. That takes as long as a fast Fourier transform here, needs no period of a favourable size, and
leaves the frequency first, as the products over channels want it: a spectrum is real, (q, 2, b, i), the real part
before the imaginary one, and q runs over the frequencies along the width from 0 up, since planes are real, and for each
over all along the height (docs/decisions/0011-spectral-convolution.md).
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_VECTOR = 8  # numbers

Spectrum = Float[Tensor, "q 2 m _"]


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
        self.num_frequencies = half * tall
        self._along_width = self._from_real(_angles(range(half), wide, range(w)))
        self._along_height = self._from_complex(_angles(range(tall), tall, range(h)))
        self._back_along_height = self._along_height.T.contiguous()
        # All frequencies but the first, and the middle one of an even period, stand for their conjugate as well.
        twice = torch.tensor([1.0 if f in (0, wide / 2) else 2.0 for f in range(half)]).to(self.like)
        self._back_along_width = self._along_width * twice.repeat_interleave(2)[:, None] / (tall * wide)

    def into(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        """The spectra of planes; their number n is filled up by zeros (`whole`)."""
        return _spectra_of(self._along_height, self._along_width, _filled(planes))

    def into_adjoint(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes to `planes`, as `back` does."""
        self._synthesise(self._along_width, spectra, planes)

    def back(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes the planes that have these spectra, cut to the canvas."""
        self._synthesise(self._back_along_width, spectra, planes)

    def back_adjoint(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        return _spectra_of(self._along_height, self._back_along_width, _filled(planes))

    def of_kernels(self, kernels: Float[Tensor, "m n k k"]) -> Spectrum:
        """What the spectra of planes are multiplied by to be correlated with these kernels; k odd."""
        half = kernels.shape[-1] // 2
        if half > max(self.reach):
            cut = half - max(self.reach)
            kernels, half = kernels[..., cut:-cut, cut:-cut], max(self.reach)
        (tall, wide), taps = self.periods, range(half, -half - 1, -1)  # a correlation, so mirrored
        rows = self._from_complex(_angles(range(tall), tall, taps))
        columns = self._from_real(_angles(range(wide // 2 + 1), wide, taps))
        for matrix, reach in ((rows, self.reach[0]), (columns, self.reach[1])):
            beyond = half - reach  # on a canvas that is not square
            if beyond > 0:
                by_tap = matrix.view(len(matrix), -1, len(taps))
                by_tap[..., :beyond] = by_tap[..., -beyond:] = 0
        return _spectra_of(rows, columns, kernels)

    def _from_real(self, angles: Float[Tensor, "f n"]) -> Float[Tensor, "f_both n"]:
        """Of e^{−iφ}, from real numbers to complex ones."""
        return torch.stack([angles.cos(), -angles.sin()], 1).flatten(0, 1).to(self.like)

    def _from_complex(self, angles: Float[Tensor, "f n"]) -> Float[Tensor, "f_both both_n"]:
        """Of e^{−iφ}, from complex numbers to complex ones."""
        cos, sin = angles.cos(), angles.sin()
        real, imaginary = torch.cat([cos, sin], 1), torch.cat([-sin, cos], 1)
        return torch.stack([real, imaginary], 1).flatten(0, 1).to(self.like)

    def _synthesise(self, along_width: Tensor, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        (m, n, h, w), back = planes.shape, self._back_along_height
        by_column = spectra.reshape(-1, back.shape[1], m * n)
        columns = torch.bmm(back.expand(len(by_column), -1, -1), by_column)
        lines = torch.mm(columns.view(len(along_width), -1).T, along_width)
        planes.copy_(lines.view(h, m, n, w).permute(1, 2, 0, 3))


def _spectra_of(
    along_height: Float[Tensor, "tall_both both_h"],
    along_width: Float[Tensor, "half_both w"],
    planes: Float[Tensor, "m n h w"],
) -> Spectrum:
    """By the matrices of both axes: the transform of every line, then that of the columns of each frequency."""
    m, n, h, w = planes.shape
    lines = planes.permute(2, 0, 1, 3).reshape(-1, w)
    columns = torch.mm(along_width, lines.T).view(-1, 2 * h, m * n)
    return torch.bmm(along_height.expand(len(columns), -1, -1), columns).view(-1, 2, m, n)


def whole(channels: int) -> int:
    """So many channels as fill vectors of the processor: products of spectra take a third longer with fewer."""
    return channels if channels < _VECTOR else math.ceil(channels / _VECTOR) * _VECTOR


def _filled(planes: Float[Tensor, "m n h w"]) -> Float[Tensor, "m _ h w"]:
    n = planes.shape[1]
    return planes if whole(n) == n else F.pad(planes, (0, 0, 0, 0, 0, whole(n) - n))


def shortest_period(samples: int, reach: int) -> int:
    """Of a transform that continues an axis by zeros, for kernels that reach so many samples from their centre."""
    return samples + min(reach, samples - 1)


def _angles(frequencies: Sequence[int], period: int, samples: Sequence[int]) -> Float[Tensor, "f n"]:
    """2π f x / period; whole numbers are multiplied first, so that no angle is large."""
    turns = torch.tensor(list(frequencies))[:, None] * torch.tensor(list(samples)) % period
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
