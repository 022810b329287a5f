"""Deformable SESN: scale-equivariant convolution whose sampling positions come from a scale-equivariant branch.

Sources: Sosnovik et al., "Scale-Equivariant Steerable Networks", arXiv:1910.11093; Zhu et al., "Deformable ConvNets
v2", arXiv:1811.11168. Their union has no paper: a plain deformable network may learn to follow the size of an object,
here the way in which it deforms scales with the object by construction, since displacements are in units of the
internal scale (core.layers.deformable_scale_conv has the derivation). The layout is that of the vector SESN with its
second and third convolution deformable, as in the deformable CNN; branches start at 0, so training starts at SESN.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor

from core.bases import HermiteBasis, hermite_basis_b, published_supports
from core.layers import DeformableScaleConv2d, LiftingConv2d
from core.models.network import ParameterGroup
from core.models.over_scales import ScalesConfig, ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SesnDeformableConfig(ScalesConfig):
    """Configuration.

    Attributes, beside those of ScalesConfig:
        reference_sigma, reference_support: the scale, and the side of its kernel in pixels, at which the bases are
            normalised, so that trained weights keep their meaning on another set of scales.
        num_functions, max_order, mult: basis B of the convolutions (core.bases.hermite_basis_b).
        branch_order: highest order of the basis of the branches, the Gaussian derivatives up to it.
        filter_side: of the largest kernel as published, in pixels; None for 2⌈4 σ⌉ + 1 (Basting, Eq. 7).
        interaction: scales that a deformable convolution spans.
        reach: limit of a displacement along each axis, in units of the internal scale.
        branch_rate: share of the learning rate at which the branches learn.
    """

    reference_sigma: float = 1.0
    reference_support: int = 9
    num_functions: int = 10
    max_order: int = 3
    mult: float = 1.5
    branch_order: int = 1
    filter_side: int | None = None
    interaction: int = 1
    reach: float = 2.0
    branch_rate: float = 0.1

    @property
    def kernel_side(self) -> int:
        return self.filter_side // 2 * 2 + 1 if self.filter_side else super().kernel_side

    @property
    def kernel_rule(self) -> str:
        return f"{self.kernel_side} pixels for every scale" if self.filter_side else super().kernel_rule


SMALL = SesnDeformableConfig()
_PUBLISHED: dict[str, Any] = {
    **PAPER_LAYOUT, "internal_scales": ScaleSet.log_uniform(2.0, 2.0, 4), "reference_sigma": 2.0,
    "reference_support": 7, "num_functions": 49, "max_order": 4, "filter_side": 15,
}  # fmt: skip
PAPER = SesnDeformableConfig(**_PUBLISHED)  # the published vector SESN and 855 parameters of the branches


class SesnDeformable(ScalesNetwork):
    """Maps over scale (b, c, scale, h, w), a plane after the scale projection. Shape: as StagedNetwork."""

    config: SesnDeformableConfig
    margin_at_2 = 34

    def __init__(self, config: SesnDeformableConfig):
        basis = _basis(config, config.num_functions, config.max_order)
        n = config.branch_order + 1
        branch = _basis(config, n * (n + 1) // 2, config.branch_order)
        options: dict[str, Any] = {"reach": config.reach, "interaction": config.interaction, "bias": False}
        first, *others = pairwise((1, *config.channels))
        convs = [
            LiftingConv2d(*first, basis, bias=False),
            *(DeformableScaleConv2d(c_in, c_out, basis, branch, **options) for c_in, c_out in others),
        ]
        super().__init__(config, convs, projects=(3,))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[LiftingConv2d | DeformableScaleConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}

    def parameter_groups(self) -> list[ParameterGroup]:
        branches = [p for name, p in self.named_parameters() if ".branch." in name]
        others = [p for name, p in self.named_parameters() if ".branch." not in name]
        return [ParameterGroup(others), ParameterGroup(branches, rate=self.config.branch_rate)]


def _basis(config: SesnDeformableConfig, num_functions: int, max_order: int) -> HermiteBasis:
    return hermite_basis_b(
        config.internal_scales,
        num_functions,
        max_order,
        config.mult,
        published_supports(config.filter_side) if config.filter_side else None,
        normalise_at=(config.reference_sigma, config.reference_support),
    )
