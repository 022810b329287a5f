"""Deep scale-space layers: an image as a stack of blurred levels, and filters dilated along with the blur.

Source: Worrall & Welling, "Deep Scale-spaces: Equivariance Over Scale", arXiv:1905.11697, §3 and §4. A change of size
is blurring followed by subsampling. The level of internal scale σ is the image blurred to σ, still on the full grid;
a filter that reads it at steps proportional to σ answers there as the undilated filter does to the smaller image. The
canvas is continued by zeros.
"""

import math
from collections.abc import Sequence
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases.scale_space import discrete_gaussian
from core.layers import spectral
from core.layers.filtering import stacked
from core.layers.frequency_grid import Grid, grids_of
from core.layers.ink import respond_around_ink
from core.layers.kept import Kept
from core.layers.methods import Work, method_for
from core.scales import ScaleSet


class ScaleSpaceLifting(nn.Module):
    """Lifting T→H: the image blurred to every internal scale by discrete Gaussians (Worrall & Welling, §3).

    An image is taken to be blurred by `zero_scale` already (its pixels have a width), so the level of internal
    scale σ adds the variance t = σ² − zero_scale²; at σ_k = zero_scale · base^k this is zero_scale² (base^{2k} − 1).
    Args: internal_scales: σ of the levels in pixels, ascending. zero_scale: of the image, in pixels.
    Shape: (b, c, h, w) → (b, c, scale, h, w).
    Raises: ValueError if the scales do not ascend or one is below zero_scale.
    """

    def __init__(self, internal_scales: Sequence[float], zero_scale: float):
        super().__init__()
        scales = _checked(internal_scales, zero_scale)
        if scales[0] < zero_scale * (1 - 1e-9):
            raise ValueError(f"an image of scale {zero_scale} cannot be blurred to a smaller one, got {scales[0]}")
        self.internal_scales, self.zero_scale = scales, zero_scale
        # Rounded, so that a level at the image's own scale is the image, whatever the last bit of σ.
        self.variances = tuple(max(0.0, round(s**2 - zero_scale**2, 9)) for s in scales)
        self._kernels = [discrete_gaussian(t) for t in self.variances]

    def forward(self, image: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c s h w"]:
        levels = (respond_around_ink(partial(blur, kernel=kernel), image, len(kernel) // 2) for kernel in self._kernels)
        return stacked(levels, len(self._kernels))

    @property
    def reach(self) -> int:
        """Pixels beyond what is not 0 in an image at which it may answer."""
        return max(len(kernel) for kernel in self._kernels) // 2

    def extra_repr(self) -> str:
        return "internal_scales=({})".format(", ".join(f"{s:.3g}" for s in self.internal_scales))


def blur(image: Float[Tensor, "b c h w"], kernel: Float[Tensor, " k"]) -> Float[Tensor, "b c h w"]:
    """Both directions correlated with one odd, symmetric kernel; beyond the canvas is 0."""
    if len(kernel) == 1:
        return image
    taps, half = kernel.to(image), len(kernel) // 2
    planes = image.flatten(0, 1)[:, None]
    planes = F.conv2d(planes, taps.view(1, 1, -1, 1), padding=(half, 0))
    return F.conv2d(planes, taps.view(1, 1, 1, -1), padding=(0, half)).view_as(image)


class ScaleSpaceConv2d(nn.Module):
    """Scale correlation H→H with one filter dilated to every level (Worrall & Welling, §4).

        [Φ ⋆ w](k, x) = Σ_j Σ_y w(j, y) Φ(k + j, x + d_k y),   d_k = σ_k / reference

    Where d_k is whole this is an ordinary dilated convolution. Else (the published code cuts d_k to a whole number, so
    that base 1.5 gives 1, 1, 2, 3) every tap reads between pixels, linear in both directions.
    Args: internal_scales: σ of the levels in pixels, ascending. reference: σ at which the filter is not dilated.
          kernel: side of the filter in taps, odd. interaction: levels that a filter spans; beyond the largest the
          input is taken as 0, and the levels that miss some are then no longer equivariant. Without interaction the
          steps between levels may differ, as every level has a dilation of its own; with it no level is equivariant
          over unequal steps.
    Shape: (b, c_in, scale, h, w) → (b, c_out, scale, h, w).
    Raises: ValueError for sizes out of range, or input with other channels or levels.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        internal_scales: Sequence[float],
        reference: float,
        *,
        kernel: int = 5,
        interaction: int = 1,
    ):
        super().__init__()
        self.internal_scales = _checked(internal_scales, reference)
        if kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"the side of a filter must be odd and at least 1, got {kernel}")
        if min(c_in, c_out, interaction) < 1:
            raise ValueError(f"channels and interaction must be at least 1, got {c_in}, {c_out} and {interaction}")
        self.dilations = tuple(_snap(s / reference) for s in self.internal_scales)
        deviation = math.sqrt(2 / (kernel**2 * interaction * c_in))  # He, as published
        self.weight = nn.Parameter(deviation * torch.randn(c_out, c_in, interaction, kernel, kernel))
        self._spectra: Kept[list[Tensor]] = Kept()

    @property
    def interaction(self) -> int:
        return self.weight.shape[2]

    def forward(self, features: Float[Tensor, "b c_in s h w"]) -> Float[Tensor, "b c_out s h w"]:
        expected, got = (self.weight.shape[1], len(self.dilations)), tuple(features.shape[1:3])
        if got != expected:
            raise ValueError(f"expected (channels, scales) = {expected}, got {got}")
        if method_for(self._work(features)) == "spectral":
            on = grids_of(features, self._supports, self.interaction)
            return spectral.correlate(features, self.spectra(on), on, self.weight.shape[0])
        if self.interaction > 1:
            features = F.pad(features, (0, 0, 0, 0, 0, self.interaction - 1))
        weight = self.weight.flatten(1, 2)
        pairs = zip(self.dilations, self._supports, strict=True)
        levels = (
            respond_around_ink(
                partial(self._correlate, weight=weight, dilation=dilation),
                features[:, :, k : k + self.interaction].flatten(1, 2),
                support // 2,
            )
            for k, (dilation, support) in enumerate(pairs)
        )
        return stacked(levels, len(self.dilations))

    @property
    def reach(self) -> int:
        """Pixels beyond what is not 0 in its planes at which it may answer."""
        return max(self._supports) // 2

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The filter of each level on the pixel grid. Args: inputs: which input channels (times interaction)."""
        weight = self.weight.flatten(1, 2)[:, inputs]
        return [_spread(weight, dilation) for dilation in self.dilations]

    def spectra(self, on: tuple[Grid, ...]) -> list[Float[Tensor, "t _ 2 i o"]]:
        """The spectra of the filters of each level; kept until the weights change, unless gradients are wanted."""

        def made() -> list[Tensor]:
            return spectral.of_kernels([_spread(self.weight, dilation) for dilation in self.dilations], on)

        return self._spectra.get(made, [self.weight], on)

    @property
    def _supports(self) -> list[int]:
        half = self.weight.shape[-1] // 2
        return [2 * math.ceil(half * dilation) + 1 for dilation in self.dilations]

    def _work(self, features: Float[Tensor, "b i s h w"]) -> Work:
        (b, c_in, planes, h, w), (c_out, *_, side) = features.shape, self.weight.shape
        supports = self._supports
        pairs = zip(supports, self.dilations, strict=True)
        return Work(
            batch=b,
            c_in=c_in,
            c_out=c_out,
            size=(h, w),
            supports=supports,
            taps=[side**2 if dilation == int(dilation) else support**2 for support, dilation in pairs],
            planes=planes,
            interaction=self.interaction,
            training=torch.is_grad_enabled() and (self.weight.requires_grad or features.requires_grad),
        )

    @staticmethod
    def _correlate(plane: Tensor, weight: Tensor, dilation: float) -> Tensor:
        if dilation == int(dilation):
            half = weight.shape[-1] // 2 * int(dilation)
            return F.conv2d(plane, weight, padding=half, dilation=int(dilation))
        kernel = _spread(weight, dilation)
        half = min(kernel.shape[-1] // 2, max(plane.shape[-2:]) - 1)  # taps beyond never meet the canvas
        cut = kernel.shape[-1] // 2 - half
        return F.conv2d(plane, kernel[..., cut : cut + 2 * half + 1, cut : cut + 2 * half + 1], padding=half)

    def extra_repr(self) -> str:
        dilations = ", ".join(f"{d:.3g}" for d in self.dilations)
        return f"weight={tuple(self.weight.shape)}, dilations=({dilations})"


def _spread(weight: Float[Tensor, "o i *t n n"], dilation: float) -> Float[Tensor, "o i *t k k"]:
    """Every tap at `dilation` times its place, shared out between the pixels around it (whole: on one pixel)."""
    half = weight.shape[-1] // 2
    reach = math.ceil(half * dilation)
    places = dilation * torch.arange(-half, half + 1, dtype=torch.float64)
    pixels = torch.arange(-reach, reach + 1, dtype=torch.float64)
    share = (1 - (pixels[:, None] - places).abs()).clamp_min(0).to(weight)  # (k, n)
    return share @ weight @ share.T


def _snap(dilation: float) -> float:
    """Without float noise: 2.0000000001 is a dilation by 2."""
    return float(round(dilation)) if abs(dilation - round(dilation)) < 1e-6 else dilation


def _checked(internal_scales: Sequence[float], reference: float) -> ScaleSet:
    if reference <= 0:
        raise ValueError(f"the scale that others are compared with must be positive, got {reference}")
    return ScaleSet(internal_scales)
