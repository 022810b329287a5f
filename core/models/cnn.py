"""Plain CNN: the layout of the scale-equivariant networks with ordinary convolutions, for comparison.

Source: the baseline of Sosnovik et al., arXiv:1910.11093, §6.1 (and of Basting, Table 5): three 7×7 convolutions,
494,549 parameters at 56×56. It commutes with shifts, not with a change of size.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor, nn

from core.models.layouts import ZERO_BACKGROUND, layout_of
from core.models.staged import PAPER_LAYOUT, StagedConfig, StagedNetwork


@dataclass(frozen=True)
class CnnConfig(StagedConfig):
    """kernel: side of every kernel in pixels, odd. layout: of core.models.layouts."""

    kernel: int = 7
    layout: str = ZERO_BACKGROUND


_LAYOUT: dict[str, Any] = PAPER_LAYOUT
SMALL = CnnConfig()
NARROW = CnnConfig(channels=(10, 18, 26))  # 47,234 parameters, as many as SESN, vector, has at size `small`
PAPER = CnnConfig(**_LAYOUT)


class Cnn(StagedNetwork):
    """Every map is a plane. Shape: as StagedNetwork."""

    def __init__(self, config: CnnConfig):
        widths, bias = pairwise((1, *config.channels)), layout_of(config).bias
        convs = [nn.Conv2d(c_in, c_out, config.kernel, padding="same", bias=bias) for c_in, c_out in widths]
        super().__init__(config, convs)

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[nn.Conv2d], self.convs)
        return {f"conv{number}": [conv.weight[:, inputs]] for number, conv in enumerate(convs, start=1)}
