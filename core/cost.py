"""What a network costs, and what its internal scales do: parameters, kernels, multiply-adds and time."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.layers import methods
from core.models import MODELS, Network, build
from core.scales import ScaleSet

SPREAD = (0.16, 0.84)
"""Quantiles one standard deviation to either side of a normal distribution."""


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


@dataclass(frozen=True)
class Price:
    """What a network takes.

    Attributes:
        parameters: numbers that training sets.
        multiply_adds: as `Cost.total`; None where no convolution slides, as over frequencies.
    """

    parameters: int
    multiply_adds: int | None


def price_of(key: str, size: str = "small", **config: Any) -> Price:
    """Of any registered network, with or without internal scales; counted as `cost_of` does.

    Raises: KeyError and ValueError as `core.models.build`.
    """
    network = build(key, size, **config).eval()
    if MODELS[key].is_own:  # shared by all, and so without hooks and gradients
        return Price(sum(each.numel() for each in network.parameters()), _count_all(network) or None)
    parameters = sum(each.numel() for each in network.parameters() if each.requires_grad)
    counted = sum(_count(network).values()) if hasattr(network, "convs") else 0
    return Price(parameters, counted or None)


@dataclass(frozen=True)
class TimeComparison:
    """Times of one forward pass for one image of two networks, or of one with two sets of scales, measured in turn.

    Attributes:
        first_ms, second_ms: medians in ms. first_spread, second_spread: the 16 % and 84 % quantiles over the turns.
        ratio: median of the first time over the second of the same turn, without unit. ratio_spread: its quantiles.
        turns: how many were measured.
    """

    first_ms: float
    second_ms: float
    ratio: float
    ratio_spread: tuple[float, float]
    first_spread: tuple[float, float]
    second_spread: tuple[float, float]
    turns: int


def measured_ms(key: str, size: str = "small", repeats: int = 20, **scales: Any) -> float:
    """Median time in ms of one forward pass for one image, here and now, after one to warm up.

    Two of these numbers do not compare, since the machine is busier at one moment than at another: `compare_ms` does.
    Raises: as `core.models.build`; ValueError for fewer than one repeat.
    """
    return float(np.median(times_in_turn([build(key, size, **scales)], repeats)))


def compare_ms(key: str, first: ScaleSet, second: ScaleSet, size: str = "small", repeats: int = 20) -> TimeComparison:
    """One network with two sets of internal scales, timed as `compare_networks_ms`.

    Args: first, second: internal scales in pixels. repeats: turns.
    Raises: as `core.models.build`; ValueError for fewer than one repeat.
    """
    one, other = (build(key, size, internal_scales=scales) for scales in (first, second))
    return compare_networks_ms(one, other, repeats)


def compare_networks_ms(first: Network, second: Network, repeats: int = 20) -> TimeComparison:
    """Two networks, timed in turn (first, second, first, …) after one pass each.

    What slows the machine down for longer than a turn slows both, and leaves the ratio alone.
    Raises: ValueError for fewer than one repeat.
    """
    times = times_in_turn([first, second], repeats)
    ratios = times[:, 0] / times[:, 1]
    first_ms, second_ms = np.median(times, axis=0).tolist()
    of_ratios, of_first, of_second = (_spread(each) for each in (ratios, times[:, 0], times[:, 1]))
    return TimeComparison(first_ms, second_ms, float(np.median(ratios)), of_ratios, of_first, of_second, repeats)


def _spread(values: Float[np.ndarray, " turn"]) -> tuple[float, float]:
    low, high = np.quantile(values, SPREAD).tolist()
    return low, high


def times_in_turn(networks: Sequence[Network], repeats: int) -> Float[np.ndarray, "turn network"]:
    """In ms, of one forward pass for one image each; a first turn warms up and does not count.

    Raises: ValueError for fewer than one repeat.
    """
    if repeats < 1:
        raise ValueError(f"expected at least one repeat, got {repeats}")
    with torch.no_grad():
        turns = [[_pass_ms(network.eval()) for network in networks] for _ in range(repeats + 1)]
    return np.array(turns[1:])


def _pass_ms(network: Network) -> float:
    image = _blank(network)
    start = time.perf_counter()
    network(image)
    return 1000 * (time.perf_counter() - start)


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


def _count_all(network: Network) -> int:
    """Multiply-adds of every convolution together, without a hook."""
    counter = _ConvolutionCounter()
    counter.enter("all")
    with torch.no_grad(), methods.fixed("direct"), counter:
        network.features(_blank(network))
    return counter.counts["all"]


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
