"""The Lie derivative of every layer: what is left of the equivariance error when the change of scale becomes small.

With t = ln s, and T_{e^t} and T'_{e^t} as in core.transforms.scale, the Lie derivative of layer l is

    L_l(x) = d/dt T'_{e^-t} Φ_l(T_{e^t} x) at t = 0 = DΦ_l(x)[G x] − G' Φ_l(x),   G = dT_{e^t}/dt, G' = dT'_{e^t}/dt,

by the product rule (Gruver et al., "The Lie Derivative for Measuring Learned Equivariance", arXiv:2210.02984; here for
scale, and for maps on which it acts). DΦ_l(x)[G x] is one pass of forward-mode differentiation through all layers.
Reported is ‖M L‖₂ / ‖M Φ‖₂ of each image, per unit of ln s, with M the mask of positions and scales known for a
small t; near s = 1 the equivariance error of `measure` is |ln s| times as much.

Images and maps are moved by interpolation that keeps the kernel's width (core.resampling.resampling_generator). Where
`measure` shrinks, it also blurs, which has another slope: its errors come near ours from above s = 1. Digits have sharp
edges, so values of ReLU and maximum change sides soon: at s = 1.002 errors of deep layers still differ by up to two.
At a kink itself there is a slope to each side; PyTorch takes one, or for a maximum of equals the mean.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import forward_ad

from core.equivariance.cancelling import ask_whether_wanted
from core.equivariance.measure import Pictures, masked_error
from core.equivariance.report import LieReport
from core.models import FeatureMap
from core.models.measurable import HasFeatures, blank_features, without_blank
from core.resampling import known_samples, resampling_generator

SIDES = ("both", "enlarging")

_BATCH = 32  # images of a forward pass
_SMALL = 1e-6  # a ln s below every tolerance of the measure, to ask which samples stay known
_one_at_a_time = threading.Lock()  # PyTorch has one level of forward-mode differentiation for all threads


def lie_derivative(
    network: HasFeatures,
    images: Float[Tensor, "b c h w"],
    resampler: str = "bicubic",
    side: str = "both",
    canvas: str = "wide",
) -> LieReport:
    """‖M L‖₂ / ‖M Φ‖₂ of every layer and image, without unit, per unit of ln s.

    Args: images: values in [0, 1]. resampler: `bicubic` or `ideal`; the others have no slope at s = 1.
          side: of the scale axis, on which T'_s is linear between neighbours and so has a slope on each side of every
              scale: their mean, or, `enlarging`, that towards the next smaller scale, which `measure` uses at s > 1.
              `both` is the better slope, and knows neither edge of the axis; `enlarging` is the limit of `measure`.
          canvas: as `measure`.
    Returns: NaN, with the reason, for a layer on which small changes of scale are not defined.
    Raises: ValueError for another resampler or side, no image, or a layer whose values are not finite.
    """
    if side not in SIDES:
        raise ValueError(f"side must be one of {', '.join(SIDES)}, got {side!r}")
    pictures, parts = Pictures(network, images, resampler, canvas=canvas), []
    for batch in pictures.originals.split(_BATCH):
        ask_whether_wanted()
        found, tangents = _push(network, batch, _along_planes(batch, resampler))
        values = pictures.seen(found)
        reasons = _reasons(network, values, side)
        parts.append(
            [
                (np.full(len(batch), np.nan), 0.0)
                if layer in reasons
                else _relative(values[layer], tangents[layer], resampler, side)
                for layer in values
            ]
        )
    per_image = np.stack([np.concatenate([part[i][0] for part in parts]) for i in range(len(values))])
    known = np.array([share for _, share in parts[0]])
    silent = np.where(known > 0, np.isnan(per_image).mean(-1), 0.0)
    return LieReport(tuple(values), resampler, side, per_image, silent, known, reasons)


def generator(
    feature_map: FeatureMap, resampler: str = "bicubic", side: str = "both"
) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
    """G' Φ = d/dt T'_{e^t} Φ at t = 0, and the mask of positions (and scales) where it is known: 1 or 0.

    Raises: ValueError for a map on which it is not defined, or as `lie_derivative`.
    """
    if why := _undefined(feature_map, side):
        raise ValueError(why)
    values = feature_map.values
    slope = _along_planes(values, resampler, feature_map.centre)
    if feature_map.beyond == "background":
        return _along_scales(feature_map, slope, values.new_ones(values.shape[-2:]), side)
    rows, columns = (
        known_samples(n, n, 1 + _SMALL, resampler, centre=c)
        for n, c in zip(values.shape[-2:], feature_map.centre, strict=True)
    )
    return _along_scales(feature_map, slope, (rows[:, None] * columns).to(values), side)


def _along_scales(
    feature_map: FeatureMap, slope: Tensor, mask: Tensor, side: str
) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
    """The slope in the plane and, where there is an axis over scales, along that; and the mask of both."""
    values = feature_map.values
    if feature_map.group != "scale":
        return replace(feature_map, values=slope), mask
    shift, known = scale_generator(feature_map.internal_scales, side)
    slope = slope + torch.einsum("st,bcthw->bcshw", shift.to(values), values)
    return replace(feature_map, values=slope), known.to(mask)[:, None, None] * mask


def scale_generator(
    internal_scales: Sequence[float], side: str = "both"
) -> tuple[Float[Tensor, "s s"], Float[Tensor, " s"]]:
    """d/dt of the shift along the scale axis by t, −∂/∂(log σ), as a matrix, and which scales it knows (1 or 0)."""
    logs = [math.log(s) for s in internal_scales]
    last = len(logs) - 1
    matrix = torch.zeros(len(logs), len(logs), dtype=torch.float64)
    known = torch.zeros(len(logs), dtype=torch.float64)
    for i in range(1, len(logs) if side == "enlarging" else last):
        intervals = [(i - 1, i)] if side == "enlarging" else [(i - 1, i), (i, i + 1)]
        known[i] = 1
        for low, high in intervals:
            slope = 1 / (logs[high] - logs[low]) / len(intervals)
            matrix[i, low] += slope
            matrix[i, high] -= slope
    return matrix, known


def _push(network: HasFeatures, images: Tensor, direction: Tensor) -> tuple[dict[str, FeatureMap], dict[str, Tensor]]:
    """Φ_l(x) and DΦ_l(x)[direction] of every layer, in one pass."""
    values, tangents = {}, {}
    with _one_at_a_time, torch.no_grad(), forward_ad.dual_level():
        features = network.features(forward_ad.make_dual(images, direction))
        for layer, found in without_blank(features, blank_features(network, images)).items():
            value, tangent = forward_ad.unpack_dual(found.values)
            values[layer] = replace(found, values=value)
            tangents[layer] = torch.zeros_like(value) if tangent is None else tangent
    return values, tangents


def _relative(
    value: FeatureMap, tangent: Tensor, resampler: str, side: str
) -> tuple[Float[np.ndarray, " image"], float]:
    """‖M L‖₂ / ‖M Φ‖₂ of each image, NaN where the layer is silent, and the share of the map that M keeps."""
    moved, mask = generator(value, resampler, side)
    ahead = replace(value, values=value.values + (tangent - moved.values))
    return masked_error(value, value, ahead, mask)


def _along_planes(planes: Tensor, resampler: str, centre: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """d/dt of A x Aᵀ at A = 1."""
    rows, columns = (
        resampling_generator(n, resampler, centre=c).to(planes) for n, c in zip(planes.shape[-2:], centre, strict=True)
    )
    return rows @ planes + planes @ columns.mT


def _reasons(network: HasFeatures, values: Mapping[str, FeatureMap], side: str) -> dict[str, str]:
    """Why the layers that have no Lie derivative have none."""
    reasons, layers = {}, list(values)
    first = getattr(network, "jumps_from", "")
    jumping = layers[layers.index(first) :] if first else []
    for layer, found in values.items():
        if why := _undefined(found, side):
            reasons[layer] = why
        elif layer in jumping:
            reasons[layer] = f"the network jumps from {first} on, and a jump has no derivative"
    return reasons


def _undefined(feature_map: FeatureMap, side: str) -> str | None:
    """Why a map has no Lie derivative; None if it has one."""
    if feature_map.canvas is not None:
        return "its canvas changes by whole pixels, so there is no small change of scale"
    needed = 2 if side == "enlarging" else 3
    if feature_map.group == "scale" and len(feature_map.internal_scales) < needed:
        return f"a slope along the scale axis needs {needed} internal scales, got {len(feature_map.internal_scales)}"
    return None
