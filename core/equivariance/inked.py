"""The part of a wide canvas that holds a map and what a transform makes of it; the rest is background on both sides.

What T' does costs as many samples as it is given, and of a wide canvas (core.equivariance.canvas) most are 0.
"""

import math
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from core.models import FeatureMap
from core.models.feature_map import middle
from core.resampling import RESAMPLERS
from core.transforms import Transform

_NOTHING = 1e-6  # of the norm of a map: for what is looked at, less is left outside
_SMALL = 48  # samples of a side: to look for the ink of smaller maps takes as long as it saves


class Inked:
    """Φ(x) and Φ(T x) of one amount, cut to the samples that hold them and T'Φ(x).

    Args: before, after: on one grid. amount: of the transform. how: the resampler of maps.
    Attributes: before, after: cut, or as they were where that saves nothing or what lies beyond is not known.
    """

    def __init__(self, transform: Transform, before: "Reach", after: "Reach", amount: float, how: str):
        self.before, self.after = before.map, after.map
        self._size: torch.Size | None = None  # of the whole grid, where it was cut
        local = how in RESAMPLERS and RESAMPLERS[how].reach is not None
        if not local or before.radius == math.inf:
            return
        side = 2 * math.ceil(max(before.radius + 2, after.radius, _moved(transform, before, amount)))
        if side < min(before.map.values.shape[-2:]):
            self._size = before.map.values.shape[-2:]
            self.before, self.after = (_cut(found.map, side) for found in (before, after))

    def whole(self, values: Tensor) -> Tensor:
        """What was computed from the cut maps, on their whole grid, with 0 around it."""
        if self._size is None:
            return values
        down, across = ((whole - cut) // 2 for whole, cut in zip(self._size, values.shape[-2:], strict=True))
        return F.pad(values, [across, across, down, down])

    def whole_mask(self, mask: Tensor) -> Tensor:
        """A mask of the cut maps on their whole grid: it hides whole scales, or nothing."""
        return mask if self._size is None else mask[..., :1, :1].expand(*mask.shape[:-2], *self._size)


class Reach:
    """A map with how far from the middle of its grid it is more than nothing, in samples.

    Args: nothing: share of the norm of a map that may be left outside.
    """

    def __init__(self, feature_map: FeatureMap, nothing: float = _NOTHING):
        self.map = feature_map
        large = min(feature_map.values.shape[-2:]) > _SMALL
        self.radius = _radius(feature_map.values, nothing) if large and feature_map.beyond == "background" else math.inf


def _radius(values: Tensor, nothing: float) -> float:
    axes = tuple(range(values.dim() - 2))
    largest = torch.maximum(values.amax(axes), -values.amin(axes)).double()  # with no copy of the map
    if not largest.isfinite().all():  # what cannot be measured is not cut away
        return math.inf
    h, w = largest.shape
    down, across = ((torch.arange(n) - (n - 1) / 2).abs() + 0.5 for n in (h, w))
    rings = torch.maximum(down[:, None], across[None]).mul(2).long()  # twice the half side of the square around
    of_ring = torch.zeros(max(h, w) + 1, dtype=torch.float64).index_add(0, rings.flatten(), largest.square().flatten())
    outside = of_ring.flip(0).cumsum(0).flip(0)  # in this ring and beyond, of the largest values
    more = (math.prod(values.shape[:-2]) * outside > nothing**2 * outside[0]).nonzero()
    return int(more[-1]) / 2 if len(more) else 0.0


def _moved(transform: Transform, before: Reach, amount: float) -> float:
    """How far T'Φ reaches: where the corners of what it is made of come, and what the resampler spreads."""
    (a, b, c), (d, e, f) = transform.point(amount)
    grown = max(abs(a) + abs(b), abs(d) + abs(e), 1.0)
    shift = max(abs(c), abs(f)) / before.map.stride + grown * max(map(abs, before.map.centre)) * 2
    return grown * (before.radius + 2) + shift + 2


def _cut(feature_map: FeatureMap, side: int) -> FeatureMap:
    return replace(feature_map, values=middle(feature_map.values, side))
