"""Deformable scale convolution: a scale convolution whose taps are displaced in units of the internal scale.

It joins Dai et al., "Deformable Convolutional Networks", arXiv:1703.06211, and Zhu et al., "Deformable ConvNets v2",
arXiv:1811.11168, with the group convolution of Sosnovik et al., arXiv:1910.11093, Eq. 12. Let T'_a be the action of a
change of size a on a map over scales, (T'_a f)(s, t) = f(s/a, t/a). The input is warped before it is filtered,

    W(s, t) = m(s, t) · f(s, t + s δ(s, t)),

with a displacement δ (in units of s) and a modulation m that a scale convolution, followed by pointwise functions,
predicts from f. A scale convolution and a pointwise function commute with T'_a, so δ and m of the map T'_a f are T'_a δ
and T'_a m, and with them

    m(s/a, t/a) · (T'_a f)(s, t + s δ(s/a, t/a)) = m(s/a, t/a) · f(s/a, t/a + (s/a) δ(s/a, t/a)) = (T'_a W)(s, t).

The warp therefore commutes with T'_a, and so does the scale convolution after it. With displacements in pixels the
middle term would hold δ/a in place of (s/a) δ, and this would fail. What is left is the cut of the scale axis, and
interpolation: between samples the map is bilinear, which costs O(s⁻²).
Where we leave deformable networks: they give each tap of each output a displacement of its own, ours belongs to the
point of the input that the tap reads, so all kernels that read a point read it at the same displaced place.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import HermiteBasis
from core.layers.sampling import bilinear_sample
from core.layers.scale_conv import ScaleConv2d
from core.scales import ScaleSet


class DeformableScaleConv2d(nn.Module):
    """Scale convolution H→H of a map that its own side branch has warped.

    The branch starts at 0: no displacement, modulation 1, an ordinary `ScaleConv2d`. A blank map gives 0 if there is
    no bias, and shifts commute.

    Args: basis: of the convolution. branch_basis: of the side branch; the same internal scales.
          reach: limit of a displacement along each axis, in units of the internal scale (δ = reach · tanh(u / reach)).
          interaction, bias, method: of the convolution, as in `ScaleConv2d`.
    Shape: (b, c_in, scale, h, w) → (b, c_out, scale, h, w).
    Raises: ValueError if the bases have other internal scales or reach is not positive, and as `ScaleConv2d`.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        basis: HermiteBasis,
        branch_basis: HermiteBasis,
        *,
        reach: float = 2.0,
        interaction: int = 1,
        bias: bool = True,
        method: str = "auto",
    ):
        super().__init__()
        if basis.internal_scales != branch_basis.internal_scales:
            scales = basis.internal_scales, branch_basis.internal_scales
            raise ValueError(f"convolution and branch need one set of scales, got {scales[0]} and {scales[1]}")
        if reach <= 0:
            raise ValueError(f"reach must be positive, got {reach}")
        self.reach = reach
        self.conv = ScaleConv2d(c_in, c_out, basis, interaction=interaction, bias=bias, method=method)
        self.branch = ScaleConv2d(c_in, 3, branch_basis, bias=False, method=method)
        nn.init.zeros_(self.branch.weight)

    @property
    def internal_scales(self) -> ScaleSet:
        return self.conv.basis.internal_scales

    def displacement_and_modulation(
        self, features: Float[Tensor, "b c_in s h w"]
    ) -> tuple[Float[Tensor, "b 2 s h w"], Float[Tensor, "b 1 s h w"]]:
        """δ, down and across, in units of the internal scale; m in (0, 2)."""
        answer = self.branch(features)
        return self.reach * torch.tanh(answer[:, :2] / self.reach), 2 * torch.sigmoid(answer[:, 2:])

    def warp(self, features: Float[Tensor, "b c_in s h w"]) -> Float[Tensor, "b c_in s h w"]:
        """W(s, t) = m(s, t) · f(s, t + s δ(s, t))."""
        displacement, modulation = self.displacement_and_modulation(features)
        scales = torch.tensor(self.internal_scales, dtype=features.dtype, device=features.device)
        down, across = (displacement * scales[:, None, None]).unbind(dim=1)  # (b, s, h, w) in pixels
        (b, c, s, h, w), device = features.shape, features.device
        rows = (down + torch.arange(h, device=device)[:, None]).view(b * s, h * w)
        columns = (across + torch.arange(w, device=device)).view(b * s, h * w)
        planes = features.transpose(1, 2).reshape(b * s, c, h, w)
        return modulation * bilinear_sample(planes, rows, columns).view(b, s, c, h, w).transpose(1, 2)

    def forward(self, features: Float[Tensor, "b c_in s h w"]) -> Float[Tensor, "b c_out s h w"]:
        return self.conv(self.warp(features))

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """Those of the convolution, drawn where their taps lie without a displacement."""
        return self.conv.kernels(inputs)
