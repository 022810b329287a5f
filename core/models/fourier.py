"""Truly scale-equivariant network of Fourier layers: exact under the ideal change of resolution.

Source: Rahman, Yeh, "Truly Scale-Equivariant Deep Nets with Fourier Layers", arXiv:2311.02922. Here a change of scale
is a change of resolution: the canvas stays the unit, and an image scaled by s has s times as many samples on a side.
Where we leave the paper, besides core.layers.fourier: three convolutions instead of four with complex residuals; norms
in place of instance norms, which would turn a faint map into a loud one; training at 28×28 only, on the canvases that
all networks share. The published training, on images of many sizes with a head that all resolutions share, is
`core.training.resolutions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers import FourierConv2d, NestedReLU, RmsBatchNorm
from core.layers.fourier import FULL, highest_frequency, limit_band
from core.models.feature_map import FeatureMap, Features
from core.models.head import ClassifierHead
from core.models.network import Network

SMALLEST = 8  # pixels of a side: the coarsest resolution that commutes


@dataclass(frozen=True)
class FourierConfig:
    """Configuration.

    Attributes:
        channels: of the three convolutions.
        kernel: taps of every kernel on a side, odd; a tap is a pixel of the map at 28×28.
        pool: samples of a side for one of the next map, after the first and the second convolution.
        hidden, dropout: of the head.
        points: where the nonlinearity of a band is taken: `full` (ours) or `band` (as published; core.layers.fourier).
    """

    channels: tuple[int, int, int] = (16, 32, 48)
    kernel: int = 7
    pool: tuple[int, int] = (2, 1)
    hidden: int = 128
    dropout: float = 0.5
    points: str = FULL


SMALL = FourierConfig()
# As many weights as the other networks; the canvas is not enlarged, since resolution is what the network is about.
PAPER = FourierConfig(channels=(32, 63, 95), hidden=256, dropout=0.7)


class Fourier(Network):
    """Every map is a plane that covers the whole canvas at some resolution.

    Shape: images (b, 1, h, w) → maps `conv1`, `pool1`, `conv2`, `pool2`, `conv3` of ⌈h / stride⌉ × ⌈w / stride⌉;
        logits (b, 10) for squares of 8 to 28 pixels. Modes above 13 periods per canvas are dropped.
    Raises: ValueError for an image of another size.
    Error: under the ideal resize from 28×28 to r × r, r from 8 on, below 1e-6 in float32 in every layer; other
        canvases run, and only squares commute.
    """

    config: FourierConfig
    changes_canvas = True
    classifier_map = "conv3"

    def __init__(self, config: FourierConfig):
        super().__init__()
        self.config = config
        first, second = config.pool
        self.strides = (1, first, first * second)
        sides = [-(-self.trained_canvas // stride) for stride in self.strides]
        lowest = [highest_frequency(-(-SMALLEST // stride)) for stride in self.strides]
        widths = pairwise((1, *config.channels))
        self.convs = nn.ModuleList(
            FourierConv2d(c_in, c_out, min(config.kernel, side), side)
            for (c_in, c_out), side in zip(widths, sides, strict=True)
        )
        self.norms = nn.ModuleList(RmsBatchNorm(c) for c in config.channels[:2])
        self.pools = nn.ModuleList(
            NestedReLU(*stage, points=config.points)
            for stage in zip(config.channels[:2], sides[:2], lowest[:2], config.pool, strict=True)
        )
        self.map_size = sides[-1]
        self.head = ClassifierHead(config.channels[-1], self.map_size, config.hidden, config.dropout)

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 10"]:
        self._check(images)
        return self.classify(self.features(images))

    def _check(self, images: Tensor) -> None:
        side, largest = images.shape[-1], self.trained_canvas
        if images.shape[1:] != (1, side, side) or not SMALLEST <= side <= largest:
            raise ValueError(
                f"expected images (b, 1, {largest}, {largest}), got {tuple(images.shape)}; "
                f"of smaller images this network takes squares from {SMALLEST} on"
            )

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        x, maps = self.prepare(images).images, {}
        canvas = (images.shape[-2], images.shape[-1])
        for number, (conv, stride) in enumerate(zip(self.convs, self.strides, strict=True), start=1):
            x = conv(x)
            maps[f"conv{number}"] = FeatureMap(x, stride=float(stride), canvas=canvas)
            if number < 3:
                x = self.pools[number - 1](self.norms[number - 1](x))
                maps[f"pool{number}"] = FeatureMap(x, stride=float(self.strides[number]), canvas=canvas)
        return maps

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        planes = features["conv3"].values
        return self.head(limit_band(planes, (self.map_size, self.map_size), self.map_size))

    def logits_by_resolution(
        self, images: Float[Tensor, "b 1 side side"], resolutions: Sequence[int]
    ) -> Float[Tensor, "b r 10"]:
        """What the head, which all resolutions share, makes of the last map as each resolution would have it.

        As the network commutes with the ideal resize, that is its answer to the images resized so (in eval mode).
        Args: resolutions: sides in pixels, none beyond that of the images.
        Raises: ValueError for images of another size, or other resolutions.
        """
        self._check(images)
        if not all(SMALLEST <= side <= images.shape[-1] for side in resolutions):
            raise ValueError(f"resolutions must be from {SMALLEST} to {images.shape[-1]} pixels, got {[*resolutions]}")
        limits = [highest_frequency(-(-side // self.strides[-1])) for side in resolutions]
        different = sorted(set(limits))  # the last map has fewer samples than the image, so some have one limit
        planes, grid = self.features(images)["conv3"].values, (self.map_size, self.map_size)
        # In one batch, so that the norms of the head know all resolutions alike.
        logits = self.head(torch.cat([limit_band(planes, grid, limit) for limit in different]))
        return logits.unflatten(0, (len(different), -1)).transpose(0, 1)[:, [different.index(each) for each in limits]]

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        convs = cast(Iterable[FourierConv2d], self.convs)
        return {f"conv{number}": [conv.weight[:, inputs]] for number, conv in enumerate(convs, start=1)}
