"""Layers that keep the background at 0, so that a canvas continued by zeros is a canvas continued by background.

With ordinary biases and batch norm an empty region takes another constant value in every layer, and zero padding then
draws a frame around each map that does not move when the digit changes its size. Both layers below map 0 to 0; what
they give up are constants that the next convolution would only pass on (docs/decisions/0002-zero-background.md).
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd import forward_ad


class CentredReLU(nn.Module):
    """relu(x + b) − relu(b) with one learned b for each channel: a ReLU with bias that maps 0 to 0.

    Shape: (b, c, *axes) → the same.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Float[Tensor, "b c *axes"]) -> Float[Tensor, "b c *axes"]:
        bias = self.bias.view(-1, *[1] * (features.dim() - 2))
        if torch.is_grad_enabled() or forward_ad.unpack_dual(features).tangent is not None:
            return (features + bias).relu_() - F.relu(bias)
        return torch.maximum(features, -bias).add_(bias.clamp(max=0))  # the same in two passes


class RmsBatchNorm(nn.Module):
    """Batch norm without its constants: y = γ x / √(E[x²] + ε), the mean over all but the channel axis.

    The running mean square (momentum 0.1) serves in eval mode, as in ordinary batch norm.
    Shape: (b, c, *axes) → the same.
    """

    running_square: Tensor

    def __init__(self, channels: int, momentum: float = 0.1, eps: float = 1e-5):
        super().__init__()
        self.momentum, self.eps = momentum, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.register_buffer("running_square", torch.ones(channels))

    def forward(self, features: Float[Tensor, "b c *axes"]) -> Float[Tensor, "b c *axes"]:
        if self.training:
            square = features.square().mean(dim=(0, *range(2, features.dim())))
            with torch.no_grad():
                self.running_square.lerp_(square, self.momentum)
        else:
            square = self.running_square
        factor = self.weight * torch.rsqrt(square + self.eps)
        return features * factor.view(-1, *[1] * (features.dim() - 2))
