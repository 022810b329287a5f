"""The toy network of scale learning: one lifting convolution, its maximum, one linear layer.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks" (thesis, 2024), toy experiments on Dynamic
Scale MNIST: 16 filters of Hermite–Gaussian functions (basis A, five orders an axis) at three internal scales, scale
projection, ReLU, batch norm, max pooling to 4×4, a linear layer. It is made to show what internal scales do, and is no
competitor: it has no size beyond its canvas and is not among the networks of the menu.

Size `paper` is the published one, 168×168. Size `small` is the same seen at half the resolution: a canvas of 84 pixels,
σ_basis 1 instead of 2, pooling by 21 instead of 42.
Where we leave the published one: max pooling comes before batch norm and ReLU. Both rise, so the maximum stays the
same, but the statistics of batch norm are those of the maxima; and the gradient is that of few winners
(core.layers.lifting_maximum), which makes training several times faster. `fixed` internal scales are configuration;
the three other modes learn them as core.models.scale_learning does.
"""

from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import hermite_basis_a, learnable_hermite_a
from core.layers import LearnableScales, ScaleProjection
from core.layers.filtering import filter_scales
from core.layers.lifting_maximum import LiftingMaximum
from core.layers.separable import SeparableFilter
from core.models.feature_map import Features
from core.models.network import NUM_CLASSES, Network, ParameterGroup
from core.scales import ScaleSet

_SMALL_SCALES = ScaleSet.log_uniform(1.0, 3.0, 3)  # 1, √3, 3


@dataclass(frozen=True)
class ToyConfig:
    """Configuration.

    Attributes:
        canvas: side of the images in pixels. pooling: window and stride of the max pooling.
        mode: `fixed` internal scales, or learned: `isr`, `spacings`, `direct`.
        internal_scales: in pixels of the canvas, or where learned ones start.
        channels, orders: filters, and Hermite orders per axis.
        scale_rate, scale_warm_up: share of the learning rate, and epochs of rising, for learned scales.
    """

    canvas: int = 84
    pooling: int = 21
    mode: str = "fixed"
    internal_scales: ScaleSet = _SMALL_SCALES
    channels: int = 16
    orders: int = 5
    scale_rate: float = 1.0
    scale_warm_up: float = 1.0

    @property
    def sigma_basis(self) -> float:
        """The smallest internal scale, in pixels."""
        return self.internal_scales.smallest


_PAPER_SCALES = ScaleSet.log_uniform(2.0, 3.0, 3)
SIZES = {
    "small": ToyConfig(),
    "paper": ToyConfig(canvas=168, pooling=42, internal_scales=_PAPER_SCALES, scale_warm_up=5.0),
}


class Toy(Network):
    """Maps: `conv1` over scale, `projection1` and `pool1` planes. Shape: (b, 1, canvas, canvas) → (b, 10).

    Raises: ValueError as LearnableScales, or if the windows do not fill the canvas.
    """

    config: ToyConfig
    classifier_map, projections = "pool1", {"projection1": "conv1"}

    def __init__(self, config: ToyConfig):
        super().__init__()
        if config.canvas % config.pooling:
            raise ValueError(f"windows of {config.pooling} pixels do not fill a canvas of {config.canvas}")
        self.config, self.trained_canvas, self.total_stride = config, config.canvas, config.pooling
        start = config.internal_scales
        self.scales = None if config.mode == "fixed" else LearnableScales(config.mode, start)
        fixed = hermite_basis_a(start, config.orders) if self.scales is None else None
        self._fixed = SeparableFilter(fixed) if fixed else None
        self.conv = LiftingMaximum(config.channels, config.orders**2, config.pooling)
        self.projection = ScaleProjection()
        self.norm = nn.BatchNorm2d(config.channels)
        self.linear = nn.Linear(config.channels * (config.canvas // config.pooling) ** 2, NUM_CLASSES)

    @property
    def internal_scales(self) -> ScaleSet:
        """In pixels of the canvas, ascending; learned ones as they are now."""
        return self._filter().basis.internal_scales

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        canvas = self.prepare(images)
        kernels = self.conv.kernels(self._filter().basis)
        lifted = filter_scales([canvas.images] * len(kernels), kernels)
        largest = self.projection(lifted)
        pooled = F.max_pool2d(largest, self.config.pooling)
        return {
            "conv1": canvas.feature_map(lifted, 1, group="scale", internal_scales=self.internal_scales),
            "projection1": canvas.feature_map(largest, 1),
            "pool1": canvas.feature_map(pooled, self.config.pooling),
        }

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        return self._classify(features[self.classifier_map].values)

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 10"]:
        """Logits, as `classify(features(images))` but without computing every response."""
        side = self.trained_canvas
        if images.shape[1:] != (1, side, side):
            raise ValueError(f"expected images (b, 1, {side}, {side}), got {tuple(images.shape)}")
        return self._classify(self.conv(self.prepare(images).images, self._filter()))

    def parameter_groups(self) -> list[ParameterGroup]:
        if self.scales is None:
            return super().parameter_groups()
        config = self.config
        return self.groups_with_slow(list(self.scales.parameters()), config.scale_rate, config.scale_warm_up)

    def state_of_interest(self) -> dict[str, Any]:
        return {"internal_scales": [round(scale, 5) for scale in self.internal_scales]}

    def _classify(self, pooled: Float[Tensor, "b c i j"]) -> Float[Tensor, "b 10"]:
        return self.linear(F.relu(self.norm(pooled)).flatten(1))

    def _filter(self) -> SeparableFilter:
        if self._fixed is not None:
            return self._fixed
        assert self.scales is not None  # one of the two is there
        return SeparableFilter(learnable_hermite_a(self.scales(), self.config.orders))
