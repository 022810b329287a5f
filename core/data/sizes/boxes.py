"""Boxes in a cell: lists such as "[x, y, w, h]", and the shapes of VIA as JSON objects."""

import json
import math
import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from core.data.sizes.numerals import POINT, is_missing, number

_LIST = re.compile(r"^(?:tensor|array)?\s*\(?\s*[\[({]?([^\[\](){}]*)[\])}]?\s*\)?$", re.DOTALL)
_N = r" *-?\d{1,15}(?:\.\d{0,20})? *"
_PLAIN = re.compile(rf"[\[(]?{_N},{_N},{_N},{_N}[\])]?", re.ASCII)  # the usual box
Sides = tuple[float, float]


class BoxColumn:
    """Boxes, one a cell. `numbers` has four to a row; `sides` instead where cells tell width and height themselves.

    `rejected` is the first line and cell that is no box.
    """

    def __init__(self) -> None:
        self.rejected: tuple[int, str] | None = None
        self.looked_at = 0  # cells
        self.told = False  # by a shape, so that width and height are known
        self._rows: list[tuple[float, float, float, float]] = []

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """The next cells and the lines that they stand in."""
        self.looked_at += len(cells)
        for line, cell in zip(lines, cells, strict=True):
            if self.rejected is not None:
                return
            box = box_of(cell)
            if box is None and cell.lstrip().startswith("{"):
                sides = shape_sides(cell)
                self.told = self.told or sides is not None
                box = None if sides is None else (0.0, 0.0, *sides)
            if box is None:
                self.rejected = line, cell
                return
            self._rows.append(box)

    @property
    def numbers(self) -> Float[np.ndarray, "n 4"]:
        """The four numbers of each box as they stand; NaN where there is none."""
        return np.array(self._rows, dtype=np.float64).reshape(-1, 4)


def box_of(cell: str) -> tuple[float, float, float, float] | None:
    """The four numbers of a box in a cell, NaN for a cell without a value, None for anything else."""
    if is_missing(cell) or cell in ("[]", "{}", "()"):
        return (math.nan,) * 4
    if _PLAIN.fullmatch(cell):
        a, b, c, d = map(float, cell.strip("[]() ").split(","))
        return a, b, c, d
    if len(cell) > 400 or not (match := _LIST.match(cell.strip())):
        return None
    words = [word for word in re.split(r"[,;\s]+", match[1].strip()) if word]
    numbers = [number(word, POINT) for word in words]
    if len(numbers) != 4 or any(each is None for each in numbers):
        return None
    a, b, c, d = (float(each) for each in numbers if each is not None)
    return a, b, c, d


def shape_sides(cell: str) -> Sides | None:
    """Width and height of a shape of VIA (rect, circle, ellipse, polygon) or of any object with width and height."""
    try:
        shape = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return sides_of(shape) if isinstance(shape, dict) else None


def sides_of(shape: dict[str, object]) -> Sides | None:
    """Width and height of the box around a shape, None if it has none."""
    numbers = {key: float(value) for key, value in shape.items() if isinstance(value, int | float) and abs(value) < 1e9}
    if not shape:
        return math.nan, math.nan
    for width, height, factor in (("width", "height", 1), ("w", "h", 1), ("rx", "ry", 2), ("r", "r", 2)):
        if width in numbers and height in numbers:
            return factor * numbers[width], factor * numbers[height]
    xs, ys = shape.get("all_points_x"), shape.get("all_points_y")
    if isinstance(xs, list) and isinstance(ys, list):
        return extent(xs, ys)
    return None


def extent(xs: Sequence[object], ys: Sequence[object]) -> Sides | None:
    """Width and height of the box around points, None if they are no numbers."""
    sides = []
    for values in (xs, ys):
        plain = [float(value) for value in values if isinstance(value, int | float) and abs(value) < 1e9]
        if len(plain) != len(values) or not plain:
            return None
        sides.append(max(plain) - min(plain))
    return sides[0], sides[1]
