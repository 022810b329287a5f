"""What a measurement of the equivariance error found, under changes of scale or under turns."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


class LayerErrors:
    """What both reports share: the relative L2 error of every layer, for every amount of a transform and every image.

    Attributes:
        layers: names, in the order of the network.
        resampler: of the images.
        per_image: (layer, amount, image); NaN where the layer is silent or nothing is known.
        floor_per_image: (amount, image) relative L2 error of the transform of the image alone.
        silent: (layer, amount) share of images for which the layer is silent (‖M A‖ ≈ 0), 0 to 1.
        known: (layer, amount) share of positions (and scales) that both sides know, 0 to 1.
    """

    layers: tuple[str, ...]
    resampler: str
    per_image: Float[np.ndarray, "layer amount image"]
    floor_per_image: Float[np.ndarray, "amount image"]
    silent: Float[np.ndarray, "layer amount"]
    known: Float[np.ndarray, "layer amount"]

    @property
    def amounts(self) -> tuple[float, ...]:
        """How much is transformed, in the order of the axis `amount`."""
        raise NotImplementedError

    def name_amount(self, k: int) -> str:
        """The k-th amount for a reader."""
        raise NotImplementedError

    @property
    def error(self) -> Float[np.ndarray, "layer amount"]:
        """Mean over the images that can be measured; NaN if there is none."""
        return _mean(self.per_image)

    @property
    def spread(self) -> Float[np.ndarray, "layer amount 2"]:
        """16 % and 84 % quantiles over images."""
        return np.stack(_quantiles(self.per_image), axis=-1)

    @property
    def floor(self) -> Float[np.ndarray, " amount"]:
        return _mean(self.floor_per_image)

    @property
    def num_images(self) -> int:
        return self.per_image.shape[2]


@dataclass(frozen=True)
class EquivarianceReport(LayerErrors):
    """What `measure` found; the shared attributes are those of LayerErrors, with `amount` a scale factor.

    Attributes:
        scale_factors: s, without unit; of a canvas that changes its size, the factor nearest to s is taken.
        resampler: the T_s of the images; `floor` is 0 for `exact`.
    """

    layers: tuple[str, ...]
    scale_factors: tuple[float, ...]
    resampler: str
    per_image: Float[np.ndarray, "layer scale image"]
    floor_per_image: Float[np.ndarray, "scale image"]
    silent: Float[np.ndarray, "layer scale"]
    known: Float[np.ndarray, "layer scale"]

    @property
    def amounts(self) -> tuple[float, ...]:
        return self.scale_factors

    def name_amount(self, k: int) -> str:
        return f"s = {self.scale_factors[k]:.3g}"


@dataclass(frozen=True)
class RotationReport(LayerErrors):
    """What `measure_rotation` found; the shared attributes are those of LayerErrors, with `amount` a turn.

    Attributes:
        degrees: of the turns, counter-clockwise.
        resampler: how a turn that moves no whole samples is sampled.
    """

    layers: tuple[str, ...]
    degrees: tuple[float, ...]
    resampler: str
    per_image: Float[np.ndarray, "layer turn image"]
    floor_per_image: Float[np.ndarray, "turn image"]
    silent: Float[np.ndarray, "layer turn"]
    known: Float[np.ndarray, "layer turn"]

    @property
    def amounts(self) -> tuple[float, ...]:
        return self.degrees

    def name_amount(self, k: int) -> str:
        return f"{self.degrees[k]:g}°"


def _mean(values: np.ndarray) -> np.ndarray:
    count = (~np.isnan(values)).sum(-1)
    return np.where(count > 0, np.nansum(values, axis=-1) / np.maximum(count, 1), np.nan)


def _quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unknown = np.isnan(values).all(-1)
    ordered = np.where(unknown[..., None], 0.0, values)
    low, high = np.nanquantile(ordered, (0.16, 0.84), axis=-1)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
