"""The three methods of a convolution over scales, and which of them a layer takes.

All give the same response (tests, to 1e-12 in float64). `direct` filters by whole kernels (core.layers.filtering),
`separable` by one-dimensional functions (core.layers.separable), `spectral` multiplies spectra (core.layers.spectral).
The one that is estimated to take the least time is taken. The estimate depends on shapes, on whether gradients are
wanted, on the vector instructions of the processor and on the library that multiplies matrices (core.matrix_products)
alone, so that a shape has one method in every process of a kind on a machine; its constants were fitted to measurements
(docs/decisions/0011-spectral-convolution.md).
"""

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import torch

from core.layers.frequency_grid import shortest_period, whole
from core.layers.spectral import CHUNK
from core.matrix_products import by_onednn

METHODS = ("direct", "separable", "spectral")


# Milliseconds for each of the `features`, by `python -m benchmarks.methods` on two cores of one machine: where oneDNN
# multiplies matrices, where MKL does, and held to AVX2, where a call (the last number) takes what it takes on a
# processor that has no more. With the cases, docs/decisions/0011 says how far the estimates are off.
_CONSTANTS: dict[str, dict[str, dict[str, tuple[float, ...]]]] = {
    "AVX512, oneDNN": {
        "inference": {
            "direct": (3.8e-09, 2.54e-09, 5.15e-09, 3.76e-09, 1.92e-07, 2.74e-07, 0.0634),
            "separable": (3.6e-09, 6.91e-09, 3.69e-07, 3.87e-09, 1.53e-06, 0, 0.0714),
            "spectral": (5.58e-09, 3.09e-09, 8.73e-08, 0, 2.59e-07, 0.114),
        },
        "training": {
            "direct": (1.15e-08, 4.57e-09, 1.13e-08, 1.05e-08, 8.66e-07, 0, 0),
            "separable": (0, 1.93e-08, 1.2e-06, 2.68e-09, 2.87e-06, 1.62e-06, 0.219),
            "spectral": (3.86e-09, 5.28e-09, 6.76e-07, 2.55e-07, 7.12e-07, 0.0051),
        },
    },
    "AVX512": {
        "inference": {
            "direct": (4.09e-09, 2.55e-09, 5.82e-09, 3.86e-09, 1.84e-07, 2.07e-07, 0.0598),
            "separable": (8.79e-09, 1.08e-08, 4.91e-07, 5.28e-09, 5.6e-07, 3.06e-07, 0.0474),
            "spectral": (1.17e-08, 4.29e-09, 1.17e-07, 0, 5.11e-07, 0.0449),
        },
        "training": {
            "direct": (1.15e-08, 4.73e-09, 8.05e-09, 1.06e-08, 1.13e-06, 0, 0),
            "separable": (0, 7.26e-08, 2.45e-06, 4.59e-09, 2.85e-06, 1.4e-06, 0.489),
            "spectral": (1e-08, 3.85e-10, 4.92e-08, 5.34e-07, 8.14e-07, 0.0129),
        },
    },
    "AVX2": {
        "inference": {
            "direct": (1.07e-08, 9.54e-09, 1.88e-08, 2.35e-08, 0, 1.5e-07, 0.0813),
            "separable": (1.13e-08, 1.35e-08, 2.25e-07, 6.63e-09, 1.43e-06, 3.58e-07, 0.0458),
            "spectral": (1.21e-08, 6.97e-09, 1.15e-07, 0, 4.33e-07, 0.12),
        },
        "training": {
            "direct": (2.5e-08, 2.63e-08, 7.95e-08, 4.28e-08, 1.2e-06, 0, 0.4),
            "separable": (0, 8.77e-08, 1.92e-06, 1.14e-08, 4.34e-06, 9.55e-07, 0.6),
            "spectral": (1.05e-08, 0, 0, 5.35e-07, 7.86e-07, 0.2),
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
    weights = _CONSTANTS[_kind()]["training" if work.training else "inference"]
    return {
        name: sum(a * b for a, b in zip(weights[name], values, strict=True)) for name, values in features(work).items()
    }


def _kind() -> str:
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        return "AVX2"
    return "AVX512, oneDNN" if by_onednn() else "AVX512"


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
    """Products of the transforms and of the spectra; numbers of the kernels' spectra; products that make them; numbers
    read and written, those of planes' spectra among them; calls."""
    (h, w), scales, grids = work.canvas or work.size, len(work.supports), _grids(work)
    spectra = spectra_numbers(work)
    read, answered = whole(work.c_in) * work.planes / scales, whole(work.c_out)  # planes at each scale
    there, back = (3 if work.c_in > 1 else 2, 2) if work.training else (1, 1)  # times that they are transformed
    chunks = math.ceil(work.batch / CHUNK)
    transformed = moved = 0.0
    for tall, half in grids:
        transformed += (there * read + back * answered) * half * h * (2 * w + 4 * tall)
        moved += (1 + work.training) * (2 * read + answered) * 2 * half * tall  # as matrices each number stands twice
    return (
        work.batch * transformed,
        2 * work.batch * spectra,
        spectra * chunks,
        spectra * work.training * (work.functions or max(work.supports)),
        work.batch * moved + sum(_numbers(work)),
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
