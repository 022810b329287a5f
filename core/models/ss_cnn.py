"""SS-CNN: scale-steerable filters of log-radial harmonics, the largest response over sizes after every layer.

Source: Ghosh, Gupta, "Scale Steerable Filters for Locally Scale-Invariant Convolutional Neural Networks",
arXiv:1906.03861. A kernel is steered to every internal scale: its complex coefficients are multiplied by
s⁻¹ e^{−ik ln s} and its disc grows by s (core.bases.log_radial, which says where we leave the paper). The layout is
that of the other networks here. The published sizes of 7, 9, … 17 pixels are even steps in pixels, not on the log axis,
so no change of size moves all scales of `paper` onto others; those of `small` are log-uniform, as elsewhere.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor

from core.bases import log_radial_basis
from core.bases.supports import odd_size
from core.layers import LogRadialConv2d
from core.models.copies import CopiesConfig
from core.models.over_scales import ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SsCnnConfig(CopiesConfig):
    """Configuration of the network.

    Attributes:
        radius: of the canonical kernel's disc in pixels.
        orders: periods of the harmonics between radius 1 and the published corner.
        num_angles, sigma_angle, two_sided: of the angular Gaussians (core.bases.log_radial).
    """

    radius: float = 5.5
    orders: tuple[float, ...] = (0.5, 1.0, 2.0)
    num_angles: int = 8
    sigma_angle: float = math.pi / 16
    two_sided: bool = True

    @property
    def kernel_side(self) -> int:
        return odd_size(2 * self.radius * self.internal_scales.largest / self.reference_sigma)

    @property
    def kernel_rule(self) -> str:
        return f"{2 * self.radius / self.reference_sigma:g}σ pixels, rounded up to an odd number"


_LAYOUT: dict[str, Any] = PAPER_LAYOUT
SMALL = SsCnnConfig(radius=2.75, num_angles=6, sigma_angle=math.pi / 12)
# Kernels of 7 to 17 pixels; σ counts in units of the published canonical kernel of 11.
PAPER = SsCnnConfig(**_LAYOUT, internal_scales=ScaleSet(size / 11 for size in range(7, 18, 2)))


class SsCnn(ScalesNetwork):
    """Convolutions give maps over scales, everything else planes. Shape: as ScalesNetwork."""

    margin_at_2 = 34

    def __init__(self, config: SsCnnConfig):
        basis = log_radial_basis(
            config.internal_scales, config.radius, config.orders, config.num_angles, config.sigma_angle,
            config.two_sided, config.reference_sigma,
        )  # fmt: skip
        convs = [LogRadialConv2d(c_in, c_out, basis) for c_in, c_out in pairwise((1, *config.channels))]
        super().__init__(config, convs, projects=(1, 2, 3))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[LogRadialConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}
