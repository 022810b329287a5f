"""Vector digits: stroke skeletons with a round pen, rendered at any scale with no resampling (the exact T_s).

The ink is a continuous scene: every point within half a pen width of the skeleton. Scaling by s about the
canvas centre scales skeleton and pen together, and each scale is rendered from the scene, never from pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyph_strokes import PENS, SKELETONS

HANDS: tuple[str, ...] = tuple(SKELETONS)

LONGER_SIDE = 20.0  # pixels of the ink's longer side at s = 1, as in MNIST
_FLATNESS = 0.01  # pixels at s = 1 by which a chord may leave its curve
_SUBPIXELS = 4  # per axis, in pixels that an outline may cross
_POINTS, _CACHED = 2**11, 2**14  # points, and distances from points to segments, worked on at once


@dataclass(frozen=True)
class Glyph:
    """One digit in one hand, fitted like MNIST: longer side 20 pixels, centre of mass on the canvas centre.

    Fields: digit: 0 to 9. hand: one of `HANDS`. skeleton: the strokes, written as in `glyph_strokes`.
            pen_width: in pixels at s = 1. slant: shear to the right per unit of height, without unit.
    """

    digit: int
    hand: str
    skeleton: str
    pen_width: float
    slant: float = 0.0

    @property
    def name(self) -> str:
        """Stable id such as '3-round', fit for a link."""
        return f"{self.digit}-{self.hand}"

    @cached_property
    def segments(self) -> Float[Tensor, "segment 4"]:
        """The flattened skeleton as (x, y, x, y) in pixels at s = 1, from the canvas centre, y downwards."""
        strokes = _parse(self.skeleton, self.slant)
        box = np.ptp(np.concatenate([_flatten(points, _FLATNESS) for points in strokes]), axis=0)
        unit = (LONGER_SIDE - self.pen_width) / box.max()
        chains = [_flatten(points * unit, _FLATNESS) for points in strokes]
        corners = np.concatenate(chains)
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        pieces = np.concatenate([np.hstack([chain[:-1], chain[1:]]) for chain in chains]) - np.tile(middle, 2)
        segments = torch.tensor(pieces, dtype=torch.float32)
        return segments - centre_of_mass(_ink(segments, self.pen_width / 2, (1.0,), 32, 32)[0]).repeat(2)

    def render(self, scale_factor: float = 1.0, canvas: int | tuple[int, int] = 28) -> Float[Tensor, "1 1 h w"]:
        """The digit on a canvas (side, or height and width, in pixels); 1 is ink and 0 the background.

        `scale_factor` above 1 enlarges skeleton and pen about the canvas centre.
        Raises: ValueError if the factor is not a positive number or the canvas is empty.
        """
        return self.render_sweep((scale_factor,), canvas)

    def render_sweep(
        self, scale_factors: Sequence[float], canvas: int | tuple[int, int] = 28
    ) -> Float[Tensor, "n 1 h w"]:
        """The digit at many scales at once, one image each. Raises: ValueError as `render`."""
        return render_strokes(self.segments, self.pen_width, scale_factors, canvas)


@runtime_checkable
class Scene(Protocol):
    """Ink that can be rendered at any scale: a `Glyph`, or a `core.data.drawing.Drawing`."""

    def render(self, scale_factor: float = 1.0, canvas: int | tuple[int, int] = 28) -> Tensor:
        """(1, 1, h, w), values in [0, 1]."""


@dataclass(frozen=True)
class SizedGlyph:
    """A glyph or drawing whose s = 1 is `data_scale` times its own; it is drawn, never resampled."""

    glyph: Scene
    data_scale: float

    def render(self, scale_factor: float = 1.0, canvas: int | tuple[int, int] = 28) -> Float[Tensor, "1 1 h w"]:
        """As `Glyph.render`, for the factor scale_factor · data_scale."""
        return self.glyph.render(scale_factor * self.data_scale, canvas)


GLYPHS: tuple[Glyph, ...] = tuple(
    Glyph(digit, hand, SKELETONS[hand][digit], *PENS[hand]) for digit in range(10) for hand in HANDS
)
_BY_NAME = {glyph.name: glyph for glyph in GLYPHS}


def glyph(name: str) -> Glyph:
    """The glyph of a name such as '3-round'. Raises: ValueError, naming the known ones."""
    if name not in _BY_NAME:
        raise ValueError(f"unknown glyph {name!r}; known are {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def render_strokes(
    segments: Float[Tensor, "segment 4"],
    pen_width: float,
    scale_factors: Sequence[float],
    canvas: int | tuple[int, int] = 28,
) -> Float[Tensor, "n 1 h w"]:
    """What a round pen draws along the segments, at many scales about the canvas centre, one image each.

    Args: segments: (x, y, x, y) in pixels at s = 1, from the canvas centre, y downwards; none of length 0.
          pen_width: in pixels at s = 1. canvas: side, or height and width, in pixels.
    Raises: ValueError if a factor is not a positive number or the canvas is empty.
    """
    height, width = (canvas, canvas) if isinstance(canvas, int) else canvas
    if height < 1 or width < 1:
        raise ValueError(f"a canvas needs at least 1 pixel a side, got {height}×{width}")
    for s in scale_factors:
        if not (math.isfinite(s) and s > 0):
            raise ValueError(f"scale_factor must be a positive number, got {s}")
    return _ink(segments, pen_width / 2, scale_factors, height, width)[:, None]


def centre_of_mass(image: Float[Tensor, "h w"]) -> Float[Tensor, " 2"]:
    """Of the ink: (x, y) in pixels from the canvas centre."""
    h, w = image.shape
    x = image.sum(0) @ (torch.arange(w) + 0.5 - w / 2)
    y = image.sum(1) @ (torch.arange(h) + 0.5 - h / 2)
    return torch.stack([x, y]) / image.sum()


def _parse(skeleton: str, slant: float) -> list[np.ndarray]:
    """The points (n, 2) of each stroke, leaning by the slant."""
    strokes = [np.array([point.split(",") for point in stroke.split()], dtype=float) for stroke in skeleton.split(";")]
    lean = np.array([[1.0, 0.0], [-slant, 1.0]])  # x − slant · y, since y points downwards
    return [points @ lean for points in strokes]


def _flatten(points: np.ndarray, flatness: float) -> np.ndarray:
    """Chords of the cubic spline through the points, nowhere further from it than `flatness`.

    The spline has continuous curvature and centripetal knots, so it neither kinks nor overshoots; it is
    natural at free ends and periodic where the stroke ends on its first point.
    """
    steps = np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1))
    bend = _second_derivatives(points, steps)
    chain = [points[:1]]
    for i, h in enumerate(steps):
        # A chord over Δ of a curve with second derivative m leaves it by at most |m| Δ² / 8.
        curvature = max(np.linalg.norm(bend[i]), np.linalg.norm(bend[i + 1]))
        count = max(1, math.ceil(h * math.sqrt(curvature / (8 * flatness))))
        u = (np.arange(1, count + 1) / count)[:, None]
        v = 1 - u
        cubic = (v**3 - v) * bend[i] + (u**3 - u) * bend[i + 1]
        chain.append(v * points[i] + u * points[i + 1] + h**2 / 6 * cubic)
    return np.concatenate(chain)


def _second_derivatives(points: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Of the interpolating cubic spline at its knots (n, 2): the usual tridiagonal system, by rows."""
    n, closed = len(points), np.array_equal(points[0], points[-1])
    slopes = np.diff(points, axis=0) / steps[:, None]
    system, right = np.eye(n), np.zeros((n, 2))
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = steps[i - 1], 2 * (steps[i - 1] + steps[i]), steps[i]
        right[i] = 6 * (slopes[i] - slopes[i - 1])
    if closed:
        system[0, [0, 1, n - 2]] = 2 * (steps[-1] + steps[0]), steps[0], steps[-1]
        right[0] = 6 * (slopes[0] - slopes[-1])
        system[n - 1, [0, n - 1]] = -1, 1
    return np.linalg.solve(system, right)


def _ink(
    segments: Float[Tensor, "segment 4"],
    radius: float,
    scale_factors: Sequence[float],
    height: int,
    width: int,
) -> Float[Tensor, "n h w"]:
    """Share of each pixel that the ink covers, at each scale.

    The distance to the skeleton at the pixel's centre settles every pixel that no outline can cross: 0 or 1.
    The others are cut into 4×4 subpixels, and in each the ink is taken as a straight band as wide as the pen,
    at the measured distance and parallel to a side. That is exact for upright strokes, however thin, within
    0.005 for oblique ones, and within 0.04 in the cusp where two strokes meet (against 32×32 subpixels).
    """
    s = torch.tensor(list(scale_factors), dtype=torch.float32)[:, None, None]
    x = ((torch.arange(width) + 0.5 - width / 2) / s).expand(-1, height, -1)  # (n, h, w), pixels at s = 1
    y = ((torch.arange(height) + 0.5 - height / 2)[:, None] / s).expand(-1, -1, width)
    outside = (_distance(segments, x, y) - radius) * s
    ink = (outside < 0).to(torch.float32)
    crossed = outside.abs() < 0.75  # half a diagonal is 0.71
    s, x, y = s.expand_as(ink)[crossed], x[crossed], y[crossed]  # (pixel,)
    offset = ((torch.arange(_SUBPIXELS) + 0.5) / _SUBPIXELS - 0.5)[:, None] / s
    fine_x, fine_y = torch.broadcast_tensors(x + offset, (y + offset)[:, None])  # (4, 4, pixel)
    distance, half_pen = _distance(segments, fine_x, fine_y) * _SUBPIXELS * s, radius * _SUBPIXELS * s
    band = torch.minimum(distance + 0.5, half_pen) - torch.maximum(distance - 0.5, -half_pen)
    ink[crossed] = sum(band.clamp_(0, 1).flatten(0, 1)) / _SUBPIXELS**2  # in a fixed order
    return ink


def _distance(
    segments: Float[Tensor, "segment 4"], x: Float[Tensor, "*points"], y: Float[Tensor, "*points"]
) -> Float[Tensor, "*points"]:
    """Distance from each point (x, y) to the nearest segment.

    In blocks that stay in the cache and on one thread, and only by sums and products of the coordinates (no
    matrix product, which rounds by its shape): a point gets the same bits on every canvas.
    """
    start, end = segments[:, :2], segments[:, 2:]
    half = (end - start).norm(dim=1, keepdim=True) / 2
    lines = torch.cat([(start + end) / 2, (end - start) / (2 * half), half], dim=1)
    nearest = []
    for px, py in zip(x.flatten().split(_POINTS), y.flatten().split(_POINTS), strict=True):
        squared = torch.full_like(px, math.inf)
        for part in lines.split(max(1, _CACHED // max(1, len(px)))):
            cx, cy, ux, uy, reach = part.T[..., None]  # centre, direction and half length, each (segment, 1)
            from_x, from_y = px - cx, py - cy  # (segment, point)
            beyond = (from_x * ux).add_(from_y * uy).abs_().sub_(reach).clamp_min_(0)
            across = (from_x * uy).sub_(from_y * ux)
            torch.minimum(squared, beyond.square_().add_(across.square_()).amin(0), out=squared)
        nearest.append(squared.sqrt_())
    return torch.cat(nearest).view(x.shape)
