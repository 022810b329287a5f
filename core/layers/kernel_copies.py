"""Convolutions that filter by one kernel for each internal scale, whatever the kernels are made of."""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

from core.layers.filtering import filter_scales
from core.scales import ScaleSet


class KernelCopiesConv2d(nn.Module):
    """Base class: filters by `kernels()`, one for each internal scale; the canvas is continued by zeros.

    An image (or any plane) is filtered by all of them; a map over scales scale by scale, without interaction.
    Args: c_in, c_out: channels. internal_scales: in pixels, ascending.
    Shape: (b, c_in, h, w) or (b, c_in, scale, h, w) → (b, c_out, scale, h, w).
    Raises: ValueError for scales that are not positive and ascending, another number of channels or of scales.
    """

    def __init__(self, c_in: int, c_out: int, internal_scales: Sequence[float]):
        super().__init__()
        scales = ScaleSet(internal_scales)
        if min(c_in, c_out) < 1:
            raise ValueError(f"expected at least 1 channel, got {c_in} and {c_out}")
        self.c_in, self.c_out, self.internal_scales = c_in, c_out, scales

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The kernel of each internal scale. Args: inputs: which input channels are wanted."""
        raise TypeError(f"{type(self).__name__} has no kernels")

    def kernels_on(self, side: int) -> list[Float[Tensor, "o i k k"]]:
        """As `kernels`, perhaps without the taps that no position of a canvas of `side` pixels reaches."""
        return self.kernels()

    def forward(self, features: Float[Tensor, "b c_in *scale h w"]) -> Float[Tensor, "b c_out s h w"]:
        num_scales = len(self.internal_scales)
        expected = (self.c_in,) if features.dim() == 4 else (self.c_in, num_scales)
        got = tuple(features.shape[1:-2])
        if got != expected:
            raise ValueError(f"expected (channels, scales) = {expected}, got {got}")
        planes = [features] * num_scales if features.dim() == 4 else features.unbind(2)
        return filter_scales(planes, self.kernels_on(max(features.shape[-2:])))

    def extra_repr(self) -> str:
        scales = ", ".join(f"{s:.3g}" for s in self.internal_scales)
        return f"{self.c_in} → {self.c_out}, internal_scales=({scales})"
