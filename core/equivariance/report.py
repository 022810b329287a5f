"""What a measurement of the equivariance error found."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from core.transforms import transform_named

MUCH_OF_BLANK = 0.1  # ‖Φ(blank)‖ / ‖Φ(x)‖ above which a report warns


@dataclass(frozen=True)
class EquivarianceReport:
    """What `measure` found: the relative L2 error of every layer, for every amount of a transform and every image.

    Attributes:
        layers: names, in the order of the network.
        amounts: how much was transformed, in the order given; of a canvas that changes its size, the scale factor
            nearest to s was taken.
        resampler: of the images; `image_cost` is 0 for `exact`.
        per_image: (layer, amount, image); NaN where the layer is silent or nothing is known.
        image_cost_per_image: (amount, image) relative L2 error of the image, transformed and back.
        silent: (layer, amount) share of images for which the layer is silent (‖M A‖ ≈ 0), 0 to 1.
        known: (layer, amount) share of positions (and scales) that both sides know, 0 to 1.
        blank: (layer, image) whether Φ(x) itself is 0; None if that was not recorded.
        transform: its key in core.transforms.
        cost_per_image: (layer, amount, image) relative L2 error of the map, transformed and back, where that is known;
            NaN elsewhere, None if that was not recorded.
        classifier_map: the layer that the classifier reads; None if the network does not say.
        side: of the wide canvas, in pixels; None where positions near the edge of the image's own were masked.
        edge: what lies beyond an image: `background`, on a wide canvas; unknown, and `masked`; or the picture
            `mirrored`, on a wide canvas of which its own part is compared. Empty if that was not recorded.
        steps: the amounts that move every axis of the network by whole places.
        blank_name: the image whose answer was taken off, for a network that may answer blank with something.
        blank_share_per_image: (layer, image) ‖Φ(blank)‖ / ‖Φ(x)‖ of that image; None where nothing was taken off.
    Raises: ValueError for an unknown transform.
    """

    layers: tuple[str, ...]
    amounts: tuple[float, ...]
    resampler: str
    per_image: Float[np.ndarray, "layer amount image"]
    image_cost_per_image: Float[np.ndarray, "amount image"]
    silent: Float[np.ndarray, "layer amount"]
    known: Float[np.ndarray, "layer amount"]
    blank: Bool[np.ndarray, "layer image"] | None = None
    transform: str = "scale"
    cost_per_image: Float[np.ndarray, "layer amount image"] | None = None
    classifier_map: str | None = None
    side: int | None = None
    steps: tuple[float, ...] = ()
    blank_name: str | None = None
    blank_share_per_image: Float[np.ndarray, "layer image"] | None = None
    edge: str = ""

    def __post_init__(self) -> None:
        transform_named(self.transform)

    @property
    def scale_factors(self) -> tuple[float, ...]:
        """The amounts of a change of size. Raises: AttributeError for another transform."""
        if self.transform != "scale":
            raise AttributeError(f"a report over {self.transform} has no scale factors, only amounts")
        return self.amounts

    def name_amount(self, k: int) -> str:
        """The k-th amount for a reader."""
        return transform_named(self.transform).name(self.amounts[k])

    @property
    def error(self) -> Float[np.ndarray, "layer amount"]:
        """Mean over the images that can be measured; NaN if there is none."""
        return mean_over_images(self.per_image)

    @property
    def spread(self) -> Float[np.ndarray, "layer amount 2"]:
        """16 % and 84 % quantiles over images."""
        return np.stack(quantiles_over_images(self.per_image), axis=-1)

    @property
    def cost(self) -> Float[np.ndarray, "layer amount"]:
        """What resampling costs on the map, mean over the images; NaN where it is not known."""
        if self.cost_per_image is None:
            return np.full(self.silent.shape, np.nan)
        return mean_over_images(self.cost_per_image)

    @property
    def image_cost(self) -> Float[np.ndarray, " amount"]:
        """What resampling costs on the image, mean over the images."""
        return mean_over_images(self.image_cost_per_image)

    @property
    def blank_share(self) -> Float[np.ndarray, " layer"]:
        """‖Φ(blank)‖ / ‖Φ(x)‖, mean over the images: what errors leave out; 0 where nothing was taken off."""
        if self.blank_share_per_image is None:
            return np.zeros(len(self.layers))
        return mean_over_images(self.blank_share_per_image)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know of these numbers, in sentences."""
        share = self.blank_share
        if not len(share) or share.max() <= MUCH_OF_BLANK:
            return ()
        worst, many = int(share.argmax()), int((share > MUCH_OF_BLANK).sum())
        others = f" and of {many - 1} more above {100 * MUCH_OF_BLANK:.0f} %" if many > 1 else ""
        return (
            f"errors are those of Φ(x) − Φ(blank), the blank image being {self.blank_name}: its answer is "
            f"{100 * share[worst]:.0f} % of that of layer {self.layers[worst]!r}{others}",
        )

    @property
    def on_grid(self) -> Bool[np.ndarray, " amount"]:
        """Which amounts move every axis of the network by whole places; all where it has no such axis."""
        transform = transform_named(self.transform)
        own = (transform.identity, *self.steps)
        near = [any(transform.distance(amount, step) <= transform.alike for step in own) for amount in self.amounts]
        return np.array(near) | (not self.steps)

    @property
    def num_images(self) -> int:
        return self.per_image.shape[2]

    @property
    def silence(self) -> tuple[tuple[str, ...], ...]:
        """Why an error is missing, for each layer and amount; empty if no image lacks one.

        `unknown`: no position (or scale) is known to both sides. `blank`: Φ(x) itself is 0, of a blank image or behind
        a dead ReLU. `outside`: Φ(x) answers, but T' brings nothing of it inside the mask. Where only some images are
        silent, the cause of most of them, in doubt `blank`. `silent`: silent, and `blank` was not recorded.
        """
        layers, amounts = self.silent.shape
        return tuple(tuple(self._silence(i, k) for k in range(amounts)) for i in range(layers))

    def _silence(self, i: int, k: int) -> str:
        if self.known[i, k] == 0:
            return "unknown"
        silent = np.isnan(self.per_image[i, k])
        if not silent.any():
            return ""
        if self.blank is None:
            return "silent"
        return "blank" if 2 * (silent & self.blank[i]).sum() >= silent.sum() else "outside"


@dataclass(frozen=True)
class LieReport:
    """What `lie_derivative` found.

    Attributes:
        layers: names, in the order of the network.
        resampler: of the images and maps. side: of the scale axis.
        per_image: (layer, image) relative L2 norm of the Lie derivative per unit of ln s; NaN where the layer is
            silent or nothing is known.
        silent: share of images for which the layer is silent, 0 to 1.
        known: share of positions (and scales) that are known for a small change of scale, 0 to 1.
        reasons: for each layer on which it is not defined, why.
    """

    layers: tuple[str, ...]
    resampler: str
    side: str
    per_image: Float[np.ndarray, "layer image"]
    silent: Float[np.ndarray, " layer"]
    known: Float[np.ndarray, " layer"]
    reasons: Mapping[str, str]

    @property
    def error(self) -> Float[np.ndarray, " layer"]:
        """Mean over the images that can be measured; NaN if there is none."""
        return mean_over_images(self.per_image)

    @property
    def spread(self) -> Float[np.ndarray, "layer 2"]:
        """16 % and 84 % quantiles over images."""
        return np.stack(quantiles_over_images(self.per_image), axis=-1)

    @property
    def num_images(self) -> int:
        return self.per_image.shape[1]

    def near(self, scale_factor: float) -> Float[np.ndarray, " layer"]:
        """The equivariance error that it foretells at a scale factor near 1, |ln s| times as much; without unit."""
        return abs(math.log(scale_factor)) * self.error


def mean_over_images(values: np.ndarray) -> np.ndarray:
    """Over the last axis, of what is not NaN; NaN if nothing is left."""
    count = (~np.isnan(values)).sum(-1)
    return np.where(count > 0, np.nansum(values, axis=-1) / np.maximum(count, 1), np.nan)


def quantiles_over_images(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """16 % and 84 % over the last axis, as `mean_over_images`."""
    unknown = np.isnan(values).all(-1)
    ordered = np.where(unknown[..., None], 0.0, values)
    quantile = np.nanquantile if np.isnan(ordered).any() else np.quantile  # ten times slower where it is not needed
    low, high = quantile(ordered, (0.16, 0.84), axis=-1)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
