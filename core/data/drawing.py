"""A digit drawn by hand, kept as strokes: rendered at any scale with no resampling, and short enough for a link."""

import base64
import binascii
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import centre_of_mass, render_strokes

Point = tuple[float, float]

CANVAS = 28  # pixels a side
PEN_WIDTHS = (1.0, 6.0)  # pixels at s = 1, thinnest and thickest
MAX_STROKES, MAX_POINTS = 64, 2000
MAX_CHARACTERS = 4000  # of the text; a usual digit needs a few hundred

_HALF = CANVAS / 2
_DOT = 1e-4  # pixels: a dot is drawn as a line too short to see
_VERSION = 1
_STEPS = 64  # of the text's grid, to a pixel
_TOLERANCES = (0.01, 0.03, 0.1, 0.2, 0.4)  # pixels by which a point may leave the line; the first short enough counts
_MAX_BYTES = 4 + 3 * (MAX_STROKES + 2 * MAX_POINTS)  # of the unpacked text: 3 bytes hold every number in it
_DAMAGED = "The text of the drawing is damaged."


@dataclass(frozen=True)
class Drawing:
    """Strokes of a round pen. It stays where it was drawn and as large as it was drawn; see `centred`.

    Fields: strokes: the points (x, y) of each, joined by straight lines, in pixels of the 28×28 canvas at s = 1,
                measured from its centre, y downwards. A stroke of one point is a dot.
            pen_width: in pixels at s = 1.
    Raises: ValueError, in one sentence, if there is no point, or too many strokes or points, a point lies off the
        canvas or the pen is too thin or too thick.
    """

    strokes: tuple[tuple[Point, ...], ...]
    pen_width: float

    def __post_init__(self) -> None:
        points = [value for stroke in self.strokes for point in stroke for value in point]
        if not self.strokes or not all(self.strokes):
            raise ValueError("A drawing needs at least one stroke, and each stroke a point.")
        if len(self.strokes) > MAX_STROKES or len(points) > 2 * MAX_POINTS:
            raise ValueError(f"A drawing can have at most {MAX_STROKES} strokes and {MAX_POINTS} points.")
        if not all(abs(value) <= _HALF for value in points):  # false for nan too
            raise ValueError("A point of the drawing lies off the canvas.")
        if not PEN_WIDTHS[0] <= self.pen_width <= PEN_WIDTHS[1]:
            raise ValueError(f"The pen must be {PEN_WIDTHS[0]:g} to {PEN_WIDTHS[1]:g} pixels wide.")

    @cached_property
    def segments(self) -> Float[Tensor, "segment 4"]:
        """The strokes as (x, y, x, y), in the units of `strokes`."""
        lines = [(*a, *b) for stroke in self.strokes for a, b in pairwise(stroke) if a != b]
        dots = [
            (x - _DOT / 2, y, x + _DOT / 2, y)
            for stroke in self.strokes
            if len(set(stroke)) == 1
            for x, y in stroke[:1]
        ]
        return torch.tensor(lines + dots, dtype=torch.float32)

    def render(self, scale_factor: float = 1.0, canvas: int | tuple[int, int] = CANVAS) -> Float[Tensor, "1 1 h w"]:
        """The drawing on a canvas (side, or height and width, in pixels); 1 is ink and 0 the background.

        `scale_factor` above 1 enlarges strokes and pen about the canvas centre.
        Raises: ValueError if the factor is not a positive number or the canvas is empty.
        """
        return self.render_sweep((scale_factor,), canvas)

    def render_sweep(
        self, scale_factors: Sequence[float], canvas: int | tuple[int, int] = CANVAS
    ) -> Float[Tensor, "n 1 h w"]:
        """The drawing at many scales at once, one image each. Raises: ValueError as `render`."""
        return render_strokes(self.segments, self.pen_width, scale_factors, canvas)

    def centred(self) -> "Drawing":
        """Moved so that the centre of mass of its ink is the canvas centre, as far as all strokes stay on it."""
        around = CANVAS + 2 * math.ceil(PEN_WIDTHS[1] / 2)  # with the ink that reaches over the edge
        points = np.array([point for stroke in self.strokes for point in stroke])
        wanted = -centre_of_mass(self.render(canvas=around)[0, 0]).double().numpy()
        dx, dy = np.clip(wanted, -_HALF - points.min(0), _HALF - points.max(0)).tolist()
        moved = tuple(tuple((_on_canvas(x + dx), _on_canvas(y + dy)) for x, y in stroke) for stroke in self.strokes)
        return Drawing(moved, self.pen_width)

    def to_text(self) -> str:
        """As a short text of letters, digits, - and _, fit for a link; `from_text` reads it.

        Points go to the nearest 1/64 pixel, and those that leave the line through their neighbours by less than
        1/100 pixel are left out; more of them where the text would become longer than MAX_CHARACTERS.
        Raises: ValueError if even that leaves it too long.
        """
        strokes = [np.rint(np.array(stroke) * _STEPS).astype(int) for stroke in self.strokes]
        for tolerance in _TOLERANCES:
            packed = _pack([_simplify(stroke, tolerance * _STEPS) for stroke in strokes], self.pen_width)
            if len(packed) <= MAX_CHARACTERS:
                return packed
        raise ValueError("The drawing has too many strokes to be kept in a link.")

    @staticmethod
    @lru_cache(maxsize=256)
    def from_text(text: str) -> "Drawing":
        """The drawing of a text; any text may come in. Raises: ValueError, in one sentence, if it is none."""
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"The text of a drawing can have at most {MAX_CHARACTERS} characters.")
        numbers = iter(_read_varints(_unpack(text)))
        try:
            pen_width, strokes = next(numbers) / _STEPS, next(numbers)
            if strokes > MAX_STROKES:
                raise ValueError(f"A drawing can have at most {MAX_STROKES} strokes.")
            x = y = 0
            found = []
            for _ in range(strokes):
                stroke = []
                for _ in range(next(numbers)):  # ends with the numbers, however large
                    x, y = x + _signed(next(numbers)), y + _signed(next(numbers))
                    stroke.append((x / _STEPS, y / _STEPS))
                found.append(tuple(stroke))
        except StopIteration:
            raise ValueError(_DAMAGED) from None
        if next(numbers, None) is not None:
            raise ValueError(_DAMAGED)
        return Drawing(tuple(found), pen_width)


def _on_canvas(value: float) -> float:
    """Against rounding: a shift up to the edge may end a hair beyond it."""
    return min(_HALF, max(-_HALF, value))


def _simplify(points: np.ndarray, tolerance: float) -> np.ndarray:
    """The points (n, 2) without those that lie within `tolerance` of the line between kept ones (Douglas–Peucker)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        distance = _distance(points[first + 1 : last], points[first], points[last])
        if distance.max() > tolerance:
            middle = first + 1 + int(distance.argmax())
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return points[keep]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Of each point (n, 2) from the segment."""
    along = end - start
    share = np.clip((points - start) @ along / max(1, along @ along), 0, 1)
    return np.linalg.norm(points - start - share[:, None] * along, axis=1)


def _pack(strokes: list[np.ndarray], pen_width: float) -> str:
    """A version byte and the zipped numbers: pen, strokes, and for each its points as steps from the last one."""
    numbers = [round(pen_width * _STEPS), len(strokes)]
    last = np.zeros((1, 2), dtype=int)
    for stroke in strokes:
        steps = np.diff(np.concatenate([last, stroke]), axis=0).ravel().tolist()
        numbers += [len(stroke), *(2 * step if step >= 0 else -2 * step - 1 for step in steps)]
        last = stroke[-1:]
    data = bytes([_VERSION]) + zlib.compress(_varints(numbers), 9)
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _unpack(text: str) -> bytes:
    """The zipped numbers of a text, never more than a drawing can hold."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if data[:1] != bytes([_VERSION]):
            raise ValueError
        unzip = zlib.decompressobj()
        numbers = unzip.decompress(data[1:], _MAX_BYTES)
    except (ValueError, binascii.Error, zlib.error):
        raise ValueError(_DAMAGED) from None
    if not unzip.eof and unzip.unconsumed_tail:
        raise ValueError(f"A drawing can have at most {MAX_STROKES} strokes and {MAX_POINTS} points.")
    if not unzip.eof or unzip.unused_data:
        raise ValueError(_DAMAGED)
    return numbers


def _varints(numbers: Iterable[int]) -> bytes:
    """Each number in groups of 7 bits, the lowest first; the top bit says that more follow."""
    data = bytearray()
    for number in numbers:
        while number > 127:
            data.append(number % 128 + 128)
            number //= 128
        data.append(number)
    return bytes(data)


def _read_varints(data: bytes) -> list[int]:
    """Raises: ValueError if a number is cut off or takes more than 3 bytes."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
        elif shift == 21:
            raise ValueError(_DAMAGED)
    if shift:
        raise ValueError(_DAMAGED)
    return numbers


def _signed(number: int) -> int:
    """The step behind 0, 1, 2, 3, 4, … = 0, −1, 1, −2, 2, …"""
    return number // 2 if number % 2 == 0 else -(number + 1) // 2
