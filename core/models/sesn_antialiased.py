"""SESN without aliasing: a steerable network that commutes to its last map.

Ours, from Sosnovik et al., arXiv:1910.11093 (core.models.sesn, vector). Four changes, each measured in
docs/decisions/0013-antialiased-sesn.md: before every subsampling each map is blurred by a Gaussian that grows with its
internal scale; the scale axis is longer; the lifting kernels have mean 0, so that their response is largest near the
scale of what is there; and the projection selects the scale by the response instead of taking each channel's maximum,
which would often stand at an end of the axis. Kernels reach 3 σ instead of 4.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from jaxtyping import Bool, Float
from torch import Tensor

from core.bases import HermiteBasis, hermite_basis_b
from core.layers import LiftingConv2d, ScaleBlurPool, ScaleConv2d, ScaleSelection
from core.models.over_scales import ScalesConfig, ScalesNetwork
from core.scales import ScaleSet

_SCALES = ScaleSet.log_uniform(0.84, 2**2.5, 6)  # 0.84, 1.19, 1.68, 2.38, 3.36, 4.75


@dataclass(frozen=True)
class SesnAntialiasedConfig(ScalesConfig):
    """Configuration.

    Attributes, beside those of ScalesConfig, whose `pooling` is `blur`:
        reference_sigma, reference_support: as in core.models.sesn.
        num_functions, max_order, mult: basis B; the lifting convolution leaves out those with a mean.
        reach: of a kernel to each side, in units of its scale.
        blur: standard deviation before a subsampling, in units of the scale (core.layers.ScaleBlurPool).
        sharpness, scale_power, threshold, rise: of the projection (core.layers.ScaleSelection).
    """

    internal_scales: ScaleSet = _SCALES
    pooling: str = "blur"
    reference_sigma: float = 1.0
    reference_support: int = 7
    num_functions: int = 10
    max_order: int = 3
    mult: float = 1.5
    reach: float = 3.0
    blur: float = 1.2
    sharpness: float = 12.0
    scale_power: float = 0.75
    threshold: float = 1.0
    rise: float = 1.2

    @property
    def kernel_side(self) -> int:
        return _side(self.reach * self.internal_scales.largest)

    @property
    def kernel_rule(self) -> str:
        return f"2⌈{self.reach:g}σ⌉ + 1 pixels"


SMALL = SesnAntialiasedConfig()


class SesnAntialiased(ScalesNetwork):
    """Maps over scale (b, c, scale, h, w), a plane after the scale projection. Shape: as StagedNetwork."""

    config: SesnAntialiasedConfig
    project: ScaleSelection
    margin_at_2 = 28

    def __init__(self, config: SesnAntialiasedConfig):
        lifting, group = (_basis(config, mean=mean) for mean in (False, True))
        first, *others = pairwise((1, *config.channels))
        convs = [
            LiftingConv2d(*first, lifting, bias=False),
            *(ScaleConv2d(c_in, c_out, group, bias=False) for c_in, c_out in others),
        ]
        super().__init__(config, convs, projects=(3,))

    def pooling(self) -> ScaleBlurPool:
        if self.config.pooling != "blur":
            raise ValueError(f"the pooling of this network is 'blur', got {self.config.pooling!r}")
        return ScaleBlurPool(self.config.internal_scales, self.config.blur)

    def projection(self) -> ScaleSelection:
        config = self.config
        return ScaleSelection(
            config.internal_scales, config.sharpness, config.scale_power, config.threshold, config.rise
        )

    def project_over(
        self, features: Float[Tensor, "b c s h w"], scales: Bool[Tensor, " s"]
    ) -> Float[Tensor, "b c h w"]:
        return self.project(features, scales)

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[LiftingConv2d | ScaleConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}


def _basis(config: SesnAntialiasedConfig, mean: bool) -> HermiteBasis:
    def supports(scales: Sequence[float]) -> tuple[int, ...]:
        return tuple(_side(config.reach * sigma) for sigma in scales)

    return hermite_basis_b(
        config.internal_scales, config.num_functions, config.max_order, config.mult, supports,
        normalise_at=(config.reference_sigma, config.reference_support), mean=mean,
    )  # fmt: skip


def _side(reach: float) -> int:
    return 2 * math.ceil(round(reach, 6)) + 1
