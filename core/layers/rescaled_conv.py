"""Convolution that meets the image at several sizes: rescale, filter by one shared kernel, rescale back.

Source: Kanazawa, Sharma, Jacobs, "Locally Scale-Invariant Convolutional Neural Networks", arXiv:1412.5104, §3.
"""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.layers.ink import respond_around_ink
from core.resampling import kernel_named, resampling_matrix
from core.scales import ScaleSet

Matrices = tuple[Tensor, Tensor]  # of the height and of the width


class Rescaling:
    """There and back: a plane on the grid of every scale, and responses on those grids back on the plane's own.

    A kernel sees an image shrunk by s as a kernel s times as large would see the image, so the internal scale σ goes
    with the scale factor s = reference_sigma / σ. The whole image is rescaled, onto a grid as large as it needs.

    Args: internal_scales: in pixels, ascending. reference_sigma: the scale at which the image stays as it is.
          resampler: of core.resampling.
    """

    def __init__(self, internal_scales: Sequence[float], reference_sigma: float = 1.0, resampler: str = "bicubic"):
        self.factors = tuple(reference_sigma / s for s in ScaleSet(internal_scales))
        self.resampler = resampler
        self._matrices: dict[tuple, list[tuple[Matrices, Matrices] | None]] = {}

    def there(self, planes: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b c _ _"]]:
        """T_s of the planes at every scale, shrunk without aliasing."""
        return [planes if m is None else _apply(m[0], planes) for m in self._at(planes, planes.shape[-2:])]

    def back(
        self, responses: Sequence[Float[Tensor, "b c _ _"]], like: Float[Tensor, "b c2 h w"]
    ) -> Float[Tensor, "b c s h w"]:
        """T_{1/s} of each response, on the grid of `like`, with the scales on the third axis."""
        pairs = zip(responses, self._at(like, like.shape[-2:]), strict=True)
        return torch.stack([r if m is None else _apply(m[1], r) for r, m in pairs], dim=2)

    def reach(self, half: int) -> int | None:
        """Pixels that a kernel of `half` samples on each side reads of a plane, there and back included; None where the
        resampler reads all of it."""
        samples = kernel_named(self.resampler).reach
        if samples is None:
            return None
        return math.ceil(max(samples * max(1, 1 / s) + (half + samples) / s for s in self.factors)) + 1

    def around_ink(
        self, filtered: Callable[[Sequence[Tensor]], Sequence[Tensor]], planes: Float[Tensor, "b c h w"], half: int
    ) -> Float[Tensor, "b _ s h w"]:
        """There, `filtered` by kernels of `half` samples on each side, and back; where planes are 0, no further than
        that reaches."""

        def respond(part: Tensor) -> Tensor:
            return self.back(filtered(self.there(part)), part)

        reach = self.reach(half)
        return respond(planes) if reach is None else respond_around_ink(respond, planes, reach)

    def _at(self, like: Tensor, size: Sequence[int]) -> list[tuple[Matrices, Matrices] | None]:
        key = (*size, like.dtype, like.device)
        if key not in self._matrices:
            with torch.inference_mode(False):
                self._matrices[key] = [self._there_and_back(s, size, like) for s in self.factors]
        return self._matrices[key]

    def _there_and_back(self, s: float, size: Sequence[int], like: Tensor) -> tuple[Matrices, Matrices] | None:
        if abs(s - 1) < 1e-9:
            return None
        # The outermost samples of the plane lie between two samples of the other grid, so none is read outside it.
        others = [_as_even_as(n, math.ceil(round(max(s * n, s * (n - 1) + 1), 6))) for n in size]
        there, back = [], []
        for n, other in zip(size, others, strict=True):
            there.append(resampling_matrix(other, n, s, self.resampler).to(like))
            # Responses to an enlarged image hold nothing finer than the image did: no low-pass on the way back.
            back.append(resampling_matrix(n, other, 1 / s, self.resampler, antialias=False).to(like))
        return (there[0], there[1]), (back[0], back[1])


def _as_even_as(n: int, least: int) -> int:
    """The next whole number that is even or odd as n is: where samples fall about the centre depends on that, and must
    not depend on how large the canvas is."""
    return least + (least - n) % 2


def _apply(matrices: Matrices, planes: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h_out w_out"]:
    rows, columns = matrices
    return rows @ (planes @ columns.T)


class RescaledConv2d(nn.Module):
    """Responses of one shared kernel at every internal scale (Kanazawa, Eq. 2, before the maximum).

        Φ(σ, t) = (T_{1/s} [(T_s x) ⋆ w])(t),   s = reference_sigma / σ

    Args: c_in, c_out: channels. kernel: side of w in pixels, odd. The rest as Rescaling.
    Shape: (b, c_in, h, w) → (b, c_out, scale, h, w), the scale axis ascending in σ.
    Raises: ValueError for scales that are not positive and ascending, a kernel that is not odd, other channels.
    Error: what resampling costs. Below 1e-3 for one step along the scale axis on blobs of σ = 4 pixels, bicubic.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        internal_scales: Sequence[float],
        kernel: int = 7,
        reference_sigma: float = 1.0,
        resampler: str = "bicubic",
    ):
        super().__init__()
        if kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"the kernel must be an odd number of pixels, got {kernel}")
        self.rescaling = Rescaling(internal_scales, reference_sigma, resampler)
        bound = 1 / math.sqrt(c_in * kernel**2)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel, kernel).uniform_(-bound, bound))

    def forward(self, features: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out s h w"]:
        if features.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {features.shape[1]}")

        def filtered(planes: Sequence[Tensor]) -> list[Tensor]:
            return [F.conv2d(x, self.weight, padding="same") for x in planes]

        return self.rescaling.around_ink(filtered, features, self.weight.shape[-1] // 2)

    @property
    def reach(self) -> int | None:
        """Pixels beyond what is not 0 in an image at which it may answer; None where it may answer anywhere."""
        return self.rescaling.reach(self.weight.shape[-1] // 2)
