"""The 1×1 convolution that all scales share."""

from jaxtyping import Float
from torch import Tensor, nn


class SharedConv2d(nn.Conv2d):
    """One 1×1 kernel for the planes of every scale, without bias, so the scale axis is carried along as it is.

    Source: the shortcuts of "Scale-Equivariant Steerable Networks", arXiv:1910.11093, as in the published code.
    Shape: (b, c_in, scale, h, w) → (b, c_out, scale, ⌈h / stride⌉, ⌈w / stride⌉).
    Raises: ValueError for another number of channels.
    """

    def __init__(self, c_in: int, c_out: int, stride: int = 1):
        super().__init__(c_in, c_out, 1, stride=stride, bias=False)

    def forward(self, features: Float[Tensor, "b c_in s h w"]) -> Float[Tensor, "b c_out s h_out w_out"]:
        b, c_in = features.shape[:2]
        if c_in != self.in_channels:
            raise ValueError(f"expected {self.in_channels} channels, got {c_in}")
        by_plane = features.transpose(1, 2).flatten(0, 1)  # (b · s, c, h, w): a scale is one more image
        return super().forward(by_plane).unflatten(0, (b, -1)).transpose(1, 2)
