"""Lifting convolution, scale projection and max pooling in one, where backwards only the winners cost anything.

A maximum passes its gradient to the response that won. So the winner of every window is searched without gradients
and its response alone is computed again with them: as ψ_rc(x, y) = g_r(x) g_c(y), the response at (p, q) is
Σ_rc w_rc (G_r X G_cᵀ)_pq, one row of each matrix. On 84×84 pixels that is 256 winners instead of 340,000 responses,
and a training step costs hardly more than the forward pass.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from core.bases import HermiteBasis
from core.layers.separable import SeparableFilter

_CHUNK = 8  # images whose responses fit into a core's cache


class LiftingMaximum(nn.Module):
    """max over the internal scales and over windows of `window` × `window` pixels of a lifting convolution; no bias.

    The basis, of type A, comes with every call, so its internal scales may be parameters.
    Shape: (b, 1, h, w), and a filter on the basis → (b, c_out, h / window, w / window).
    Raises: ValueError for more than one channel, another number of functions, a basis of several families, or a canvas
        that whole windows do not fill.
    """

    def __init__(self, c_out: int, num_functions: int, window: int):
        super().__init__()
        bound = 1 / math.sqrt(num_functions)
        self.weight = nn.Parameter(torch.empty(c_out, 1, num_functions).uniform_(-bound, bound))
        self.window = window

    def forward(
        self, images: Float[Tensor, "b c_in h w"], separable: SeparableFilter
    ) -> Float[Tensor, "b c_out h_out w_out"]:
        self._check(images, separable.basis)
        weight = self._by_order(separable.basis)
        along_height = torch.stack(separable.matrices(images.shape[-2], images))  # (s, r, h, h)
        along_width = torch.stack(separable.matrices(images.shape[-1], images))
        with torch.no_grad():
            parts = [_search(x, weight, along_height, along_width, self.window) for x in images[:, 0].split(_CHUNK)]
        highest, scale, place = (torch.cat(part) for part in zip(*parts, strict=True))
        if not torch.is_grad_enabled():
            return highest
        return _respond_at(images[:, 0], weight, along_height, along_width, scale, place)

    def kernels(self, basis: HermiteBasis) -> list[Float[Tensor, "o 1 k k"]]:
        """The kernel of each internal scale, cut to the scale's own support."""
        functions, size = basis.kernels().to(self.weight), basis.size
        margins = [(size - support) // 2 for support in basis.supports]
        return [
            torch.einsum("oif,fkl->oikl", self.weight, functions[:, i, m : size - m, m : size - m])
            for i, m in enumerate(margins)
        ]

    def _by_order(self, basis: HermiteBasis) -> Float[Tensor, "o r c"]:
        scaled = self.weight[:, 0] / basis.divisor.to(self.weight)
        orders = basis.functions.shape[0]
        cells = torch.tensor([r * orders + c for r, c in zip(basis.row, basis.column, strict=True)])
        empty = scaled.new_zeros(len(scaled), orders * orders)
        return empty.index_copy(1, cells.to(scaled.device), scaled).unflatten(1, (orders, orders))

    def _check(self, images: Tensor, basis: HermiteBasis) -> None:
        c_in, h, w = images.shape[1:]
        if c_in != 1:
            raise ValueError(f"expected 1 channel, got {c_in}")
        if basis.num_functions != self.weight.shape[2]:
            raise ValueError(f"expected a basis of {self.weight.shape[2]} functions, got {basis.num_functions}")
        if len(basis.families) > 1:
            raise ValueError(f"expected a basis of one family, got {len(basis.families)}")
        if h % self.window or w % self.window:
            raise ValueError(f"windows of {self.window} pixels do not fill a canvas of {h}×{w}")

    def extra_repr(self) -> str:
        return f"weight={tuple(self.weight.shape)}, window={self.window}"


def _search(
    images: Float[Tensor, "b h w"],
    weight: Float[Tensor, "o r c"],
    along_height: Float[Tensor, "s r h h"],
    along_width: Float[Tensor, "s c w w"],
    window: int,
) -> tuple[Float[Tensor, "b o i j"], Int[Tensor, "b o i j"], Int[Tensor, "b o i j"]]:
    """The highest response of each window, the index of its scale, and its place on the canvas, row by row."""
    (b, h, w), (o, r, _) = images.shape, weight.shape
    found: tuple[Tensor, Tensor, Tensor] | None = None
    for s, (rows, columns) in enumerate(zip(along_height, along_width, strict=True)):
        filtered = (rows.flatten(0, 1) @ images).view(b * r * h, w)
        response = filtered.new_zeros(b, o, h * w)
        for c, column in enumerate(columns):
            response.baddbmm_(weight[:, :, c].expand(b, o, r), (filtered @ column.T).view(b, r, h * w))
        value, place = F.max_pool2d(response.view(b, o, h, w), window, return_indices=True)
        if found is None:
            found = value, torch.zeros_like(place), place
        else:
            better = value > found[0]
            found = (
                torch.where(better, value, found[0]),
                found[1].masked_fill(better, s),
                torch.where(better, place, found[2]),
            )
    assert found is not None  # a basis has at least one scale
    return found


def _respond_at(
    images: Float[Tensor, "b h w"],
    weight: Float[Tensor, "o r c"],
    along_height: Float[Tensor, "s r h h"],
    along_width: Float[Tensor, "s c w w"],
    scale: Int[Tensor, "b o i j"],
    place: Int[Tensor, "b o i j"],
) -> Float[Tensor, "b o i j"]:
    """The response of each channel at a scale and a place of its own, with gradients."""
    o, width = scale.shape[1], images.shape[-1]
    at, row, column = scale.flatten(1), place.flatten(1) // width, place.flatten(1) % width  # (b, o·i·j)
    rows, columns = along_height.transpose(1, 2)[at, row], along_width.transpose(1, 2)[at, column]  # (b, p, r, n)
    filtered = (rows.flatten(1, 2) @ images).unflatten(1, rows.shape[1:3])  # (b, p, r, w)
    by_order = filtered @ columns.mT  # (b, p, r, c)
    return torch.einsum("boprc,orc->bop", by_order.unflatten(1, (o, -1)), weight).view(scale.shape)
