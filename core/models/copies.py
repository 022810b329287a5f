"""What the networks share that show one canonical kernel at several sizes: SiCNN, SI-ConvNet, SEVF and SS-CNN."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from core.models.feature_map import FeatureMap
from core.models.network import Canvas
from core.models.staged import StagedConfig, StagedNetwork
from core.scales import internal_scales


@dataclass(frozen=True)
class CopiesConfig(StagedConfig):
    """Configuration of all four.

    Attributes:
        sigma_basis, isr, num_scales: the internal scales (core.scales).
        reference_sigma: the internal scale that the canonical kernel itself stands for; the networks use ratios to it
            only, and trained weights keep their meaning on another set of scales.
    """

    sigma_basis: float = 1.0
    isr: float = 2.0
    num_scales: int = 4
    reference_sigma: float = 1.0

    @property
    def internal_scales(self) -> tuple[float, ...]:
        return internal_scales(self.sigma_basis, self.isr, self.num_scales)


class CopiesNetwork(StagedNetwork):
    """Maps over scale (b, c, scale, h, w), planes after the scale projection. Shape: as StagedNetwork."""

    config: CopiesConfig

    def __init__(self, config: CopiesConfig, convs: Sequence[nn.Module], projects: Sequence[int]):
        super().__init__(config, convs, projects)

    def feature_map(self, canvas: Canvas, values: Tensor, stride: int) -> FeatureMap:
        if values.dim() == 4:
            return canvas.feature_map(values, stride)
        if values.shape[2] == 1:  # a single internal scale has no neighbours: the map is an ordinary plane
            return canvas.feature_map(values.squeeze(2), stride)
        return canvas.feature_map(values, stride, group="scale", internal_scales=self.config.internal_scales)
