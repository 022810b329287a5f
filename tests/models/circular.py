"""Padding that goes round the canvas, so that a shift by whole strides moves every map exactly."""

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from core.models.wrapped import WrappedNetwork


class Around(TorchFunctionMode):
    """Every padding goes round the canvas, so that no border is left."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name == "conv2d":
            x, weight, bias, stride, padding, dilation, groups = (*args, *(None, 1, 0, 1, 1)[len(args) - 2 :])
            stride, padding = kwargs.get("stride", stride), kwargs.get("padding", padding)
            groups = kwargs.get("groups", groups)
            return F.conv2d(round_the_canvas(x, padding), weight, bias, stride, 0, dilation, groups)
        if name in ("max_pool2d", "avg_pool2d"):
            x, kernel, stride, padding = (*args, None, 0)[:4] if len(args) < 4 else args[:4]
            stride, padding = kwargs.get("stride", stride), kwargs.get("padding", padding)
            return func(round_the_canvas(x, padding), kernel, stride, 0)
        if name == "conv_transpose2d":
            x, weight, bias, stride, padding, output_padding = args[:6]
            margin, step = 2, stride[0] if isinstance(stride, tuple) else stride
            wide = func(round_the_canvas(x, margin), weight, bias, stride, padding, output_padding)
            h, w = (step * n for n in x.shape[-2:])
            return wide[..., margin * step : margin * step + h, margin * step : margin * step + w]
        if name == "interpolate" and args[0].shape[-1] > 1:
            margin, wide = 2, args[0].shape[-2] + 4
            size, factor = kwargs.get("size"), kwargs.get("scale_factor")
            step = factor[0] if isinstance(factor, tuple) else factor or size[0] / args[0].shape[-2]
            how = {key: value for key, value in kwargs.items() if key in ("mode", "align_corners")}
            out = F.interpolate(round_the_canvas(args[0], margin), size=int(wide * step), **how)
            crop = round(margin * step)
            return out[..., crop:-crop, crop:-crop]
        return func(*args, **kwargs)


def round_the_canvas(x, padding):
    """As often round as the padding is wide, on a map smaller than that too."""
    for axis, n in zip((-2, -1), padding if isinstance(padding, tuple | list) else (padding, padding), strict=True):
        if n:
            x = x.index_select(axis, torch.arange(-n, x.shape[axis] + n) % x.shape[axis])
    return x


def check_shifts(network: WrappedNetwork, images: torch.Tensor, at_most: float) -> None:
    """Asserts that a shift of the images moves every map by as many of its samples, and that one more is wrong."""
    shift = int(max(8, *(found.stride for found in network.features(images).values())))
    with torch.no_grad(), Around():
        before, after = network.features(images), network.features(images.roll((shift, shift), (-2, -1)))
    for layer, found in before.items():
        samples = shift / found.stride
        assert samples == round(samples), layer
        moved = found.values.roll((round(samples), round(samples)), (-2, -1))
        other = found.values.roll((round(samples) + 1, round(samples)), (-2, -1))
        error, wrong = ((after[layer].values - each).norm() / each.norm() for each in (moved, other))
        assert error <= at_most, layer
        assert wrong > 10 * at_most, layer
