"""What stands around the convolutions of a staged network: a background of 0, or everything as published.

`zero background` is that of our networks (docs/decisions/0002-zero-background.md). `published` is that of the MNIST
networks of github.com/ISosnovik/sesn and /disco: the mean of the pixels is subtracted, convolutions have a bias, norms
are batch norms with mean and shift, and the pooling of the classifier is the published one. Networks that have both
take `layout` as a setting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.layers import BatchNorm, CentredReLU, RmsBatchNorm
from core.models.network import PIXEL_MEAN

ZERO_BACKGROUND, PUBLISHED = "zero background", "published"


@dataclass(frozen=True)
class Layout:
    """One of them.

    Attributes:
        bias: whether convolutions have one.
        mean: what is subtracted from pixels, values in [0, 1].
        activation, norm: of maps with so many channels.
    """

    bias: bool
    mean: float
    activation: Callable[[int], nn.Module]
    norm: Callable[[int], nn.Module]


LAYOUTS: Mapping[str, Layout] = {
    ZERO_BACKGROUND: Layout(bias=False, mean=0.0, activation=CentredReLU, norm=RmsBatchNorm),
    PUBLISHED: Layout(bias=True, mean=PIXEL_MEAN, activation=lambda _: nn.ReLU(), norm=BatchNorm),
}


def layout_of(config: Any) -> Layout:
    """The layout that a configuration names; that with a background of 0 if it names none.

    Raises: ValueError for an unknown layout.
    """
    name = getattr(config, "layout", ZERO_BACKGROUND)
    if name not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(map(repr, LAYOUTS))}, got {name!r}")
    return LAYOUTS[name]
