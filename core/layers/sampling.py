"""Bilinear sampling of planes at any positions, zeros beyond the canvas."""

from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.autograd import forward_ad


def bilinear_sample(
    planes: Float[Tensor, "b c h w"], rows: Float[Tensor, "b n"], columns: Float[Tensor, "b n"]
) -> Float[Tensor, "b c n"]:
    """The value of every plane at n positions of its own batch element.

    A value between samples is bilinear; samples outside the canvas are 0, so a plane fades over one pixel at its
    border. Positions are in pixels from the centre of the first sample, and gradients flow to them: at a sample
    itself the slope is that of one of its two sides.
    Two methods, the same result: PyTorch's own `grid_sample`, which is five times faster, and gathering, which has
    the forward-mode derivative that `grid_sample` lacks.
    """
    if any(forward_ad.unpack_dual(x).tangent is not None for x in (planes, rows, columns)):
        return _gather(planes, rows, columns)
    h, w = planes.shape[-2:]
    grid = torch.stack([(2 * columns + 1) / w - 1, (2 * rows + 1) / h - 1], dim=-1)  # half-pixel centres, ±1 the edges
    return F.grid_sample(planes, grid[:, None], mode="bilinear", padding_mode="zeros", align_corners=False)[:, :, 0]


def _gather(planes: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    c, h, w = planes.shape[1:]
    framed = F.pad(planes, (1, 1, 1, 1)).flatten(2)  # a frame of zeros; whatever lies further out reads it
    rows, columns = (rows + 1).clamp(0, h + 1), (columns + 1).clamp(0, w + 1)
    top, left = rows.detach().floor().clamp(max=h), columns.detach().floor().clamp(max=w)
    down, across = rows - top, columns - left
    first = (top * (w + 2) + left).long()
    corners = (
        (0, (1 - down) * (1 - across)),
        (1, (1 - down) * across),
        (w + 2, down * (1 - across)),
        (w + 3, down * across),
    )
    terms = [framed.gather(2, (first + i)[:, None].expand(-1, c, -1)) * part[:, None] for i, part in corners]
    return cast(Tensor, sum(terms))
