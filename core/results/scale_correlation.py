"""One scale correlation of a trained network, level by level: what a level reads, through which kernels, its answer.

The figure of the poster of Worrall & Welling draws it without numbers: at output level k one filter reads the levels k
and k + 1, and so on, its taps 2^k pixels apart. Here it is the second convolution of a deep scale-space whose filters
span two levels (assets/checkpoints/interaction, trained as all networks of size small; assets/sweeps/interaction.json
trains it again), for one digit, one output channel and the input channel that adds most to it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core import checkpoints
from core.checkpoints import Card
from core.data.sources import SOURCES
from core.layers.scale_space import ScaleSpaceConv2d
from core.models import Network, build

FOLDER = checkpoints.FOLDER / "interaction"
INTERACTION = 2  # levels that a filter spans
SOURCE, DIGIT, DATA_SCALE = "vector", "3-round", 0.8
LAYER, READ_BY_IT = "conv2", "pool1"

Kernel = Float[np.ndarray, "_ _"]


@dataclass(frozen=True, eq=False)
class ScaleCorrelation:
    """[Φ ⋆ ψ]_k = Σ_j Σ_c Φ_{c, k + j} ⋆ ψ_{c, j} at every level k, for one output channel.

    Attributes:
        levels: Φ of the input channel at every level. kernels: ψ_j of each level k, side by side in j, as it lies on
            the pixels there. added: what the input channel adds at level k through ψ_j; 0 beyond the last level.
        response: over all input channels. scales: σ of the levels in pixels of the map. dilations: of the taps.
        channel, read: the output and the input channel, counted from 0. checkpoint: first 12 digits of the SHA-256.
    """

    levels: Float[np.ndarray, "k h w"]
    kernels: tuple[tuple[Kernel, ...], ...]
    added: Float[np.ndarray, "k j h w"]
    response: Float[np.ndarray, "k h w"]
    scales: tuple[float, ...]
    dilations: tuple[float, ...]
    channel: int
    read: int
    checkpoint: str

    @property
    def digit(self) -> str:
        """For a reader."""
        return f"vector digit {DIGIT} at {DATA_SCALE:g} of its size"

    def reads(self, level: int, step: int) -> bool:
        """Whether there is a level k + j."""
        return level + step < len(self.levels)


def interacting_network(folder: Path = FOLDER) -> tuple[Network, Card]:
    """The trained network, in eval mode, with its card. Raises: CheckpointError."""
    network = build("dss", interaction=INTERACTION)
    card = checkpoints.load_weights(network, "dss", "small", folder)
    return network.eval().requires_grad_(False), card


@cache
def shown_correlation() -> ScaleCorrelation:
    """That of the figure. Raises: CheckpointError."""
    network, card = interacting_network()
    return correlation_of(network, SOURCES[SOURCE].image(DIGIT, DATA_SCALE), card.sha256[:12])


@torch.no_grad()
def correlation_of(network: Network, image: Float[Tensor, "1 1 h w"], checkpoint: str = "") -> ScaleCorrelation:
    """The second convolution of a deep scale-space, for the output channel whose answer ReLU leaves most of."""
    maps = network.features(image)
    inputs, response = maps[READ_BY_IT].values[0], maps[LAYER].values[0]
    conv = cast(ScaleSpaceConv2d, network.convs[1])  # type: ignore[index]
    channel = int(response.clamp_min(0).flatten(1).square().sum(1).argmax())
    each = [_added(conv, inputs[read], channel, read) for read in range(len(inputs))]
    read = int(torch.stack([added.square().sum() for added in each]).argmax())
    kernels = tuple(tuple(kernel.numpy() for kernel in _kernels(conv, k, channel, read)) for k in range(len(inputs[0])))
    return ScaleCorrelation(
        inputs[read].numpy(), kernels, each[read].numpy(), response[channel].numpy(), tuple(conv.internal_scales),
        conv.dilations, channel, read, checkpoint,
    )  # fmt: skip


def _kernels(conv: ScaleSpaceConv2d, level: int, channel: int, read: int) -> Float[Tensor, "j n n"]:
    span = conv.interaction
    return conv.kernels(slice(read * span, (read + 1) * span))[level][channel]


def _added(conv: ScaleSpaceConv2d, levels: Float[Tensor, "k h w"], channel: int, read: int) -> Float[Tensor, "k j h w"]:
    """What one input channel adds to each level of the output, through the kernel of each level that it reads."""
    found = levels.new_zeros(len(levels), conv.interaction, *levels.shape[-2:])
    for k in range(len(levels)):
        for j, kernel in enumerate(_kernels(conv, k, channel, read)):
            if k + j < len(levels):
                found[k, j] = F.conv2d(levels[None, None, k + j], kernel[None, None], padding=kernel.shape[-1] // 2)[
                    0, 0
                ]
    return found
