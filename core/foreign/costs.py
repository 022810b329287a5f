"""What an operation of an ONNX file takes, told from shapes before it is computed; and a limit on it.

A network that somebody sent is computed once for one image under a `Meter`, before anything else is done with it.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from core.foreign.operators import Attributes, Given, first, needed
from core.foreign.shapes import integers

MOST_ALIVE = 400 * 2**20  # bytes of one image; VGG-16 at 256 pixels has a fifth of it
MOST_PRODUCTS = 2**32  # of one operation; VGG-16 at 256 pixels has 2.4e9
MOST_IN_ALL = 2**27  # values of all maps of one image, which measuring keeps; ResNet-50 at 256 pixels has 5e7
MOST_SECONDS = 1.5  # of a core, for all operations; VGG-16 at 256 pixels takes about half a second
_SLOWER = 8  # times: products of convolutions that are grouped or not planar
_TEMPORARIES = 2  # times an answer, where nothing better is known: most make one tensor beside it


@dataclass(frozen=True)
class Need:
    """Attributes: values: of the answer, and of what is made on the way. products: multiply-adds."""

    values: int
    products: int = 0


def need_of(operator: str, given: Given, attributes: Attributes) -> Need:
    """What an operation will take; of one that cannot be computed as it is, what is known."""
    estimate = _ESTIMATES.get(operator, _broadcast)
    try:
        return estimate(given, attributes)
    except Exception:  # the attributes are anybody's
        return _largest(given, attributes)


@dataclass
class Meter:
    """The limits of one forward pass. Raises, from its methods: ValueError, naming the operation."""

    began: float = field(default_factory=lambda: time.process_time())
    alive: int = 0  # bytes
    in_all: int = 0  # values
    _readers: Counter[int] = field(default_factory=Counter)  # of a piece of memory, several values can share it

    def before(self, name: str, operator: str, given: Given, attributes: Attributes) -> None:
        need = need_of(operator, given, attributes)
        size = max((each.element_size() for each in given if each is not None), default=4)
        if self.alive + size * need.values > MOST_ALIVE:
            raise ValueError(
                f"the operation {name} ({operator}) would need more than the {MOST_ALIVE >> 20} MB that the values "
                "of one image may have at once"
            )
        if need.products > MOST_PRODUCTS:
            raise ValueError(
                f"the operation {name} ({operator}) would take more than {MOST_PRODUCTS} multiply-adds for one image"
            )

    def keep(self, value: Tensor) -> None:
        memory = value.untyped_storage()
        if not self._readers[memory.data_ptr()]:
            self.alive += memory.nbytes()
        self._readers[memory.data_ptr()] += 1
        self.in_all += value.numel() if value.is_floating_point() and value.dim() > 2 else 0

    def release(self, value: Tensor) -> None:
        memory = value.untyped_storage()
        self._readers[memory.data_ptr()] -= 1
        if not self._readers[memory.data_ptr()]:
            self.alive -= memory.nbytes()

    def after(self, name: str) -> None:
        if self.in_all > MOST_IN_ALL:
            raise ValueError(f"the maps of one image have more than {MOST_IN_ALL} values, up to the operation {name}")
        if time.process_time() - self.began > MOST_SECONDS:
            raise ValueError(
                f"one image takes more than {MOST_SECONDS:g} seconds of a core, up to the operation {name}"
            )


Estimate = Callable[[Given, Attributes], Need]
_ESTIMATES: dict[str, Estimate] = {}


def _estimates(*operators: str) -> Callable[[Estimate], Estimate]:
    def put(estimate: Estimate) -> Estimate:
        _ESTIMATES.update(dict.fromkeys(operators, estimate))
        return estimate

    return put


def _largest(given: Given, attributes: Attributes) -> Need:
    return Need(_TEMPORARIES * max((each.numel() for each in given if each is not None), default=0))


def _broadcast(given: Given, attributes: Attributes) -> Need:
    """Of elementwise operations, and of others no less than their largest input."""
    shape = np.broadcast_shapes(*(tuple(each.shape) for each in given if each is not None))
    return Need(max(_TEMPORARIES * math.prod(shape), _largest(given, attributes).values))


@_estimates(
    "Expand", "Reshape", "Identity", "Transpose", "Squeeze", "Unsqueeze", "Flatten", "Shape", "Dropout", "Split"
)
def _view(given: Given, attributes: Attributes) -> Need:
    """At most a copy."""
    return Need(first(given).untyped_storage().nbytes() // first(given).element_size())


@_estimates("Concat")
def _concat(given: Given, attributes: Attributes) -> Need:
    return Need(sum(each.numel() for each in given if each is not None))


@_estimates("Gather")
def _gather(given: Given, attributes: Attributes) -> Need:
    x, places = needed(given, 2)
    return Need(x.numel() // max(1, x.shape[attributes.get("axis", 0)]) * places.numel())


@_estimates("MatMul", "Gemm")
def _product(given: Given, attributes: Attributes) -> Need:
    """Both are repeated where batches are broadcast."""
    a, b = needed(given, 2)
    a, b = a.T if attributes.get("transA") else a, b.T if attributes.get("transB") else b
    rows, shared, columns = a.shape[-2] if a.dim() > 1 else 1, a.shape[-1], b.shape[-1] if b.dim() > 1 else 1
    batch = math.prod(np.broadcast_shapes(tuple(a.shape[:-2]), tuple(b.shape[:-2])))
    repeated = batch * (rows + columns) * shared if a.dim() > 2 or b.dim() > 2 else 0
    return Need(_TEMPORARIES * batch * rows * columns + repeated, batch * rows * columns * shared)


@_estimates("Pad")
def _pad(given: Given, attributes: Attributes) -> Need:
    x = first(given)
    pads = list(attributes["pads"]) if "pads" in attributes else integers(needed(given, 2)[1])
    if len(pads) == 2 * x.ndim:
        return Need(math.prod(n + pads[k] + pads[x.ndim + k] for k, n in enumerate(x.shape)))
    grown = sorted(x.shape)  # of axes that are named: the most that they can be
    return Need(math.prod(n + (sum(pads) if k < len(pads) // 2 else 0) for k, n in enumerate(grown)))


@_estimates("Resize", "Upsample")
def _resize(given: Given, attributes: Attributes) -> Need:
    x = first(given)
    if len(given) > 3 and given[3] is not None:
        return Need(_TEMPORARIES * math.prod(integers(given[3])))
    scales = attributes.get("scales") or next(
        each.tolist() for each in given[1:3] if each is not None and each.numel() == x.ndim
    )
    return Need(_TEMPORARIES * math.prod(int(n * factor) for n, factor in zip(x.shape, scales, strict=True)))


@_estimates("MaxPool", "AveragePool")
def _pool(given: Given, attributes: Attributes) -> Need:
    x, kernel = first(given), attributes["kernel_shape"]
    padding, out = _sides(x, kernel, attributes)
    answer = math.prod((*x.shape[:2], *out))
    places = 2 * answer  # the places of maxima, in twice as many bytes
    return Need(math.prod((*x.shape[:2], *padding)) + answer + places, answer * math.prod(kernel))


@_estimates("Conv")
def _conv(given: Given, attributes: Attributes) -> Need:
    """The padded image, and both it and the answer again in the order that the computing library likes."""
    x, weight = needed(given, 2)
    kernel = weight.shape[2:]
    padding, out = _sides(x, kernel, attributes)
    padded, answer = math.prod((*x.shape[:2], *padding)), math.prod((x.shape[0], weight.shape[0], *out))
    products = answer * math.prod(weight.shape[1:])
    plain = len(kernel) == 2 and attributes.get("group", 1) == 1
    columns = 0
    if x.dtype != torch.float32 or len(kernel) != 2 or not torch.backends.mkldnn.is_available():
        columns = math.prod((*x.shape[:2], *kernel, *out))
    return Need(2 * padded + 2 * answer + weight.numel() + columns, products if plain else _SLOWER * products)


@_estimates("ConvTranspose")
def _conv_transpose(given: Given, attributes: Attributes) -> Need:
    x, weight = needed(given, 2)
    kernel, rank = weight.shape[2:], weight.ndim - 2
    stride, dilation = attributes.get("strides", [1] * rank), attributes.get("dilations", [1] * rank)
    extra = attributes.get("output_padding", [0] * rank)
    sides = zip(x.shape[2:], stride, dilation, kernel, extra, strict=True)
    out = [(n - 1) * step + apart * (k - 1) + 1 + more for n, step, apart, k, more in sides]
    groups = attributes.get("group", 1)
    answer = x.shape[0] * weight.shape[1] * groups * math.prod(out)
    columns = x.shape[0] * weight.shape[1] * groups * math.prod((*kernel, *x.shape[2:]))
    products = x.numel() * math.prod(weight.shape[1:])
    return Need(
        x.numel() + 2 * answer + weight.numel() + columns, products if groups == 1 and rank == 2 else _SLOWER * products
    )


def _sides(x: Tensor, kernel: Sequence[int], attributes: Attributes) -> tuple[list[int], list[int]]:
    """Of the padded image, and of the answer."""
    rank = len(kernel)
    stride, dilation = attributes.get("strides", [1] * rank), attributes.get("dilations", [1] * rank)
    pads = attributes.get("pads") or [0] * (2 * rank)
    reach = [apart * (k - 1) + 1 for apart, k in zip(dilation, kernel, strict=True)]
    if attributes.get("auto_pad", "NOTSET").startswith("SAME"):
        out = [math.ceil(n / step) for n, step in zip(x.shape[2:], stride, strict=True)]
        return [n + r for n, r in zip(x.shape[2:], reach, strict=True)], out
    longer = 1 if attributes.get("ceil_mode") else 0
    sides = [n + pads[k] + pads[rank + k] for k, n in enumerate(x.shape[2:])]
    out = [max(0, (n - r) // step + 1 + longer) for n, r, step in zip(sides, reach, stride, strict=True)]
    return [n + longer * step for n, step in zip(sides, stride, strict=True)], out
