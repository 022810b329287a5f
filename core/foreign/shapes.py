"""ONNX operators that change or read a shape; they join OPERATORS. Source: as `core.foreign.operators`."""

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.foreign.operators import TYPES, Attributes, Given, Operator, first, needed, operator, padded

_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
MOST_INTEGERS = 10_000  # of a shape, of axes, or of the sizes of a Split
_LATEST = 2**31 - 1  # exporters write larger ends for "to the end"


def integers(tensor: Tensor) -> list[int]:
    """Of a tensor that holds a shape, axes or amounts. Raises: ValueError if it holds too many."""
    if tensor.numel() > MOST_INTEGERS:
        raise ValueError(f"a shape of {tensor.numel()} numbers, at most {MOST_INTEGERS} are read")
    return [int(each) for each in tensor.flatten().tolist()]


def axes_of(given: Given, attributes: Attributes, name: str = "axes", place: int = 1) -> list[int] | None:
    """From an attribute, or from an input as newer versions have it."""
    if name in attributes:
        return list(attributes[name])
    tensor = given[place] if len(given) > place else None
    return None if tensor is None else integers(tensor)


@operator("Reshape")
def reshape(given: Given, attributes: Attributes) -> Tensor:
    """A file that was exported for one image says 1 where the batch is: that is the batch of now, if it must be."""
    x, shape = needed(given, 2)
    wanted = integers(shape)
    if not attributes.get("allowzero"):
        wanted = [x.shape[k] if each == 0 else each for k, each in enumerate(wanted)]
    open_end = -1 in wanted[1:]
    if wanted[:1] == [1] and len(wanted) > 1 and (open_end or math.prod(wanted) != x.numel()):
        wanted[0] = x.shape[0]
    return x.reshape(wanted)


@operator("Flatten")
def flatten(given: Given, attributes: Attributes) -> Tensor:
    x, axis = first(given), attributes.get("axis", 1)
    return x.reshape(torch.Size(x.shape[:axis]).numel() if axis else 1, -1)


@operator("Transpose")
def transpose(given: Given, attributes: Attributes) -> Tensor:
    x = first(given)
    return x.permute(attributes.get("perm", list(reversed(range(x.ndim)))))


@operator("Squeeze")
def squeeze(given: Given, attributes: Attributes) -> Tensor:
    x, axes = first(given), axes_of(given, attributes)
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


@operator("Unsqueeze")
def unsqueeze(given: Given, attributes: Attributes) -> Tensor:
    x, axes = first(given), axes_of(given, attributes) or []
    rank = x.ndim + len(axes)
    for axis in sorted(each % rank for each in axes):
        x = x.unsqueeze(axis)
    return x


@operator("Concat")
def concat(given: Given, attributes: Attributes) -> Tensor:
    return torch.cat([each for each in given if each is not None], dim=attributes["axis"])


@operator("Split")
def split(given: Given, attributes: Attributes) -> list[Tensor]:
    x, axis = first(given), attributes.get("axis", 0)
    sizes = axes_of(given, attributes, "split")
    if sizes is None:
        raise ValueError("a Split without its sizes is not computed here")
    return list(x.split(sizes, dim=axis))


@operator("Slice")
def slice_(given: Given, attributes: Attributes) -> Tensor:
    x = first(given)
    starts, ends = (axes_of(given, attributes, name, place) or [] for name, place in (("starts", 1), ("ends", 2)))
    axes = axes_of(given, attributes, "axes", 3) or list(range(len(starts)))
    steps = axes_of(given, attributes, "steps", 4) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step > 0:
            x = x[(slice(None),) * (axis % x.ndim) + (slice(start, min(end, _LATEST), step),)]
        else:
            places = range(*slice(start, None if end < -_LATEST else end, step).indices(x.shape[axis]))
            x = x.index_select(axis, places.start + places.step * torch.arange(len(places), device=x.device))
    return x


@operator("Gather")
def gather(given: Given, attributes: Attributes) -> Tensor:
    x, places = needed(given, 2)
    axis = attributes.get("axis", 0) % x.ndim
    found = x.index_select(axis, (places.flatten().long() % x.shape[axis]))
    return found.reshape(*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])


@operator("Expand")
def expand(given: Given, attributes: Attributes) -> Tensor:
    x, shape = needed(given, 2)
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(integers(shape))))  # torch's own imports at first use


@operator("Shape")
def shape_(given: Given, attributes: Attributes) -> Tensor:
    return torch.tensor(list(first(given).shape)[attributes.get("start", 0) : attributes.get("end")])


@operator("Cast")
def cast(given: Given, attributes: Attributes) -> Tensor:
    kind = attributes.get("to")
    if kind not in TYPES:
        raise ValueError(f"a Cast to type {kind} is not computed here")
    return first(given).to(TYPES[kind])


@operator("Constant")
def constant(given: Given, attributes: Attributes) -> Tensor:
    if "value" in attributes:
        return attributes["value"]
    values = [each for name, each in attributes.items() if name.startswith("value_")]
    if not values:
        raise ValueError("a Constant has no value")
    return torch.tensor(values[0])


@operator("Pad")
def pad(given: Given, attributes: Attributes) -> Tensor:
    x, pads = first(given), axes_of(given, attributes, "pads")
    value = given[2] if len(given) > 2 else None
    axes = axes_of(given, {}, "axes", 3)
    mode = attributes.get("mode", "constant")
    if pads is None or mode not in _MODES:
        raise ValueError(f"a Pad of mode {mode!r} is not computed here")
    if axes is not None:
        full = [0] * (2 * x.ndim)
        for k, axis in enumerate(axes):
            full[axis % x.ndim], full[x.ndim + axis % x.ndim] = pads[k], pads[len(axes) + k]
        pads = full
    if mode == "constant":
        return padded(x, pads, float(attributes.get("value", 0.0) if value is None else value))
    rank = x.ndim - 2
    begins, ends = pads[: x.ndim], pads[x.ndim :]
    if any((*begins[:2], *ends[:2])):
        raise ValueError("a Pad of batch or channels other than by a constant is not computed here")
    flat = [each for axis in reversed(range(rank)) for each in (begins[2 + axis], ends[2 + axis])]
    return F.pad(x, flat, mode=_MODES[mode])


@operator("Resize", "Upsample")
def resize(given: Given, attributes: Attributes) -> Tensor:
    """To nearest, linear or cubic; for the places of corners, what PyTorch has: half pixels, or aligned."""
    x = first(given)
    sizes = given[3] if len(given) > 3 else None
    scales = next((each for each in given[1:3] if each is not None and each.numel() == x.ndim), None)
    if "scales" in attributes:
        scales = torch.tensor(attributes["scales"])
    if sizes is not None:
        size = integers(sizes)[2:]
    elif scales is not None:
        factors = [float(each) for each in scales.flatten().tolist()]
        if factors[:2] != [1.0, 1.0]:
            raise ValueError("a Resize of batch or channels is not computed here")
        size = [int(side * factor) for side, factor in zip(x.shape[2:], factors[2:], strict=True)]
    else:
        raise ValueError("a Resize without its size is not computed here")
    return _resized(x, size, attributes)


def _resized(x: Tensor, size: list[int], attributes: Attributes) -> Tensor:
    mode, places = attributes.get("mode", "nearest"), attributes.get("coordinate_transformation_mode", "half_pixel")
    if mode == "nearest":
        if places == "asymmetric" and attributes.get("nearest_mode", "round_prefer_floor") == "floor":
            return F.interpolate(x, size, mode="nearest")
        if places in ("half_pixel", "pytorch_half_pixel"):
            whole = all(new % old == 0 for new, old in zip(size, x.shape[2:], strict=True))
            if whole:  # then all ways of rounding agree
                return F.interpolate(x, size, mode="nearest")
        raise ValueError("a Resize to the nearest sample at such places is not computed here")
    if (
        mode not in ("linear", "cubic")
        or places not in ("half_pixel", "pytorch_half_pixel", "align_corners")
        or x.ndim != 4
    ):
        raise ValueError(f"a Resize of mode {mode!r} at places {places!r} is not computed here")
    if mode == "cubic" and abs(attributes.get("cubic_coeff_a", -0.75) + 0.75) > 1e-6:
        raise ValueError("a cubic Resize is computed with the coefficient −0.75 only")
    kind = "bilinear" if mode == "linear" else "bicubic"
    return F.interpolate(x, size, mode=kind, align_corners=places == "align_corners")


@operator("DepthToSpace")
def depth_to_space(given: Given, attributes: Attributes) -> Tensor:
    x, block = first(given), attributes["blocksize"]
    b, c, h, w = x.shape
    if attributes.get("mode", "DCR") == "DCR":
        y = x.reshape(b, block, block, c // block**2, h, w).permute(0, 3, 4, 1, 5, 2)
    else:
        y = x.reshape(b, c // block**2, block, block, h, w).permute(0, 1, 4, 2, 5, 3)
    return y.reshape(b, c // block**2, h * block, w * block)


def _reduction(function: Callable[..., Tensor]) -> Operator:
    def reduced(given: Given, attributes: Attributes) -> Tensor:
        x, axes = first(given), axes_of(given, attributes)
        if not axes and attributes.get("noop_with_empty_axes"):
            return x
        return function(x, dim=tuple(axes or range(x.ndim)), keepdim=bool(attributes.get("keepdims", 1)))

    return reduced


for _name, _function in (("ReduceMean", torch.mean), ("ReduceSum", torch.sum), ("ReduceMax", torch.amax)):
    operator(_name)(_reduction(_function))
