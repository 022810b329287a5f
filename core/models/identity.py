"""Control: the network that changes nothing. Its feature map is the image, so its error must be 0."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from core.models.feature_map import FeatureMap, Features
from core.models.network import NUM_CLASSES, Network


@dataclass(frozen=True)
class IdentityConfig:
    """Nothing to choose."""


class Identity(Network):
    """Shape: images (b, 1, h, w) → one map `image`, the images themselves; a linear classifier on 28×28 pixels."""

    classifier_map = "image"

    def __init__(self, config: IdentityConfig):
        super().__init__()
        self.config = config
        self.linear = nn.Linear(self.trained_canvas**2, NUM_CLASSES)

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        self.prepare(images)  # only for its checks
        return {"image": FeatureMap(images)}

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        return self.linear(features[self.classifier_map].values.flatten(1))
