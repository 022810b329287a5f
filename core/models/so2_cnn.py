"""Rotation group CNN: every filter at eight turns, for comparison. It commutes with turns, not with a change of size.

Source: Weiler, Hamprecht, Storath, arXiv:1711.07289 (steerable filters), in the group of Cohen, Welling,
arXiv:1602.07576. Where we leave the papers: the layout of the other networks, and real weights of cosine and sine in
place of complex ones. SO(2) is sampled at C8, whose quarter turns are exact; the largest response over all turns goes
to the head, which itself tells above from below.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from jaxtyping import Float
from torch import Tensor

from core.bases import circular_harmonics
from core.layers import LiftingRotationConv2d, RotationConv2d
from core.models.feature_map import FeatureMap
from core.models.network import Canvas
from core.models.staged import PAPER_LAYOUT, StagedConfig, StagedNetwork


@dataclass(frozen=True)
class So2CnnConfig(StagedConfig):
    """Configuration.

    Attributes:
        turns: of a full circle, a multiple of 4.
        kernel: side of every kernel in pixels, odd.
    """

    channels: tuple[int, int, int] = (6, 10, 24)
    turns: int = 8
    kernel: int = 5


SMALL = So2CnnConfig()
# The published layout with the channels that eight turns leave of about 495 k weights.
_LAYOUT: dict[str, Any] = PAPER_LAYOUT | {"channels": (23, 32, 48), "kernel": 7}
PAPER = So2CnnConfig(**_LAYOUT)


class So2Cnn(StagedNetwork):
    """Maps over turns (b, c, turn, h, w), a plane after the largest response over turns. Shape: as StagedNetwork.

    Raises: ValueError as circular_harmonics.
    """

    config: So2CnnConfig

    def __init__(self, config: So2CnnConfig):
        basis = circular_harmonics(config.kernel, config.turns)
        convs = [
            (RotationConv2d if number else LiftingRotationConv2d)(c_in, c_out, basis)
            for number, (c_in, c_out) in enumerate(pairwise((1, *config.channels)))
        ]
        super().__init__(config, convs, projects=(3,))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        """At the first turn, for the input at the first turn; the other turns show the same, turned."""
        found = {}
        for number, conv in enumerate(self.convs, start=1):
            kernels = conv.kernels(inputs)[:, 0]  # type: ignore[operator]
            found[f"conv{number}"] = [kernels if number == 1 else kernels[:, :, 0]]
        return found

    def feature_map(self, canvas: Canvas, values: Tensor, stride: int) -> FeatureMap:
        return canvas.feature_map(values, stride, **({"group": "rotation"} if values.dim() == 5 else {}))
