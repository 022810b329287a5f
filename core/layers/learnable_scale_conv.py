"""Scale convolution whose basis comes with every call, so that gradients reach the internal scales.

Source: as core.layers.scale_conv, with the basis of Basting, "Scale Learning in Scale-Equivariant Convolutional
Networks" (2024).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import HermiteBasis
from core.layers import spectral
from core.layers.filtering import filter_scales
from core.layers.frequency_grid import Grid, grids_of
from core.layers.ink import cut, margin_around_ink, widened
from core.layers.kept import Kept
from core.layers.methods import Work, method_for
from core.layers.separable import SeparableFilter


class LearnableScaleConv2d(nn.Module):
    """Lifting convolution T→H of an image, group convolution H→H of a map over scales; no bias, stride 1.

    It has the three methods of core.layers.methods; gradients reach the scales by each.

    Args: num_functions: of the basis that the calls bring.
    Shape: (b, c_in, h, w) or (b, c_in, scale, h, w), and a filter on that basis → (b, c_out, scale, h, w).
    Raises: ValueError for another number of channels, of scales or of functions.
    """

    def __init__(self, c_in: int, c_out: int, num_functions: int):
        super().__init__()
        bound = 1 / math.sqrt(c_in * num_functions)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, num_functions).uniform_(-bound, bound))
        self._spectra: Kept[list[Tensor]] = Kept()

    def forward(
        self, features: Float[Tensor, "b c_in *scale h w"], separable: SeparableFilter
    ) -> Float[Tensor, "b c_out s h w"]:
        c_in, num_functions = self.weight.shape[1:]
        basis, num_scales = separable.basis, len(separable.basis.internal_scales)
        if features.shape[1] != c_in:
            raise ValueError(f"expected {c_in} channels, got {features.shape[1]}")
        if basis.num_functions != num_functions:
            raise ValueError(f"expected a basis of {num_functions} functions, got {basis.num_functions}")
        if features.dim() == 5 and features.shape[2] != num_scales:
            raise ValueError(f"expected {num_scales} scales, got {features.shape[2]}")
        over_scales = features if features.dim() == 5 else features[:, :, None]
        margin = margin_around_ink(over_scales, max(basis.supports) // 2)
        method = method_for(self._work(over_scales, separable, margin))
        if method == "spectral":
            # Of the whole canvas, so that kernels are transformed once for every ink.
            on = grids_of(over_scales, basis.supports)
            return spectral.correlate(over_scales, self.spectra(basis, on), on, self.weight.shape[0])
        inked = cut(over_scales, margin)
        if method == "separable":
            one = inked.shape[2] == 1  # for all scales
            return widened(separable([inked[:, :, 0]] if one else inked.unbind(2), self.weight), margin)
        planes = inked.expand(-1, -1, num_scales, -1, -1).unbind(2)
        return widened(filter_scales(planes, self.kernels(basis)), margin)

    def spectra(self, basis: HermiteBasis, on: tuple[Grid, ...]) -> list[Float[Tensor, "1 _ 2 i o"]]:
        """The spectra of `kernels` on the grids of a canvas, with gradients to weights and scales; kept if without."""

        def made() -> list[Tensor]:
            return spectral.combined(spectral.of_functions(self._functions(basis), on), self.weight[:, :, None])

        return self._spectra.get(made, [self.weight, basis.functions], on)

    def _work(self, features: Float[Tensor, "b i p h w"], separable: SeparableFilter, margin: int) -> Work:
        (b, c_in, planes, *canvas), (c_out, _, num_functions) = features.shape, self.weight.shape
        h, w = (side - 2 * margin for side in canvas)
        basis = separable.basis
        wanted = self.weight.requires_grad or features.requires_grad or basis.functions.requires_grad
        return Work(
            batch=b,
            c_in=c_in,
            c_out=c_out,
            size=(h, w),
            canvas=(canvas[0], canvas[1]),
            supports=basis.supports,
            planes=planes,
            functions=num_functions,
            training=torch.is_grad_enabled() and wanted,
            separable=separable.cost(c_in, c_out, h, w),
        )

    def kernels(self, basis: HermiteBasis, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The kernel of each internal scale, weights × basis, cut to the scale's own support."""
        return [torch.einsum("oif,fkl->oikl", self.weight[:, inputs], each) for each in self._functions(basis)]

    def _functions(self, basis: HermiteBasis) -> list[Float[Tensor, "f k k"]]:
        """Those of each internal scale, cut to its own support."""
        functions, size = basis.kernels().to(self.weight), basis.size
        margins = [(size - support) // 2 for support in basis.supports]
        return [functions[:, i, m : size - m, m : size - m] for i, m in enumerate(margins)]

    def extra_repr(self) -> str:
        return f"weight={tuple(self.weight.shape)}"
