"""What each ONNX operator computes, in PyTorch: OPERATORS, a function for each.

Source: the operators' reference of ONNX (github.com/onnx/onnx, docs/Operators.md), versions 9 to 23. A function takes
the node's inputs (None for one that is left out) and its attributes, and returns one tensor, or a list of them. A case
that is not computed raises ValueError, in one sentence.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Given = Sequence[Tensor | None]
Attributes = Mapping[str, Any]
Operator = Callable[[Given, Attributes], Tensor | list[Tensor]]
OPERATORS: dict[str, Operator] = {}
_SAME = ("SAME_UPPER", "SAME_LOWER")
_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_CONV_TRANSPOSE = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
_MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
FLATTENS = "flattens"  # an attribute of our own, for operators of versions before 13
TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64}


def operator(*names: str) -> Callable[[Operator], Operator]:
    """Puts a function into the table."""

    def put(function: Operator) -> Operator:
        OPERATORS.update(dict.fromkeys(names, function))
        return function

    return put


def elementwise(names: Mapping[str, Callable[..., Tensor]]) -> None:
    """Operators of tensors alone, without attributes."""
    for name, function in names.items():
        OPERATORS[name] = lambda given, attributes, function=function: function(*given)  # type: ignore[misc]


def _fold(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    def fold(first: Tensor, *others: Tensor) -> Tensor:
        for each in others:
            first = function(first, each)
        return first

    return fold


def _divided(a: Tensor, b: Tensor) -> Tensor:
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


elementwise({
    "Relu": F.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Softplus": F.softplus, "Softsign": F.softsign,
    "HardSwish": F.hardswish, "Mish": F.mish, "Erf": torch.erf, "Exp": torch.exp, "Log": torch.log, "Sqrt": torch.sqrt,
    "Neg": torch.neg, "Abs": torch.abs, "Reciprocal": torch.reciprocal, "Floor": torch.floor, "Ceil": torch.ceil,
    "Sign": torch.sign, "Sin": torch.sin, "Cos": torch.cos, "Identity": lambda x: x, "Pow": torch.pow,
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": _divided, "MatMul": torch.matmul,
    "Sum": _fold(torch.add), "Max": _fold(torch.maximum), "Min": _fold(torch.minimum),
    "Mean": lambda *given: _fold(torch.add)(*given) / len(given), "Where": torch.where,
    "Equal": torch.eq, "Less": torch.lt, "Greater": torch.gt, "Not": torch.logical_not,
})  # fmt: skip


# convolutions and pools


@operator("Conv")
def conv(given: Given, attributes: Attributes) -> Tensor:
    x, weight, bias = three(given)
    rank = weight.ndim - 2
    kernel, stride, dilation = list(weight.shape[2:]), *_strides(attributes, rank)
    x = padded(x, _pads(x, kernel, stride, dilation, attributes), 0.0)
    return _CONV[rank](x, weight, bias, stride, 0, dilation, attributes.get("group", 1))


@operator("ConvTranspose")
def conv_transpose(given: Given, attributes: Attributes) -> Tensor:
    x, weight, bias = three(given)
    rank = weight.ndim - 2
    stride, dilation = _strides(attributes, rank)
    pads = attributes.get("pads", [0] * (2 * rank))
    if attributes.get("auto_pad", "NOTSET") != "NOTSET" or attributes.get("output_shape"):
        raise ValueError("a ConvTranspose whose padding follows from its output is not computed here")
    extra = attributes.get("output_padding", [0] * rank)
    y = _CONV_TRANSPOSE[rank](x, weight, bias, stride, 0, extra, attributes.get("group", 1), dilation)
    return padded(y, [-pad for pad in pads], 0.0)


@operator("MaxPool")
def max_pool(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    kernel = attributes["kernel_shape"]
    stride, dilation = _strides(attributes, len(kernel))
    pads = _pads(x, kernel, stride, dilation, attributes)
    x = padded(x, _reaching(x, kernel, stride, dilation, pads, attributes), -math.inf)
    return _MAX_POOL[len(kernel)](x, kernel, stride, 0, dilation)


@operator("AveragePool")
def average_pool(given: Given, attributes: Attributes) -> Tensor:
    """Where padding does not count, the same pool of ones tells how many samples each window has."""
    (x,) = needed(given, 1)
    kernel = attributes["kernel_shape"]
    stride, dilation = _strides(attributes, len(kernel))
    if any(each != 1 for each in dilation):
        raise ValueError("an AveragePool with dilation is not computed here")
    pads = _pads(x, kernel, stride, dilation, attributes)
    reaching = _reaching(x, kernel, stride, dilation, pads, attributes)
    pool = _AVERAGE_POOL[len(kernel)]
    y = pool(padded(x, reaching, 0.0), kernel, stride)
    if not any(reaching):
        return y
    ones = torch.ones((1, 1, *x.shape[2:]), dtype=x.dtype, device=x.device)
    if attributes.get("count_include_pad", 0):  # what reaches beyond the padding never counts
        ones, reaching = padded(ones, pads, 1.0), [a - b for a, b in zip(reaching, pads, strict=True)]
    return y / pool(padded(ones, reaching, 0.0), kernel, stride)


@operator("GlobalAveragePool")
def global_average_pool(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    return x.mean(dim=tuple(range(2, x.ndim)), keepdim=True)


@operator("GlobalMaxPool")
def global_max_pool(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    return x.amax(dim=tuple(range(2, x.ndim)), keepdim=True)


def _strides(attributes: Attributes, rank: int) -> tuple[list[int], list[int]]:
    return attributes.get("strides", [1] * rank), attributes.get("dilations", [1] * rank)


def _pads(
    x: Tensor, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], given: Attributes
) -> list[int]:
    """Begins, then ends, as ONNX has them."""
    how = given.get("auto_pad", "NOTSET")
    if how in ("NOTSET", "VALID"):
        return list(given.get("pads", [])) if how == "NOTSET" and given.get("pads") else [0] * (2 * len(kernel))
    if how not in _SAME:
        raise ValueError(f"there is no padding {how!r}")
    begins, ends = [], []
    for size, k, step, apart in zip(x.shape[2:], kernel, stride, dilation, strict=True):
        total = max(0, (math.ceil(size / step) - 1) * step + apart * (k - 1) + 1 - size)
        less, more = total // 2, total - total // 2
        begins.append(less if how == "SAME_UPPER" else more)
        ends.append(more if how == "SAME_UPPER" else less)
    return [*begins, *ends]


def _reaching(
    x: Tensor, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], pads: list[int], given: Attributes
) -> list[int]:  # fmt: skip
    """The padding, longer at the end where `ceil_mode` wants one window more, which begins inside image or padding."""
    if not given.get("ceil_mode", 0):
        return pads
    rank, longer = len(kernel), list(pads)
    for axis in range(rank):
        size, reach = x.shape[2 + axis] + pads[axis] + pads[rank + axis], dilation[axis] * (kernel[axis] - 1) + 1
        windows = math.ceil((size - reach) / stride[axis]) + 1
        if (windows - 1) * stride[axis] >= x.shape[2 + axis] + pads[axis]:
            windows -= 1
        longer[rank + axis] += max(0, (windows - 1) * stride[axis] + reach - size)
    return longer


def padded(x: Tensor, pads: Sequence[int], value: float) -> Tensor:
    """With begins, then ends, of the last axes; negative ones cut."""
    if not any(pads):
        return x
    rank = len(pads) // 2
    return F.pad(x, [each for axis in reversed(range(rank)) for each in (pads[axis], pads[rank + axis])], value=value)


# norms and nonlinearities


@operator("BatchNormalization")
def batch_normalization(given: Given, attributes: Attributes) -> Tensor:
    x, scale, bias, mean, variance = needed(given, 5)
    return F.batch_norm(x, mean, variance, scale, bias, False, 0.0, attributes.get("epsilon", 1e-5))


@operator("InstanceNormalization")
def instance_normalization(given: Given, attributes: Attributes) -> Tensor:
    x, scale, bias = needed(given, 3)
    return F.instance_norm(x, weight=scale, bias=bias, eps=attributes.get("epsilon", 1e-5))


@operator("GroupNormalization")
def group_normalization(given: Given, attributes: Attributes) -> Tensor:
    x, scale, bias = needed(given, 3)
    groups = attributes["num_groups"]
    if len(scale) != x.shape[1]:
        scale, bias = (each.repeat_interleave(x.shape[1] // groups) for each in (scale, bias))
    return F.group_norm(x, groups, scale, bias, attributes.get("epsilon", 1e-5))


@operator("LayerNormalization")
def layer_normalization(given: Given, attributes: Attributes) -> Tensor:
    x, scale, bias = three(given)
    shape = x.shape[attributes.get("axis", -1) :]
    return F.layer_norm(
        x, shape, scale.expand(shape), None if bias is None else bias.expand(shape), attributes.get("epsilon", 1e-5)
    )


@operator("LRN")
def local_response_normalization(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    get = attributes.get
    return F.local_response_norm(x, attributes["size"], get("alpha", 1e-4), get("beta", 0.75), get("bias", 1.0))


@operator("LeakyRelu")
def leaky_relu(given: Given, attributes: Attributes) -> Tensor:
    return F.leaky_relu(first(given), attributes.get("alpha", 0.01))


@operator("PRelu")
def parametric_relu(given: Given, attributes: Attributes) -> Tensor:
    x, slope = needed(given, 2)
    return torch.where(x < 0, slope * x, x)


@operator("Elu")
def elu(given: Given, attributes: Attributes) -> Tensor:
    return F.elu(first(given), attributes.get("alpha", 1.0))


@operator("Selu")
def selu(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    alpha, gamma = (
        attributes.get("alpha", 1.67326319217681884765625),
        attributes.get("gamma", 1.05070102214813232421875),
    )
    return gamma * F.elu(x, alpha)


@operator("HardSigmoid")
def hard_sigmoid(given: Given, attributes: Attributes) -> Tensor:
    (x,) = needed(given, 1)
    return (attributes.get("alpha", 0.2) * x + attributes.get("beta", 0.5)).clamp(0, 1)


@operator("Gelu")
def gelu(given: Given, attributes: Attributes) -> Tensor:
    return F.gelu(first(given), approximate=attributes.get("approximate", "none"))


@operator("Clip")
def clip(given: Given, attributes: Attributes) -> Tensor:
    x, low, high = (*given, None, None)[:3]
    low = attributes.get("min") if low is None else low
    high = attributes.get("max") if high is None else high
    assert x is not None
    x = x if low is None else x.clamp(min=low)
    return x if high is None else x.clamp(max=high)


@operator("Softmax")
def softmax(given: Given, attributes: Attributes) -> Tensor:
    x, axis = first(given), attributes.get("axis", -1)
    return F.softmax(x, dim=_only_axis(x, axis, attributes))


@operator("LogSoftmax")
def log_softmax(given: Given, attributes: Attributes) -> Tensor:
    x, axis = first(given), attributes.get("axis", -1)
    return F.log_softmax(x, dim=_only_axis(x, axis, attributes))


def _only_axis(x: Tensor, axis: int, attributes: Attributes) -> int:
    """Before version 13, all axes from `axis` on were one."""
    if attributes.get(FLATTENS) and axis % x.ndim != x.ndim - 1:
        raise ValueError("a Softmax over several axes is not computed here")
    return axis


@operator("Dropout")
def dropout(given: Given, attributes: Attributes) -> Tensor:
    """In evaluation it leaves everything as it is."""
    return first(given)


# linear maps


@operator("Gemm")
def gemm(given: Given, attributes: Attributes) -> Tensor:
    a, b, c = three(given)
    a, b = a.T if attributes.get("transA") else a, b.T if attributes.get("transB") else b
    y = attributes.get("alpha", 1.0) * (a @ b)
    return y if c is None else y + attributes.get("beta", 1.0) * c


def first(given: Given) -> Tensor:
    """Raises: ValueError if there is none."""
    if not given or given[0] is None:
        raise ValueError("an operation has no input")
    return given[0]


def needed(given: Given, count: int) -> list[Tensor]:
    """Raises: ValueError if there are fewer."""
    found = [each for each in given[:count] if each is not None]
    if len(found) < count:
        raise ValueError(f"an operation has {len(found)} inputs and needs {count}")
    return found


def three(given: Given) -> tuple[Tensor, Tensor, Tensor | None]:
    """Two inputs, and a third that may be left out."""
    first, second = needed(given, 2)
    return first, second, given[2] if len(given) > 2 else None
