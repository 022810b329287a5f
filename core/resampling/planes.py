"""The matrices at work on images and planes: change of scale, resize, shift, and what they cost."""

from jaxtyping import Float
from torch import Tensor

from core.resampling.matrices import matrix_like, round_trip_like


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
    rows = matrix_like(planes, h_out, h, scale_factor, resampler, centre=centre[0])
    columns = matrix_like(planes, w_out, w, scale_factor, resampler, centre=centre[1])
    return rows @ planes @ columns.mT


def resample_and_back(
    planes: Float[Tensor, "*batch h w"],
    scale_factor: float,
    resampler: str = "bicubic",
    centre: tuple[float, float] = (0.0, 0.0),
) -> Float[Tensor, "*batch h w"]:
    """T_{1/s} T_s on the last two axes, with a canvas in between that holds all of T_s x; beyond the first is 0.

    Raises: ValueError as `resampling_matrix`.
    """
    rows, columns = (
        round_trip_like(planes, n, scale_factor, resampler, centre=c)
        for n, c in zip(planes.shape[-2:], centre, strict=True)
    )
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
    rows = matrix_like(images, size[0], h, size[0] / h, resampler)
    columns = matrix_like(images, size[1], w, size[1] / w, resampler)
    return rows @ images @ columns.mT


def shift_along_rows(
    planes: Float[Tensor, "*batch h w"], samples: float, resampler: str = "bicubic"
) -> Float[Tensor, "*batch h w"]:
    """The last axis moved towards higher indices; what comes in is background, 0. Whole samples stay what they are.

    Raises: ValueError for an unknown resampler or a shift that is not finite.
    """
    w = planes.shape[-1]
    return planes @ matrix_like(planes, w, w, 1.0, resampler, shift=samples).mT
