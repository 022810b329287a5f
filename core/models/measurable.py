"""What can be measured: a network, or any module that declares its feature maps."""

from dataclasses import replace
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from core.models.feature_map import Features
from core.models.network import Network


@runtime_checkable
class HasFeatures(Protocol):
    """A `Network`, or any module that declares its feature maps.

    `trained_canvas` and `changes_canvas` may be missing; they are then those of `Network`, 28 and False. Without
    `classifier_map` none is known, and without `background_is_zero` nothing is known of what it answers to background.
    """

    def features(self, images: Tensor) -> Features:
        """Every layer's feature map, in order, of images (b, c, h, w)."""


_NOTHING = 1e-6  # of the answer to blank: a difference below is rounding


def blank_features(network: HasFeatures, images: Tensor) -> Features | None:
    """Φ of one blank image as large as these, if a network may answer blank with something."""
    answer = getattr(network, "blank_features", None)
    return answer(images) if answer is not None else None


def blank_name(network: HasFeatures) -> str | None:
    """That image for a reader."""
    return getattr(network, "blank_name", None)


def without_blank(features: Features, blank: Features | None) -> Features:
    """Φ(x) − Φ(blank): a constant that is added to every answer moves with nothing, and would only dilute errors."""
    if blank is None:
        return features
    return {
        layer: replace(found, values=_above(found.values, blank[layer].values)) for layer, found in features.items()
    }


def _above(values: Tensor, blank: Tensor) -> Tensor:
    rest = values - blank.to(values)
    axes = tuple(range(1, values.dim()))
    least = _NOTHING * torch.linalg.vector_norm(blank)
    silent = torch.linalg.vector_norm(rest.detach(), dim=axes, keepdim=True) <= least
    return rest.masked_fill(silent, 0.0) if bool(silent.any()) else rest


def trained_canvas(network: HasFeatures) -> int:
    """Side in pixels of the canvas on which vector digits are drawn for a network."""
    return getattr(network, "trained_canvas", Network.trained_canvas)


def classifier_map(network: HasFeatures) -> str | None:
    """The layer that the classifier reads, if the network says which."""
    return getattr(network, "classifier_map", None)


def background_margin(network: HasFeatures) -> int:
    """Pixels of background that an image needs on each side, so that errors no longer depend on its canvas."""
    return getattr(network, "background_margin", Network.background_margin)


def knows_background(network: HasFeatures) -> bool:
    """Whether its maps are known beyond their grids, where an image ends in background: they are 0 there."""
    return getattr(network, "background_is_zero", False) and not changes_canvas(network)


def project_over(network: HasFeatures, features: Tensor, scales: Tensor) -> Tensor:
    """The scale projection of a network, over the scales (s,) that are True: (b, c, s, h, w) → (b, c, h, w)."""
    return (
        network.project_over(features, scales) if isinstance(network, Network) else features[:, :, scales].amax(dim=2)
    )


def changes_canvas(network: HasFeatures) -> bool:
    """Whether a scaled image comes on a canvas of another size."""
    return getattr(network, "changes_canvas", Network.changes_canvas)
