"""A small example of Fourier layers in one dimension: a network that reads lines, such as sound, at any sampling rate.

Source: as core.layers.fourier; the published network of lines (`models/fourier_seq_1d.py` of github.com/ashiq24/
Scale_Equivarinat_Fourier_Layer, 6ed59da) has four such layers and reads the mean of the modes' sizes. Here two of them
are enough, and the head, which all rates share, reads the mean square of each channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers import FourierConv1d, NestedReLU
from core.layers.fourier import FULL, highest_frequency, limit_band


@dataclass(frozen=True)
class LineConfig:
    """Configuration.

    Attributes:
        channels: of the two convolutions. kernel: taps of each, odd; a tap is a sample at the full rate.
        samples: of a line at the full rate. lowest: at the coarsest rate that shall commute.
        classes: number of logits. points: as of core.layers.NestedReLU.
    """

    channels: tuple[int, int] = (8, 12)
    kernel: int = 9
    samples: int = 64
    lowest: int = 16
    classes: int = 3
    points: str = FULL


class FourierLines(nn.Module):
    """Two Fourier layers of lines, and a linear head on the mean square of every channel.

    Shape: (b, 1, n) → (b, classes), n from `lowest` to `samples`.
    Raises: ValueError for another number of channels or of samples.
    Error: under the ideal resize from `samples` to n, n from `lowest` on, below 1e-6 in float32 in `features`.
    """

    def __init__(self, config: LineConfig):
        super().__init__()
        self.config = config
        limit = highest_frequency(config.lowest)
        widths = (1, *config.channels)
        self.convs = nn.ModuleList(
            FourierConv1d(c_in, c_out, config.kernel, config.samples)
            for c_in, c_out in zip(widths, config.channels, strict=False)
        )
        self.activations = nn.ModuleList(
            NestedReLU(c, config.samples, limit, points=config.points) for c in config.channels
        )
        self.head = nn.Linear(config.channels[-1], config.classes)

    def forward(self, lines: Float[Tensor, "b c n"]) -> Float[Tensor, "b classes"]:
        return self.logits_by_rate(lines, lines.shape[-1:])[:, 0]

    def features(self, lines: Float[Tensor, "b c_in n"]) -> Float[Tensor, "b c_out n"]:
        """The last map, at the rate of the lines."""
        n, config = lines.shape[-1], self.config
        if lines.shape[1] != 1 or not config.lowest <= n <= config.samples:
            raise ValueError(
                f"expected lines (b, 1, n) of {config.lowest} to {config.samples} samples, got {tuple(lines.shape)}"
            )
        for conv, activation in zip(self.convs, self.activations, strict=True):
            lines = activation(conv(lines))
        return lines

    def logits_by_rate(self, lines: Float[Tensor, "b c n"], rates: Sequence[int]) -> Float[Tensor, "b r classes"]:
        """What the head makes of the last map as each number of samples would have it, none beyond that of the lines.

        As the layers commute with the ideal resize, that is the answer to the lines resized so.
        """
        found = self.features(lines)
        limited = [limit_band(found, (found.shape[-1],), highest_frequency(rate)) for rate in rates]
        return torch.stack([self.head(each.square().mean(-1)) for each in limited], dim=1)
