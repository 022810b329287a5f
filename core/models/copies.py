"""What the networks share that show one canonical kernel at several sizes: SiCNN, SI-ConvNet, SEVF and SS-CNN."""

from dataclasses import dataclass

from core.models.over_scales import ScalesConfig


@dataclass(frozen=True)
class CopiesConfig(ScalesConfig):
    """Configuration of all four.

    Attributes, beside those of ScalesConfig:
        reference_sigma: the internal scale that the canonical kernel itself stands for; the networks use ratios to it
            only, and trained weights keep their meaning on another set of scales.
    """

    reference_sigma: float = 1.0
