"""DISCO: accurate discrete scale convolutions.

Source: Sosnovik, Moskalev, Smeulders, "DISCO: accurate Discrete Scale Convolutions", arXiv:2106.02733. The layers are
those of SESN; the filters at all internal scales are copies of one small filter that minimise the equivariance error on
the pixel grid itself: dilated where the scale is whole, by least squares elsewhere (core.bases.disco). Pooling is by
averages in both sizes, as published.

Where we leave the paper: the basis is solved, not trained; activations and norms keep the background at 0, and the
head is that of our other networks. Size `small` has fewer functions (order 3 of one σ) on the same 7×7 cells.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor, nn

from core.bases.disco import disco_basis
from core.layers import LiftingConv2d, ScaleConv2d
from core.models.layouts import ZERO_BACKGROUND, layout_of
from core.models.over_scales import ScalesConfig, ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class DiscoConfig(ScalesConfig):
    """Configuration.

    Attributes, beside those of ScalesConfig:
        channels: fewer than SESN's at size `small`, for the sake of training time.
        reference_sigma: the scale at which the cells of a filter are pixels: σ_basis of training, so that trained
            weights keep their meaning on another set of scales.
        effective_size: cells along one axis of a filter, odd.
        num_functions, max_order, mult: the Hermite functions on the cells (core.bases.hermite_basis_b).
        filter_side: pixels on which a published basis is stored; None for those that kernels need.
        interaction: scales that a group convolution spans.
        layout: of core.models.layouts.
    """

    channels: tuple[int, int, int] = (12, 24, 40)
    reference_sigma: float = 1.0
    effective_size: int = 7
    num_functions: int = 10
    max_order: int = 3
    mult: float = 1.5
    filter_side: int | None = None
    interaction: int = 1
    layout: str = ZERO_BACKGROUND

    @property
    def kernel_side(self) -> int:
        """As core.bases.disco.solve: a whole scale dilates the cells, another reads one pixel further."""
        factor, half = self.internal_scales.largest / self.reference_sigma, self.effective_size // 2
        return 2 * (half * round(factor) if abs(factor - round(factor)) < 1e-6 else math.ceil(half * factor) + 1) + 1

    @property
    def kernel_rule(self) -> str:
        reach, whole = self.effective_size // 2 / self.reference_sigma, self.reference_sigma
        return f"2⌈{reach:g}σ⌉ + 3 pixels, two fewer at whole multiples of {whole:g} pixel{'s' * (whole != 1)}"


_PUBLISHED: dict[str, Any] = {
    **PAPER_LAYOUT, "pooling": "average", "internal_scales": ScaleSet.log_uniform(1.9, 2.0, 4),
    "reference_sigma": 1.9, "num_functions": 49, "max_order": 4,
}  # fmt: skip
SMALL = DiscoConfig()
PAPER = DiscoConfig(**_PUBLISHED)


class Disco(ScalesNetwork):
    """Maps over scale (b, c, scale, h, w), planes after the scale projection. Shape: as StagedNetwork."""

    config: DiscoConfig

    def __init__(self, config: DiscoConfig):
        bias = layout_of(config).bias
        basis = disco_basis(
            config.internal_scales,
            config.reference_sigma,
            config.effective_size,
            config.num_functions,
            config.max_order,
            config.mult,
        )
        convs = [
            ScaleConv2d(c_in, c_out, basis, interaction=config.interaction, bias=bias)
            if number
            else LiftingConv2d(c_in, c_out, basis, bias=bias)
            for number, (c_in, c_out) in enumerate(pairwise((1, *config.channels)))
        ]
        super().__init__(config, convs, projects=(3,))

    def published_pool(self) -> nn.Module:
        """Raises: ValueError unless images are enlarged by 2, which alone leaves 2×2."""
        if self.config.enlarge != 2:
            raise ValueError(f"the published layout of DISCO enlarges by 2, got {self.config.enlarge}")
        return nn.Sequential(nn.MaxPool2d(7, stride=1), nn.AvgPool2d(2, stride=4))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[LiftingConv2d | ScaleConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}
