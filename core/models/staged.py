"""The layout that most networks share, so that they differ in their convolutions only.

Three convolutions; after the first two an activation, pooling by 2 and a norm; a classifier on the third. Source: the
MNIST networks of Sosnovik et al., arXiv:1910.11093, §6.1 (and of Basting, Table 5).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers import ScaleProjection, SpatialPool
from core.layers.ink import cut, margin_around_ink, reach_of, widened
from core.layers.kept import Kept
from core.models.feature_map import FeatureMap, Features
from core.models.head import ClassifierHead
from core.models.layouts import LAYOUTS, ZERO_BACKGROUND, layout_of
from core.models.network import PIXEL_STD, Canvas, Network


@dataclass(frozen=True)
class StagedConfig:
    """What every staged network can choose.

    Attributes:
        channels: of the three convolutions.
        enlarge: factor of the network's first step, a whole number.
        pooling: `max` or `average`.
        hidden, dropout: of the head.
    """

    channels: tuple[int, int, int] = (16, 32, 48)
    enlarge: int = 1
    pooling: str = "average"
    hidden: int = 128
    dropout: float = 0.5


# What the published networks of 494,549 parameters have in common.
PAPER_LAYOUT = {"channels": (32, 63, 95), "enlarge": 2, "pooling": "max", "hidden": 256, "dropout": 0.7}


class StagedNetwork(Network):
    """The layout around given convolutions.

    Args: config: the sizes, and what stands around convolutions if it has a `layout` (core.models.layouts).
          convs: three modules, images or maps → maps (b, c, h, w) or (b, c, scale, h, w), same height and width; with
          a bias only if the layout says so.
          projects: the numbers (1 to 3) of the convolutions after which the largest response over the third axis is
          taken; after the third a plane must be left.
    Shape: images (b, 1, h, w) → maps `conv1`, `relu1`, `pool1`, … `conv3`, and `projectionN` after a projection;
        logits (b, 10) on 28×28.
    Raises: ValueError for an unknown layout.
    """

    total_stride = 4

    @property
    def classifier_map(self) -> str:  # type: ignore[override]
        """The last map."""
        return "projection3" if 3 in self.projects else "conv3"

    def __init__(self, config: StagedConfig, convs: Sequence[nn.Module], projects: Sequence[int] = ()):
        super().__init__()
        self.config, self.projects, self.layout = config, tuple(projects), layout_of(config)
        self.answers_blank = self.layout is not LAYOUTS[ZERO_BACKGROUND]
        # A maximum of Φ(x) − Φ(blank) is not the difference of their maxima, so then no projection can be made again.
        remade = () if self.answers_blank else self.projects
        self.projections = {f"projection{number}": f"conv{number}" for number in remade}
        self.convs = nn.ModuleList(convs)
        self.activations = nn.ModuleList(self.layout.activation(c) for c in config.channels[:2])
        self.norms = nn.ModuleList(self.layout.norm(c) for c in config.channels[:2])
        self.pool, self.project = self.pooling(), self.projection()
        map_size, last = self.trained_canvas * config.enlarge // self.total_stride, config.channels[-1]
        own = (self.layout.activation(last), self.published_pool()) if self.answers_blank else ()
        self.head = ClassifierHead(last, map_size, config.hidden, config.dropout, *own)
        self._blank: Kept[Features] = Kept()

    def pooling(self) -> nn.Module:
        """What halves height and width. Raises: ValueError for a kind that the network does not have."""
        return SpatialPool(self.config.pooling)

    def published_pool(self) -> nn.Module:
        """What leaves 2×2 of the last map in the published layout; its windows leave out or cut what does not fit."""
        return nn.MaxPool2d(4 * self.config.enlarge, padding=2)

    def prepare(self, images: Float[Tensor, "b 1 h w"], enlarge: int = 1, resampler: str = "nearest") -> Canvas:
        """As Network; what it pads is background."""
        canvas = super().prepare(images, enlarge, resampler)
        mean = self.layout.mean / PIXEL_STD
        return replace(canvas, images=canvas.images - mean) if mean else canvas

    def blank_features(self, images: Float[Tensor, "b c h w"]) -> Features | None:
        if not self.answers_blank:
            return None
        blank = images.new_zeros(1, 1, *images.shape[-2:])
        state = [*self.parameters(), *self.buffers()]
        with torch.no_grad():
            return self._blank.get(partial(self.features, blank), state, blank.shape, blank.dtype, blank.device)

    @property
    def blank_name(self) -> str | None:
        return "black (0 everywhere)" if self.answers_blank else None

    def projection(self) -> nn.Module:
        """What takes the scale axis away."""
        return ScaleProjection()

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        return {name: made() for name, made in self._layers(images)}

    def feature_of(self, images: Float[Tensor, "b 1 h w"], layer: str) -> FeatureMap:
        for name, made in self._layers(images):
            if name == layer:
                return made()
        raise KeyError(layer)

    def _layers(self, images: Float[Tensor, "b 1 h w"]) -> Iterator[tuple[str, Callable[[], FeatureMap]]]:
        """One after the other, each computed when it is asked for, and put on the whole canvas when it is called.

        The first stage is computed around the ink; the others, whose ink fills most of their maps, on all of them.
        """
        canvas = self.prepare(images, self.config.enlarge)
        margin = self.margin_of_first(canvas.images)
        x, stride = cut(canvas.images, margin), 1
        for number in range(1, len(self.convs) + 1):
            x = self.convolve(number, x)
            yield f"conv{number}", partial(self._on_canvas, canvas, x, stride, margin)
            if number in self.projects:
                x = self.project(x)
                yield f"projection{number}", partial(self._on_canvas, canvas, x, stride, margin)
            if number < 3:
                x = self.activations[number - 1](x)
                yield f"relu{number}", partial(self._on_canvas, canvas, x, stride, margin)
                x, stride = self.norms[number - 1](self.pool(x)), 2 * stride
                x, margin = widened(x, margin // 2), 0
                yield f"pool{number}", partial(self._on_canvas, canvas, x, stride, margin)

    def margin_of_first(self, images: Float[Tensor, "b 1 h w"]) -> int:
        """Pixels on each side of the canvas that no map of the first stage needs, a multiple of 8."""
        told = isinstance(self.pool, SpatialPool) and not self.answers_blank and not self.training
        reach = self.reach_of_first() if told else None
        return 0 if reach is None else margin_around_ink(images, reach)

    def _on_canvas(self, canvas: Canvas, values: Tensor, stride: int, margin: int) -> FeatureMap:
        return self.feature_map(canvas, widened(values, margin), stride)

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 10"]:
        """The logits of `features` to the last bit, without the maps.

        An activation never falls, so the largest of four answers is the answer to the largest of four: taken after max
        pooling it has a quarter of the work.
        """
        x = self.prepare(self.checked(images), self.config.enlarge).images
        for number in range(1, len(self.convs) + 1):
            x = self.convolve(number, x)
            if number in self.projects:
                x = self.project(x)
            if number < 3:
                activate = self.activations[number - 1]
                x = activate(self.pool(x)) if self.config.pooling == "max" else self.pool(activate(x))
                x = self.norms[number - 1](x)
        return self.head(x)

    def convolve(self, number: int, x: Tensor) -> Tensor:
        """The response of one convolution, counted from 1; a network whose convolutions share a state gives it here."""
        return self.convs[number - 1](x)

    def reach_of_first(self) -> int | None:
        """Of the first convolution, as core.layers.ink.reach_of."""
        return reach_of(self.convs[0])

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        return self.head(features[self.classifier_map].values)

    def feature_map(self, canvas: Canvas, values: Tensor, stride: int) -> FeatureMap:
        """How a map declares its group; a plane unless a network says otherwise."""
        return canvas.feature_map(values, stride)
