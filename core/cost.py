"""What a network's internal scales cost: kernels, multiply-adds and time."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, cast

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.layers import methods
from core.models import Network, build
from core.scales import ScaleSet


@dataclass(frozen=True)
class Cost:
    """What one network with one set of internal scales takes.

    Attributes:
        internal_scales: in pixels of the network's own grid, ascending.
        kernel_sizes: side in pixels of the kernel of each of them, in the first convolution; where one kernel serves
            all scales (the network resamples its maps instead), that kernel's.
        multiply_adds: of each convolution, by the name of its map; `total` is their sum.
    """

    internal_scales: ScaleSet
    kernel_sizes: tuple[int, ...]
    multiply_adds: dict[str, int]
    total: int


def cost_of(key: str, size: str = "small", **scales: Any) -> Cost:
    """Kernels and multiply-adds of a registered network, of its convolutions for one image of 28×28.

    Counted while it runs, in the direct way: every position of every map takes one multiply-add for each tap of each
    kernel that is convolved there (taps that no position of the canvas reaches are none; a dilated kernel has its own
    taps only). What is faster in practice (core.layers.methods) is not counted, nor are
    resampling, norms and classifier. Kernels follow Eq. 7 (core.scales.kernel_size) where a network does; others have
    supports of their own.

    Args: scales: settings of the network, such as `internal_scales`, or `sigma_basis`, `isr` and `num_scales`.
    Raises: KeyError and ValueError as `core.models.build`; ValueError for a network without internal scales.
    """
    network = build(key, size, **scales).eval()
    internal_scales: ScaleSet | None = getattr(network, "internal_scales", None)
    if internal_scales is None:
        raise ValueError(f"{key} has no internal scales")
    sides = tuple(kernel.shape[-1] for kernel in next(iter(network.kernels(slice(0, 1)).values())))
    if len(sides) != len(internal_scales):
        sides = sides[:1] * len(internal_scales)
    counts = _count(network)
    return Cost(internal_scales, sides, counts, sum(counts.values()))


def measured_ms(key: str, size: str = "small", repeats: int = 20, **scales: Any) -> float:
    """Median time in ms of one forward pass for one image, here and now, after one to warm up.

    Raises: as `core.models.build`; ValueError for fewer than one repeat.
    """
    if repeats < 1:
        raise ValueError(f"expected at least one repeat, got {repeats}")
    network = build(key, size, **scales).eval()
    times = []
    with torch.no_grad():
        for _ in range(repeats + 1):
            start = time.perf_counter()
            network(_blank(network))
            times.append(time.perf_counter() - start)
    return 1000 * median(times[1:])


def _blank(network: Network) -> torch.Tensor:
    return torch.zeros(1, 1, network.trained_canvas, network.trained_canvas)


def _count(network: Network) -> dict[str, int]:
    """Multiply-adds of each convolution of a network that nobody else uses, since hooks stay on it."""
    counter = _ConvolutionCounter()
    for number, conv in enumerate(cast(Iterable[nn.Module], network.convs), start=1):
        conv.register_forward_pre_hook(partial(counter.enter, f"conv{number}"))
        conv.register_forward_hook(counter.leave)
    with torch.no_grad(), methods.fixed("direct"), counter:
        network.features(_blank(network))
    return counter.counts


class _ConvolutionCounter(TorchDispatchMode):
    """Multiply-adds of the convolutions that run in this thread, added up by the layer they run in."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self._layer = ""

    def enter(self, layer: str, *_: object) -> None:
        self.counts[layer], self._layer = 0, layer

    def leave(self, *_: object) -> None:
        self._layer = ""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._layer and func is torch.ops.aten.convolution.default:
            self.counts[self._layer] += result.numel() * args[1][0].numel()  # weights of one output channel
        return result
