"""The matrix A of one axis, for every kernel: at one scale factor, at many, its slope at 1, and what it knows.

Every matrix and mask is computed once. What is cached is never handed out, but for `matrix_like`, which is for the
modules of this package: a caller may change what it gets.
"""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from core.resampling.kernel import nearest_sample, on_canvas
from core.resampling.table import RESAMPLERS, kernel_named

_CACHED = 512
_BEYOND = 4  # samples by which a kernel reaches beyond an enlarged canvas, at least


def resampling_matrix(
    n_out: int,
    n_in: int,
    scale_factor: float,
    resampler: str = "bicubic",
    *,
    antialias: bool = True,
    centre: float = 0.0,
    shift: float = 0.0,
) -> Float[Tensor, "n_out n_in"]:
    """The matrix A of one axis; a resize is the case n_out = n_in · scale_factor.

    Args: n_out, n_in: samples of the output and the input canvas, same spacing.
          scale_factor: s > 0, without unit; above 1 enlarges about the canvas centre.
          resampler: one of `RESAMPLERS`. `ideal` is Dirichlet interpolation, low-pass below min(1, s)·Nyquist;
              `bicubic` is Keys' kernel (a = −½) and `bilinear` the tent, both widened by 1/s when shrinking if
              `antialias`; `nearest` takes the sample whose cell holds the point.
          centre: offset of the true centre from the middle of both canvases, in samples.
          shift: by which the result is moved towards higher indices, in samples of the output.
    Returns: float64 matrix; at s = 1 it moves whole samples by a whole shift, for every resampler.
    Raises: ValueError for an unknown resampler, a canvas below 1, a factor that is not positive or a shift that is not
        finite.
    """
    _check(n_out, n_in, scale_factor, resampler, shift)
    return _matrix(n_out, n_in, float(scale_factor), resampler, antialias, float(centre), float(shift)).clone()


def matrix_like(
    planes: Tensor,
    n_out: int,
    n_in: int,
    scale_factor: float,
    resampler: str,
    *,
    centre: float = 0.0,
    shift: float = 0.0,
) -> Float[Tensor, "n_out n_in"]:
    """The matrix in the type and on the device of the planes: the cached one itself, not to be changed or handed on."""
    _check(n_out, n_in, scale_factor, resampler, shift)
    how = n_out, n_in, float(scale_factor), resampler, float(centre), float(shift)
    return _converted(*how, planes.dtype, planes.device)


def round_trip_like(
    planes: Tensor, n: int, scale_factor: float, resampler: str, *, centre: float = 0.0
) -> Float[Tensor, "n n"]:
    """The matrix of T_{1/s} T_s on one axis with a canvas in between that holds all of T_s x, as `matrix_like`."""
    _check(n, n, scale_factor, resampler)
    return _round_trip(n, float(scale_factor), resampler, float(centre), planes.dtype, planes.device)


def resampling_matrices(
    n_out: int,
    n_in: int,
    scale_factors: Float[Tensor, " batch"],
    resampler: str = "bicubic",
    *,
    antialias: bool = True,
) -> Float[Tensor, "batch n_out n_in"]:
    """Many matrices A at once, one for each factor: for data whose every image has a scale of its own.

    The same weights as `resampling_matrix`, without its cache, for the kernels of local support.
    Raises: ValueError as `resampling_matrix`, and for a resampler other than `bicubic` and `bilinear`.
    """
    kernel = kernel_named(resampler)
    if not kernel.at_once:
        able = " or ".join(name for name, each in RESAMPLERS.items() if each.at_once)
        raise ValueError(f"many matrices at once need {able}, got {resampler!r}")
    for extreme in scale_factors.aminmax() if len(scale_factors) else ():
        _check(n_out, n_in, float(extreme), resampler)
    if not len(scale_factors):
        return torch.zeros(0, n_out, n_in, dtype=torch.float64)
    factors = scale_factors.to(torch.float64)
    source = (torch.arange(n_out, dtype=torch.float64) + 0.5 - n_out / 2) / factors[:, None] + n_in / 2 - 0.5
    return kernel.rows(source, n_in, factors, antialias)


def resampling_generator(n: int, resampler: str = "bicubic", *, centre: float = 0.0) -> Float[Tensor, "n n"]:
    """d/dt of the matrix A(n, n, e^t) at t = 0, by the kernel's own derivative: the infinitesimal change of scale.

    The kernel keeps its width, as where an image is enlarged. A low-pass that begins at s = 1 would add a blur of its
    own when shrinking, which is no change of scale.
    Args: n: samples of the canvas. centre: as in `resampling_matrix`.
    Returns: float64 matrix, per unit of ln s.
    Raises: ValueError for an unknown resampler, one that has a kink (`bilinear`) or a jump (`nearest`) at s = 1, or n
        below 1.
    """
    _check(n, n, 1.0, resampler)
    kernel = kernel_named(resampler)
    if not kernel.smooth:
        able = " and ".join(name for name, each in RESAMPLERS.items() if each.smooth)
        raise ValueError(f"{resampler!r} has no derivative at a scale factor of 1; {able} have one")
    samples = torch.arange(n, dtype=torch.float64)
    position = samples + 0.5 - n / 2 - centre
    # Output sample u reads at u e^-t, which moves by −u for each unit of t.
    return -position[:, None] * kernel.slope(samples[:, None] - samples, n)


def valid_samples(
    valid: Float[Tensor, " n_in"],
    n_out: int,
    scale_factor: float,
    resampler: str = "bicubic",
    *,
    centre: float = 0.0,
    shift: float = 0.0,
) -> Float[Tensor, " n_out"]:
    """1 where an output sample rests on valid input samples only, else 0 (one axis of the mask M).

    A sample is known if every input sample within the kernel's reach is valid and on the canvas.
    Raises: ValueError as `resampling_matrix`.
    """
    _check(n_out, valid.shape[0], scale_factor, resampler, shift)
    return _valid(valid, n_out, float(scale_factor), resampler, float(centre), float(shift))


def known_samples(
    n_out: int,
    n_in: int,
    scale_factor: float,
    resampler: str = "bicubic",
    *,
    centre: float = 0.0,
    shift: float = 0.0,
) -> Float[Tensor, " n_out"]:
    """`valid_samples` of a canvas all of whose n_in samples are valid, as float64. Raises: ValueError as there."""
    _check(n_out, n_in, scale_factor, resampler, shift)
    return _known(n_out, n_in, float(scale_factor), resampler, float(centre), float(shift)).clone()


def _check(n_out: int, n_in: int, scale_factor: float, resampler: str, shift: float = 0.0) -> None:
    kernel_named(resampler)
    if n_out < 1 or n_in < 1:
        raise ValueError(f"a canvas needs at least 1 sample, got {n_in} in and {n_out} out")
    if not (math.isfinite(scale_factor) and scale_factor > 0):
        raise ValueError(f"scale_factor must be a positive number, got {scale_factor}")
    if not math.isfinite(shift):
        raise ValueError(f"a shift must be a finite number of samples, got {shift}")


@lru_cache(maxsize=_CACHED)
def _matrix(
    n_out: int, n_in: int, scale_factor: float, resampler: str, antialias: bool, centre: float, shift: float
) -> Float[Tensor, "n_out n_in"]:
    with torch.inference_mode(False):  # a tensor made under inference mode could never be trained through
        whole = _whole_shift(n_out, n_in, scale_factor, shift)
        if whole is not None:
            return _shifted_identity(n_in, whole)
        source = _source_positions(n_out, n_in, scale_factor, centre, shift)
        return kernel_named(resampler).rows(source, n_in, torch.tensor(scale_factor, dtype=torch.float64), antialias)


@lru_cache(maxsize=_CACHED)
def _converted(
    n_out: int, n_in: int, scale_factor: float, resampler: str, centre: float, shift: float,
    dtype: torch.dtype, device: torch.device,
) -> Float[Tensor, "n_out n_in"]:  # fmt: skip
    with torch.inference_mode(False):
        return _matrix(n_out, n_in, scale_factor, resampler, True, centre, shift).to(dtype=dtype, device=device)


@lru_cache(maxsize=_CACHED)
def _round_trip(
    n: int, scale_factor: float, resampler: str, centre: float, dtype: torch.dtype, device: torch.device
) -> Float[Tensor, "n n"]:
    more = max(0, math.ceil((scale_factor - 1) * (n / 2 + abs(centre)))) + _BEYOND
    between = n + 2 * more  # the same middle
    with torch.inference_mode(False):
        there = _matrix(between, n, scale_factor, resampler, True, centre, 0.0)
        back = _matrix(n, between, 1 / scale_factor, resampler, True, centre, 0.0)
        return (back @ there).to(dtype=dtype, device=device)


@lru_cache(maxsize=_CACHED)
def _known(
    n_out: int, n_in: int, scale_factor: float, resampler: str, centre: float, shift: float
) -> Float[Tensor, " n_out"]:
    with torch.inference_mode(False):
        return _valid(torch.ones(n_in, dtype=torch.float64), n_out, scale_factor, resampler, centre, shift)


def _valid(
    valid: Float[Tensor, " n_in"], n_out: int, scale_factor: float, resampler: str, centre: float, shift: float
) -> Float[Tensor, " n_out"]:
    n_in = valid.shape[0]
    whole = _whole_shift(n_out, n_in, scale_factor, shift)
    if whole is not None:
        return _shifted_identity(n_in, whole).to(valid) @ valid
    source = _source_positions(n_out, n_in, scale_factor, centre, shift)
    inside, reach = on_canvas(source, n_in), kernel_named(resampler).reach
    if reach is None:
        return valid[nearest_sample(source, n_in)] * inside
    reach *= max(1.0, 1 / scale_factor)
    margin = math.ceil(reach) + 1
    samples = torch.arange(-margin, n_in + margin, dtype=torch.float64)
    known = torch.zeros(samples.shape[0], dtype=torch.float64)
    known[margin : margin + n_in] = valid.to(torch.float64)
    read = (samples[None] - source[:, None]).abs() < reach - 1e-9
    return ((read & (known[None] < 0.5)).sum(1).eq(0) & inside).to(valid.dtype)


def _source_positions(n_out: int, n_in: int, scale_factor: float, centre: float, shift: float) -> Tensor:
    """Where each output sample reads, as an input index (fractional)."""
    out = torch.arange(n_out, dtype=torch.float64) + 0.5 - n_out / 2 - centre - shift
    return out / scale_factor + n_in / 2 - 0.5 + centre


def _whole_shift(n_out: int, n_in: int, scale_factor: float, shift: float) -> int | None:
    """By how many samples all of them move; None if they are not moved as they are."""
    if n_out != n_in or abs(scale_factor - 1) > 1e-12 or abs(shift - round(shift)) > 1e-9:
        return None
    return round(shift)


def _shifted_identity(n: int, shift: int) -> Float[Tensor, "n n"]:
    ones = torch.ones(max(0, n - abs(shift)), dtype=torch.float64)
    return torch.diag(ones, -shift) if len(ones) else torch.zeros(n, n, dtype=torch.float64)
