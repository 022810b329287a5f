"""The equivariance error of every layer, ε_l(s) = ‖M (A − B)‖₂ / ‖M A‖₂ with A = T'_s Φ_l(x) and B = Φ_l(T_s x).

M is the mask of positions and scales that both sides know. ε is the relative L2 error of one image, without unit;
its square is the Δ of SESN (arXiv:1910.11093, Eq. 16). The floor beside it is what the resampler alone costs on the
image, ‖T_{1/s} T_s x − x‖₂ / ‖x‖₂.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from core.equivariance.action import (
    HasFeatures,
    changes_canvas,
    scale_images,
    scaled_canvas,
    trained_canvas,
    transform,
)
from core.equivariance.report import EquivarianceReport
from core.models import FeatureMap, Features
from core.resampling import resampling_floor, resize

# How feature maps are resampled when the images themselves are rendered again.
_MAPS_OF_EXACT = "bicubic"
_BATCH = 66  # images of a forward pass: 33 factors twice
_SILENT = 1e-6  # of the layer's own norm


@runtime_checkable
class Drawable(Protocol):
    """A picture that can be drawn at any size: `core.data.glyphs.Glyph`, `SizedGlyph`."""

    def render(self, scale_factor: float, canvas: int) -> Tensor:
        """(1, 1, canvas, canvas), values in [0, 1]."""


def measure(
    network: HasFeatures,
    images: Float[Tensor, "b 1 h w"] | Sequence[Drawable],
    scale_factors: Sequence[float],
    resampler: str = "bicubic",
) -> EquivarianceReport:
    """The equivariance error of every layer at every scale factor.

    Args: images: values in [0, 1], or vector digits, which are drawn on the network's canvas.
          scale_factors: s > 0. resampler: of core.resampling, or `exact` for vector digits: T_s x is then drawn
          again, and only feature maps are resampled (bicubic).
    Raises: ValueError for `exact` without vector digits, no image, no factor, a factor that is not positive, or a
        layer whose group has no known action.
    """
    pictures = Pictures(network, images, resampler)
    factors = tuple(float(s) for s in scale_factors)
    if not factors or min(factors) <= 0:
        raise ValueError(f"expected positive scale factors, got {factors}")
    with torch.no_grad():
        reference = network.features(pictures.originals)
        layers = tuple(reference)
        shape = (len(layers), len(factors), len(pictures.originals))
        error, silent, known = np.full(shape, np.nan), np.zeros(shape[:2]), np.zeros(shape[:2])
        for k, found in features_by_factor(network, pictures, factors):
            for i, layer in enumerate(layers):
                error[i, k], known[i, k] = relative_error(
                    reference[layer], found[layer], factors[k], pictures.map_resampler
                )
                silent[i, k] = np.isnan(error[i, k]).mean() if known[i, k] else 0.0
        floor = np.stack([pictures.floor(s) for s in factors])
        blank = np.stack([is_blank(reference[layer]) for layer in layers])
    return EquivarianceReport(layers, factors, resampler, error, floor, silent, known, blank)


def map_resampler(resampler: str) -> str:
    """The resampler of feature maps that goes with one of images: the same, or bicubic for `exact`."""
    return _MAPS_OF_EXACT if resampler == "exact" else resampler


def relative_error(
    before: FeatureMap, after: FeatureMap, scale_factor: float, resampler: str
) -> tuple[Float[np.ndarray, " image"], float]:
    """ε of each image for one layer and factor, NaN where it is silent, and the share of the map that M keeps."""
    moved, mask = transform(before, scale_factor, resampler)
    return masked_error(before, moved, after, mask)


def masked_error(
    before: FeatureMap, moved: FeatureMap, after: FeatureMap, mask: Tensor
) -> tuple[Float[np.ndarray, " image"], float]:
    """‖M (A − B)‖₂ / ‖M A‖₂ of each image with A = `moved`, B = `after`, and the share of the map that M keeps.

    Raises: ValueError if values are not finite, or A and B differ in shape.
    """
    if not (before.values.isfinite().all() and after.values.isfinite().all()):
        raise ValueError("a layer answers with values that are not finite, so its error cannot be measured")
    if moved.values.shape != after.values.shape:
        shapes = tuple(moved.values.shape), tuple(after.values.shape)
        raise ValueError(f"T'Φ(x) and Φ(T x) must have one shape, got {shapes[0]} and {shapes[1]}")
    kept = float(mask.mean())
    if kept == 0:
        return np.full(before.values.shape[0], np.nan), 0.0
    a, b = (mask * values for values in (moved.values, after.values))
    size = a.flatten(1).norm(dim=1)
    error = (a - b).flatten(1).norm(dim=1) / size
    silent = size <= _SILENT * before.values.flatten(1).norm(dim=1)
    return torch.where(silent, torch.nan, error).double().numpy(), kept


def is_blank(feature_map: FeatureMap) -> Bool[np.ndarray, " image"]:
    """Whether a map is 0 everywhere, image by image."""
    return (feature_map.values == 0).flatten(1).all(dim=1).numpy()


def drawing(network: HasFeatures, scale_factor: float) -> tuple[float, int]:
    """The size and the canvas at which a vector digit scaled by s is drawn for a network."""
    side = trained_canvas(network)
    if not changes_canvas(network):
        return scale_factor, side
    scaled, _ = scaled_canvas((side, side), scale_factor)
    return scaled / side, scaled


class Pictures:
    """x and T_s x, whether they are resampled or drawn again. Raises: ValueError as `measure`.

    Args: margin: pixels added on each side of the canvas: images are padded by background, vector digits drawn on it.
    """

    def __init__(self, network: HasFeatures, images: Tensor | Sequence[Drawable], resampler: str, margin: int = 0):
        glyphs = None if isinstance(images, Tensor) else tuple(images)
        if len(images) == 0:
            raise ValueError("expected at least one image, got none")
        if resampler == "exact" and glyphs is None:
            raise ValueError("the resampler 'exact' draws vector digits again, got an image")
        self._glyphs = glyphs if resampler == "exact" else None
        self._network, self._resampler, self._margin = network, resampler, margin
        if isinstance(images, Tensor):
            self.originals = F.pad(images, [margin] * 4) if margin else images
        else:
            canvas = trained_canvas(network) + 2 * margin
            self.originals = torch.cat([glyph.render(1.0, canvas) for glyph in images])
        self.map_resampler = map_resampler(resampler)

    def at(self, scale_factor: float) -> Float[Tensor, "b 1 h w"]:
        if self._glyphs is not None:
            scale_factor, canvas = drawing(self._network, scale_factor)
            canvas += 2 * self._margin
            return torch.cat([glyph.render(scale_factor, canvas) for glyph in self._glyphs])
        return scale_images(self._network, self.originals, scale_factor, self._resampler)

    def floor(self, scale_factor: float) -> Float[np.ndarray, " image"]:
        if self._glyphs is not None:
            return np.zeros(len(self._glyphs))
        if changes_canvas(self._network):
            x = self.originals
            there_and_back = resize(self.at(scale_factor), (x.shape[-2], x.shape[-1]), self._resampler)
            error = (there_and_back - x).flatten(1).norm(dim=1) / x.flatten(1).norm(dim=1).clamp_min(1e-12)
            return error.double().numpy()
        return resampling_floor(self.originals, scale_factor, self._resampler).double().numpy()


def features_by_factor(
    network: HasFeatures, pictures: Pictures, factors: Sequence[float]
) -> Iterator[tuple[int, Features]]:
    """Φ(T_s x) for every factor, several factors in one batch."""
    n = len(pictures.originals)
    together = 1 if changes_canvas(network) else max(1, _BATCH // n)  # one canvas to a batch
    for start in range(0, len(factors), together):
        chunk = range(start, min(start + together, len(factors)))
        features = network.features(torch.cat([pictures.at(factors[k]) for k in chunk]))
        for place, k in enumerate(chunk):
            yield k, {layer: _part(fm, place * n, n) for layer, fm in features.items()}


def _part(feature_map: FeatureMap, start: int, n: int) -> FeatureMap:
    return replace(feature_map, values=feature_map.values[start : start + n])
