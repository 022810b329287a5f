"""DSS: deep scale-spaces.

Source: Worrall & Welling, "Deep Scale-spaces: Equivariance Over Scale", arXiv:1905.11697. The image is lifted once to a
stack of levels, each blurred further by a discrete Gaussian; every convolution applies one filter to all levels,
dilated along with the blur. A step along the scale axis is then a change of size by the base, exact for whole
dilations but for what the blur leaves above the coarser grid's Nyquist frequency. Size `paper` follows the network
for MNIST in the SESN repository (two levels, base 2, zero scale 0.25, 7×7, 494 k parameters).

Where we leave the papers: dilations that are not whole read between pixels, where the public code cuts them to whole
ones; the scale axis is projected by its maximum once, at the end; activations and norms keep the background at 0;
size `small` has three levels, 5×5 filters and average pooling. The papers' group has only shrinking; enlarging acts on
the levels the other way, up to the blur that an enlarged image lacks; and a resampler that is not the papers' own blur
and subsampling leaves an error at whole steps too.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor, nn

from core.layers.scale_space import ScaleSpaceConv2d, ScaleSpaceLifting
from core.models.over_scales import ScalesConfig, ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet

_LEVELS = ScaleSet.log_uniform(0.5, 4.0, 3)  # ½, 1, 2


@dataclass(frozen=True)
class DssConfig(ScalesConfig):
    """Configuration.

    Attributes:
        internal_scales: the blur σ of the levels, in pixels of the network's own grid.
        reference_sigma: the zero scale: the blur that the image itself is taken to have, and the σ at which a filter
            is not dilated; σ_basis of training, so that trained weights keep their meaning on another set of scales.
        kernel: side of the filters in taps, odd.
        interaction: levels that a filter of the second and third convolution spans.
    """

    internal_scales: ScaleSet = _LEVELS
    reference_sigma: float = 0.5
    kernel: int = 5
    interaction: int = 1

    @property
    def kernel_side(self) -> int:
        """Of the filter dilated to the last level."""
        return 2 * math.ceil(round(self.kernel // 2 * self.internal_scales.largest / self.reference_sigma, 4)) + 1

    @property
    def kernel_rule(self) -> str:
        reach = self.kernel // 2 / self.reference_sigma
        return f"2⌈{reach:g}σ⌉ + 1 pixels, of which {self.kernel}×{self.kernel} are taps"


_PUBLISHED: dict[str, Any] = {
    **PAPER_LAYOUT, "internal_scales": ScaleSet.log_uniform(0.25, 2.0, 2), "reference_sigma": 0.25, "kernel": 7,
}  # fmt: skip
SMALL = DssConfig()
PAPER = DssConfig(**_PUBLISHED)


class Dss(ScalesNetwork):
    """Maps over levels (b, c, scale, h, w), planes after the scale projection. Shape: as StagedNetwork.

    Raises: ValueError if an internal scale is below the zero scale.
    """

    config: DssConfig
    margin_at_2 = 66

    def __init__(self, config: DssConfig):
        scales, zero = config.internal_scales, config.reference_sigma
        first, second, third = config.channels

        def conv(c_in: int, c_out: int, interaction: int) -> ScaleSpaceConv2d:
            return ScaleSpaceConv2d(c_in, c_out, scales, zero, kernel=config.kernel, interaction=interaction)

        lifting = nn.Sequential(ScaleSpaceLifting(scales, zero), conv(1, first, 1))
        spans = config.interaction
        super().__init__(config, [lifting, conv(first, second, spans), conv(second, third, spans)], projects=(3,))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        lifting, second, third = cast(Iterable[Any], self.convs)
        convs: dict[str, ScaleSpaceConv2d] = {"conv1": lifting[1], "conv2": second, "conv3": third}
        return {layer: conv.kernels(inputs) for layer, conv in convs.items()}
