"""Convolution of each scale's planes by that scale's kernel, which may be as wide as the canvas or wider."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

# Measured with oneDNN (docs/decisions/0005): beyond these its code for maps stored plane by plane is 2 to 5 times
# slower than that for maps stored pixel by pixel.
_WIDEST_KERNEL, _WIDEST_CANVAS = 13, 14


def filter_scales(
    planes: Sequence[Float[Tensor, "b i h w"]], kernels: Sequence[Float[Tensor, "o i _ _"]], stride: int = 1
) -> Float[Tensor, "b o s h_out w_out"]:
    """Filters the planes of each scale (in order) by the kernel of that scale; sides may differ between scales."""
    pairs = zip(planes, kernels, strict=True)
    if torch.is_grad_enabled():
        return torch.stack([filter_planes(x, kernel, stride) for x, kernel in pairs], dim=2)
    first = filter_planes(*next(pairs), stride)
    maps = first.new_empty(*first.shape[:2], len(kernels), *first.shape[2:])
    maps[:, :, 0] = first
    for i, (x, kernel) in enumerate(pairs, start=1):  # one response at a time: fresh memory costs more than sums
        maps[:, :, i] = filter_planes(x, kernel, stride)
    return maps


def filter_planes(
    planes: Float[Tensor, "b i h w"], kernel: Float[Tensor, "o i k k"], stride: int = 1
) -> Float[Tensor, "b o h_out w_out"]:
    """F.conv2d with padding k // 2 by zeros, k odd; the same values, sooner where kernels are wide.

    Taps that no position of the canvas reaches are cut off first: a canvas of n pixels needs 2 n − 1 of them.
    """
    side = max(planes.shape[-2:])
    beyond = max(0, kernel.shape[-1] - (2 * side - 1)) // 2
    if beyond:
        kernel = kernel[..., beyond:-beyond, beyond:-beyond]
    padding = kernel.shape[-1] // 2
    if kernel.shape[-1] <= _WIDEST_KERNEL or side <= _WIDEST_CANVAS:
        return F.conv2d(planes, kernel, stride=stride, padding=padding)
    by_pixel = planes.contiguous(memory_format=torch.channels_last)
    return F.conv2d(by_pixel, kernel.contiguous(memory_format=torch.channels_last), stride=stride, padding=padding)
