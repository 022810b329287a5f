"""The Fourier transform of planes on one canvas, short enough for kernels of one reach, as products with matrices.

A correlation of planes with a kernel of reach r (taps −r … r) on h samples, continued by zeros, is the circular one of
any period n ≥ h + r: what comes round the end meets zeros. So the transforms need not hold the whole of canvas and
kernel, only r samples more than the canvas; a reach of h or more is cut to h − 1, since no tap beyond meets the canvas.

Periods are below a hundred samples and most are no power of two, so the transform of an axis is a product with a matrix
of its cosines and sines. That takes as long as a fast Fourier transform here, needs no period of a favourable size, and
leaves the frequency first, as the products over channels want it: a spectrum is real, (2, q, b, i), real part before
imaginary, with one half of the frequencies q, as planes are real (docs/decisions/0011-spectral-convolution.md).

Along the height f and −f share their cosines C and, but for the sign, their sines S. Of a column z = x + i y the sums
a = C x, b = S x, c = C y, d = S y give both: z(f) = (a + d) + i (c − b), and what is kept in place of z(−f) is
i times its conjugate, (c + b) + i (a − d). A conjugate is what −f and minus the frequency along the width have, so
kernels have their spectra conjugate there, and a factor of i passes through a product. This takes half of the products
of whole matrices, and each sum is where one of both belongs.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

# From so many products on (columns × period × height) f and −f are found from their common sums; for fewer, whole
# matrices take less time (docs/decisions/0011-spectral-convolution.md).
MANY = 600_000
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
        self._pairs = (tall - 1) // 2  # of f and −f; 0 and the middle one of an even period stand alone
        self._along_width = self._from_real(_angles(range(half), wide, range(w)))
        angles = _angles(range(tall - self._pairs), tall, range(h))
        self._sums = torch.cat([angles.cos(), angles.sin()[1 : 1 + self._pairs]]).to(self.like)
        self._along_height = self._from_complex(_angles(self._in_order(), tall, range(h)), turned=True)
        # All frequencies but the first, and the middle one of an even period, stand for their conjugate as well.
        twice = torch.tensor([1.0 if f in (0, wide / 2) else 2.0 for f in range(half)]).to(self.like)
        self._back_along_width = self._along_width * twice.repeat(2)[:, None] / (tall * wide)

    def into(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        """The spectra of planes; their number n is filled up by zeros (`whole`)."""
        return self._analyse(self._along_width, _filled(planes))

    def into_adjoint(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes to `planes`, and overwrites the spectra, as `back` does."""
        self._synthesise(self._along_width, spectra, planes)

    def back(self, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        """Writes the planes that have these spectra, cut to the canvas; the spectra are overwritten."""
        self._synthesise(self._back_along_width, spectra, planes)

    def back_adjoint(self, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        return self._analyse(self._back_along_width, _filled(planes))

    def of_kernels(self, kernels: Float[Tensor, "m n k k"]) -> Spectrum:
        """What the spectra of planes are multiplied by to be correlated with these kernels; k odd."""
        half = kernels.shape[-1] // 2
        if half > max(self.reach):
            cut = half - max(self.reach)
            kernels, half = kernels[..., cut:-cut, cut:-cut], max(self.reach)
        (tall, wide), taps = self.periods, range(half, -half - 1, -1)  # a correlation, so mirrored
        rows = self._from_complex(_angles(self._in_order(), tall, taps), turned=False)
        columns = self._from_real(_angles(range(wide // 2 + 1), wide, taps))
        for matrix, reach, size in ((rows, self.reach[0], 2), (columns, self.reach[1], 1)):
            beyond = half - reach  # on a canvas that is not square
            if beyond > 0:
                matrix[:, : beyond * size] = matrix[:, -beyond * size :] = 0
        return torch.mm(rows, _columns_of(columns, kernels)).view(2, -1, *kernels.shape[:2])

    def _in_order(self) -> list[int]:
        """The frequencies along the height as spectra have them: those that are not below 0, then the others."""
        return [*range(self.periods[0] - self._pairs), *range(-1, -self._pairs - 1, -1)]

    def _from_real(self, angles: Float[Tensor, "f n"]) -> Float[Tensor, "both_f n"]:
        """Of e^{−iφ}, from real numbers to complex ones."""
        return torch.cat([angles.cos(), -angles.sin()]).to(self.like)

    def _from_complex(self, angles: Float[Tensor, "f n"], turned: bool) -> Float[Tensor, "both_f both_n"]:
        """Of e^{−iφ}, from complex numbers to complex ones, conjugate for the frequencies below 0, and times i if
        `turned`."""
        cos, sin = angles.cos(), angles.sin()
        real, imaginary = torch.stack([cos, sin], 2), torch.stack([-sin, cos], 2)  # (f, n, 2)
        below = slice(len(angles) - self._pairs, None)
        imaginary[below] = -imaginary[below]
        if turned:
            real[below], imaginary[below] = -imaginary[below], real[below].clone()
        return torch.cat([real, imaginary]).flatten(1).to(self.like)

    def _analyse(self, along_width: Tensor, planes: Float[Tensor, "m n h w"]) -> Spectrum:
        m, n, h, _ = planes.shape
        x = _columns_of(along_width, planes)  # (h 2, fw m n)
        if not takes_sums(x.shape[1], h, self.periods[0]):
            return torch.mm(self._along_height, x).view(2, -1, m, n)
        sums = torch.bmm(self._sums.expand(2, -1, -1), x.view(h, 2, -1).transpose(0, 1))
        (a, c), (b, d) = self._paired(sums)
        torch.add(a.add_(d), d, alpha=-2, out=d)
        torch.add(c.sub_(b), b, alpha=2, out=b)
        return sums.view(2, -1, m, n)

    def _synthesise(self, along_width: Tensor, spectra: Spectrum, planes: Float[Tensor, "m n h w"]) -> None:
        m, n, h, w = planes.shape
        columns = spectra.view(2, self.periods[0], -1)
        if not takes_sums(columns.shape[2], h, self.periods[0]):
            x = torch.mm(self._along_height.T, columns.view(self._along_height.shape[0], -1)).view(h, -1, m * n)
            lines = torch.bmm(x.mT, along_width.expand(h, -1, -1))
        else:
            (a, c), (b, d) = self._paired(columns)
            torch.add(a.add_(d), d, alpha=-2, out=d)
            torch.add(b.sub_(c), c, alpha=2, out=c)
            real, imaginary = torch.bmm(self._sums.T.expand(2, -1, -1), columns).view(2, h, -1, m * n).mT
            to_real, to_imaginary = along_width.view(2, -1, w)
            lines = torch.bmm(real, to_real.expand(h, -1, -1))
            lines.baddbmm_(imaginary, to_imaginary.expand(h, -1, -1))
        planes.copy_(lines.view(h, m, n, w).permute(1, 2, 0, 3))

    def _paired(self, spectra: Float[Tensor, "2 f _"]) -> tuple[Tensor, Tensor]:
        """What belongs to frequencies along the height above 0 and to those below, of those that are in pairs."""
        start = self.periods[0] - self._pairs
        return spectra[:, 1 : 1 + self._pairs], spectra[:, start:]


def _columns_of(
    along_width: Float[Tensor, "both_f w"], planes: Float[Tensor, "m n h w"]
) -> Float[Tensor, "both_h columns"]:
    """The transform of every line, as columns for that along the height."""
    m, n, h, w = planes.shape
    x = planes.permute(2, 3, 0, 1).reshape(h, w, m * n)
    return torch.matmul(along_width, x).view(2 * h, -1)


def takes_sums(columns: int, height: int, period: int) -> bool:
    """Whether so many columns are transformed by the sums that f and −f have in common."""
    return columns * height * period >= MANY


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
