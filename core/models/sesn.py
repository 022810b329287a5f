"""SESN: scale-equivariant steerable networks, vector and scalar.

Source: Sosnovik, Szmaja, Smeulders, "Scale-Equivariant Steerable Networks", arXiv:1910.11093. Every kernel is a
weighted sum of Hermite–Gaussian functions sampled at all internal scales, so a step along the scale axis is a change
of size. `vector` lifts once and keeps the scale axis through two group convolutions until one scale projection;
`scalar` lifts and projects in every layer. Where we leave the paper: activations and norms keep the background at 0
(core.layers.background); scales of `paper` are log-uniform to the last digit, where the published lists are rounded
(2, 2.52, 3.17, 4); size `small` pools by averages, since max pooling aliases more, and its kernels reach 4 σ
instead of about 1.75 σ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor

from core.bases import HermiteBasis, hermite_basis_b, published_supports
from core.layers import LiftingConv2d, ScaleConv2d
from core.models.layouts import ZERO_BACKGROUND, layout_of
from core.models.over_scales import ScalesConfig, ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SesnConfig(ScalesConfig):
    """Configuration of both networks.

    Attributes, beside those of ScalesConfig:
        kind: `vector` or `scalar`.
        reference_sigma, reference_support: the scale, and the side of its kernel in pixels, at which the basis is
            normalised: σ_basis of training, so that trained weights keep their meaning on another set of scales.
        num_functions, max_order, mult: basis B (core.bases.hermite_basis_b).
        filter_side: of the largest kernel as published, in pixels; None for 2⌈4 σ⌉ + 1 (Basting, Eq. 7).
        interaction: scales that a group convolution spans (vector only).
        layout: of core.models.layouts.
    """

    kind: str = "vector"
    reference_sigma: float = 1.0
    reference_support: int = 9
    num_functions: int = 10
    max_order: int = 3
    mult: float = 1.5
    filter_side: int | None = None
    interaction: int = 1
    layout: str = ZERO_BACKGROUND

    @property
    def kernel_side(self) -> int:
        return self.filter_side // 2 * 2 + 1 if self.filter_side else super().kernel_side

    @property
    def kernel_rule(self) -> str:
        return f"{self.kernel_side} pixels for every scale" if self.filter_side else super().kernel_rule


SMALL_VECTOR = SesnConfig()
SMALL_SCALAR = SesnConfig(kind="scalar")
_PUBLISHED: dict[str, Any] = {
    **PAPER_LAYOUT, "reference_sigma": 2.0, "reference_support": 7, "num_functions": 49,
    "max_order": 4, "filter_side": 15,
}  # fmt: skip
PAPER_VECTOR = SesnConfig(internal_scales=ScaleSet.log_uniform(2.0, 2.0, 4), **_PUBLISHED)
PAPER_SCALAR = SesnConfig(kind="scalar", internal_scales=ScaleSet.log_uniform(2.0, 2.0, 3), mult=1.4, **_PUBLISHED)


class Sesn(ScalesNetwork):
    """Maps over scale (b, c, scale, h, w), planes after the scale projection. Shape: as StagedNetwork.

    Raises: ValueError for an unknown kind, or interaction in a scalar network, which has no scales to span.
    """

    config: SesnConfig

    def __init__(self, config: SesnConfig):
        if config.kind not in ("vector", "scalar"):
            raise ValueError(f"kind must be 'vector' or 'scalar', got {config.kind!r}")
        if config.kind == "scalar" and config.interaction != 1:
            raise ValueError(f"a scalar network has no inter-scale interaction, got {config.interaction}")
        basis, scalar, bias = _basis(config), config.kind == "scalar", layout_of(config).bias
        convs = [
            LiftingConv2d(c_in, c_out, basis, bias=bias)
            if scalar or number == 0
            else ScaleConv2d(c_in, c_out, basis, interaction=config.interaction, bias=bias)
            for number, (c_in, c_out) in enumerate(pairwise((1, *config.channels)))
        ]
        super().__init__(config, convs, projects=(1, 2, 3) if scalar else (3,))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[LiftingConv2d | ScaleConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}


def _basis(config: SesnConfig) -> HermiteBasis:
    return hermite_basis_b(
        config.internal_scales,
        config.num_functions,
        config.max_order,
        config.mult,
        published_supports(config.filter_side) if config.filter_side else None,
        normalise_at=(config.reference_sigma, config.reference_support),
    )
