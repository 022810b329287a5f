"""Batch norm as published networks have it, with mean and shift (core.layers.background has that without them)."""

from jaxtyping import Float
from torch import Tensor, nn


class BatchNorm(nn.BatchNorm1d):
    """γ (x − E[x]) / √(Var[x] + ε) + β, the statistics over all but the channel axis: one norm for planes and scales.

    Shape: (b, c, *axes) → the same, with at least one axis.
    """

    def forward(self, features: Float[Tensor, "b c *axes"]) -> Float[Tensor, "b c *axes"]:
        return super().forward(features.flatten(2)).reshape(features.shape)
