"""One image at many amounts of a transform: T x, Φ(T x) and, layer by layer, both ways round the commuting square."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from core.equivariance.measure import Pictures, features_of, masked_error
from core.models import FeatureMap, Features, Network
from core.models.measurable import HasFeatures
from core.transforms import Drawable, transform_named


@dataclass(frozen=True)
class Sweep:
    """What a network answers to one image at every amount.

    Attributes:
        amounts: of the transform, in the order given. transform: its key in core.transforms.
        original: x, (1, 1, h, w). images: T x for every amount, (1, 1, h, w), as the network takes it.
        before: Φ(x). after: Φ(T x) for every amount.
        resampler: of the images. floors: relative L2 error of the transform of the image alone for every amount.
    """

    amounts: tuple[float, ...]
    original: Float[Tensor, "1 1 h w"]
    images: tuple[Tensor, ...]
    before: Features
    after: tuple[Features, ...]
    resampler: str
    floors: tuple[float, ...]
    transform: str = "scale"


@dataclass(frozen=True)
class LayerSweep:
    """Both ways through one layer at every amount.

    Attributes:
        before: Φ(x). moved: T'Φ(x). after: Φ(T x). mask: where both sides are known, 1 or 0.
        undone: T'⁻¹Φ(T x), which stands still where a layer commutes; NaN where it is not known.
        errors: relative L2 error of the layer for every amount; NaN if it is silent or nothing is known.
    """

    before: FeatureMap
    moved: tuple[FeatureMap, ...]
    after: tuple[FeatureMap, ...]
    masks: tuple[Tensor, ...]
    undone: tuple[FeatureMap, ...]
    errors: tuple[float, ...]


def sweep(
    network: HasFeatures,
    picture: Float[Tensor, "1 1 h w"] | Drawable,
    amounts: Sequence[float],
    resampler: str = "bicubic",
    transform: str = "scale",
) -> Sweep:
    """Φ of one image, or of a picture that is drawn for `exact`, at every amount, several in one batch.

    Raises: ValueError as `measure`.
    """
    pictures = Pictures(network, picture if isinstance(picture, Tensor) else [picture], resampler, transform=transform)
    chosen = pictures.transform.check_all(amounts)
    with torch.no_grad():
        images = tuple(pictures.at(amount) for amount in chosen)
        before = network.features(pictures.originals)
        after = tuple(features_of(network, images))
        floors = tuple(float(pictures.floor(amount)[0]) for amount in chosen)
    return Sweep(chosen, pictures.originals, images, before, after, resampler, floors, transform)


def reading(network: Network, features: Features) -> tuple[int, float]:
    """Which digit a network reads in one image on its trained canvas, from Φ of it, and the probability (softmax).

    Of a sweep, `before` and every entry of `after` can be read, without another run of the network.
    """
    with torch.no_grad():
        probability, label = network.classify(features)[0].softmax(0).max(0)
    return int(label), float(probability)


def sweep_layer(found: Sweep, layer: str) -> LayerSweep:
    """One layer of a sweep, with its error at every amount. Raises: ValueError as `Transform.act`."""
    transform = transform_named(found.transform)
    before, after = found.before[layer], tuple(features[layer] for features in found.after)
    how = transform.of_maps(found.resampler)
    moved, masks, undone, errors = [], [], [], []
    with torch.no_grad():
        for amount, there in zip(found.amounts, after, strict=True):
            a, mask = transform.act(before, amount, how)
            back, known = transform.act(there, transform.inverse(amount), how)
            moved.append(a)
            masks.append(mask)
            undone.append(replace(back, values=torch.where(known > 0, back.values, torch.nan)))
            errors.append(float(masked_error(before, a, there, mask)[0][0]))
    return LayerSweep(before, tuple(moved), after, tuple(masks), tuple(undone), tuple(errors))
