"""What the networks share whose maps have an axis over internal scales."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.models.feature_map import FeatureMap
from core.models.network import Canvas
from core.models.staged import StagedConfig, StagedNetwork
from core.scales import ScaleSet, kernel_size

MOST_MARGIN = 66  # pixels: beyond, a canvas takes seconds
SMALL_SCALES = ScaleSet.log_uniform(1.0, 2.0, 4)  # 1, 1.26, 1.59, 2


@dataclass(frozen=True)
class ScalesConfig(StagedConfig):
    """Configuration of all of them.

    Attributes:
        internal_scales: in pixels of each map's own grid, in equal steps or not.
    """

    internal_scales: ScaleSet = SMALL_SCALES

    @property
    def sigma_basis(self) -> float:
        """The smallest internal scale, in pixels."""
        return self.internal_scales.smallest

    @property
    def isr(self) -> float:
        """Internal scale range, largest over smallest, without unit."""
        return self.internal_scales.isr

    @property
    def num_scales(self) -> int:
        return len(self.internal_scales)

    @property
    def kernel_side(self) -> int:
        """Of the widest kernel, in pixels, before anything is built: by Eq. 7 unless a network says otherwise."""
        return kernel_size(self.internal_scales.largest)

    @property
    def kernel_rule(self) -> str:
        """How wide the kernel of a scale σ is, in words that follow "the side of a kernel is"."""
        return "2⌈4σ⌉ + 1 pixels (Eq. 7 of the thesis)"


class ScalesNetwork(StagedNetwork):
    """Maps over scale (b, c, scale, h, w), planes (b, c, h, w) after a scale projection. Shape: as StagedNetwork.

    Steps between scales may differ: each scale has kernels of its own, and only a change of size by the ratio of two
    scales moves one exactly onto another. Kernels that span scales need equal steps.

    Raises: ValueError for interaction over unequal steps.
    """

    def __init__(self, config: StagedConfig, convs: Sequence[nn.Module], projects: Sequence[int] = ()):
        spans = getattr(config, "interaction", 1) > 1
        if spans and isinstance(config, ScalesConfig) and not config.internal_scales.is_log_uniform:
            raise ValueError(f"interaction between scales needs equal steps, got {config.internal_scales}")
        super().__init__(config, convs, projects)

    margin_at_2 = 26  # `background_margin` for scales of up to 2 image pixels

    @property
    def background_margin(self) -> int:  # type: ignore[override]
        """In proportion to the largest internal scale; the canvas stays even when halved twice."""
        largest = self.internal_scales.largest / self.config.enlarge
        return min(MOST_MARGIN, 4 * math.ceil((self.margin_at_2 * max(1, largest / 2) - 2) / 4) + 2)

    @property
    def internal_scales(self) -> ScaleSet:
        """Of every map over scale, in pixels of its own grid, ascending."""
        config: ScalesConfig = self.config
        return config.internal_scales

    def cut_scales(self) -> dict[str, int]:
        """The second and the third convolution each lose `interaction` − 1 scales, and later maps inherit the loss."""
        lost, n = getattr(self.config, "interaction", 1) - 1, len(self.internal_scales)
        second, third = min(lost, n), min(2 * lost, n)
        return {"conv2": second, "relu2": second, "pool2": second, "conv3": third}

    def feature_map(self, canvas: Canvas, values: Tensor, stride: int) -> FeatureMap:
        if values.dim() == 4:
            return canvas.feature_map(values, stride)
        if values.shape[2] == 1:  # a single internal scale has no neighbours: the map is an ordinary plane
            return canvas.feature_map(values.squeeze(2), stride)
        return canvas.feature_map(values, stride, group="scale", internal_scales=self.internal_scales)
