"""Even grids: where the samples of a map lie on the image, and how a map is read out of a tensor that has one."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.models.positions import Places

_ALIKE = 1e-6  # pixels
_DIGITS = 9  # of what is found, so that 0.25 is 0.25


@dataclass(frozen=True)
class Grid:
    """Where the samples of a map over the plane lie on the image, and what its third axis is.

    Attributes:
        stride: image pixels per map pixel; None for what is found.
        centre: (vertical, horizontal) offset of the canvas centre from the middle of the map, in map pixels; it goes
            with a stride.
        group: `plane`, (b, c, h, w); `scale` or `rotation`, (b, c, scale or turn, h, w), as in FeatureMap.
        internal_scales: of the group `scale`, in pixels of the map, ascending.
    """

    stride: float | None = None
    centre: tuple[float, float] = (0.0, 0.0)
    group: str = "plane"
    internal_scales: tuple[float, ...] = ()


@dataclass(frozen=True)
class Layout:
    """How a tensor becomes a map (b, c, …, h, w): its axes in that order, or one axis of tokens as rows and columns.

    Attributes:
        axes: of the tensor, in the order of the map; the last one stands for rows and columns if there are `tokens`.
        tokens: places on that axis, row by row. size: (h, w) of these.
    """

    axes: tuple[int, ...]
    tokens: tuple[int, ...] = ()
    size: tuple[int, int] = (0, 0)

    def of(self, values: Tensor) -> Tensor:
        values = values.permute(self.axes)
        if not self.tokens:
            return values
        order = torch.tensor(self.tokens, device=values.device)
        return values.index_select(-1, order).unflatten(-1, self.size)


def find_grid(places: Places, canvas: tuple[int, int]) -> tuple[Grid, Layout] | str:
    """The grid of a tensor (b, …) on an image of so many (rows, columns), or in a few words why it has none."""
    if places[0].is_complex() or places[0].shape[0] == 0:
        return "it has no real values"
    if places[0].dim() < 3:
        return "it has no plane"
    down, across = (_positions(*each) for each in (places[:2], places[2:]))
    if bool(down.isnan().all() | across.isnan().all()):
        return "each of its samples reads the whole image"
    rows, columns = _axes_of(down), _axes_of(across)
    if len(rows) == len(columns) == 1 and rows != columns:
        return _plane(down, across, rows[0], columns[0], canvas)
    if rows == columns and len(rows) == 1:
        return _tokens(down, across, rows[0], canvas)
    return "its channels, or parts of it, lie on different grids"


def _positions(weight: Tensor, position: Tensor) -> Tensor:
    """Of the first image, in pixels; NaN where there is none. Axes along which all is the same may have one sample."""
    weight, position = torch.broadcast_tensors(*(_first_if_alike(each) for each in (weight, position)))
    return position[0] / weight[0].where(weight[0] != 0, torch.nan)


def _first_if_alike(tensor: Tensor) -> Tensor:
    for axis, (n, step) in enumerate(zip(tensor.shape, tensor.stride(), strict=True)):
        if axis and n > 1 and step == 0:
            tensor = tensor.narrow(axis, 0, 1)
    return tensor


def _axes_of(at: Tensor) -> list[int]:
    """Along which positions change."""
    low, high = at.nan_to_num(torch.inf), at.nan_to_num(-torch.inf)
    return [
        axis
        for axis in range(at.dim())
        if at.shape[axis] > 1 and bool((high.amax(axis) - low.amin(axis)).nan_to_num(0, 0, 0).max() > _ALIKE)
    ]


def _plane(down: Tensor, across: Tensor, row: int, column: int, canvas: tuple[int, int]) -> tuple[Grid, Layout] | str:
    if bool(down.isnan().any() | across.isnan().any()):
        return "some of its samples have no place on the image"
    lines = [at.movedim(axis, -1).flatten(0, -2)[0] for at, axis in ((down, row), (across, column))]
    grid = _grid(lines[0], lines[1], canvas)
    others = [axis for axis in range(down.dim()) if axis not in (row, column)]
    return grid if isinstance(grid, str) else (grid, Layout((0, *(axis + 1 for axis in (*others, row, column)))))


def _tokens(down: Tensor, across: Tensor, axis: int, canvas: tuple[int, int]) -> tuple[Grid, Layout] | str:
    y, x = (at.movedim(axis, -1).flatten(0, -2)[0] for at in (down, across))
    placed = (~(y.isnan() | x.isnan())).nonzero().flatten()
    rows, columns = (_steps(at[placed]) for at in (y, x))
    if down.dim() != 2:
        return "its tokens have more than one axis of channels"
    if len(rows) * len(columns) != len(placed) or len(placed) < 4:
        return f"its {len(placed)} tokens make no grid"
    at = [torch.searchsorted(steps + _ALIKE, each[placed]) for steps, each in ((rows, y), (columns, x))]
    order = (at[0] * len(columns) + at[1]).argsort()
    if len((at[0] * len(columns) + at[1]).unique()) != len(placed):
        return f"its {len(placed)} tokens make no grid"
    grid = _grid(rows, columns, canvas)
    if isinstance(grid, str):
        return grid
    channel = 1 - axis
    return grid, Layout((0, channel + 1, axis + 1), tuple(placed[order].tolist()), (len(rows), len(columns)))


def _steps(at: Tensor) -> Tensor:
    """The different positions, ascending."""
    ordered = at.sort().values
    return ordered[torch.cat([ordered.new_ones(1, dtype=torch.bool), ordered.diff() > _ALIKE])]


def _grid(rows: Tensor, columns: Tensor, canvas: tuple[int, int]) -> Grid | str:
    rows_line, columns_line = _line(rows), _line(columns)
    if rows_line is None or columns_line is None:
        return "its samples are not evenly spaced"
    (down, top), (across, left) = rows_line, columns_line
    if abs(down - across) > _ALIKE:
        return f"its stride is {down:g} down and {across:g} across"
    sizes = zip(canvas, (len(rows), len(columns)), (top, left), strict=True)
    vertical, horizontal = (((n - 1) / 2 - first) / down - (m - 1) / 2 for n, m, first in sizes)
    return Grid(round(down, _DIGITS), (round(vertical, _DIGITS) + 0.0, round(horizontal, _DIGITS) + 0.0))


def _line(at: Tensor) -> tuple[float, float] | None:
    """Stride and first position; None if they are not even."""
    if len(at) < 2:
        return None
    first, last = float(at[0]), float(at[-1])
    stride = (last - first) / (len(at) - 1)
    even = first + stride * torch.arange(len(at), dtype=at.dtype, device=at.device)
    return (stride, first) if stride > 0 and bool((at - even).abs().max() <= _ALIKE) else None
