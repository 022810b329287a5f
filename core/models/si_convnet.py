"""SI-ConvNet: every layer looks at its input at several sizes and keeps the strongest response at each place.

Source: Kanazawa, Sharma, Jacobs, "Locally Scale-Invariant Convolutional Neural Networks", arXiv:1412.5104, §3. A layer
rescales its input, filters by one shared kernel, rescales the responses back, and takes their largest
(core.layers.rescaled_conv). Where we leave the paper: the layout is that of the other networks here; the whole input is
rescaled, so an enlarged one is not cut to the canvas as in the re-implementation in the SESN repository. That one and
the original resize linearly with the corner samples held in place, and leave aliasing in; ours scales about the middle,
and shrinks without aliasing. The original has six scales from 0.63 to 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor

from core.layers import RescaledConv2d
from core.models.copies import CopiesConfig
from core.models.over_scales import ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SiConvNetConfig(CopiesConfig):
    """Configuration of the network: an internal scale σ sees the image scaled by reference_sigma / σ.

    Attributes:
        kernel: side of the shared kernel in pixels of the rescaled input, odd.
        resampler: there and back, of core.resampling.
    """

    kernel: int = 7
    resampler: str = "bicubic"

    @property
    def kernel_side(self) -> int:
        """One kernel serves all scales, since the input is rescaled instead."""
        return self.kernel

    @property
    def kernel_rule(self) -> str:
        return f"{self.kernel} pixels for every scale, since the image is rescaled instead"


_LAYOUT: dict[str, Any] = PAPER_LAYOUT
SMALL = SiConvNetConfig(internal_scales=ScaleSet.log_uniform(0.8, 2.5, 4))
# The scales of the re-implementation in the SESN repository: 7 from 0.3 to 3.33.
PAPER = SiConvNetConfig(**_LAYOUT, internal_scales=ScaleSet.log_uniform(0.3, 0.3**-2, 7), resampler="bilinear")


class SiConvNet(ScalesNetwork):
    """Convolutions give maps over scales, everything else planes. Shape: as ScalesNetwork."""

    margin_at_2 = 54  # a map that is resized has another grid, whose ends are felt further inside

    def __init__(self, config: SiConvNetConfig):
        convs = [
            RescaledConv2d(c_in, c_out, config.internal_scales, config.kernel, config.reference_sigma, config.resampler)
            for c_in, c_out in pairwise((1, *config.channels))
        ]
        super().__init__(config, convs, projects=(1, 2, 3))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[RescaledConv2d], self.convs)
        return {f"conv{number}": [conv.weight[:, inputs]] for number, conv in enumerate(convs, start=1)}
