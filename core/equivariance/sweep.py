"""One image at many amounts of a transform: T x, Φ(T x) and, layer by layer, both ways round the commuting square."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.equivariance.cancelling import ask_whether_wanted
from core.equivariance.edge import Mirror
from core.equivariance.inked import Inked, Reach
from core.equivariance.measure import Pictures, Window, all_of, cost_of_resampling, masked_error
from core.models import FeatureMap, Features, Network
from core.models.feature_map import middle
from core.models.measurable import HasFeatures
from core.transforms import Drawable, Transform, transform_named


@dataclass(frozen=True)
class Sweep:
    """What a network answers to one image at every amount.

    Attributes:
        amounts: of the transform, in the order given. transform: its key in core.transforms.
        original: x, (1, c, h, w). images: T x for every amount, (1, c, h, w), as the network takes it.
        before: Φ(x). after: Φ(T x) for every amount.
        resampler: of the images. image_costs: relative L2 error of the image, transformed and back, for every amount.
        side: of the wide canvas of images and maps, in pixels; None where it is that of the picture.
        mirror: the canvas on which a picture goes on as its reflection; None where it does not.
        compared: the layer that was compared on the way, or None.
    """

    amounts: tuple[float, ...]
    original: Float[Tensor, "1 c h w"]
    images: tuple[Tensor, ...]
    before: Features
    after: tuple[Features, ...]
    resampler: str
    image_costs: tuple[float, ...]
    transform: str = "scale"
    side: int | None = None
    mirror: Mirror | None = None
    compared: "LayerSweep | None" = None

    def window(self, pixels: int) -> "Sweep":
        """Images and maps cut to the middle of a wide canvas, so many pixels of it; otherwise as it is.

        Of a mirrored picture to the picture itself.
        """
        if self.mirror is not None:
            return self._on_picture(self.mirror)
        if self.side is None:
            return self
        before, *after = (
            {layer: found.window(pixels) for layer, found in features.items()}
            for features in (self.before, *self.after)
        )
        images = tuple(middle(image, pixels) for image in self.images)
        return replace(self, original=middle(self.original, pixels), images=images, before=before, after=tuple(after))

    def shown(self, found: FeatureMap, layer: str, pixels: int) -> FeatureMap:
        """A map of a layer, cut as `window` cuts all."""
        if self.mirror is not None:
            return _cut(found, self.mirror, layer)
        return found if self.side is None else found.window(pixels)

    def _on_picture(self, mirror: Mirror) -> "Sweep":
        before, *after = (
            {layer: _cut(found, mirror, layer) for layer, found in features.items()}
            for features in (self.before, *self.after)
        )
        original, *images = (mirror.window_of_image(image) for image in (self.original, *self.images))
        return replace(self, original=original, images=tuple(images), before=before, after=tuple(after))


@dataclass(frozen=True)
class LayerSweep:
    """Both ways through one layer at every amount.

    Attributes:
        layer: its name. before: Φ(x). moved: T'Φ(x). after: Φ(T x). mask: where both sides are known, 1 or 0.
        errors: relative L2 error of the layer for every amount; NaN if it is silent or nothing is known.
        costs: relative L2 error of its map, moved and back, for every amount; NaN where that is not known.
    """

    layer: str
    before: FeatureMap
    moved: tuple[FeatureMap, ...]
    after: tuple[FeatureMap, ...]
    masks: tuple[Tensor, ...]
    errors: tuple[float, ...]
    costs: tuple[float, ...]

    def on_picture(self, mirror: Mirror, layer: str) -> "LayerSweep":
        """Maps and masks of a mirrored picture cut to the picture itself; the numbers stay."""
        moved, after = (tuple(_cut(found, mirror, layer) for found in maps) for maps in (self.moved, self.after))
        masks = tuple(mirror.window(layer, mask) for mask in self.masks)
        return replace(self, before=_cut(self.before, mirror, layer), moved=moved, after=after, masks=masks)

    def window(self, pixels: int) -> "LayerSweep":
        """Maps and masks cut to the middle of their canvas, so many image pixels of it; the numbers stay."""
        moved, after = (tuple(found.window(pixels) for found in maps) for maps in (self.moved, self.after))
        masks = tuple(middle(mask, pixels / self.before.stride) for mask in self.masks)
        return replace(self, before=self.before.window(pixels), moved=moved, after=after, masks=masks)


def sweep(
    network: HasFeatures,
    picture: Float[Tensor, "1 c h w"] | Drawable,
    amounts: Sequence[float],
    resampler: str = "bicubic",
    transform: str = "scale",
    canvas: str = "wide",
    last: str | None = None,
    edge: str = "masked",
    kept: Callable[[Features], Features] = dict,
    compared: str | None = None,
    pixels: int | None = None,
) -> Sweep:
    """Φ of one image, or of a picture that is drawn for `exact`, at every amount, several in one batch.

    Args: last: the one layer that is wanted: on a wide canvas, others are then missing, as memory for maps that
        nobody looks at costs more than they do (decision 12). kept: what is kept of the maps of an amount, all of
        which together may be more than memory has. compared: a layer of which `sweep_layer` is made before that, so
        that its maps need not be kept for it; pixels: as there, on a wide canvas. The others as `measure`.
    Raises: ValueError as `measure`.
    """
    shown = picture if isinstance(picture, Tensor) else [picture]
    pictures = Pictures(network, shown, resampler, transform=transform, canvas=canvas, edge=edge, amounts=amounts)
    chosen = pictures.transform.check_all(amounts)
    with torch.no_grad():
        images = tuple(pictures.at(amount) for amount in chosen)
        last = last if pictures.is_wide else None  # `readings` of others classify their maps
        of_x = pictures.features(pictures.originals, last)
        before = kept(of_x)
        both = None
        if compared is not None:
            window, cut = pictures.window_of(compared), pixels if pictures.is_wide else None
            both = _BothWays(
                compared, of_x[compared], pictures.transform, pictures.map_resampler, window=window, pixels=cut
            )
        after = []
        each = pictures.each(images, last, (pictures.originals, of_x))
        for amount, features in zip(chosen, each, strict=True):
            if both is not None and compared is not None:
                both.add(amount, features[compared])
            after.append(kept(features))
        costs = tuple(float(pictures.image_cost(amount)[0]) for amount in chosen)
    return Sweep(
        chosen, pictures.originals, images, before, tuple(after), resampler, costs, transform, pictures.side,
        pictures.mirror, None if both is None else both.found(),
    )  # fmt: skip


def readings(network: Network, found: Sweep) -> Float[Tensor, "amount_and_one digit"]:
    """The probabilities (softmax) that a network gives the digits for x, then for T x at every amount.

    On its own canvas, whatever that of the sweep is; every row sums to 1.
    """
    with torch.no_grad():
        if found.side is None and network.blank_name is None:
            logits = torch.cat([network.classify(features) for features in (found.before, *found.after)])
        else:  # its maps lack what a blank image answers, or are not what its classifier reads
            logits = network(_seen(network, found, torch.cat([found.original, *found.images])))
        return logits.softmax(1)


def _seen(network: Network, found: Sweep, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c _ _"]:
    """Images of a sweep as the network reads them: on its own canvas, or a mirrored picture without its reflection."""
    if found.mirror is not None:
        return found.mirror.window_of_image(images)
    return images if found.side is None else F.pad(images, [(network.trained_canvas - found.side) // 2] * 4)


def readings_of_many(
    network: Network,
    images: Float[Tensor, "b c h w"] | Sequence[Drawable],
    amounts: Sequence[float],
    resampler: str = "bicubic",
    transform: str = "scale",
) -> Float[Tensor, "amount b digit"]:
    """The probabilities that a network gives the digits for T x of many pictures, as `readings` does for one.

    Raises: ValueError as `measure`.
    """
    pictures = Pictures(network, images, resampler, transform=transform)
    margin = 0 if pictures.side is None else (pictures.side - network.trained_canvas) // 2

    def logits(seen: Tensor) -> Tensor:
        if pictures.is_wide or network.blank_name is not None:  # as `readings`
            return network(F.pad(seen, [-margin] * 4))
        return network.classify(network.features(seen))

    with torch.no_grad():
        seen = (pictures.at(amount) for amount in pictures.transform.check_all(amounts))
        return torch.stack([logits(each).softmax(1) for each in seen])


def sweep_layer(found: Sweep, layer: str, pixels: int | None = None) -> LayerSweep:
    """One layer of a sweep, with its error at every amount.

    Args: pixels: of a wide canvas that are wanted of maps and masks, as `LayerSweep.window`; None for all of it.
    Raises: ValueError as `Transform.act`.
    """
    transform = transform_named(found.transform)
    window = all_of if found.mirror is None else partial(found.mirror.window, layer)
    both = _BothWays(
        layer, found.before[layer], transform, transform.of_maps(found.resampler), window=window, pixels=pixels
    )
    with torch.no_grad():
        for amount, features in zip(found.amounts, found.after, strict=True):
            both.add(amount, features[layer])
    return both.found()


class _BothWays:
    """Both ways through one layer, amount by amount, computed where there is ink.

    Args: before: Φ(x). how: resampler of maps. window: what is compared of a map. pixels: as `sweep_layer`; each map is
        then cut at once, so that all of them are never there together.
    """

    def __init__(
        self, layer: str, before: FeatureMap, transform: Transform, how: str, *, window: Window, pixels: int | None
    ):
        self._layer, self._before, self._reach = layer, before, Reach(before)
        self._transform, self._how, self._window, self._pixels = transform, how, window, pixels
        self._moved: list[FeatureMap] = []
        self._after: list[FeatureMap] = []
        self._masks: list[Tensor] = []
        self._numbers: list[tuple[float, float]] = []

    def add(self, amount: float, there: FeatureMap) -> None:
        """Args: there: Φ(T x)."""
        ask_whether_wanted()
        inked = Inked(self._transform, self._reach, Reach(there), amount, self._how)
        a, mask = self._transform.act(inked.before, amount, self._how)
        one, other = (replace(each, values=self._window(each.values)) for each in (a, inked.after))
        error = masked_error(inked.before, one, other, self._window(mask))[0][0]
        cost = cost_of_resampling(inked.before, amount, self._how, self._transform.key, self._window)[0]
        self._numbers.append((float(error), float(cost)))
        moved, mask = replace(a, values=inked.whole(a.values)), inked.whole_mask(mask)
        if self._pixels is not None:
            moved, there = (self._cut(found) for found in (moved, there))
            mask = middle(mask, self._pixels / self._before.stride).clone()
        self._moved.append(moved)
        self._after.append(there)
        self._masks.append(mask)

    def _cut(self, found: FeatureMap) -> FeatureMap:
        assert self._pixels is not None  # else nothing is cut
        cut = found.window(self._pixels)
        return replace(cut, values=cut.values.clone())

    def found(self) -> LayerSweep:
        before = self._before if self._pixels is None else self._cut(self._before)
        errors, costs = zip(*self._numbers, strict=True) if self._numbers else ((), ())
        return LayerSweep(
            self._layer, before, tuple(self._moved), tuple(self._after), tuple(self._masks), tuple(errors), tuple(costs)
        )


def undone(found: Sweep, layer: str, channel: int, window: int | None = None) -> tuple[FeatureMap, ...]:
    """T'⁻¹Φ(T x) of one channel at every amount, which stands still where a layer commutes; NaN where it is not known.

    Args: window: cuts the maps as `Sweep.window`; None leaves them.
    Raises: ValueError as `Transform.act`.
    """
    transform, maps = transform_named(found.transform), []
    how = transform.of_maps(found.resampler)
    for amount, features in zip(found.amounts, found.after, strict=True):
        ask_whether_wanted()
        one = replace(features[layer], values=features[layer].values[:, channel : channel + 1])
        back, known = transform.act(one, transform.inverse(amount), how)
        if not bool((known > 0).all()):
            back = replace(back, values=torch.where(known > 0, back.values, torch.nan))
        maps.append(back if window is None else found.shown(back, layer, window))
    return tuple(maps)


def _cut(found: FeatureMap, mirror: Mirror, layer: str) -> FeatureMap:
    return replace(found, values=mirror.window(layer, found.values))
