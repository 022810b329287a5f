"""Plain CNN: the layout of the scale-equivariant networks with ordinary convolutions, for comparison.

Source: the baseline of Sosnovik et al., arXiv:1910.11093, §6.1 (and of Basting, Table 5): three 7×7 convolutions,
each followed by ReLU, pooling by 2 and batch norm; 494,549 parameters at 56×56. It commutes with shifts, not with a
change of size.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from core.layers import CentredReLU, RmsBatchNorm, SpatialPool
from core.models.feature_map import Features
from core.models.head import ClassifierHead
from core.models.network import Network


@dataclass(frozen=True)
class CnnConfig:
    """channels: of the three convolutions. kernel: side in pixels, odd. enlarge: factor of the first step.
    pooling: `max` or `average`. hidden, dropout: of the head."""

    channels: tuple[int, int, int] = (16, 32, 48)
    kernel: int = 7
    enlarge: int = 1
    pooling: str = "average"
    hidden: int = 128
    dropout: float = 0.5


PAPER = CnnConfig((32, 63, 95), 7, enlarge=2, pooling="max", hidden=256, dropout=0.7)


class Cnn(Network):
    """Shape: images (b, 1, h, w) → maps `conv1` … `conv3` (b, c, h / stride, w / stride); logits on 28×28."""

    total_stride = 4

    def __init__(self, config: CnnConfig):
        super().__init__()
        self.config = config
        widths = list(pairwise((1, *config.channels)))
        self.convs = nn.ModuleList(
            nn.Conv2d(c_in, c_out, config.kernel, padding="same", bias=False) for c_in, c_out in widths
        )
        self.activations = nn.ModuleList(CentredReLU(c) for c in config.channels[:2])
        self.norms = nn.ModuleList(RmsBatchNorm(c) for c in config.channels[:2])
        self.pool = SpatialPool(config.pooling)
        map_size = self.trained_canvas * config.enlarge // self.total_stride
        self.head = ClassifierHead(config.channels[-1], map_size, config.hidden, config.dropout)

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        canvas = self.prepare(images, self.config.enlarge)
        x, maps, stride = canvas.images, {}, 1
        for number, conv in enumerate(self.convs, start=1):
            x = conv(x)
            maps[f"conv{number}"] = canvas.feature_map(x, stride)
            if number < 3:
                x = self.activations[number - 1](x)
                maps[f"relu{number}"] = canvas.feature_map(x, stride)
                x, stride = self.norms[number - 1](self.pool(x)), 2 * stride
                maps[f"pool{number}"] = canvas.feature_map(x, stride)
        return maps

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[nn.Conv2d], self.convs)
        return {f"conv{number}": [conv.weight[:, inputs]] for number, conv in enumerate(convs, start=1)}

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        return self.head(features["conv3"].values)
