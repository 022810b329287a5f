"""Convolutions over turns and space: lifting T→R and group convolution R→R, for N turns of a full circle.

Source: Cohen, Welling, "Group Equivariant Convolutional Networks", arXiv:1602.07576, Eq. 10–11, with steerable filters
as in Weiler et al., arXiv:1711.07289, §3. A filter is a weighted sum of circular harmonics, and its copies at all turns
share the weights. If an image turns counter-clockwise by a steps, each plane turns with it and moves a places up the
axis, cyclically. The canvas is continued by zeros.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import CircularHarmonics


class LiftingRotationConv2d(nn.Module):
    """Lifting rotation convolution: an image meets every filter at every turn.

        [f ⋆ κ](g, t) = Σ_x f(x) κ(g⁻¹(x − t))

    Shape: (b, c_in, h, w) → (b, c_out, turn, h, w).
    Raises: ValueError for another number of channels.
    Error: exact for quarter turns of a square canvas (1e-6 in float32), about 1e-2 for others.
    """

    functions: Tensor

    def __init__(self, c_in: int, c_out: int, basis: CircularHarmonics):
        super().__init__()
        num_functions = basis.functions.shape[1]
        bound = math.sqrt(3 / (c_in * num_functions))  # so that a kernel's square sums to 1 / c_in
        self.weight = nn.Parameter(torch.empty(c_out, c_in, num_functions).uniform_(-bound, bound))
        self.register_buffer("functions", basis.functions.to(self.weight), persistent=False)

    def kernels(self, inputs: slice = slice(None)) -> Float[Tensor, "c_out turn c_in k k"]:
        """Every filter at every turn."""
        return torch.einsum("oif,tfkl->otikl", self.weight[:, inputs], self.functions)

    def forward(self, image: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out turn h w"]:
        if image.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {image.shape[1]}")
        kernels = self.kernels()
        return F.conv2d(image, kernels.flatten(0, 1), padding="same").unflatten(1, kernels.shape[:2])


class RotationConv2d(nn.Module):
    """Rotation convolution: the filter turns, and its own axis of turns moves along.

        [f ⋆ κ](g, t) = Σ_h Σ_x f(h, x) κ(g⁻¹h, g⁻¹(x − t))

    Shape: (b, c_in, turn, h, w) → (b, c_out, turn, h, w).
    Raises: ValueError for another number of channels or turns.
    Error: as the lifting.
    """

    functions: Tensor
    relative_turn: Tensor

    def __init__(self, c_in: int, c_out: int, basis: CircularHarmonics):
        super().__init__()
        turns, num_functions = basis.functions.shape[:2]
        bound = math.sqrt(3 / (c_in * turns * num_functions))
        self.weight = nn.Parameter(torch.empty(c_out, c_in, turns, num_functions).uniform_(-bound, bound))
        self.register_buffer("functions", basis.functions.to(self.weight), persistent=False)
        turn = torch.arange(turns)
        self.register_buffer("relative_turn", (turn[None] - turn[:, None]) % turns, persistent=False)  # (g, h): g⁻¹h

    def kernels(self, inputs: slice = slice(None)) -> Float[Tensor, "c_out turn c_in turn_in k k"]:
        """Every filter at every turn g, for the input at every turn h."""
        weight = self.weight[:, inputs, self.relative_turn]  # (o, i, g, h, f)
        return torch.einsum("oighf,gfkl->ogihkl", weight, self.functions)

    def forward(self, features: Float[Tensor, "b c_in turn h w"]) -> Float[Tensor, "b c_out turn h w"]:
        if features.shape[1:3] != self.weight.shape[1:3]:
            expected, got = tuple(self.weight.shape[1:3]), tuple(features.shape[1:3])
            raise ValueError(f"expected (channels, turns) = {expected}, got {got}")
        kernels = self.kernels()
        response = F.conv2d(features.flatten(1, 2), kernels.flatten(2, 3).flatten(0, 1), padding="same")
        return response.unflatten(1, kernels.shape[:2])
