"""Scale convolution whose basis comes with every call, so that gradients reach the internal scales.

Source: as core.layers.scale_conv, with the basis of Basting, "Scale Learning in Scale-Equivariant Convolutional
Networks" (2024).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import HermiteBasis
from core.layers.filtering import filter_scales
from core.layers.separable import SeparableFilter


class LearnableScaleConv2d(nn.Module):
    """Lifting convolution T→H of an image, group convolution H→H of a map over scales; no bias, stride 1.

    It filters by the one-dimensional functions or by whole kernels, whichever is estimated to cost less.

    Args: num_functions: of the basis that the calls bring.
    Shape: (b, c_in, h, w) or (b, c_in, scale, h, w), and a filter on that basis → (b, c_out, scale, h, w).
    Raises: ValueError for another number of channels, of scales or of functions.
    """

    def __init__(self, c_in: int, c_out: int, num_functions: int):
        super().__init__()
        bound = 1 / math.sqrt(c_in * num_functions)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, num_functions).uniform_(-bound, bound))

    def forward(
        self, features: Float[Tensor, "b c_in *scale h w"], separable: SeparableFilter
    ) -> Float[Tensor, "b c_out s h w"]:
        c_out, c_in, num_functions = self.weight.shape
        basis, num_scales = separable.basis, len(separable.basis.internal_scales)
        if features.shape[1] != c_in:
            raise ValueError(f"expected {c_in} channels, got {features.shape[1]}")
        if basis.num_functions != num_functions:
            raise ValueError(f"expected a basis of {num_functions} functions, got {basis.num_functions}")
        if features.dim() == 5 and features.shape[2] != num_scales:
            raise ValueError(f"expected {num_scales} scales, got {features.shape[2]}")
        planes = features.unbind(2) if features.dim() == 5 else [features] * num_scales
        h, w = features.shape[-2:]
        if separable.cost(c_in, c_out, h, w) < c_out * c_in * h * w * sum(k * k for k in basis.supports):
            return separable(planes, self.weight)
        return filter_scales(planes, self.kernels(basis))

    def kernels(self, basis: HermiteBasis, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The kernel of each internal scale, weights × basis, cut to the scale's own support."""
        functions, size = basis.kernels().to(self.weight), basis.size
        margins = [(size - support) // 2 for support in basis.supports]
        return [
            torch.einsum("oif,fkl->oikl", self.weight[:, inputs], functions[:, i, m : size - m, m : size - m])
            for i, m in enumerate(margins)
        ]

    def extra_repr(self) -> str:
        return f"weight={tuple(self.weight.shape)}"
