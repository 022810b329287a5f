"""The interface of every network: `forward(images) -> logits` and `features(images) -> {layer: FeatureMap}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from core.models.feature_map import FeatureMap, Features
from core.resampling import resize

NUM_CLASSES = 10

# Of MNIST-Scale pixels. Only the deviation is divided out, and the mean not subtracted as in the published recipes: the
# background stays 0, and so zero padding is more background instead of a frame. The published layout subtracts it.
PIXEL_MEAN, PIXEL_STD = 0.0607, 0.2161


@dataclass(frozen=True)
class Canvas:
    """A batch on the network's own grid: normalised, enlarged and padded so that every pooling divides it."""

    images: Float[Tensor, "b 1 h w"]
    enlarged: int
    centre: tuple[float, float]  # of the visitor's canvas, from the middle of `images`, in its pixels

    def feature_map(self, values: Tensor, stride: int, **group: object) -> FeatureMap:
        """A map whose pixels span `stride` pixels of this grid."""
        centre = (self.centre[0] / stride, self.centre[1] / stride)
        return FeatureMap(
            values,
            stride=stride / self.enlarged,
            centre=centre,
            **group,  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that learn at a pace of their own.

    Attributes:
        parameters: of the network; every one that learns is in exactly one group.
        rate: their share of the recipe's learning rate.
        warm_up: epochs during which the rate rises linearly from 0.
        weight_decay: of their own; None for the recipe's.
    """

    parameters: list[nn.Parameter]
    rate: float = 1.0
    warm_up: float = 0.0
    weight_decay: float | None = None


class Network(nn.Module):
    """Base class. A subclass defines `features`, `head` and the two sizes below."""

    config: Any
    trained_canvas: int = 28
    channels: int = 1  # of its images
    total_stride: int = 1  # pixels of the network's grid that one pixel of the last map spans
    changes_canvas: bool = False  # whether a scaled image comes on a canvas of another size, at the same pixels
    classifier_map: str | None = None  # the layer that the classifier reads
    projections: Mapping[str, str] = {}  # planes that `project_over` makes of a map over scales, with that map
    background_is_zero: bool = (
        True  # whether it answers background as a blank image, or with 0 if it has no blank answer
    )
    background_margin: int = 26  # pixels of it around an image beyond which no error changes (decision 12)
    jumps_from: str = ""  # the first map that can jump where the image changes smoothly; "" if all follow it

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        """Every layer's feature map, in order; images are values in [0, 1] on any canvas, 0 the background."""
        raise TypeError(f"{type(self).__name__} has no features")

    def feature_of(self, images: Float[Tensor, "b 1 h w"], layer: str) -> FeatureMap:
        """That of `features` of one layer, where deeper ones need not be computed, nor others kept.

        Raises: KeyError if there is none by that name.
        """
        return self.features(images)[layer]

    def blank_features(self, images: Float[Tensor, "b c h w"]) -> Features | None:
        """Φ of one blank image as large as these, (1, c, …) each; None if that is 0 everywhere."""
        return None

    @property
    def blank_name(self) -> str | None:
        """The blank image for a reader, if its answer is not 0."""
        return None

    def classify(self, features: Features) -> Float[Tensor, "b 10"]:
        """Logits from the maps of `features`, for images on the trained canvas."""
        raise TypeError(f"{type(self).__name__} has no classifier")

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        """The kernels of each convolution, one (o, i, k, k) for every internal scale, ascending; may be empty.

        Args: inputs: which input channels are wanted; wide kernels of all of them take much memory.
        """
        return {}

    def cut_scales(self) -> dict[str, int]:
        """How many of the largest internal scales of each map miss input from beyond the end of the axis; 0 if absent.

        There inter-scale interaction read zeros, in this layer or an earlier one, so they are not equivariant.
        """
        return {}

    def project_over(
        self, features: Float[Tensor, "b c s h w"], scales: Bool[Tensor, " s"]
    ) -> Float[Tensor, "b c h w"]:
        """The scale projection of the network, over some of the scales only; their maximum unless it says otherwise."""
        return features[:, :, scales].amax(dim=2)

    def parameter_groups(self) -> list[ParameterGroup]:
        """All parameters at one pace, unless a network says otherwise."""
        return [ParameterGroup(list(self.parameters()))]

    def groups_with_slow(self, slow: list[nn.Parameter], rate: float, warm_up: float) -> list[ParameterGroup]:
        """For `parameter_groups`: all other parameters, and a group of learned scales that do not decay.

        0 pixels is not where a scale belongs. Args: rate, warm_up: of `slow`, as in ParameterGroup.
        """
        others = [p for p in self.parameters() if all(p is not each for each in slow)]
        return [ParameterGroup(others), ParameterGroup(slow, rate, warm_up, weight_decay=0.0)]

    def state_of_interest(self) -> dict[str, Any]:
        """Numbers that training changes and a page may draw, kept once an epoch (JSON); none by default."""
        return {}

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 10"]:
        """Logits. Raises ValueError unless the images are on the trained canvas."""
        return self.classify(self.features(self.checked(images)))

    def checked(self, images: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
        """The images. Raises ValueError unless they are on the trained canvas."""
        side = self.trained_canvas
        if images.shape[1:] != (1, side, side):
            raise ValueError(f"expected images (b, 1, {side}, {side}), got {tuple(images.shape)}")
        return images

    def prepare(self, images: Float[Tensor, "b 1 h w"], enlarge: int = 1, resampler: str = "nearest") -> Canvas:
        """The network's own first steps: normalise, enlarge by a whole factor, pad to whole pooling windows.

        Raises: ValueError if the images do not have one channel or are empty.
        """
        if images.dim() != 4 or images.shape[1] != 1 or 0 in images.shape:
            raise ValueError(f"expected images (b, 1, h, w), got {tuple(images.shape)}")
        if not torch.is_floating_point(images):
            raise ValueError(f"expected images as numbers in [0, 1], got {images.dtype}")
        images = images / PIXEL_STD
        if enlarge > 1:
            h, w = images.shape[-2:]
            images = resize(images, (h * enlarge, w * enlarge), resampler)
        (top, bottom), (left, right) = (self._margins(n) for n in images.shape[-2:])
        if top or bottom or left or right:
            images = F.pad(images, (left, right, top, bottom))
        return Canvas(images, enlarge, ((top - bottom) / 2, (left - right) / 2))

    def _margins(self, n: int) -> tuple[int, int]:
        missing = -n % self.total_stride
        return missing // 2, missing - missing // 2
