"""Pooling over the scale axis and over space."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ScaleProjection(nn.Module):
    """Scale projection H→T: the largest response over the scale axis (SESN, arXiv:1910.11093, §4).

    A change of size that stays inside the internal scales only moves the maximum along the axis, so the result
    is scale-equivariant on the plane.
    Shape: (b, c, scale, h, w) → (b, c, h, w).
    """

    def forward(self, features: Float[Tensor, "b c s h w"]) -> Float[Tensor, "b c h w"]:
        return features.amax(dim=2)


class SpatialPool(nn.Module):
    """Pooling over height and width with window and stride 2, the same at every scale.

    Args: kind: `max` (as published) or `average` (DISCO's choice: aliases less, so it commutes better).
    Shape: (b, c, h, w) or (b, c, scale, h, w) → the same with h / 2 and w / 2; both must be even, since an odd
        canvas would move its centre.
    Raises: ValueError for an unknown kind or an odd canvas.
    """

    def __init__(self, kind: str = "max"):
        super().__init__()
        if kind not in ("max", "average"):
            raise ValueError(f"pooling must be 'max' or 'average', got {kind!r}")
        self.kind = kind

    def forward(self, features: Float[Tensor, "b c *scale h w"]) -> Float[Tensor, "b c *scale h_half w_half"]:
        h, w = features.shape[-2:]
        if h % 2 or w % 2:
            raise ValueError(f"pooling by 2 needs an even canvas, got {h}×{w}")
        if self.kind == "max":
            return _largest(features)[0] if not _wants_gradient(features) else _Largest.apply(features)
        return _mean(features) if not _wants_gradient(features) else _Mean.apply(features)


def _wants_gradient(features: Tensor) -> bool:
    return torch.is_grad_enabled() and features.requires_grad


def _quarters(features: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The four values of every window, as four planes: pooling by them takes a tenth of PyTorch's time on a CPU."""
    top, bottom = features[..., ::2, :], features[..., 1::2, :]
    return top[..., ::2], top[..., 1::2], bottom[..., ::2], bottom[..., 1::2]


def _largest(features: Tensor) -> tuple[Tensor, Callable[[], tuple[Tensor, Tensor, Tensor]]]:
    """The largest value of every window, and on request where it stands: the lower row? at the right, in each row?"""
    a, b, c, d = _quarters(features)
    top, bottom = torch.maximum(a, b), torch.maximum(c, d)
    return torch.maximum(top, bottom), lambda: (bottom > top, b > a, d > c)


def _mean(features: Tensor) -> Tensor:
    rows = features[..., ::2, :] + features[..., 1::2, :]  # whole lines are added quicker than every second number
    return (rows[..., ::2] + rows[..., 1::2]).mul_(0.25)


class _Largest(torch.autograd.Function):
    """The gradient goes to the first of equal values in reading order, as in F.max_pool2d; kept is where, no value."""

    @staticmethod
    def forward(ctx, features):  # type: ignore[no-untyped-def]
        found, places = _largest(features)
        where = places()
        ctx.save_for_backward(*where)
        ctx.save_for_forward(*where)
        return found

    @staticmethod
    def jvp(ctx, tangent):  # type: ignore[no-untyped-def]
        lower, right_of_top, right_of_bottom = ctx.saved_tensors
        a, b, c, d = _quarters(tangent)
        return torch.where(lower, torch.where(right_of_bottom, d, c), torch.where(right_of_top, b, a))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        lower, right_of_top, right_of_bottom = ctx.saved_tensors
        *axes, h, w = gradient.shape
        spread = gradient.new_empty(*axes, 2 * h, 2 * w)
        a, b, c, d = _quarters(spread)
        bottom = gradient * lower
        top = gradient - bottom
        torch.mul(top, right_of_top, out=b)
        torch.sub(top, b, out=a)
        torch.mul(bottom, right_of_bottom, out=d)
        torch.sub(bottom, d, out=c)
        return spread


class _Mean(torch.autograd.Function):
    @staticmethod
    def forward(ctx, features):  # type: ignore[no-untyped-def]
        return _mean(features)

    @staticmethod
    def jvp(ctx, tangent):  # type: ignore[no-untyped-def]
        return _mean(tangent)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        *axes, h, w = gradient.shape
        quarter = (gradient / 4)[..., :, None, :, None]
        return quarter.expand(*axes, h, 2, w, 2).reshape(*axes, 2 * h, 2 * w)
