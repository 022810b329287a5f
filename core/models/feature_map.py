"""What a network hands out for every layer: the values, and how a change of scale acts on them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

# What the third axis of a map of each group is; a plane has none.
AXES: Mapping[str, tuple[str, ...]] = {"plane": (), "scale": ("scale",), "rotation": ("turn",)}
GROUPS = tuple(AXES)
BEYOND = ("unknown", "background")


@dataclass(frozen=True)
class FeatureMap:
    """The output of one layer with its symmetry, so that nobody has to guess it from shapes.

    Attributes:
        values: (b, c, h, w) for the group `plane`, (b, c, scale, h, w) for `scale`, (b, c, turn, h, w) for `rotation`.
        group: what the third axis means.
        internal_scales: for `scale`, the scales of that axis in pixels of the map, ascending; else empty.
        stride: image pixels per map pixel.
        centre: (vertical, horizontal) offset of the canvas centre from the middle of the map, in map pixels.
        canvas: (height, width) in image pixels if a change of scale is one of this canvas, and so of the map's grid,
            ⌈canvas / stride⌉; None if the canvas stays.
        beyond: what the map is beyond its grid: `unknown`, or `background`, where it is known to be 0.
    Raises: ValueError if group, axes and scales contradict each other.
    """

    values: Float[Tensor, "b c *scale h w"]
    group: str = "plane"
    internal_scales: tuple[float, ...] = ()
    stride: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    canvas: tuple[int, int] | None = None
    beyond: str = "unknown"

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"group must be one of {GROUPS}, got {self.group!r}")
        if self.beyond not in BEYOND:
            raise ValueError(f"beyond must be one of {BEYOND}, got {self.beyond!r}")
        axes = 4 + len(AXES[self.group])
        if self.values.dim() != axes:
            raise ValueError(f"a map of group {self.group!r} has {axes} axes, got {tuple(self.values.shape)}")
        if self.group == "scale" and len(self.internal_scales) != self.values.shape[2]:
            raise ValueError(f"{self.values.shape[2]} scales in the map, {len(self.internal_scales)} declared")
        if self.canvas is None:
            return
        grid, expected = tuple(self.values.shape[-2:]), self.grid_of(self.canvas)
        if self.group == "scale" or grid != expected:
            raise ValueError(f"a canvas that changes, {self.canvas}, has planes of {expected}, got {self.group} {grid}")

    @property
    def place_names(self) -> tuple[str, ...]:
        """What the places on the third axis are, for a reader; one empty name on a plane."""
        if not AXES[self.group]:
            return ("",)
        count = self.values.shape[2]
        if self.internal_scales:
            return tuple(f"σ = {sigma:.2f} px" for sigma in self.internal_scales)
        return tuple(f"{AXES[self.group][0]} {360 * place / count:.0f}°" for place in range(count))

    def window(self, pixels: int) -> "FeatureMap":
        """The middle of the map, so many image pixels wide and high, to an even number of samples."""
        return replace(self, values=middle(self.values, pixels / self.stride))

    def grid_of(self, canvas: tuple[int, int]) -> tuple[int, int]:
        """Height and width of this layer's map of a canvas of that size, if the canvas changes."""
        return math.ceil(canvas[0] / self.stride), math.ceil(canvas[1] / self.stride)


def middle(values: Float[Tensor, "*batch h w"], samples: float | int) -> Float[Tensor, "*batch _ _"]:
    """The samples around the middle of the last two axes, to the next even number; all of a smaller grid."""
    wanted, (h, w) = 2 * round(samples / 2), values.shape[-2:]
    top, left = max(0, (h - wanted) // 2), max(0, (w - wanted) // 2)
    return values[..., top : h - top, left : w - left]


Features = Mapping[str, FeatureMap]
