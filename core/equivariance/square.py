"""The commuting square of one layer: Φ(x), T'_s Φ(x), Φ(T_s x), their difference and its size."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.equivariance.action import transform
from core.equivariance.measure import relative_error
from core.models.feature_map import FeatureMap


@dataclass(frozen=True)
class CommutingSquare:
    """Both ways through one layer, for one image.

    Attributes:
        before: Φ(x). moved: A = T'_s Φ(x). after: B = Φ(T_s x).
        mask: where both sides are known, 1 or 0; (h, w), or (scale, h, w) over scales.
        error: ‖M (A − B)‖₂ / ‖M A‖₂, without unit; NaN if the layer is silent or nothing is known.
        known: share of positions and scales inside the mask, 0 to 1.
    """

    before: FeatureMap
    moved: FeatureMap
    after: FeatureMap
    mask: Float[Tensor, "*scale h w"]
    error: float
    known: float

    @property
    def difference(self) -> Float[Tensor, "b c *scale h w"]:
        """M (A − B)."""
        return self.mask * (self.moved.values - self.after.values)

    def strongest(self) -> tuple[int, int | None]:
        """The channel that Φ(x) answers with most energy, and the known scale at which A has most of it."""
        energy = self.before.values[0].flatten(1).square().sum(dim=1)
        channel = int(energy.argmax())
        if self.before.group == "plane":
            return channel, None
        at_scale = (self.mask * self.moved.values[0, channel]).flatten(1).square().sum(dim=1)
        return channel, int(at_scale.argmax())


def commuting_square(
    before: FeatureMap, after: FeatureMap, scale_factor: float, resampler: str = "bicubic"
) -> CommutingSquare:
    """The square of Φ(x) and Φ(T_s x). Raises: ValueError as `transform`, or if T'Φ(x) and Φ(T x) differ in shape."""
    with torch.no_grad():
        moved, mask = transform(before, scale_factor, resampler)
        error, known = relative_error(before, after, scale_factor, resampler)
    return CommutingSquare(before, moved, after, mask, float(error[0]), known)
