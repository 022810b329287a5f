"""Convolutions that filter by one kernel for each internal scale, whatever the kernels are made of."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers import spectral
from core.layers.filtering import filter_scales
from core.layers.frequency_grid import grids_of
from core.layers.ink import cut, margin_around_ink, widened
from core.layers.kept import Kept
from core.layers.methods import Work, method_for
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
        self._kernels: Kept[list[Tensor]] = Kept()
        self._spectra: Kept[list[Tensor]] = Kept()

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The kernel of each internal scale. Args: inputs: which input channels are wanted."""
        raise TypeError(f"{type(self).__name__} has no kernels")

    def kernels_on(self, side: int) -> list[Float[Tensor, "o i k k"]]:
        """As `kernels`, perhaps without the taps that no position of a canvas of `side` pixels reaches."""
        return self.kernels()

    @property
    def reach(self) -> int:
        """Pixels beyond what is not 0 in its planes at which it may answer."""
        raise TypeError(f"{type(self).__name__} has no kernels")

    def forward(self, features: Float[Tensor, "b c_in *scale h w"]) -> Float[Tensor, "b c_out s h w"]:
        num_scales = len(self.internal_scales)
        expected = (self.c_in,) if features.dim() == 4 else (self.c_in, num_scales)
        got = tuple(features.shape[1:-2])
        if got != expected:
            raise ValueError(f"expected (channels, scales) = {expected}, got {got}")
        over_scales = features if features.dim() == 5 else features[:, :, None]
        side, weights = max(features.shape[-2:]), list(self.parameters())
        kernels = self._kernels.get(lambda: self.kernels_on(side), weights, side)
        sides = [kernel.shape[-1] for kernel in kernels]
        margin = margin_around_ink(over_scales, max(sides) // 2)
        if method_for(self._work(over_scales, kernels, margin)) == "spectral":
            on = grids_of(over_scales, sides)  # of the whole canvas, so that kernels are transformed once for every ink
            spectra = self._spectra.get(lambda: spectral.of_kernels(kernels, on), weights, on)
            return spectral.correlate(over_scales, spectra, on, self.c_out)
        planes = cut(over_scales, margin).expand(-1, -1, num_scales, -1, -1).unbind(2)
        return widened(filter_scales(planes, kernels), margin)

    def _work(self, features: Float[Tensor, "b i p h w"], kernels: Sequence[Tensor], margin: int) -> Work:
        b, _, planes, h, w = features.shape
        return Work(
            batch=b,
            c_in=self.c_in,
            c_out=self.c_out,
            size=(h - 2 * margin, w - 2 * margin),
            canvas=(h, w),
            supports=[kernel.shape[-1] for kernel in kernels],
            planes=planes,
            training=torch.is_grad_enabled() and (features.requires_grad or kernels[0].requires_grad),
        )

    def extra_repr(self) -> str:
        scales = ", ".join(f"{s:.3g}" for s in self.internal_scales)
        return f"{self.c_in} → {self.c_out}, internal_scales=({scales})"
