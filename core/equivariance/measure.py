"""The equivariance error of every layer, ε_l(T) = ‖M (A − B)‖₂ / ‖M A‖₂ with A = T' Φ_l(x) and B = Φ_l(T x).

T is any entry of core.transforms by some amount. ε is the relative L2 error of one image, without unit; its square is
the Δ of SESN (arXiv:1910.11093, Eq. 16). Images are put on a wide canvas of background, which every registered network
answers with 0 (core.equivariance.canvas), so M leaves out nothing but internal scales beyond the ends of their axis;
elsewhere it keeps the positions that both sides know, or the picture is mirrored beyond its edge
(core.equivariance.edge). Of a network that may answer a blank image with something, Φ is
what it answers beyond that, Φ(x) − Φ(blank): a bias would dilute every error. The report says how much that was.

Beside every error stands the cost of resampling, ‖M (T'⁻¹ T' Φ − Φ)‖₂ / ‖M Φ‖₂, of the same map, and of the image: what
going there and back costs without any network. It is no bound of the error.

`core.equivariance.measure_spectral` is the error of one published study instead, which mixes more.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from core.equivariance.cancelling import ask_whether_wanted
from core.equivariance.canvas import known_beyond, margin_for
from core.equivariance.edge import BACKGROUND, mirror_for, mirrored
from core.equivariance.edge import checked as checked_edge
from core.equivariance.inked import Inked, Reach
from core.equivariance.report import EquivarianceReport
from core.models import FeatureMap, Features, Network
from core.models.measurable import (
    HasFeatures,
    blank_features,
    blank_name,
    changes_canvas,
    classifier_map,
    trained_canvas,
    without_blank,
)
from core.transforms import EXACT, Drawable, Transform, transform_named

_MOST_PIXELS = 100_000  # of the images of a forward pass
_PIXELS_AT_ONCE = 52_000  # of images whose maps are compared: two of the widest canvas
_NOTHING = 1e-9  # of the norm of a map: less may be left out of an error
_SILENT = 1e-6  # of the layer's own norm
Window = Callable[[Tensor], Tensor]


def all_of(planes: Tensor) -> Tensor:
    """The window of what is compared everywhere."""
    return planes


def measure(
    network: HasFeatures,
    images: Float[Tensor, "b c h w"] | Sequence[Drawable],
    amounts: Sequence[float] | None = None,
    resampler: str = "bicubic",
    transform: str = "scale",
    canvas: str = "wide",
    costs: bool = True,
    edge: str = "masked",
    background: float = 0.0,
) -> EquivarianceReport:
    """The equivariance error of every layer at every amount of a transform, and what resampling costs there.

    Args: images: values in [0, 1], or vector digits, which are drawn on the network's canvas.
          amounts: scale factors, degrees, pixels, as the transform says; None for the steps of the network's own axes,
              or where it has none for those of the transform's curves. transform: of core.transforms.
          resampler: of the transform's, or `exact` for vector digits: T x is then drawn again, and only feature maps
          are resampled (bicubic).
          canvas: `wide`, or `image` for that of the images alone, where positions near its edge are not known.
              Photographs, and networks that do not answer background with 0, have the latter in any case.
          edge: of photographs, and for networks that do not answer background with 0: `masked`, where positions beyond
              it would be read from, or `mirrored`, where the picture is continued by reflection, on a canvas that the
              network must take, and nothing is masked for it. The report says which was taken.
          costs: whether the cost of resampling is measured too, which takes as long as the errors; NaN if not.
          background: value of what lies beyond the images, in every channel, which T x brings in.
    Warns: where a network answers the blank image with more than a tenth of what it answers.
    Raises: ValueError for an unknown transform, resampler, canvas or edge, an edge to mirror of vector digits or for a
        network that does not take the wider canvas, `exact` without vector digits, no image, no amount
        or one that the transform does not know, or a layer whose group has no known action.
    """
    pictures = Pictures(
        network, images, resampler, transform=transform, canvas=canvas, edge=edge, amounts=amounts,
        background=background,
    )  # fmt: skip
    with torch.no_grad():
        few = _few(pictures.originals)
        reference = pictures.features(few[0])
        own = pictures.transform.steps(reference)
        chosen = pictures.transform.check_all(own or pictures.transform.curve_amounts if amounts is None else amounts)
        layers = tuple(reference)
        shape = (len(layers), len(chosen), len(pictures.originals))
        error, cost, image_cost = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[1:], np.nan)
        known, blank = np.zeros(shape[:2]), np.zeros((shape[0], shape[2]), dtype=bool)
        share = np.full(blank.shape, np.nan)
        seen = [_few(pictures.at(amount), len(few[0])) for amount in chosen]
        start = 0
        for number, images_before in enumerate(few):
            of = slice(start, start + len(images_before))
            befores = reference if number == 0 else pictures.features(images_before)
            reaches = {layer: (Reach(found, _NOTHING), norms(found)) for layer, found in befores.items()}
            x_and_features = images_before, befores
            for k, found in enumerate(pictures.each((each[number] for each in seen), of_x=x_and_features)):
                ask_whether_wanted()
                for i, layer in enumerate(layers):
                    before, whole = reaches[layer]
                    error[i, k, of], known[i, k], cost[i, k, of] = _errors(
                        before, whole, found[layer], pictures.transform, chosen[k], pictures.map_resampler, costs,
                        pictures.window_of(layer),
                    )  # fmt: skip
            blank[:, of] = [is_blank(befores[layer]) for layer in layers]
            constant = blank_features(network, images_before)
            if constant is not None:
                share[:, of] = _blank_share(befores, constant)
            start = of.stop
        silent = np.where(known > 0, np.isnan(error).mean(2), 0.0)
        for k, amount in enumerate(chosen if costs else ()):
            image_cost[k] = pictures.image_cost(amount)
    report = EquivarianceReport(
        layers, chosen, resampler, error, image_cost, silent, known, blank, transform, cost if costs else None,
        classifier_map(network), pictures.side, tuple(own), blank_name(network),
        None if constant is None else share, pictures.edge,
    )  # fmt: skip
    for sentence in report.warnings:
        warnings.warn(sentence, stacklevel=2)
    return report


def _blank_share(features: Features, blank: Features) -> Float[np.ndarray, "layer image"]:
    """‖Φ(blank)‖ / ‖Φ(x)‖, of features that are Φ(x) − Φ(blank)."""
    shares = []
    for layer, found in features.items():
        constant = blank[layer].values.to(found.values)
        whole = _norm(found.values + constant)
        shares.append(torch.where(whole > 0, _norm(constant) / whole, 0.0).double().cpu().numpy())
    return np.stack(shares)


def relative_error(
    before: FeatureMap, after: FeatureMap, amount: float, resampler: str, transform: str = "scale"
) -> tuple[Float[np.ndarray, " image"], float]:
    """ε of each image for one layer and amount, NaN where it is silent, and the share of the map that M keeps."""
    moved, mask = transform_named(transform).act(before, amount, resampler)
    return masked_error(before, moved, after, mask)


def _few(images: Float[Tensor, "b c h w"], number: int | None = None) -> list[Float[Tensor, "_ c h w"]]:
    """So few at a time that their maps stay in the cache. Args: number: of them; None for as many as that are."""
    few = number or max(1, _PIXELS_AT_ONCE // max(1, images[0].numel()))
    return list(images.split(few))


def _errors(
    before: Reach,
    whole: Tensor,
    after: FeatureMap,
    transform: Transform,
    amount: float,
    resampler: str,
    costs: bool,
    window: Window,
) -> tuple[Float[np.ndarray, " image"], float, Float[np.ndarray, " image"] | float]:
    """ε of each image for one layer and amount, NaN where it is silent, the share of the map that M keeps, the cost.

    Args: window: what is compared of a map, or of its mask.
    """
    seen, there = before.map, after
    if transform.key == "scale":  # another one gives its last digits by the place on the grid
        inked = Inked(transform, before, Reach(after, _NOTHING), amount, resampler)
        seen, there = inked.before, inked.after
    moved, mask = transform.act(seen, amount, resampler)
    moved, there = (replace(each, values=window(each.values)) for each in (moved, there))
    error, kept = masked_error(seen, moved, there, window(mask), whole)
    # There and back spreads further than there, so nothing is cut for it.
    cost = cost_of_resampling(before.map, amount, resampler, transform.key, window) if costs else np.nan
    return error, kept, cost


def masked_error(
    before: FeatureMap, moved: FeatureMap, after: FeatureMap, mask: Tensor, whole: Tensor | None = None
) -> tuple[Float[np.ndarray, " image"], float]:
    """‖M (A − B)‖₂ / ‖M A‖₂ of each image with A = `moved`, B = `after`, and the share of the map that M keeps.

    Args: whole: ‖Φ‖ of each image, where that of `before` is known.
    Raises: ValueError if values are not finite, or A and B differ in shape.
    """
    if moved.values.shape != after.values.shape:
        shapes = tuple(moved.values.shape), tuple(after.values.shape)
        raise ValueError(f"T'Φ(x) and Φ(T x) must have one shape, got {shapes[0]} and {shapes[1]}")
    kept, whole = float(mask.mean()), norms(before) if whole is None else whole
    if not (whole.isfinite().all() and after.values.sum().isfinite()):
        raise ValueError("a layer answers with values that are not finite, so its error cannot be measured")
    if kept == 0:
        return np.full(before.values.shape[0], np.nan), 0.0
    a, b = _where_kept(moved.values, mask), _where_kept(after.values, mask)
    size = _norm(a)
    error = torch.where(size <= _SILENT * whole, torch.nan, _norm(a - b) / size)
    return error.double().numpy(), kept


def _where_kept(values: Tensor, mask: Tensor) -> Tensor:
    """mask × values, without the places of the third axis that are masked altogether."""
    if mask.dim() == 3:
        told = (mask.amax((1, 2)) > 0).nonzero().flatten().tolist()
        run = slice(told[0], told[-1] + 1)
        values, mask = values[:, :, run], mask[run]
    return values if bool((mask > 0).all()) else mask * values


def norms(feature_map: FeatureMap) -> Float[Tensor, " image"]:
    """‖Φ‖ of each image."""
    return _norm(feature_map.values)


def _norm(values: Float[Tensor, "b c *axes h w"]) -> Float[Tensor, " b"]:
    return torch.linalg.vector_norm(values, dim=tuple(range(1, values.dim())))


def cost_of_resampling(
    before: FeatureMap, amount: float, resampler: str, transform: str = "scale", window: Window = all_of
) -> Float[np.ndarray, " image"]:
    """‖M (T'⁻¹ T' Φ − Φ)‖₂ / ‖M Φ‖₂ of each image, where there and back are known; NaN where nothing is.

    Args: window: what is compared of a map, or of its mask.
    """
    back, known = transform_named(transform).there_and_back(before, amount, resampler)
    one, other = (replace(each, values=window(each.values)) for each in (before, back))
    return masked_error(one, one, other, window(known))[0]


def is_blank(feature_map: FeatureMap) -> Bool[np.ndarray, " image"]:
    """Whether a map is 0 everywhere, image by image."""
    values = feature_map.values.flatten(1)
    return ((values.amax(1) == 0) & (values.amin(1) == 0)).numpy()


class Pictures:
    """x and T x, whether they are resampled or drawn again, and Φ of them. Raises: ValueError as `measure`.

    Args: canvas: as `measure`. margin: pixels added on each side of it: images are padded by background, vector digits
        drawn on it. edge, background: as `measure`. amounts: for which a mirrored edge is wide enough; None for all of
        a handle.
    Attributes: edge: `background`, on a wide canvas, `masked` or `mirrored`. mirror: the canvas of the last, or None.
    """

    def __init__(
        self, network: HasFeatures, images: Tensor | Sequence[Drawable], resampler: str, margin: int = 0,
        transform: str = "scale", canvas: str = "wide", edge: str = "masked", amounts: Sequence[float] | None = None,
        background: float = 0.0,
    ):  # fmt: skip
        self.transform = transform_named(transform)
        self.transform.check_resampler(resampler)
        glyphs = None if isinstance(images, Tensor) else tuple(images)
        if len(images) == 0:
            raise ValueError("expected at least one image, got none")
        if resampler == EXACT and glyphs is None:
            raise ValueError("the resampler 'exact' draws vector digits again, got an image")
        if checked_edge(edge) == "mirrored" and glyphs is not None:
            raise ValueError("vector digits end in background, so no edge of them can be mirrored")
        own = images if isinstance(images, Tensor) else None
        wide = None if edge == "mirrored" else margin_for(network, own, canvas)
        self.is_wide = wide is not None
        self.edge = BACKGROUND if self.is_wide else edge
        margin += wide or 0
        self._glyphs = glyphs if resampler == EXACT else None
        self._network, self._resampler, self._margin = network, resampler, margin
        self._background = 0.0 if isinstance(images, Sequence) else background  # digits are drawn on 0
        if isinstance(images, Tensor):
            self.originals = F.pad(images, [margin] * 4, value=background) if margin else images
        else:
            side = trained_canvas(network) + 2 * margin
            self.originals = torch.cat([glyph.render(1.0, side) for glyph in images])
        self.map_resampler = self.transform.of_maps(resampler)
        self.mirror = None
        if edge == "mirrored":
            reached = self.transform.handle_amounts if amounts is None else self.transform.check_all(amounts)
            self.mirror = mirror_for(network, self.originals, self.transform, reached)
            self.originals = mirrored(self.originals, self.mirror.margin)

    @property
    def side(self) -> int | None:
        """Of the wide canvas, in pixels; None where it is that of the images."""
        return max(self.originals.shape[-2:]) if self.is_wide or self.mirror else None

    def window_of(self, layer: str) -> Window:
        """What is compared of a layer's map: all of it, or of a mirrored picture what lies on the picture itself."""
        return all_of if self.mirror is None else partial(self.mirror.window, layer)

    def at(self, amount: float) -> Float[Tensor, "b c h w"]:
        if self._glyphs is not None:
            drawn = [self.transform.draw(glyph, self._network, amount, self._margin) for glyph in self._glyphs]
            return torch.cat(drawn)
        if not self._background:
            return self.transform.images(self._network, self.originals, amount, self._resampler)
        above = self.originals - self._background
        return self.transform.images(self._network, above, amount, self._resampler) + self._background

    def features(self, images: Float[Tensor, "b c h w"], last: str | None = None) -> Features:
        """Φ of images on this canvas; `last` as `features_of`."""
        return self.seen(_features(self._network, images, last))

    def seen(self, found: Features) -> Features:
        """Maps of images on this canvas, with what is known beyond them."""
        return known_beyond(found) if self.is_wide else found

    def each(
        self, seen: Iterable[Tensor], last: str | None = None, of_x: tuple[Tensor, Features] | None = None
    ) -> Iterator[Features]:
        """Φ of each of many batches of images, several in one pass as long as their canvases are alike.

        Args: last: as `features_of`. of_x: x and Φ(x), which is also that of a T x that is x.
        """
        batches = list(seen)
        is_x = [of_x is not None and torch.equal(batch, of_x[0]) for batch in batches]
        others = (batch for batch, known in zip(batches, is_x, strict=True) if not known)
        found = map(self.seen, features_of(self._network, others, last))
        for known in is_x:
            yield of_x[1] if known and of_x is not None else next(found)

    def image_cost(self, amount: float) -> Float[np.ndarray, " image"]:
        """‖M (T⁻¹ T x − x)‖₂ / ‖M x‖₂ of each image; 0 where it is drawn again."""
        if self._glyphs is not None:
            return np.zeros(len(self._glyphs))
        plane = FeatureMap(self.originals - self._background, beyond="background" if self.is_wide else "unknown")
        if changes_canvas(self._network):
            size = self.originals.shape[-2], self.originals.shape[-1]
            plane = replace(plane, canvas=size)
        window = self.mirror.window_of_image if self.mirror else all_of
        return np.nan_to_num(cost_of_resampling(plane, amount, self._resampler, self.transform.key, window))


def features_of(network: HasFeatures, seen: Iterable[Tensor], last: str | None = None) -> Iterator[Features]:
    """Φ of each of many batches of images (b, c, h, w), several in one pass as long as their canvases are alike.

    Args: last: the one layer that is wanted; all if None.
    """
    waiting: list[Tensor] = []
    for images in seen:
        many = len(images) * (len(waiting) + 1)
        if waiting and (images.shape != waiting[0].shape or many * images[0].numel() > _MOST_PIXELS):
            yield from _in_one_pass(network, waiting, last)
            waiting = []
        waiting.append(images)
    if waiting:
        yield from _in_one_pass(network, waiting, last)


def _features(network: HasFeatures, images: Tensor, last: str | None) -> Features:
    ask_whether_wanted()
    if last is None or not isinstance(network, Network):
        found = network.features(images)
    else:
        found = {last: network.feature_of(images, last)}
    return without_blank(found, blank_features(network, images))


def _in_one_pass(network: HasFeatures, batches: Sequence[Tensor], last: str | None) -> Iterator[Features]:
    features, n = _features(network, torch.cat(list(batches)), last), len(batches[0])
    for place in range(len(batches)):
        yield {layer: _part(found, place * n, n) for layer, found in features.items()}


def _part(feature_map: FeatureMap, start: int, n: int) -> FeatureMap:
    return replace(feature_map, values=feature_map.values[start : start + n])
