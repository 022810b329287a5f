"""Scale learning: the SESN layout with internal scales that training moves.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks" (thesis, 2024), §3 and Table 5. All
three convolutions share one set of scales, made of parameters; in every forward pass the Hermite basis is sampled on
the current ones, with supports by Eq. 7, and the loss moves them like any weight. Three modes: `isr` learns σ_basis
and the internal scale range ISR = 1 + γ², so scales stay log-uniform; `spacings` learns σ_basis and each ratio
1 + γ_i² of neighbours; `direct` learns every scale by itself.

Where we leave the thesis' code: there 1 + γ² is the ratio of one step, here the whole range, as in the text; float
noise cannot push a kernel over a whole pixel; every scale has its own support by Eq. 7, not a share of the largest;
direct scales are sorted, and no scale falls below half a pixel or meets its neighbour (core.layers.learnable_scales).
Background and size `small` are as in core.models.sesn, whose scales `small` starts from, so that what learning
changes shows. The learned scales are part of the weights: unlike in other networks, a visitor cannot choose them.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import learnable_hermite_b
from core.layers import LearnableScaleConv2d, LearnableScales
from core.layers.separable import SeparableFilter
from core.models.network import ParameterGroup
from core.models.over_scales import SMALL_SCALES, ScalesNetwork
from core.models.staged import PAPER_LAYOUT, StagedConfig
from core.scales import ScaleSet


@dataclass(frozen=True)
class ScaleLearningConfig(StagedConfig):
    """Configuration of the three networks.

    Attributes:
        mode: `isr`, `spacings` or `direct`.
        initial_scales: where the internal scales start, in pixels of the network's own grid. Where they are now
            stands in the weights.
        num_functions, max_order, mult: basis B (core.bases.hermite_basis_b).
        scale_rate, scale_warm_up: share of the learning rate, and epochs of rising, for the scale parameters.
    """

    mode: str = "isr"
    initial_scales: ScaleSet = SMALL_SCALES
    num_functions: int = 10
    max_order: int = 3
    mult: float = 1.4
    scale_rate: float = 0.5
    scale_warm_up: float = 5.0


_PUBLISHED: dict[str, Any] = {
    **PAPER_LAYOUT, "initial_scales": ScaleSet.log_uniform(1.5, 2.0, 4), "num_functions": 49,
    "max_order": 4, "scale_warm_up": 10.0,
}  # fmt: skip


def sizes(mode: str) -> dict[str, ScaleLearningConfig]:
    """The configurations of one mode."""
    return {"small": ScaleLearningConfig(mode=mode), "paper": ScaleLearningConfig(mode=mode, **_PUBLISHED)}


class ScaleLearning(ScalesNetwork):
    """Maps over the learned scales (b, c, scale, h, w), a plane after the projection. Shape: as StagedNetwork.

    Raises: ValueError as LearnableScales.
    """

    config: ScaleLearningConfig
    margin_at_2 = 34

    def __init__(self, config: ScaleLearningConfig):
        widths = pairwise((1, *config.channels))
        convs = [LearnableScaleConv2d(c_in, c_out, config.num_functions) for c_in, c_out in widths]
        super().__init__(config, convs, projects=(3,))
        self.scales = LearnableScales(config.mode, config.initial_scales)
        self._kept: tuple[tuple, SeparableFilter] | None = None

    @property
    def internal_scales(self) -> ScaleSet:
        """The learned scales of this moment, in pixels of the network's own grid, ascending."""
        with torch.no_grad():
            return self._filter().basis.internal_scales

    def convolve(self, number: int, x: Tensor) -> Tensor:
        return self.convs[number - 1](x, self._filter())

    def reach_of_first(self) -> int:
        return max(self._filter().basis.supports) // 2

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs, basis = cast(list[LearnableScaleConv2d], list(self.convs)), self._filter().basis
        return {f"conv{number}": conv.kernels(basis, inputs) for number, conv in enumerate(convs, start=1)}

    def parameter_groups(self) -> list[ParameterGroup]:
        """Scales learn more slowly, from a rate that rises, and do not decay."""
        config = self.config
        return self.groups_with_slow(list(self.scales.parameters()), config.scale_rate, config.scale_warm_up)

    def state_of_interest(self) -> dict[str, Any]:
        return {"internal_scales": [round(scale, 5) for scale in self.internal_scales]}

    def _filter(self) -> SeparableFilter:
        """The basis on the current scales; without gradients it is kept until they move."""
        parameters: list[nn.Parameter] = list(self.scales.parameters())
        keep = not (torch.is_grad_enabled() and any(p.requires_grad for p in parameters))
        keep = keep and not any(p.is_inference() for p in parameters)  # those count no versions
        key = (torch.is_inference_mode_enabled(), *((p.data_ptr(), p._version, p.dtype) for p in parameters if keep))
        if keep and self._kept is not None and self._kept[0] == key:
            return self._kept[1]
        config = self.config
        basis = learnable_hermite_b(self.scales(), config.num_functions, config.max_order, config.mult)
        made = SeparableFilter(basis)
        if keep:
            self._kept = (key, made)
        return made
