"""Pooling over the scale axis and over space."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class ScaleProjection(nn.Module):
    """Scale projection H→T: the largest response over the scale axis (SESN, arXiv:1910.11093, §4).

    A change of size that stays inside the internal scales only moves the maximum along the axis, so the result
    is scale-equivariant on the plane.
    Shape: (b, c, scale, h, w) → (b, c, h, w).
    """

    def forward(self, features: Float[Tensor, "b c s h w"]) -> Float[Tensor, "b c h w"]:
        return features.amax(dim=2)


class SpatialPool(nn.Module):
    """Pooling over height and width with window and stride 2, the same at every scale.

    Args: kind: `max` (as published) or `average` (DISCO's choice: aliases less, so it commutes better).
    Shape: (b, c, h, w) or (b, c, scale, h, w) → the same with h / 2 and w / 2; both must be even, since an odd
        canvas would move its centre.
    Raises: ValueError for an unknown kind or an odd canvas.
    """

    def __init__(self, kind: str = "max"):
        super().__init__()
        if kind not in ("max", "average"):
            raise ValueError(f"pooling must be 'max' or 'average', got {kind!r}")
        self.kind = kind

    def forward(self, features: Float[Tensor, "b c *scale h w"]) -> Float[Tensor, "b c *scale h_half w_half"]:
        h, w = features.shape[-2:]
        if h % 2 or w % 2:
            raise ValueError(f"pooling by 2 needs an even canvas, got {h}×{w}")
        if not features.requires_grad:  # ten times faster on a CPU; backwards it would be slower
            return self._of_quarters(features)
        pool = F.max_pool2d if self.kind == "max" else F.avg_pool2d
        return pool(features.flatten(1, -3), 2).unflatten(1, features.shape[1:-2])

    def _of_quarters(self, features: Tensor) -> Tensor:
        top, bottom = features[..., ::2, :], features[..., 1::2, :]
        quarters = top[..., ::2], top[..., 1::2], bottom[..., ::2], bottom[..., 1::2]
        if self.kind == "max":
            return torch.maximum(torch.maximum(*quarters[:2]), torch.maximum(*quarters[2:]))
        return (quarters[0] + quarters[1] + quarters[2] + quarters[3]) / 4
