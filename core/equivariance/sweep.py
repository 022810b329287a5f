"""One image at many scale factors: T_s x, Φ(T_s x) and, layer by layer, both ways round the commuting square."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from core.equivariance.action import transform
from core.equivariance.measure import Drawable, Pictures, features_by_factor, map_resampler, masked_error
from core.models import FeatureMap, Features, Network


@dataclass(frozen=True)
class Sweep:
    """What a network answers to one image at every scale factor.

    Attributes:
        scale_factors: s, without unit.
        original: x, (1, 1, h, w). images: T_s x for every factor, (1, 1, h, w), as the network takes it.
        before: Φ(x). after: Φ(T_s x) for every factor.
        resampler: of the images. floors: relative L2 error of the resampler alone for every factor.
    """

    scale_factors: tuple[float, ...]
    original: Float[Tensor, "1 1 h w"]
    images: tuple[Tensor, ...]
    before: Features
    after: tuple[Features, ...]
    resampler: str
    floors: tuple[float, ...]


@dataclass(frozen=True)
class LayerSweep:
    """Both ways through one layer at every scale factor, as `CommutingSquare`, factor by factor.

    Attributes:
        before: Φ(x). moved: T'_s Φ(x). after: Φ(T_s x). mask: where both sides are known, 1 or 0.
        undone: T'_{1/s} Φ(T_s x), which stands still where a layer commutes; NaN where it is not known.
        errors: relative L2 error of the layer for every factor; NaN if it is silent or nothing is known.
    """

    before: FeatureMap
    moved: tuple[FeatureMap, ...]
    after: tuple[FeatureMap, ...]
    masks: tuple[Tensor, ...]
    undone: tuple[FeatureMap, ...]
    errors: tuple[float, ...]


def sweep(
    network: Network, picture: Float[Tensor, "1 1 h w"] | Drawable, scale_factors: Sequence[float], resampler: str
) -> Sweep:
    """Φ of one image, or of a picture that is drawn for `exact`, at every scale factor, several in one batch.

    Raises: ValueError as `measure`.
    """
    pictures = Pictures(network, picture if isinstance(picture, Tensor) else [picture], resampler)
    factors = tuple(map(float, scale_factors))
    with torch.no_grad():
        images = tuple(pictures.at(s) for s in factors)
        before = network.features(pictures.originals)
        after = tuple(features for _, features in features_by_factor(network, pictures, factors))
        floors = tuple(float(pictures.floor(s)[0]) for s in factors)
    return Sweep(factors, pictures.originals, images, before, after, resampler, floors)


def sweep_layer(found: Sweep, layer: str) -> LayerSweep:
    """One layer of a sweep, with its error at every factor. Raises: ValueError as `transform`."""
    before, after = found.before[layer], tuple(features[layer] for features in found.after)
    how = map_resampler(found.resampler)
    moved, masks, undone, errors = [], [], [], []
    with torch.no_grad():
        for s, there in zip(found.scale_factors, after, strict=True):
            a, mask = transform(before, s, how)
            back, known = transform(there, 1 / s, how)
            moved.append(a)
            masks.append(mask)
            undone.append(replace(back, values=torch.where(known > 0, back.values, torch.nan)))
            errors.append(float(masked_error(before, a, there, mask)[0][0]))
    return LayerSweep(before, tuple(moved), after, tuple(masks), tuple(undone), tuple(errors))
