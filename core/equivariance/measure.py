"""The equivariance error of every layer, ε_l(T) = ‖M (A − B)‖₂ / ‖M A‖₂ with A = T' Φ_l(x) and B = Φ_l(T x).

T is any entry of core.transforms by some amount, M the mask of positions (and scales) that both sides know. ε is the
relative L2 error of one image, without unit; its square is the Δ of SESN (arXiv:1910.11093, Eq. 16). The floor beside
it is what the transform alone costs on the image, ‖T⁻¹ T x − x‖₂ / ‖x‖₂.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from core.equivariance.report import EquivarianceReport
from core.models import FeatureMap, Features
from core.models.measurable import HasFeatures, trained_canvas
from core.transforms import EXACT, Drawable, transform_named

_BATCH = 66  # images of a forward pass: 33 amounts twice
_SILENT = 1e-6  # of the layer's own norm


def measure(
    network: HasFeatures,
    images: Float[Tensor, "b 1 h w"] | Sequence[Drawable],
    amounts: Sequence[float],
    resampler: str = "bicubic",
    transform: str = "scale",
) -> EquivarianceReport:
    """The equivariance error of every layer at every amount of a transform.

    Args: images: values in [0, 1], or vector digits, which are drawn on the network's canvas.
          amounts: scale factors, degrees, pixels, as the transform says. transform: of core.transforms.
          resampler: of the transform's, or `exact` for vector digits: T x is then drawn again, and only feature maps
          are resampled (bicubic).
    Raises: ValueError for an unknown transform or resampler, `exact` without vector digits, no image, no amount or one
        that the transform does not know, or a layer whose group has no known action.
    """
    pictures = Pictures(network, images, resampler, transform=transform)
    chosen = pictures.transform.check_all(amounts)
    with torch.no_grad():
        reference = network.features(pictures.originals)
        layers = tuple(reference)
        shape = (len(layers), len(chosen), len(pictures.originals))
        error, silent, known = np.full(shape, np.nan), np.zeros(shape[:2]), np.zeros(shape[:2])
        floor = np.zeros(shape[1:])
        seen = (pictures.at(amount) for amount in chosen)
        for k, found in enumerate(features_of(network, seen)):
            for i, layer in enumerate(layers):
                how = chosen[k], pictures.map_resampler, transform
                error[i, k], known[i, k] = relative_error(reference[layer], found[layer], *how)
                silent[i, k] = np.isnan(error[i, k]).mean() if known[i, k] else 0.0
        for k, amount in enumerate(chosen):
            floor[k] = pictures.floor(amount)
        blank = np.stack([is_blank(reference[layer]) for layer in layers])
    return EquivarianceReport(layers, chosen, resampler, error, floor, silent, known, blank, transform)


def relative_error(
    before: FeatureMap, after: FeatureMap, amount: float, resampler: str, transform: str = "scale"
) -> tuple[Float[np.ndarray, " image"], float]:
    """ε of each image for one layer and amount, NaN where it is silent, and the share of the map that M keeps."""
    moved, mask = transform_named(transform).act(before, amount, resampler)
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


class Pictures:
    """x and T x, whether they are resampled or drawn again. Raises: ValueError as `measure`.

    Args: margin: pixels added on each side of the canvas: images are padded by background, vector digits drawn on it.
    """

    def __init__(
        self, network: HasFeatures, images: Tensor | Sequence[Drawable], resampler: str, margin: int = 0,
        transform: str = "scale",
    ):  # fmt: skip
        self.transform = transform_named(transform)
        self.transform.check_resampler(resampler)
        glyphs = None if isinstance(images, Tensor) else tuple(images)
        if len(images) == 0:
            raise ValueError("expected at least one image, got none")
        if resampler == EXACT and glyphs is None:
            raise ValueError("the resampler 'exact' draws vector digits again, got an image")
        self._glyphs = glyphs if resampler == EXACT else None
        self._network, self._resampler, self._margin = network, resampler, margin
        if isinstance(images, Tensor):
            self.originals = F.pad(images, [margin] * 4) if margin else images
        else:
            canvas = trained_canvas(network) + 2 * margin
            self.originals = torch.cat([glyph.render(1.0, canvas) for glyph in images])
        self.map_resampler = self.transform.of_maps(resampler)

    def at(self, amount: float) -> Float[Tensor, "b 1 h w"]:
        if self._glyphs is not None:
            drawn = [self.transform.draw(glyph, self._network, amount, self._margin) for glyph in self._glyphs]
            return torch.cat(drawn)
        return self.transform.images(self._network, self.originals, amount, self._resampler)

    def floor(self, amount: float) -> Float[np.ndarray, " image"]:
        if self._glyphs is not None:
            return np.zeros(len(self._glyphs))
        x = self.originals
        size = (x.shape[-2], x.shape[-1])
        there_and_back = self.transform.undo(self._network, self.at(amount), amount, size, self._resampler)
        error = (there_and_back - x).flatten(1).norm(dim=1) / x.flatten(1).norm(dim=1).clamp_min(1e-12)
        return error.double().numpy()


def features_of(network: HasFeatures, seen: Iterable[Tensor]) -> Iterator[Features]:
    """Φ of each of many batches of images (b, 1, h, w), several in one pass as long as their canvases are alike."""
    waiting: list[Tensor] = []
    for images in seen:
        if waiting and (images.shape != waiting[0].shape or len(images) * (len(waiting) + 1) > _BATCH):
            yield from _in_one_pass(network, waiting)
            waiting = []
        waiting.append(images)
    if waiting:
        yield from _in_one_pass(network, waiting)


def _in_one_pass(network: HasFeatures, batches: Sequence[Tensor]) -> Iterator[Features]:
    features, n = network.features(torch.cat(list(batches))), len(batches[0])
    for place in range(len(batches)):
        yield {layer: _part(found, place * n, n) for layer, found in features.items()}


def _part(feature_map: FeatureMap, start: int, n: int) -> FeatureMap:
    return replace(feature_map, values=feature_map.values[start : start + n])
