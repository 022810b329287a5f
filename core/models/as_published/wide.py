"""Wide residual networks of STL-10 as published: WRN-16-8, plain and scale-equivariant in three variants.

Source: Sosnovik, Szmaja, Smeulders, "Scale-Equivariant Steerable Networks", arXiv:1910.11093, §6.2, with `models/
stl_wrn.py` and `models/stl_ses.py` of github.com/ISosnovik/sesn (deaa16c); Zagoruyko and Komodakis, "Wide Residual
Networks", arXiv:1605.07146. A block is pre-activated: norm and ReLU stand before each convolution, and where the width
changes they act on the shortcut's input as well. Variants: `a` keeps the scale axis to the head; `b` projects and lifts
again where the second and the third group begin; `c` lets the first convolution of the first group span two scales.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import HermiteBasis, hermite_basis_a, published_supports
from core.layers import BatchNorm, LiftingConv2d, ScaleConv2d, ScaleProjection, SharedConv2d
from core.models.network import Network

# Of the channels red, green and blue over STL-10, values in [0, 1], as printed in the published code.
MEAN, DEVIATION = (0.4467, 0.4398, 0.4066), (0.2603, 0.2566, 0.2713)
_GROUPS = 3


@dataclass(frozen=True)
class WideConfig:
    """Configuration of a wide residual network.

    Attributes:
        internal_scales: s in pixels, ascending; none for the plain network.
        lifts_again: the groups, from 1, at whose start the scales are projected and the planes lifted anew.
        interaction: scales that the first convolution of group 1 spans; 1 is none.
        widen: channels of the three groups are 16, 32 and 64 times this.
        blocks: in each group; 2 make 16 layers.
        dropout: share of values left out between the convolutions of a block.
        filter_side, effective_size: of basis A: the largest kernel in pixels, and the number of orders per axis.
        classes: number of logits.
    """

    internal_scales: tuple[float, ...] = ()
    lifts_again: tuple[int, ...] = ()
    interaction: int = 1
    widen: int = 8
    blocks: int = 2
    dropout: float = 0.3
    filter_side: int = 7
    effective_size: int = 3
    classes: int = 10


def _scales(smallest: float) -> tuple[float, ...]:
    return tuple(smallest * 1.41**i for i in range(3))


WIDE: Mapping[str, WideConfig] = {
    "wrn_16_8": WideConfig(),
    "wrn_16_8_ses_a": WideConfig(_scales(0.9)),
    "wrn_16_8_ses_b": WideConfig(_scales(0.9), lifts_again=(2, 3)),
    "wrn_16_8_ses_c": WideConfig(_scales(1.1), interaction=2),
}


def published_wide(name: str) -> "WideResidual":
    """A network of `WIDE` in eval mode, its random weights by torch's seed; images are values in [0, 1].

    `load_published` fills it with the parameters of the published code.
    Raises: ValueError for an unknown name.
    """
    if name not in WIDE:
        raise ValueError(f"unknown published network {name!r}; known are {', '.join(WIDE)}")
    return WideResidual(WIDE[name]).eval()


def normalise(images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
    """(x − mean) / deviation of each colour over STL-10; images are values in [0, 1], the result has no unit."""
    mean, deviation = (images.new_tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    return (images - mean) / deviation


class WideResidual(Network):
    """Lifting convolution, three groups of residual blocks, scale projection, norm, ReLU, mean over the plane, logits.

    It has no `features`, so its equivariance is not measured; it is here to be trained and to take published weights.
    Shape: (b, 3, h, w), values in [0, 1] → (b, classes); groups 2 and 3 halve the plane.
    Raises: ValueError for another number of channels, for interaction or new lifting in a network without scales, or
        where the first group, which `interaction` acts on, is to lift anew.
    """

    config: WideConfig
    trained_canvas = 96
    background_is_zero = False

    def __init__(self, config: WideConfig):
        super().__init__()
        if not config.internal_scales and (config.lifts_again or config.interaction != 1):
            raise ValueError("a network without internal scales neither spans scales nor lifts again")
        if 1 in config.lifts_again or not set(config.lifts_again) <= set(range(1, _GROUPS + 1)):
            raise ValueError(f"groups 2 and 3 may lift again, got {config.lifts_again}")
        self.config = config
        basis = _basis(config) if config.internal_scales else None
        widths = (16, *(16 * config.widen * 2**i for i in range(_GROUPS)))
        self.first = _lifting(3, widths[0], basis, stride=1)
        self.groups = nn.ModuleList(_group(config, basis, number, widths) for number in range(1, _GROUPS + 1))
        self.projection = ScaleProjection() if basis else nn.Identity()
        self.norm = BatchNorm(widths[-1])
        self.last = nn.Linear(widths[-1], config.classes)
        self._initialise()

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b classes"]:
        if images.shape[1] != 3:
            raise ValueError(f"expected 3 channels, got {images.shape[1]}")
        return self.of_normalised(normalise(images))

    def of_normalised(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b classes"]:
        """The logits of images that `normalise` has been applied to, as training hands them over."""
        features = self.first(images)
        for group in self.groups:
            features = group(features)
        return self.last(F.relu(self.norm(self.projection(features))).mean((-2, -1)))

    def published_parts(self) -> Iterator[tuple[str, nn.Module]]:
        """Every part with parameters, in the published order, with the beginning of its published names."""
        yield "conv1", self.first
        for number, group in enumerate(self.groups, start=1):
            for place, block in enumerate(group.children()):
                assert isinstance(block, _Block)
                for name, part in block.published_parts():
                    yield f"block{number}.layer.{place}.{name}", part
        yield "bn1", self.norm
        yield "fc", self.last

    def _initialise(self) -> None:
        """Weights as published, of variance 2 / (numbers that an input channel meets); norms begin with 1 and 0."""
        for part in self.modules():
            if isinstance(part, nn.Conv2d | LiftingConv2d | ScaleConv2d):
                met = part.weight.numel() / part.weight.shape[1]
                nn.init.normal_(part.weight, std=math.sqrt(2 / met))
        nn.init.zeros_(self.last.bias)


class _Block(nn.Module):
    """Two convolutions after norm and ReLU each, and a shortcut: a 1×1 convolution where the width changes."""

    def __init__(
        self, first: nn.Module, second: nn.Module, shortcut: nn.Module | None, widths: tuple[int, int], dropout: float
    ):
        super().__init__()
        self.first_norm, self.first = BatchNorm(widths[0]), first
        self.second_norm, self.second = BatchNorm(widths[1]), second
        self.shortcut, self.dropout = shortcut, nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        active = F.relu(self.first_norm(features))
        carried = features if self.shortcut is None else self.shortcut(active)
        inner = self.dropout(F.relu(self.second_norm(self.first(active))))
        return carried + self.second(inner)

    def published_parts(self) -> Iterator[tuple[str, nn.Module]]:
        yield "bn1", self.first_norm
        if isinstance(self.first, nn.Sequential):  # a projection, without parameters, and a lifting
            yield "conv1.1", self.first[1]
        else:
            yield "conv1", self.first
        yield "bn2", self.second_norm
        yield "conv2", self.second
        if self.shortcut is not None:
            yield "convShortcut", self.shortcut


def _group(config: WideConfig, basis: HermiteBasis | None, number: int, widths: tuple[int, ...]) -> nn.Sequential:
    blocks = []
    for place in range(config.blocks):
        c_out, at_start = widths[number], place == 0
        c_in, stride = (widths[number - 1], 1 if number == 1 else 2) if at_start else (c_out, 1)
        if at_start and number in config.lifts_again:
            first: nn.Module = nn.Sequential(ScaleProjection(), _lifting(c_in, c_out, basis, stride))
        else:
            first = _conv(c_in, c_out, basis, stride, config.interaction if at_start and number == 1 else 1)
        shortcut = None if c_in == c_out else _shortcut(c_in, c_out, basis, stride)
        blocks.append(_Block(first, _conv(c_out, c_out, basis), shortcut, (c_in, c_out), config.dropout))
    return nn.Sequential(*blocks)


def _lifting(c_in: int, c_out: int, basis: HermiteBasis | None, stride: int) -> nn.Module:
    if basis is None:
        return _conv(c_in, c_out, basis, stride)
    return LiftingConv2d(c_in, c_out, basis, bias=False, stride=stride)


def _conv(c_in: int, c_out: int, basis: HermiteBasis | None, stride: int = 1, interaction: int = 1) -> nn.Module:
    if basis is None:
        return nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
    return ScaleConv2d(c_in, c_out, basis, interaction=interaction, bias=False, stride=stride)


def _shortcut(c_in: int, c_out: int, basis: HermiteBasis | None, stride: int) -> nn.Module:
    if basis is None:
        return nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False)
    return SharedConv2d(c_in, c_out, stride)


def _basis(config: WideConfig) -> HermiteBasis:
    return hermite_basis_a(config.internal_scales, config.effective_size, published_supports(config.filter_side))
