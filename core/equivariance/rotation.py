"""The further transform: how a turn of the image acts on feature maps, and the equivariance error under turns.

A turn acts on the plane of every map. On a map over turns it also moves along that axis, cyclically: (T'_θ Φ)(g, t) =
Φ(θ⁻¹g, θ⁻¹t) (Cohen, Welling, arXiv:1602.07576, Eq. 11), linear between neighbours where θ lies between two steps.
Quarter turns move whole samples and are exact; others are sampled by cubic convolution (torch's, a = −¾).
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.equivariance.measure import is_blank, masked_error
from core.equivariance.report import RotationReport
from core.models import FeatureMap, Network


def measure_rotation(
    network: Network, images: Float[Tensor, "b 1 h w"], degrees: Sequence[float] = (90.0, 180.0, 270.0)
) -> RotationReport:
    """The equivariance error ‖M (T'_θ Φ(x) − Φ(T_θ x))‖₂ / ‖M T'_θ Φ(x)‖₂ of every layer at every turn θ.

    The floor beside it is that of the turn alone, ‖T_{−θ} T_θ x − x‖₂ / ‖x‖₂.
    Raises: ValueError for no image, no turn, or a turn that is not finite.
    """
    if len(images) == 0:
        raise ValueError("expected at least one image, got none")
    turns = tuple(float(angle) for angle in degrees)
    if not turns or not all(math.isfinite(angle) for angle in turns):
        raise ValueError(f"expected turns in degrees, got {turns}")
    with torch.no_grad():
        before = network.features(images)
        shape = (len(before), len(turns), len(images))
        error, silent, known = np.full(shape, np.nan), np.zeros(shape[:2]), np.zeros(shape[:2])
        floor = np.zeros(shape[1:])
        for k, angle in enumerate(turns):
            turned = turn_planes(images, angle)
            floor[k] = _norm(turn_planes(turned, -angle) - images) / _norm(images).clip(1e-12)
            after = network.features(turned)
            for i, layer in enumerate(before):
                moved, mask = turn(before[layer], angle)
                error[i, k], known[i, k] = masked_error(before[layer], moved, after[layer], mask)
                silent[i, k] = np.isnan(error[i, k]).mean() if known[i, k] else 0.0
        blank = np.stack([is_blank(feature_map) for feature_map in before.values()])
    return RotationReport(tuple(before), turns, "bicubic", error, floor, silent, known, blank)


def turn(feature_map: FeatureMap, degrees: float) -> tuple[FeatureMap, Float[Tensor, "h w"]]:
    """T'_θ of a feature map about its centre, and the mask of positions where it is known: 1 or 0."""
    values = turn_planes(feature_map.values, degrees, feature_map.centre)
    if feature_map.group == "rotation":
        values = _along_turns(values, degrees)
    canvas = feature_map.canvas
    if canvas is not None and _quarters(degrees, feature_map.centre) in (1, 3):
        canvas = (canvas[1], canvas[0])
    mask = _known_positions(feature_map, degrees).to(values)
    return replace(feature_map, values=values, canvas=canvas), mask


def turn_planes(
    planes: Float[Tensor, "*batch h w"], degrees: float, centre: tuple[float, float] = (0.0, 0.0)
) -> Float[Tensor, "*batch h_out w_out"]:
    """Turns the last two axes counter-clockwise; a quarter turn of a canvas with its centre in the middle is exact.

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
    return turned.reshape(planes.shape)


def _norm(images: Float[Tensor, "b 1 h w"]) -> Float[np.ndarray, " b"]:
    return images.flatten(1).norm(dim=1).double().numpy()


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


def _sources(h: int, w: int, degrees: float, centre: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Where each output sample reads, as fractional row and column of the input."""
    middle = ((h - 1) / 2 + centre[0], (w - 1) / 2 + centre[1])
    y = torch.arange(h, dtype=torch.float64)[:, None] - middle[0]
    x = torch.arange(w, dtype=torch.float64)[None] - middle[1]
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return x * sine + y * cosine + middle[0], x * cosine - y * sine + middle[1]


def _known_positions(feature_map: FeatureMap, degrees: float) -> Float[Tensor, "h w"]:
    """Where a sample and the two around it on every side, which cubic convolution reads, are on the canvas."""
    h, w = feature_map.values.shape[-2:]
    quarters = _quarters(degrees, feature_map.centre)
    if quarters is not None:
        return torch.rot90(torch.ones(h, w, dtype=torch.float64), quarters)
    down, across = _sources(h, w, degrees, feature_map.centre)
    inside = (down >= 1 - 1e-9) & (down <= h - 2 + 1e-9) & (across >= 1 - 1e-9) & (across <= w - 2 + 1e-9)
    return inside.to(torch.float64)
