"""A turn, T_θ: how it acts on images and on feature maps.

A turn acts on the plane of every map. On a map over turns it also moves along that axis, cyclically: (T'_θ Φ)(g, t) =
Φ(θ⁻¹g, θ⁻¹t) (Cohen, Welling, arXiv:1602.07576, Eq. 11), linear between neighbours where θ lies between two steps.
Quarter turns move whole samples and are exact; others are sampled by cubic convolution (torch's, a = −¾).
"""

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.models.feature_map import FeatureMap, Features
from core.models.measurable import HasFeatures
from core.transforms.transform import Affine, Transform, maps_of


class Rotation(Transform):
    """A turn by θ degrees, counter-clockwise, about the canvas centre."""

    key, parameter, title = "rotation", "turn", "Rotation"
    question = "Turn the picture: does the network’s answer turn too?"
    noun, done, doing = "turn", "turned", "turning"
    symbol, unit, label = "θ", "°", "Turn θ"
    axis_title, steps_noun = "turn, degrees counter-clockwise", "turns of the filters"
    between = "resamples the map there, and blends neighbouring turns where it has an axis over them"
    usual, tick_steps, decimals = 45.0, (45.0, 90.0), 1
    handle_amounts = tuple(7.5 * i for i in range(-24, 25))
    curve_amounts = tuple(22.5 * i for i in range(-8, 9))  # the steps of the rotation network and halfway between them
    resamplers = ("bicubic",)  # the only one for turns that move no whole samples

    def tick(self, amount: float) -> str:
        return self.name(amount)

    def distance(self, a: float, b: float) -> float:
        """The smaller way round the circle, in degrees."""
        return abs((a - b + 180) % 360 - 180)

    def images(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, resampler: str = "bicubic"
    ) -> Float[Tensor, "b c h_out w_out"]:
        """T_θ x on the same canvas; a quarter turn turns the canvas too."""
        self.check_resampler(resampler)
        return turn_planes(images, self.check(amount))

    def point(self, amount: float) -> Affine:
        cosine, sine = math.cos(math.radians(amount)), math.sin(math.radians(amount))
        return (cosine, -sine, 0.0), (sine, cosine, 0.0)

    def act(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "h w"]]:
        """T'_θ about the map's centre."""
        self._check_group(feature_map)
        self.check_resampler(resampler)
        values = turn_planes(feature_map.values, self.check(amount), feature_map.centre)
        if feature_map.group == "rotation":
            values = _along_turns(values, amount)
        canvas, centre = feature_map.canvas, feature_map.centre
        if _turns_canvas(amount):
            canvas, centre = None if canvas is None else (canvas[1], canvas[0]), (centre[1], centre[0])
        mask = _known_positions(feature_map, amount).to(values)
        return replace(feature_map, values=values, canvas=canvas, centre=centre), mask

    def steps(self, maps: FeatureMap | Features) -> tuple[float, ...]:
        """Whole steps of the axis over turns; quarter turns, which move whole samples, where no map has one."""
        turns = [found.values.shape[2] for found in maps_of(maps) if found.group == "rotation"]
        count = math.gcd(*turns) if turns else 4
        return self._within([360 / count * i for i in range(-count, count + 1)])

    def source_level(self, feature_map: FeatureMap, level: int | None, amount: float) -> int | None:
        """On a map over turns the turn, cyclically, that is nearest to level − θ."""
        if level is None or feature_map.group != "rotation":
            return super().source_level(feature_map, level, amount)
        turns = feature_map.values.shape[2]
        return round(level - amount / 360 * turns) % turns


def turn_planes(
    planes: Float[Tensor, "*batch h w"], degrees: float, centre: tuple[float, float] = (0.0, 0.0)
) -> Float[Tensor, "*batch h_out w_out"]:
    """Turns the last two axes counter-clockwise; a quarter turn of a canvas with its centre in the middle is exact.

    A quarter turn turns the canvas too, and the offsets of its centre with it.
    Args: centre: (vertical, horizontal) offset of the fixed point from the middle, in samples.
    """
    quarters = _quarters(degrees, centre)
    if quarters is not None:
        return torch.rot90(planes, quarters, (-2, -1))
    h, w = planes.shape[-2:]
    down, across = _sources(h, w, degrees, centre)
    grid = torch.stack([(across + 0.5) * 2 / w - 1, (down + 0.5) * 2 / h - 1], dim=-1)[None].to(planes)
    flat = planes.reshape(1, -1, h, w)
    turned = F.grid_sample(flat, grid, mode="bicubic", padding_mode="zeros", align_corners=False)
    return turned.reshape(*planes.shape[:-2], *down.shape)


def _along_turns(values: Float[Tensor, "b c turn h w"], degrees: float) -> Float[Tensor, "b c turn h w"]:
    """The cyclic shift of the axis of turns."""
    steps = degrees / 360 * values.shape[2]
    below = math.floor(steps + 1e-9)
    fraction = steps - below
    shifted = values.roll(below, 2)
    return shifted if fraction < 1e-9 else (1 - fraction) * shifted + fraction * values.roll(below + 1, 2)


def _quarters(degrees: float, centre: tuple[float, float]) -> int | None:
    """How many quarter turns this is, 0 to 3; None for a turn that moves no whole samples."""
    quarters = round(degrees / 90)
    return quarters % 4 if abs(degrees - 90 * quarters) < 1e-9 and centre == (0.0, 0.0) else None


def _turns_canvas(degrees: float) -> bool:
    """Whether this is an odd number of quarter turns, which change height and width."""
    return _quarters(degrees, (0.0, 0.0)) in (1, 3)


def _sources(h: int, w: int, degrees: float, centre: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Where each output sample reads, as fractional row and column of the input."""
    middle = ((h - 1) / 2 + centre[0], (w - 1) / 2 + centre[1])
    turned = (w, h), (middle[1], middle[0])
    (rows, columns), fixed = turned if _turns_canvas(degrees) else ((h, w), middle)
    y = torch.arange(rows, dtype=torch.float64)[:, None] - fixed[0]
    x = torch.arange(columns, dtype=torch.float64)[None] - fixed[1]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return x * sine + y * cosine + middle[0], x * cosine - y * sine + middle[1]


def _known_positions(feature_map: FeatureMap, degrees: float) -> Float[Tensor, "h w"]:
    """Where a sample and the two around it on every side, which cubic convolution reads, are on the canvas."""
    h, w = feature_map.values.shape[-2:]
    quarters = _quarters(degrees, feature_map.centre)
    if quarters is not None or feature_map.beyond == "background":
        return torch.rot90(torch.ones(h, w, dtype=torch.float64), quarters or 0)
    down, across = _sources(h, w, degrees, feature_map.centre)
    inside = (down >= 1 - 1e-9) & (down <= h - 2 + 1e-9) & (across >= 1 - 1e-9) & (across <= w - 2 + 1e-9)
    return inside.to(torch.float64)
