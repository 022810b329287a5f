"""Convolution of each scale's planes by that scale's kernel, which may be as wide as the canvas or wider."""

import math
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.nn import grad

# Measured with oneDNN (docs/decisions/0005): beyond these its code for maps stored plane by plane is 2 to 5 times
# slower than that for maps stored pixel by pixel.
_WIDEST_KERNEL, _WIDEST_CANVAS = 13, 14

# Measured with oneDNN (docs/decisions/0011): with AVX-512 the gradient to kernels wider than this takes three times as
# long for each tap. With AVX2 two halves would take longer than the whole.
_WIDEST_GRADIENT = {"AVX512": 14}


def filter_scales(
    planes: Sequence[Float[Tensor, "b i h w"]], kernels: Sequence[Float[Tensor, "o i _ _"]], stride: int = 1
) -> Float[Tensor, "b o s h_out w_out"]:
    """Filters the planes of each scale (in order) by the kernel of that scale; sides may differ between scales."""
    return stacked((filter_planes(x, kernel, stride) for x, kernel in zip(planes, kernels, strict=True)), len(kernels))


def stacked(maps: Iterator[Float[Tensor, "b o h w"]], count: int) -> Float[Tensor, "b o s h w"]:
    """Maps one behind the other along a third axis; without gradients one at a time, as fresh memory costs more than
    sums."""
    if torch.is_grad_enabled():
        return torch.stack(list(maps), dim=2)
    first = next(maps)
    found = first.new_empty(*first.shape[:2], count, *first.shape[2:])
    found[:, :, 0] = first
    for i, each in enumerate(maps, start=1):
        found[:, :, i] = each
    return found


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
    widest = _WIDEST_GRADIENT.get(torch.backends.cpu.get_cpu_capability(), math.inf)
    if kernel.shape[-1] > widest and stride == 1 and torch.is_grad_enabled() and kernel.requires_grad:
        return _Wide.apply(planes, kernel)
    return _filter(planes, kernel, stride)


def _filter(planes: Float[Tensor, "b i h w"], kernel: Float[Tensor, "o i k k"], stride: int) -> Tensor:
    side, padding = max(planes.shape[-2:]), kernel.shape[-1] // 2
    if kernel.shape[-1] <= _WIDEST_KERNEL or side <= _WIDEST_CANVAS:
        return F.conv2d(planes, kernel, stride=stride, padding=padding)
    by_pixel = planes.contiguous(memory_format=torch.channels_last)
    return F.conv2d(by_pixel, kernel.contiguous(memory_format=torch.channels_last), stride=stride, padding=padding)


class _Wide(torch.autograd.Function):
    """Finds the gradient to a wide kernel in two halves, left and right."""

    @staticmethod
    def forward(ctx, planes, kernel):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(planes, kernel)
        ctx.save_for_forward(planes, kernel)
        return _filter(planes, kernel, 1)

    @staticmethod
    def jvp(ctx, planes_tangent, kernel_tangent):  # type: ignore[no-untyped-def]
        planes, kernel = ctx.saved_tensors
        moved = 0 if planes_tangent is None else _filter(planes_tangent, kernel, 1)
        return moved if kernel_tangent is None else moved + _filter(planes, kernel_tangent, 1)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        planes, kernel = ctx.saved_tensors
        to_planes = to_kernel = None
        half = kernel.shape[-1] // 2
        if ctx.needs_input_grad[0]:
            to_planes = _filter(gradient, kernel.transpose(0, 1).flip(-1, -2), 1)
        if ctx.needs_input_grad[1]:
            gradient, padded = gradient.contiguous(), F.pad(planes, [half] * 4)
            w, to_kernel = planes.shape[-1], torch.empty_like(kernel)
            for start, end in ((0, half + 1), (half + 1, 2 * half + 1)):
                part, seen = kernel[..., start:end], padded[..., start : end - 1 + w]
                to_kernel[..., start:end] = grad.conv2d_weight(seen, part.shape, gradient)
        return to_planes, to_kernel
