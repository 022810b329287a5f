"""What can be measured: a network, or any module that declares its feature maps."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from core.models.feature_map import Features
from core.models.network import Network


@runtime_checkable
class HasFeatures(Protocol):
    """A `Network`, or any module that declares its feature maps.

    `trained_canvas` and `changes_canvas` may be missing; they are then those of `Network`, 28 and False.
    """

    def features(self, images: Tensor) -> Features:
        """Every layer's feature map, in order, of images (b, 1, h, w)."""


def trained_canvas(network: HasFeatures) -> int:
    """Side in pixels of the canvas on which vector digits are drawn for a network."""
    return getattr(network, "trained_canvas", Network.trained_canvas)


def changes_canvas(network: HasFeatures) -> bool:
    """Whether a scaled image comes on a canvas of another size."""
    return getattr(network, "changes_canvas", Network.changes_canvas)
