"""T'_s: how a change of scale acts on the feature maps of a layer, and where both sides know the result.

On a plane, T'_s resamples height and width like an image. On a map over scales it also moves along the scale axis,
(T'_s Φ)(σ, t) = Φ(σ / s, t / s), linear in log σ between neighbouring scales (SESN, arXiv:1910.11093, Eq. 5).
Leaving the shift out is a known error of public code. On a map over turns it acts as on planes: size and turn commute.

Most networks see a scaled digit on the same canvas. One whose unit is the canvas (`Network.changes_canvas`) sees the
whole canvas with more or fewer pixels, as many as come nearest to s, and its maps change their grids with it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from core.models.feature_map import FeatureMap, Features
from core.models.network import Network
from core.resampling import resample, rescale, resize, valid_samples


@runtime_checkable
class HasFeatures(Protocol):
    """What can be measured: a `Network`, or any module that declares its feature maps.

    `trained_canvas` and `changes_canvas` may be missing; they are then those of `Network`, 28 and False.
    """

    def features(self, images: Tensor) -> Features:
        """Every layer's feature map, in order, of images (b, 1, h, w)."""


def trained_canvas(network: HasFeatures) -> int:
    """Side in pixels of the canvas on which vector digits are drawn for a network."""
    return getattr(network, "trained_canvas", Network.trained_canvas)


def changes_canvas(network: HasFeatures) -> bool:
    """Whether a scaled image comes on a canvas of another size."""
    return getattr(network, "changes_canvas", Network.changes_canvas)


def transform(
    feature_map: FeatureMap, scale_factor: float, resampler: str = "bicubic"
) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
    """T'_s of a feature map, and the mask of positions (and scales) where it is known: 1 or 0.

    Raises: ValueError for a group on which this action is not defined, or as core.resampling.
    """
    if feature_map.canvas is not None:
        return _resize(feature_map, scaled_canvas(feature_map.canvas, scale_factor), resampler)
    values = resample(feature_map.values, scale_factor, resampler, centre=feature_map.centre)
    mask = _known_positions(feature_map, scale_factor, resampler)
    if feature_map.group in ("plane", "rotation"):
        return replace(feature_map, values=values), mask
    if feature_map.group == "scale":
        shift, known = scale_shift(feature_map.internal_scales, scale_factor)
        values = torch.einsum("st,bcthw->bcshw", shift.to(values), values)
        return replace(feature_map, values=values), known.to(mask)[:, None, None] * mask
    raise ValueError(f"the action of scale on a map of group {feature_map.group!r} is not defined")


def scaled_canvas(canvas: tuple[int, int], scale_factor: float) -> tuple[int, int]:
    """The whole numbers of pixels that come nearest to s · canvas, at least 1."""
    return max(1, round(canvas[0] * scale_factor)), max(1, round(canvas[1] * scale_factor))


def scale_images(
    network: HasFeatures, images: Float[Tensor, "b 1 h w"], scale_factor: float, resampler: str = "bicubic"
) -> Float[Tensor, "b 1 h_out w_out"]:
    """T_s x as a network takes it: on the same canvas, or on one of another size if the network says so."""
    if not changes_canvas(network):
        return rescale(images, scale_factor, resampler)
    return resize(images, scaled_canvas((images.shape[-2], images.shape[-1]), scale_factor), resampler)


def _resize(feature_map: FeatureMap, canvas: tuple[int, int], resampler: str) -> tuple[FeatureMap, Tensor]:
    size = feature_map.grid_of(canvas)
    values = resize(feature_map.values, size, resampler)
    rows, columns = (
        valid_samples(torch.ones(n, dtype=torch.float64), m, m / n, resampler)
        for m, n in zip(size, feature_map.values.shape[-2:], strict=True)
    )
    return replace(feature_map, values=values, canvas=canvas), (rows[:, None] * columns[None]).to(values)


def scale_shift(
    internal_scales: Sequence[float], scale_factor: float
) -> tuple[Float[Tensor, "s s"], Float[Tensor, " s"]]:
    """The shift along the scale axis as a matrix, and which scales it knows (1 or 0).

    Row i holds the weights of the two scales around σ_i / s; it is 0 where σ_i / s lies outside the axis.
    """
    logs = [math.log(s) for s in internal_scales]
    matrix = torch.zeros(len(logs), len(logs), dtype=torch.float64)
    known = torch.zeros(len(logs), dtype=torch.float64)
    for i, log_sigma in enumerate(logs):
        place = _place(logs, log_sigma - math.log(scale_factor))
        if place is None:
            continue
        below, fraction = place
        known[i] = 1
        matrix[i, below] = 1 - fraction
        if fraction:
            matrix[i, below + 1] = fraction
    return matrix, known


def _place(logs: Sequence[float], wanted: float, tolerance: float = 1e-3) -> tuple[int, float] | None:
    """Index below and fraction towards the next; None outside. `tolerance` (of a step) snaps to the grid."""
    for i, value in enumerate(logs):
        step = min(abs(value - other) for j, other in enumerate(logs) if j != i) if len(logs) > 1 else 1.0
        if abs(wanted - value) <= tolerance * step:
            return i, 0.0
    for i, (low, high) in enumerate(pairwise(logs)):
        if low < wanted < high:
            return i, (wanted - low) / (high - low)
    return None


def _known_positions(feature_map: FeatureMap, scale_factor: float, resampler: str) -> Float[Tensor, "h w"]:
    h, w = feature_map.values.shape[-2:]
    rows, columns = (
        valid_samples(torch.ones(n, dtype=torch.float64), n, scale_factor, resampler, centre=c)
        for n, c in zip((h, w), feature_map.centre, strict=True)
    )
    return (rows[:, None] * columns[None, :]).to(feature_map.values)
