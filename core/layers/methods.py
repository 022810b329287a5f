"""The three methods of a convolution over scales, and which of them a layer takes.

All give the same response (tests, to 1e-12 in float64). `direct` filters by whole kernels (core.layers.filtering),
`separable` by one-dimensional functions (core.layers.separable), `spectral` multiplies spectra (core.layers.spectral).
The one that is estimated to take the least time is taken. The estimate depends on shapes, on whether gradients are
wanted and on the vector instructions of the processor alone, so that a shape has one method in every process of a
machine; its constants were fitted to measurements (docs/decisions/0011-spectral-convolution.md).
"""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import torch

from core.layers.frequency_grid import shortest_period, takes_sums, whole
from core.layers.spectral import CHUNK

METHODS = ("direct", "separable", "spectral")


# Milliseconds for each of the `features`, by `python -m benchmarks.methods` on two cores of one machine, which was held
# to AVX2 for the second table. With the cases, docs/decisions/0011 says how far the estimates are off.
_CONSTANTS: dict[str, dict[str, dict[str, tuple[float, ...]]]] = {
    "AVX512": {
        "inference": {
            "direct": (3.95e-09, 2.52e-09, 5.17e-09, 3.89e-09, 1.24e-07, 2.13e-07, 0.0559),
            "separable": (8.52e-09, 1.13e-08, 3.63e-07, 3.25e-09, 5.15e-07, 4.85e-07, 0.051),
            "spectral": (1.48e-08, 5.24e-09, 1.25e-07, 0, 1.46e-06, 0.0702),
        },
        "training": {
            "direct": (1.12e-08, 4.91e-09, 5.75e-09, 9.83e-09, 1.16e-06, 0, 0),
            "separable": (0, 7.13e-08, 2.08e-06, 3.38e-09, 1.3e-06, 1.8e-06, 0.511),
            "spectral": (1.31e-08, 2.71e-08, 3.47e-06, 0, 2.36e-06, 0.793),
        },
    },
    "AVX2": {
        "inference": {
            "direct": (1.06e-08, 9.88e-09, 1.73e-08, 2.44e-08, 0, 1.94e-07, 0.0731),
            "separable": (1.26e-08, 1.47e-08, 3.62e-08, 6.36e-09, 7.64e-07, 7.17e-07, 0.0716),
            "spectral": (1.36e-08, 4.64e-09, 1.3e-07, 0, 2.05e-06, 0.074),
        },
        "training": {
            "direct": (2.46e-08, 2.62e-08, 8.47e-08, 4.71e-08, 9.86e-07, 0, 0.605),
            "separable": (0, 1.22e-07, 1.54e-06, 1.68e-08, 8.44e-07, 1.46e-06, 1.21),
            "spectral": (1.41e-08, 2.77e-08, 3.55e-06, 4.14e-08, 2.41e-06, 0.986),
        },
    },
}
_MOST_KEPT = 2**25  # numbers of the spectra that a layer keeps between two calls without gradients: 128 MB


@dataclass(frozen=True)
class Work:
    """What a convolution has to do.

    Attributes:
        batch, c_in, c_out, size: images, channels, height and width.
        supports: odd side in pixels of each scale's kernels.
        taps: of each scale's kernels that are not 0; by default all, `support`².
        planes: places of the scale axis that are read; 1 if all scales read the same.
        interaction: kernels of a scale, each for an input scale of its own.
        functions: of which the kernels are sums, or 0 if the kernels are given.
        training: whether gradients are wanted.
        together: whether the direct method is one convolution for all scales.
        separable: what SeparableFilter.cost says, five numbers, if the kernels are separable.
        canvas: height and width on which the spectral method works, where the others know `size` to be enough.
    """

    batch: int
    c_in: int
    c_out: int
    size: tuple[int, int]
    supports: Sequence[int]
    planes: int = 1
    interaction: int = 1
    functions: int = 0
    training: bool = False
    taps: Sequence[int] = field(default=())
    together: bool = False
    separable: tuple[int, ...] | None = None
    canvas: tuple[int, int] | None = None


_OF_PROCESS: str = os.environ.get("EQUISCOPE_CONVOLUTION", "auto")
_FIXED: ContextVar[str] = ContextVar("method")


@contextmanager
def fixed(method: str) -> Iterator[None]:
    """Within the block every convolution of this thread takes that method where it has it, else `direct`.

    Results are then the same, bit by bit, on machines whose processors and libraries are the same, whatever the
    estimates say. The variable EQUISCOPE_CONVOLUTION does it for a whole process.
    Raises: ValueError for an unknown method.
    """
    token = _FIXED.set(checked(method))
    try:
        yield
    finally:
        _FIXED.reset(token)


def checked(method: str) -> str:
    """Raises ValueError unless it is one of the methods, or `auto`."""
    if method not in ("auto", *METHODS):
        raise ValueError(f"method must be one of {('auto', *METHODS)}, got {method!r}")
    return method


def method_for(work: Work, wanted: str = "auto") -> str:
    """The method that a layer takes. Args: wanted: by the layer itself, before any setting."""
    wanted = wanted if wanted != "auto" else checked(_FIXED.get(_OF_PROCESS))
    if wanted == "auto":
        times = estimates(work)
        if not work.training and spectra_numbers(work) > _MOST_KEPT:
            del times["spectral"]
        return min(times, key=times.__getitem__)
    return "direct" if wanted == "separable" and work.separable is None else wanted


def estimates(work: Work) -> dict[str, float]:
    """Milliseconds of each method that the work allows, on two cores."""
    constants = _CONSTANTS["AVX512" if torch.backends.cpu.get_cpu_capability() == "AVX512" else "AVX2"]
    weights = constants["training" if work.training else "inference"]
    return {
        name: sum(a * b for a, b in zip(weights[name], values, strict=True)) for name, values in features(work).items()
    }


def features(work: Work) -> dict[str, tuple[int | float, ...]]:
    """What takes time in each method that the work allows; a constant for each is fitted to measurements."""
    found = {"direct": _direct(work), "spectral": _spectral(work)}
    if work.separable is not None:
        read, written = _numbers(work)
        found["separable"] = (*(work.batch * n for n in work.separable), read + written, len(work.supports))
    return found


def _direct(work: Work) -> tuple[int | float, ...]:
    """Products with kernels of up to 13 pixels and with wider ones, each for many input channels and for one; numbers
    read and written; numbers of the kernels; convolutions."""
    scales = len(work.supports)
    c_in, c_out = work.c_in, float(_whole_vectors(work.c_out))
    if work.together:
        c_out = _whole_vectors(work.c_out * scales) / scales
    if work.training and c_in > 1:  # backwards, the inputs are what comes out
        c_in = _whole_vectors(c_in)
    each = work.batch * work.interaction * c_in * c_out * math.prod(work.size)
    taps = work.taps or [side * side for side in work.supports]
    narrow = sum(n for n, side in zip(taps, work.supports, strict=True) if side <= 13)
    products = (each * narrow, each * (sum(taps) - narrow))
    many = work.c_in > 1
    return (
        *(products if many else (0, 0)),
        *((0, 0) if many else products),
        sum(_numbers(work)),
        work.interaction * work.c_in * work.c_out * sum(taps),
        1 if work.together else scales,
    )


def _spectral(work: Work) -> tuple[int | float, ...]:
    """Products of the transforms and of the spectra; numbers of spectra read; products that make spectra; numbers read
    and written; calls."""
    (h, w), scales, grids = work.canvas or work.size, len(work.supports), _grids(work)
    spectra = spectra_numbers(work)
    there, back = work.planes / scales, 1.0  # times that a plane is transformed at each scale
    if work.training:
        there, back = there * (3 if work.c_in > 1 else 2), back * 2
    chunks = math.ceil(work.batch / CHUNK)
    together = math.ceil(work.batch / chunks)
    transformed = 0.0
    for times, channels in ((there, whole(work.c_in)), (back, whole(work.c_out))):
        for tall, half in grids:
            sums = takes_sums(together * channels * half, h, tall)
            transformed += times * channels * half * h * (2 * w + (2 if sums else 4) * tall)
    return (
        work.batch * transformed,
        2 * work.batch * spectra,
        spectra * chunks,
        spectra * work.training * (work.functions or max(work.supports)),
        sum(_numbers(work)),
        chunks * scales,
    )


def spectra_numbers(work: Work) -> int:
    """Of the spectra of all kernels."""
    kernels = work.interaction * whole(work.c_in) * whole(work.c_out)
    return 2 * kernels * sum(tall * half for tall, half in _grids(work))


def _grids(work: Work) -> list[tuple[int, int]]:
    """Frequencies along the height and along the width of each scale, as frequency_grid.grids_of has them."""
    alike = work.planes == 1 or work.interaction > 1
    supports = [max(work.supports)] * len(work.supports) if alike else work.supports
    h, w = work.canvas or work.size
    return [(shortest_period(h, k // 2), shortest_period(w, k // 2) // 2 + 1) for k in supports]


def _numbers(work: Work) -> tuple[int, int]:
    canvas = work.batch * math.prod(work.size)
    return canvas * work.planes * work.c_in, canvas * len(work.supports) * work.c_out


def _whole_vectors(channels: int) -> int:
    """As many as the convolutions of oneDNN compute for them."""
    return math.ceil(channels / 16) * 16
