"""One image at many amounts of a transform: T x, Φ(T x) and, layer by layer, both ways round the commuting square."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.equivariance.cancelling import ask_whether_wanted
from core.equivariance.inked import Inked, Reach
from core.equivariance.measure import Pictures, cost_of_resampling, masked_error
from core.models import FeatureMap, Features, Network, WrappedNetwork
from core.models.feature_map import middle
from core.models.measurable import HasFeatures
from core.transforms import Drawable, transform_named


@dataclass(frozen=True)
class Sweep:
    """What a network answers to one image at every amount.

    Attributes:
        amounts: of the transform, in the order given. transform: its key in core.transforms.
        original: x, (1, 1, h, w). images: T x for every amount, (1, 1, h, w), as the network takes it.
        before: Φ(x). after: Φ(T x) for every amount.
        resampler: of the images. image_costs: relative L2 error of the image, transformed and back, for every amount.
        side: of the wide canvas of images and maps, in pixels; None where it is that of the picture.
    """

    amounts: tuple[float, ...]
    original: Float[Tensor, "1 1 h w"]
    images: tuple[Tensor, ...]
    before: Features
    after: tuple[Features, ...]
    resampler: str
    image_costs: tuple[float, ...]
    transform: str = "scale"
    side: int | None = None

    def window(self, pixels: int) -> "Sweep":
        """Images and maps cut to the middle of a wide canvas, so many pixels of it; otherwise as it is."""
        if self.side is None:
            return self
        before, *after = (
            {layer: found.window(pixels) for layer, found in features.items()}
            for features in (self.before, *self.after)
        )
        images = tuple(middle(image, pixels) for image in self.images)
        return replace(self, original=middle(self.original, pixels), images=images, before=before, after=tuple(after))


@dataclass(frozen=True)
class LayerSweep:
    """Both ways through one layer at every amount.

    Attributes:
        before: Φ(x). moved: T'Φ(x). after: Φ(T x). mask: where both sides are known, 1 or 0.
        errors: relative L2 error of the layer for every amount; NaN if it is silent or nothing is known.
        costs: relative L2 error of its map, moved and back, for every amount; NaN where that is not known.
    """

    before: FeatureMap
    moved: tuple[FeatureMap, ...]
    after: tuple[FeatureMap, ...]
    masks: tuple[Tensor, ...]
    errors: tuple[float, ...]
    costs: tuple[float, ...]

    def window(self, pixels: int) -> "LayerSweep":
        """Maps and masks cut to the middle of their canvas, so many image pixels of it; the numbers stay."""
        moved, after = (tuple(found.window(pixels) for found in maps) for maps in (self.moved, self.after))
        masks = tuple(middle(mask, pixels / self.before.stride) for mask in self.masks)
        return replace(self, before=self.before.window(pixels), moved=moved, after=after, masks=masks)


def sweep(
    network: HasFeatures,
    picture: Float[Tensor, "1 1 h w"] | Drawable,
    amounts: Sequence[float],
    resampler: str = "bicubic",
    transform: str = "scale",
    canvas: str = "wide",
    last: str | None = None,
) -> Sweep:
    """Φ of one image, or of a picture that is drawn for `exact`, at every amount, several in one batch.

    Args: last: the layer behind which none is wanted: on a wide canvas, deeper ones may then be missing. The others
        as `measure`.
    Raises: ValueError as `measure`.
    """
    shown = picture if isinstance(picture, Tensor) else [picture]
    pictures = Pictures(network, shown, resampler, transform=transform, canvas=canvas)
    chosen = pictures.transform.check_all(amounts)
    with torch.no_grad():
        images = tuple(pictures.at(amount) for amount in chosen)
        last = last if pictures.is_wide else None  # `readings` of others classify their maps
        before = pictures.features(pictures.originals, last)
        after = tuple(pictures.each(images, last))
        costs = tuple(float(pictures.image_cost(amount)[0]) for amount in chosen)
    return Sweep(chosen, pictures.originals, images, before, after, resampler, costs, transform, pictures.side)


def readings(network: Network, found: Sweep) -> Float[Tensor, "amount_and_one digit"]:
    """The probabilities (softmax) that a network gives the digits for x, then for T x at every amount.

    On its own canvas, whatever that of the sweep is; every row sums to 1.
    """
    with torch.no_grad():
        if isinstance(network, WrappedNetwork):  # its maps are not what its classifier reads
            logits = network(torch.cat([found.original, *found.images]))
        elif found.side is None and network.blank_name is None:  # else the maps lack what a blank image answers
            logits = torch.cat([network.classify(features) for features in (found.before, *found.after)])
        else:
            margin = ((found.side or network.trained_canvas) - network.trained_canvas) // 2
            logits = network(F.pad(torch.cat([found.original, *found.images]), [-margin] * 4))
        return logits.softmax(1)


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
        if pictures.is_wide or isinstance(network, WrappedNetwork):
            return network(F.pad(seen, [-margin] * 4))
        return network.classify(network.features(seen))

    with torch.no_grad():
        seen = (pictures.at(amount) for amount in pictures.transform.check_all(amounts))
        return torch.stack([logits(each).softmax(1) for each in seen])


def sweep_layer(found: Sweep, layer: str) -> LayerSweep:
    """One layer of a sweep, with its error at every amount. Raises: ValueError as `Transform.act`."""
    transform = transform_named(found.transform)
    before, after = found.before[layer], tuple(features[layer] for features in found.after)
    how = transform.of_maps(found.resampler)
    moved, masks, errors, costs = [], [], [], []
    with torch.no_grad():
        reach = Reach(before)
        for amount, there in zip(found.amounts, after, strict=True):
            ask_whether_wanted()
            inked = Inked(transform, reach, Reach(there), amount, how)
            a, mask = transform.act(inked.before, amount, how)
            moved.append(replace(a, values=inked.whole(a.values)))
            masks.append(inked.whole_mask(mask))
            errors.append(float(masked_error(inked.before, a, inked.after, mask)[0][0]))
            costs.append(float(cost_of_resampling(inked.before, amount, how, found.transform)[0]))
    return LayerSweep(before, tuple(moved), after, tuple(masks), tuple(errors), tuple(costs))


def undone(found: Sweep, layer: str, channel: int) -> tuple[FeatureMap, ...]:
    """T'⁻¹Φ(T x) of one channel at every amount, which stands still where a layer commutes; NaN where it is not known.

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
        maps.append(back)
    return tuple(maps)
