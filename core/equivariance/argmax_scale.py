"""Does the winning internal scale follow the size of what is seen? Where an image grows by s, it should grow by s too.

The winner of a channel and position is the internal scale with the largest |response| (what the scale projection of
SESN, arXiv:1910.11093, §4, keeps, but for the sign); scales that tie share the win. Positions count by the energy of
their winning response in Φ(x).

Averaged over all positions the statistic says little on a short axis: winners pile up at both of its ends, beyond
which the true winner lies, and the mean stands still in a network that commutes. So the same positions t of Φ(x) are
followed to s·t in Φ(T_s x), and only those count whose winner in Φ(x) is one of the middle scales. These are chosen
before the image changes and are the same at every factor, so the choice itself makes no slope.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from core.equivariance.measure import Pictures
from core.equivariance.report import mean_over_images, quantiles_over_images
from core.models import FeatureMap
from core.models.measurable import HasFeatures
from core.resampling import resample
from core.transforms import Drawable

_TIE = 1e-6  # by which responses of one strength differ, relative


@dataclass(frozen=True)
class ArgmaxScale:
    """What `argmax_scale` found.

    Attributes:
        layer: its name. internal_scales: of its map, in pixels of the map.
        scale_factors: s, without unit. resampler: of the images.
        per_image: (factor, image) mean log2 of the winning internal scale in Φ(T_s x); NaN where nothing counts.
        at_rest: (image) the same in Φ(x). share: of the energy in Φ(x) that counts, 0 to 1.
        used: (factor) whether no winner that counts should leave the axis at this factor; the slope rests on these.
        slope: of mean_log2_scale over log2 s, by least squares; 1 is ideal, 0 a winner that ignores the size. NaN
            with fewer than two factors in use.
    """

    layer: str
    internal_scales: tuple[float, ...]
    scale_factors: tuple[float, ...]
    resampler: str
    per_image: Float[np.ndarray, "factor image"]
    at_rest: Float[np.ndarray, " image"]
    share: float
    used: Bool[np.ndarray, " factor"]

    @property
    def mean_log2_scale(self) -> Float[np.ndarray, " factor"]:
        """Mean over images, in octaves (log2 of pixels of the map)."""
        return mean_over_images(self.per_image)

    @property
    def spread(self) -> Float[np.ndarray, "factor 2"]:
        """16 % and 84 % quantiles over images."""
        return np.stack(quantiles_over_images(self.per_image), axis=-1)

    @property
    def slope(self) -> float:
        mean = self.mean_log2_scale
        chosen = self.used & np.isfinite(mean)
        x = np.log2(self.scale_factors)[chosen]
        if len(np.unique(x.round(9))) < 2:
            return math.nan
        return float(np.polyfit(x, mean[chosen], 1)[0])


def argmax_scale(
    network: HasFeatures,
    images: Float[Tensor, "b c h w"] | Sequence[Drawable],
    scale_factors: Sequence[float],
    layer: str,
    resampler: str = "bicubic",
    canvas: str = "wide",
) -> ArgmaxScale:
    """The winning internal scale of one layer over the scale factors, at positions that a middle scale wins at 1.

    With N scales the middle ones are the N − 2m after the first m = ⌊(N − 1) / 2⌋, and factors count that move them
    by no more than they are away from the ends. Two scales have no middle: nothing counts.
    Raises: ValueError as `measure`, or if the layer has no scale axis; KeyError for an unknown layer.
    """
    pictures = Pictures(network, images, resampler, canvas=canvas)
    factors = pictures.transform.check_all(scale_factors)
    with torch.no_grad():
        before = pictures.features(pictures.originals)[layer]
        if before.group != "scale":
            raise ValueError(f"{layer} has no axis over internal scales, its group is {before.group!r}")
        at_rest, energy = winning_scale(before)
        counted = energy * _is_middle(at_rest, before.internal_scales)
        per_image = np.full((len(factors), len(at_rest)), np.nan)
        for k, after in enumerate(pictures.each(pictures.at(s) for s in factors)):
            per_image[k] = _follow(after[layer], counted, factors[k])
        share = counted.sum() / energy.sum()
        rest = _weighted_mean(at_rest, counted)
    scales = before.internal_scales
    used = np.array([_stays_inside(scales, s) for s in factors])
    return ArgmaxScale(layer, scales, factors, resampler, per_image, rest, float(share), used)


def winning_scale(feature_map: FeatureMap) -> tuple[Float[Tensor, "b c h w"], Float[Tensor, "b c h w"]]:
    """log2 of the scale with the largest |response| at every channel and position, and that response squared."""
    strength = feature_map.values.abs()
    largest = strength.amax(dim=2, keepdim=True)
    wins = (strength >= (1 - _TIE) * largest).to(strength)
    logs = torch.tensor(feature_map.internal_scales, dtype=torch.float64).log2().to(strength)
    return torch.einsum("bcshw,s->bchw", wins / wins.sum(dim=2, keepdim=True), logs), largest[:, :, 0].square()


def _follow(after: FeatureMap, counted: Tensor, scale_factor: float) -> Float[np.ndarray, " image"]:
    """The mean winner at s·t over the positions t that count, where s·t is on the canvas."""
    winner, _ = winning_scale(after)
    there = resample(winner, 1 / scale_factor, "nearest", centre=after.centre)
    on_canvas = resample(torch.ones_like(winner[:1, :1]), 1 / scale_factor, "nearest", centre=after.centre)
    return _weighted_mean(there, counted * on_canvas)


def _weighted_mean(values: Tensor, weight: Tensor) -> Float[np.ndarray, " image"]:
    total = weight.double().sum(dim=(1, 2, 3))  # 0 / 0 is NaN: nothing counts
    return ((weight * values).double().sum(dim=(1, 2, 3)) / total).numpy()


def _margin(internal_scales: Sequence[float]) -> int:
    """Scales before the first middle one; 0 if the axis is too short to have a middle."""
    return (len(internal_scales) - 1) // 2


def _is_middle(winner: Tensor, internal_scales: Sequence[float]) -> Tensor:
    m = _margin(internal_scales)
    if m == 0:
        return torch.zeros_like(winner)
    low, high = math.log2(internal_scales[m]), math.log2(internal_scales[-1 - m])
    return ((winner > low - 1e-4) & (winner < high + 1e-4)).to(winner)


def _stays_inside(internal_scales: Sequence[float], scale_factor: float) -> bool:
    m = _margin(internal_scales)
    if m == 0:
        return False
    low, high = internal_scales[m] * scale_factor, internal_scales[-1 - m] * scale_factor
    return internal_scales[0] * (1 - 1e-4) <= low and high <= internal_scales[-1] * (1 + 1e-4)
