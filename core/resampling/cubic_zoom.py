"""The zoom of one published study: cubic B-splines through the samples, ends onto ends, nothing widened.

Source: chanhopark00/scale_equivariance on GitHub, utilities/equiv_funcs.py: `scipy.ndimage.zoom` of order 3 as it is by
default, then background up to the old canvas. It is no entry of `RESAMPLERS`, whose conventions differ in three ways:
here the first and the last sample stay where they are, so that n samples made m = round(n s) are made smaller by
(m − 1)/(n − 1); what shrinks is not blurred before, so it aliases; and where n − m samples of background do not share
out evenly, the one more stands to the right and below. As there, a last place that float64 puts beyond the last sample
(27 of 28 samples that become 14) is read as background.
"""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor


def cubic_zoom(planes: Float[Tensor, "*batch h w"], scale_factor: float) -> Float[Tensor, "*batch h w"]:
    """Planes made smaller on their canvas, the rest of it 0.

    Args: scale_factor: in (0, 1], without unit; 1 hands on the planes.
    Raises: ValueError for another factor, or one that leaves less than a sample.
    """
    if not 0 < scale_factor <= 1:
        raise ValueError(f"this zoom only makes smaller, by a factor above 0 and up to 1, got {scale_factor}")
    if scale_factor == 1:
        return planes
    rows, columns = (_on_canvas(n, scale_factor).to(planes) for n in planes.shape[-2:])
    return rows @ planes @ columns.mT


def zoom_matrix(n_out: int, n_in: int) -> Float[Tensor, "n_out n_in"]:
    """The spline through n_in samples, read at n_out places from the first to the last of them; float64.

    Beyond the ends the samples are mirrored about the first and the last.
    Raises: ValueError for canvases below 1.
    """
    if min(n_out, n_in) < 1:
        raise ValueError(f"a canvas needs at least 1 sample, got {n_in} in and {n_out} out")
    if n_in == 1:
        return torch.ones(n_out, 1, dtype=torch.float64)
    inside = torch.arange(n_in)
    weights = torch.tensor([[1.0, 4.0, 1.0]], dtype=torch.float64) / 6
    spline = _summed(inside[:, None] + torch.tensor([-1, 0, 1]), weights, n_in)
    places = torch.arange(n_out, dtype=torch.float64) * ((n_in - 1) / max(1, n_out - 1))
    first = places.floor().clamp(max=n_in - 1)
    taps = first[:, None] + torch.arange(-1, 3)
    weights = _b_spline(places[:, None] - taps) * (places <= n_in - 1)[:, None]
    return _summed(taps.long(), weights, n_in) @ torch.linalg.inv(spline)


def _b_spline(x: Tensor) -> Tensor:
    """The cubic B-spline, 2/3 at 0 and 1/6 at ±1."""
    near, far = x.abs(), (2 - x.abs()).clamp_min(0)
    return torch.where(near < 1, 2 / 3 - near**2 + near**3 / 2, far**3 / 6)


def _summed(taps: Tensor, weights: Tensor, n: int) -> Float[Tensor, "m n"]:
    """A matrix with each row's weights at its taps, those beyond the ends mirrored."""
    period = max(1, 2 * (n - 1))
    folded = (n - 1 - (taps.remainder(period) - (n - 1)).abs()).long()
    matrix = torch.zeros(len(taps), n, dtype=torch.float64)
    return matrix.scatter_add_(1, folded, weights.expand(taps.shape))


@lru_cache(maxsize=64)
def _on_canvas(n: int, scale_factor: float) -> Float[Tensor, "n n"]:
    """The matrix of one axis with the background around it; cached, so nobody here writes into it."""
    kept = round(n * scale_factor)
    if kept < 1:
        raise ValueError(f"a zoom by {scale_factor} leaves nothing of {n} samples")
    matrix, top = torch.zeros(n, n, dtype=torch.float64), (n - kept) // 2
    matrix[top : top + kept] = zoom_matrix(kept, n)
    return matrix
