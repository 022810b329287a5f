"""SEVF: scale equivariance by vector fields, whose angle says at which scale a pattern was found.

Source: Marcos, Kellenberger, Lobry, Tuia, "Scale equivariance in CNNs with vector fields", arXiv:1807.11783, §3. As
SI-ConvNet, but the scale that gave the largest response is kept as the angle of a vector; the next layer compares the
field with vector weights that turn with the scale (core.layers.vector_field). Where we leave the paper: the layout is
that of the other networks here; the angle of a scale does not depend on which others there are; activations and norms
keep the background at 0, and an activation may turn a weak response into a short vector the other way; size `small`
pools by averages of vectors instead of the longest.

What the maps declare. A change of size by s turns a vector field by α log₂ s besides moving it, which is none of the
groups that a feature map can have. So the activations show the lengths of the vectors, on which a change of size acts
as on any plane; the convolutions show the responses over scales from which length and angle come.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from core.layers import RescaledConv2d, VectorFieldConv2d, VectorPool, VectorProjection, magnitude
from core.layers.ink import cut, widened
from core.models.copies import CopiesConfig
from core.models.feature_map import FeatureMap
from core.models.over_scales import ScalesNetwork
from core.models.staged import PAPER_LAYOUT
from core.scales import ScaleSet


@dataclass(frozen=True)
class SevfConfig(CopiesConfig):
    """Configuration of the network: an internal scale σ sees the image scaled by reference_sigma / σ.

    Attributes:
        kernel: side of the shared kernel in pixels of the rescaled input, odd.
        resampler: there and back, of core.resampling.
        per_octave: α, by how many radians a vector turns when the scale doubles. The trained scales span 2π / 3.
    """

    channels: tuple[int, int, int] = (12, 24, 36)
    kernel: int = 7
    resampler: str = "bicubic"
    per_octave: float = 2 * math.pi / 3

    @property
    def kernel_side(self) -> int:
        """One kernel serves all scales, since the input is rescaled instead."""
        return self.kernel

    @property
    def kernel_rule(self) -> str:
        return f"{self.kernel} pixels for every scale, since the image is rescaled instead"


_LAYOUT: dict[str, Any] = {**PAPER_LAYOUT, "channels": (23, 45, 68)}
_SMALL_RANGE = 2.5
SMALL = SevfConfig(
    internal_scales=ScaleSet.log_uniform(0.8, _SMALL_RANGE, 4),
    per_octave=2 * math.pi / 3 / math.log2(_SMALL_RANGE),
)
# 8 image scales 1.26⁻⁴ … 1.26³: internal scales 1.26⁻³ … 1.26⁴. 475 k parameters, as published.
PAPER = SevfConfig(
    **_LAYOUT, internal_scales=ScaleSet.log_uniform(1.26**-3, 1.26**7, 8), resampler="bilinear",
    per_octave=2 * math.pi / 3 / math.log2(1.26**7),
)  # fmt: skip


class Sevf(ScalesNetwork):
    """Convolutions give maps over scales, everything else planes: the largest response, then lengths of vectors.

    Shape: as ScalesNetwork, with a projection after every convolution.
    """

    config: SevfConfig
    jumps_from = "pool1"  # the direction of a vector is a choice among the scales

    margin_at_2 = 34  # a map that is resized has another grid, whose ends are felt further inside

    def __init__(self, config: SevfConfig):
        scales, reference, alpha = config.internal_scales, config.reference_sigma, config.per_octave
        kernel, resampler = config.kernel, config.resampler
        convs: list[nn.Module] = [RescaledConv2d(1, config.channels[0], scales, kernel, reference, resampler)]
        for c_in, c_out in pairwise(config.channels):
            convs.append(VectorFieldConv2d(c_in, c_out, scales, kernel, reference, resampler, alpha))
        super().__init__(config, convs, projects=(1, 2, 3))
        self.project_vector = VectorProjection(scales, reference, alpha)
        self.pool_vector = VectorPool(config.pooling)

    def _layers(self, images: Float[Tensor, "b 1 h w"]) -> Iterator[tuple[str, Callable[[], FeatureMap]]]:
        canvas = self.prepare(images, self.config.enlarge)
        margin = self.margin_of_first(canvas.images)
        x, stride = cut(canvas.images, margin), 1

        def made(values: Tensor) -> Callable[[], FeatureMap]:
            return partial(self._on_canvas, canvas, values, stride, margin)

        for number, conv in enumerate(self.convs, start=1):
            responses = conv(x)
            yield f"conv{number}", made(responses)
            largest, direction = self.project_vector(responses)
            yield f"projection{number}", made(largest)
            if number < 3:
                activated = self.activations[number - 1](largest)
                yield f"relu{number}", made(activated.abs())
                x = activated[:, :, None] * direction
                x, stride = self.norms[number - 1](self.pool_vector(x)), 2 * stride
                x, margin = widened(x, margin // 2), 0
                yield f"pool{number}", made(magnitude(x))

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 10"]:
        """By the maps: here pooling chooses by the length of vectors, so it has to follow the activation."""
        return self.classify(self.features(self.checked(images)))

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        """The first layer's only: those of the others are vectors."""
        weight: Tensor = self.convs[0].weight  # type: ignore[assignment]
        return {"conv1": [weight[:, inputs]]}
