"""The equivariance error of one published study, beside `measure`: a spectral norm over a Frobenius norm.

Source: chanhopark00/scale_equivariance on GitHub, utilities/equiv_funcs.py and the equivariance_test.py of each
network. Of channel c of a layer, as it is written there, with the zoom of core.resampling.cubic_zoom on the canvas of
the image:

    plane:       ‖T Φ_c(x) − Φ_c(T x)‖₂ / ‖Φ_c(T x)‖_F
    over scales: ‖Φ_{c, min(k + j, S − 1)}(x) − Φ_{c, j}(T x)‖₂ / ‖Φ_{c, j}(T x)‖₂

with k = max(round(ln(1/s) / ln base), 0); the second averaged over the levels j, and both over the channels. ‖·‖₂ of a
map is its largest singular value.

**These numbers mix what an equivariance error keeps apart**, so they are for comparison with that study alone:

- the largest singular value of a difference is compared with the root of the sum of their squares of a map, so a
  difference spread over many singular values reads up to √(side of the map) smaller than in `measure`;
- maps over scales are compared without being made smaller, and by another norm: they do not compare with planes;
- a channel that hardly answers counts as much as the strongest;
- what the zoom aliases and cuts, and what the edge of the canvas changes, is part of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.equivariance.report import mean_over_images, quantiles_over_images
from core.models import FeatureMap
from core.models.measurable import HasFeatures, changes_canvas
from core.resampling.cubic_zoom import cubic_zoom

RESAMPLER = "cubic zoom"


@dataclass(frozen=True)
class SpectralReport:
    """What `measure_spectral` found.

    Attributes:
        layers: names, in the order of the network. scale_factors: in the order given.
        per_image: (layer, factor, image) error without unit; NaN where no channel answers T x.
        silent: (layer, factor) share of channels, over all images, that do not answer T x and are left out.
    """

    layers: tuple[str, ...]
    scale_factors: tuple[float, ...]
    per_image: Float[np.ndarray, "layer factor image"]
    silent: Float[np.ndarray, "layer factor"]

    @property
    def error(self) -> Float[np.ndarray, "layer factor"]:
        """Mean over the images that can be measured; NaN if there is none."""
        return mean_over_images(self.per_image)

    @property
    def spread(self) -> Float[np.ndarray, "layer factor 2"]:
        """16 % and 84 % quantiles over images."""
        return np.stack(quantiles_over_images(self.per_image), axis=-1)

    @property
    def num_images(self) -> int:
        return self.per_image.shape[2]


@torch.no_grad()
def measure_spectral(
    network: HasFeatures, images: Float[Tensor, "b c h w"], scale_factors: Sequence[float]
) -> SpectralReport:
    """The error of the study for every layer; see the module for what it mixes, and `measure` for a sound one.

    A turn of a map over rotations counts as a channel. A channel that does not answer T x, by which the study divides
    too, is left out.
    Args: scale_factors: in (0, 1], without unit: the study only makes images smaller.
    Raises: ValueError for no image, no factor or one out of range, a network whose canvas changes with the image, or
        internal scales in unequal steps, which have no base.
    """
    if not len(images) or not len(scale_factors):
        raise ValueError(f"expected images and scale factors, got {len(images)} and {len(scale_factors)}")
    if changes_canvas(network):
        raise ValueError("the study knows no network whose canvas changes with the image")
    before = network.features(images)
    shape = len(before), len(scale_factors)
    errors, silent = np.full((*shape, len(images)), np.nan), np.zeros(shape)
    for k, s in enumerate(scale_factors):
        after = network.features(cubic_zoom(images, s))
        for i, (layer, found) in enumerate(before.items()):
            ratios = _over_levels(found, after[layer], s) if found.group == "scale" else _planes(found, after[layer], s)
            errors[i, k] = mean_over_images(ratios)
            silent[i, k] = np.isnan(ratios).mean()
    return SpectralReport(tuple(before), tuple(map(float, scale_factors)), errors, silent)


def _planes(before: FeatureMap, after: FeatureMap, s: float) -> Float[np.ndarray, "image plane"]:
    a, b = cubic_zoom(before.values, s).flatten(1, -3), after.values.flatten(1, -3)
    return _ratios(_spectral(a - b), torch.linalg.matrix_norm(b.double()))


def _over_levels(before: FeatureMap, after: FeatureMap, s: float) -> Float[np.ndarray, "image plane"]:
    """Level by level and without any zoom, as the study does for deep scale-spaces."""
    count = after.values.shape[2]
    k = max(round(-math.log(s) / math.log(_base(before.internal_scales))), 0) if count > 1 else 0
    levels = torch.arange(count).add(k).clamp_max(count - 1)
    a, b = before.values[:, :, levels].flatten(1, 2), after.values.flatten(1, 2)
    return _ratios(_spectral(a - b), _spectral(b))


def _base(scales: Sequence[float]) -> float:
    """Of internal scales in equal steps. Raises: ValueError."""
    base = (scales[-1] / scales[0]) ** (1 / (len(scales) - 1))
    if any(not math.isclose(later / one, base, rel_tol=1e-3) for one, later in pairwise(scales)):
        raise ValueError(f"the study's levels have one base, got internal scales in unequal steps {tuple(scales)}")
    return base


def _spectral(planes: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
    """The largest singular value of each plane: the root of the largest eigenvalue of A Aᵀ, faster than all of them."""
    planes = planes.double()
    return torch.linalg.eigvalsh(planes @ planes.mT)[..., -1].clamp_min(0).sqrt()


def _ratios(above: Tensor, below: Tensor) -> Float[np.ndarray, "image plane"]:
    return torch.where(below > 0, above / below, torch.nan).cpu().numpy()
