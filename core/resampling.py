"""T_s: every change of scale, as one separable linear operator, T_s x = A x Aᵀ.

The 1-D matrix A has half-pixel centres (align_corners=False): sample i of n lies at i + ½ − n/2 − centre,
measured from the canvas centre, and output sample u reads the input at u / s. A shift by t samples
reads at u − t, with the same kernels. What lies outside the canvas is background, 0. The same matrices act on images,
on feature maps and on their validity masks.
"""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

RESAMPLERS = ("ideal", "bicubic", "bilinear", "nearest")

# How far from a sampling point a kernel reads, in samples of the coarser grid. `nearest` reads one sample. `ideal`
# reads the whole canvas, but as the interpolant of a periodic signal; its validity is that of the nearest sample.
_REACH = {"bicubic": 2.0, "bilinear": 1.0}


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
    Raises: ValueError for an unknown resampler, a canvas below 1 or a factor that is not positive.
    """
    _check(n_out, n_in, scale_factor, resampler)
    return _matrix(n_out, n_in, float(scale_factor), resampler, antialias, float(centre), float(shift)).clone()


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
    if resampler not in ("bicubic", "bilinear"):
        raise ValueError(f"many matrices at once need bicubic or bilinear, got {resampler!r}")
    for extreme in scale_factors.aminmax() if len(scale_factors) else ():
        _check(n_out, n_in, float(extreme), resampler)
    factors = scale_factors.to(torch.float64)[:, None]
    source = (torch.arange(n_out, dtype=torch.float64) + 0.5 - n_out / 2) / factors + n_in / 2 - 0.5
    width = (1 / factors).clamp_min(1.0) if antialias else torch.ones_like(factors)
    if not len(scale_factors):
        return torch.zeros(0, n_out, n_in, dtype=torch.float64)
    return _kernel_rows(source, n_in, width[..., None], resampler)


def resampling_generator(n: int, resampler: str = "bicubic", *, centre: float = 0.0) -> Float[Tensor, "n n"]:
    """d/dt of the matrix A(n, n, e^t) at t = 0, by the kernel's own derivative: the infinitesimal change of scale.

    The kernel keeps its width, as where an image is enlarged. A low-pass that begins at s = 1 would add a blur of its
    own when shrinking, which is no change of scale.
    Args: n: samples of the canvas. centre: as in `resampling_matrix`.
    Returns: float64 matrix, per unit of ln s.
    Raises: ValueError for a resampler that has a kink (`bilinear`) or a jump (`nearest`) at s = 1, or n below 1.
    """
    _check(n, n, 1.0, resampler)
    if resampler not in _SLOPES:
        raise ValueError(f"{resampler!r} has no derivative at a scale factor of 1; {' and '.join(_SLOPES)} have one")
    samples = torch.arange(n, dtype=torch.float64)
    position = samples + 0.5 - n / 2 - centre
    # Output sample u reads at u e^-t, which moves by −u for each unit of t.
    return -position[:, None] * _SLOPES[resampler](samples[:, None] - samples, n)


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
    """
    n_in = valid.shape[0]
    _check(n_out, n_in, scale_factor, resampler)
    source = _source_positions(n_out, n_in, float(scale_factor), float(centre), float(shift))
    whole = _whole_shift(n_out, n_in, scale_factor, shift)
    if whole is not None:
        return _shifted_identity(n_in, whole).to(valid) @ valid
    inside = _on_canvas(source, n_in)
    if resampler not in _REACH:
        return valid[_nearest(source, n_in)] * inside
    reach = _REACH[resampler] * max(1.0, 1 / scale_factor)
    samples = torch.arange(-math.ceil(reach) - 1, n_in + math.ceil(reach) + 1, dtype=torch.float64)
    known = torch.zeros(samples.shape[0], dtype=torch.float64)
    known[math.ceil(reach) + 1 : math.ceil(reach) + 1 + n_in] = valid.to(torch.float64)
    read = (samples[None] - source[:, None]).abs() < reach - 1e-9
    return ((read & (known[None] < 0.5)).sum(1).eq(0) & inside).to(valid.dtype)


def resample(
    planes: Float[Tensor, "*batch h w"],
    scale_factor: float,
    resampler: str = "bicubic",
    *,
    size: tuple[int, int] | None = None,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Float[Tensor, "*batch h_out w_out"]:
    """T_s on the last two axes: A x Aᵀ, on the same canvas unless `size` (height, width) says otherwise.

    Raises: ValueError as `resampling_matrix`.
    """
    h, w = planes.shape[-2:]
    h_out, w_out = size or (h, w)
    rows = resampling_matrix(h_out, h, scale_factor, resampler, centre=centre[0]).to(planes)
    columns = resampling_matrix(w_out, w, scale_factor, resampler, centre=centre[1]).to(planes)
    return rows @ planes @ columns.mT


def rescale(
    images: Float[Tensor, "*batch h w"], scale_factor: float, resampler: str = "bicubic"
) -> Float[Tensor, "*batch h w"]:
    """T_s of images on the same canvas; `scale_factor` above 1 enlarges about the canvas centre.

    Raises: ValueError for an unknown resampler or a factor that is not positive. The resampler `exact` renders
    a vector digit again and so needs one: see `core.data.glyphs.Glyph.render`.
    """
    return resample(images, scale_factor, resampler)


def resize(
    images: Float[Tensor, "*batch h w"], size: tuple[int, int], resampler: str = "bicubic"
) -> Float[Tensor, "*batch h_out w_out"]:
    """The whole canvas on another grid of `size` (height, width); each axis has its own factor."""
    h, w = images.shape[-2:]
    rows = resampling_matrix(size[0], h, size[0] / h, resampler).to(images)
    columns = resampling_matrix(size[1], w, size[1] / w, resampler).to(images)
    return rows @ images @ columns.mT


def resampling_floor(
    images: Float[Tensor, "b c h w"], scale_factor: float, resampler: str = "bicubic"
) -> Float[Tensor, " b"]:
    """What the resampler alone costs: ‖T_{1/s} T_s x − x‖₂ / ‖x‖₂ for each image, without unit."""
    there_and_back = rescale(rescale(images, scale_factor, resampler), 1 / scale_factor, resampler)
    return (there_and_back - images).flatten(1).norm(dim=1) / images.flatten(1).norm(dim=1).clamp_min(1e-12)


def _check(n_out: int, n_in: int, scale_factor: float, resampler: str) -> None:
    if resampler not in RESAMPLERS:
        raise ValueError(f"unknown resampler {resampler!r}; known are {', '.join(RESAMPLERS)}")
    if n_out < 1 or n_in < 1:
        raise ValueError(f"a canvas needs at least 1 sample, got {n_in} in and {n_out} out")
    if not (math.isfinite(scale_factor) and scale_factor > 0):
        raise ValueError(f"scale_factor must be a positive number, got {scale_factor}")


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


def _on_canvas(source: Tensor, n_in: int) -> Tensor:
    return (source >= -0.5 - 1e-9) & (source <= n_in - 0.5 + 1e-9)


def _nearest(source: Tensor, n_in: int) -> Tensor:
    """Index of the sample whose cell holds each position; of two equally near ones the first."""
    return torch.floor(source + 0.5 - 1e-9).clamp(0, n_in - 1).long()


@lru_cache(maxsize=512)
def _matrix(
    n_out: int, n_in: int, scale_factor: float, resampler: str, antialias: bool, centre: float, shift: float
) -> Float[Tensor, "n_out n_in"]:
    whole = _whole_shift(n_out, n_in, scale_factor, shift)
    if whole is not None:
        return _shifted_identity(n_in, whole)
    source = _source_positions(n_out, n_in, scale_factor, centre, shift)
    inside = _on_canvas(source, n_in)
    distance = source[:, None] - torch.arange(n_in, dtype=torch.float64)[None]
    if resampler == "ideal":
        return _dirichlet(distance, n_in, scale_factor) * inside[:, None]
    if resampler == "nearest":
        return (torch.arange(n_in)[None] == _nearest(source, n_in)[:, None]).to(torch.float64) * inside[:, None]
    width = max(1.0, 1 / scale_factor) if antialias else 1.0
    return _kernel_rows(source, n_in, torch.tensor(width, dtype=torch.float64), resampler)


def _kernel_rows(source: Tensor, n_in: int, width: Tensor, resampler: str) -> Tensor:
    """One row of weights for each position in `source`; `width` is how far the kernel is stretched."""
    kernel = _keys if resampler == "bicubic" else _tent
    # Rows are normalised over the unbounded grid, so that the border fades into the background. A row that
    # touches the canvas lies at most 2 · width outside it, and reads as far again.
    margin = math.ceil(4 * float(width.max()))
    unbounded = source[..., None] - torch.arange(-margin, n_in + margin, dtype=torch.float64)
    weights = kernel(unbounded / width)
    total = weights.sum(-1, keepdim=True)
    return weights[..., margin : margin + n_in] / torch.where(total.abs() < 1e-9, 1.0, total)


def _dirichlet(distance: Tensor, n: int, scale_factor: float) -> Tensor:
    """Trigonometric interpolation of n samples; when shrinking, only frequencies that stay below Nyquist."""
    limit = n / 2 * min(1.0, scale_factor)
    frequencies = torch.arange(1, n // 2 + 1, dtype=torch.float64)
    weights = torch.full_like(frequencies, 2.0)
    if n % 2 == 0:
        weights[-1] = 1.0  # the Nyquist frequency of an even canvas is one real mode
    if scale_factor < 1:
        weights[frequencies > limit - 1e-9] = 0.0
    phases = 2 * math.pi / n * distance[..., None] * frequencies
    return (1 + (weights * torch.cos(phases)).sum(-1)) / n


def _dirichlet_slope(distance: Tensor, n: int) -> Tensor:
    """Derivative of `_dirichlet` at whole distances and s = 1, where the Nyquist mode of an even canvas has slope 0."""
    frequencies = torch.arange(1, (n - 1) // 2 + 1, dtype=torch.float64) * (2 * math.pi / n)
    return -2 / n * (frequencies * torch.sin(distance[..., None] * frequencies)).sum(-1)


def _keys(x: Tensor, a: float = -0.5) -> Tensor:
    """Cubic convolution (Keys 1981, Eq. 4); a = −½ is the third-order choice, also Pillow's."""
    x = x.abs()
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))


def _tent(x: Tensor) -> Tensor:
    return (1 - x.abs()).clamp_min(0)


def _keys_slope(x: Tensor, n: int) -> Tensor:
    """Derivative of `_keys` at whole numbers: −½ at 1, ½ at −1, else 0."""
    return torch.where(x.abs() == 1, -x / 2, 0.0)


_SLOPES = {"bicubic": _keys_slope, "ideal": _dirichlet_slope}
