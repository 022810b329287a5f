"""SiCNN: columns that share one kernel, resized to each column's scale.

Source: Xu, Xiao, Zhang, Yang, Zhang, "Scale-Invariant Convolutional Neural Networks", arXiv:1411.6369, §3. Every column
is a whole network for one size of object; its kernels are the canonical ones, resized at constant L1 norm
(core.layers.resized_kernel). The columns do not meet before the end, where the largest response is taken. Where we
leave the paper: the layout is that of the other networks here; norms are shared by the columns, since statistics of
their own (as in the re-implementation in the SESN repository) would tell them apart; all columns pool alike; kernels
are resized by the bicubic kernel at size `small`. At size `paper` they are resized linearly both ways, where that
re-implementation takes the nearest pixel to enlarge, and the widest, of 23⅓ pixels, stands whole on 25, where it is cut
to 23.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor

from core.bases.supports import odd_size
from core.layers import ResizedKernelConv2d
from core.models.copies import CopiesConfig
from core.models.over_scales import ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SicnnConfig(CopiesConfig):
    """Configuration of the network.

    Attributes:
        kernel: side of the canonical kernel in pixels, odd.
        resampler: that resizes it, of core.resampling.
    """

    kernel: int = 5
    resampler: str = "bicubic"

    @property
    def kernel_side(self) -> int:
        return odd_size(self.kernel * self.internal_scales.largest / self.reference_sigma)

    @property
    def kernel_rule(self) -> str:
        return f"{self.kernel / self.reference_sigma:g}σ pixels, rounded up to an odd number"


_LAYOUT: dict[str, Any] = PAPER_LAYOUT
SMALL = SicnnConfig()
# The scales of the re-implementation in the SESN repository: 7 from 0.3 to 3.33.
PAPER = SicnnConfig(**_LAYOUT, internal_scales=ScaleSet.log_uniform(0.3, 0.3**-2, 7), kernel=7, resampler="bilinear")


class Sicnn(ScalesNetwork):
    """All maps are over scales, but for the last projection. Shape: as ScalesNetwork."""

    def __init__(self, config: SicnnConfig):
        convs = [
            ResizedKernelConv2d(
                c_in, c_out, config.internal_scales, config.kernel, config.reference_sigma, config.resampler
            )
            for c_in, c_out in pairwise((1, *config.channels))
        ]
        super().__init__(config, convs, projects=(3,))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[ResizedKernelConv2d], self.convs)
        return {f"conv{number}": conv.kernels(inputs) for number, conv in enumerate(convs, start=1)}
