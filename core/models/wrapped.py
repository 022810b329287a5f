"""A planar module of your own, made measurable without declarations: `wrap(module)`.

Its layers are recorded by forward hooks. Where the samples of a map lie on the image is not guessed from sizes but
measured: a row of NaN in the image turns exactly those rows of a map to NaN that read it. Fields that move evenly
from row to row give the stride, their middles the offset of the canvas centre. All other maps are refused.
"""

import copy
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from core.models.feature_map import FeatureMap, Features
from core.models.network import Network

_LEFT_OUT = (_BatchNorm, nn.GroupNorm, nn.LayerNorm, _DropoutNd, nn.Identity)  # whose grid is that of their input
_STATISTICS = (nn.GroupNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.LayerNorm)  # they read the whole map
_SMALLEST = 4  # samples of a side: smaller maps hold no position that bicubic resampling knows
_AT_ONCE = 16  # images of a probe


@dataclass(frozen=True)
class Grid:
    """Where the samples of a map over the plane lie on the image.

    Attributes:
        stride: image pixels per map pixel.
        centre: (vertical, horizontal) offset of the canvas centre from the middle of the map, in map pixels.
    """

    stride: float
    centre: tuple[float, float] = (0.0, 0.0)


def wrap(
    module: nn.Module,
    layers: Collection[str] | None = None,
    grids: Mapping[str, Grid] | None = None,
    canvas: int = 28,
) -> "WrappedNetwork":
    """A module as a network that `core.equivariance.measure` takes; it is put into eval mode.

    Args: module: takes (b, 1, h, w) or, if its first convolution has three input channels, (b, 3, h, w): the grey
              channel is then repeated. Its planar maps are those of ordinary convolutions, with no further axis.
          layers: names of submodules, as in `module.named_modules()`; by default every submodule without children
              whose output is planar, of at least 4×4, and no norm or dropout. A second call is named `name#2`.
          grids: of layers whose grid cannot be measured, or need not be; for a side of n pixels this takes about
              2n forward passes in float64, once for each canvas.
          canvas: side in pixels at which the module is tried, and vector digits are drawn.
    Raises: ValueError, naming the layer, if a name is unknown, the module does not take the canvas, an output is not
        planar, or its grid is uneven or reads the whole canvas (attention, upsampling, adaptive pooling).
    """
    return WrappedNetwork(module, layers, grids or {}, canvas)


class WrappedNetwork(Network):
    """See `wrap`. Shape: images (b, 1, h, w), values as the module wants them → maps (b, c, h', w') of its layers."""

    def __init__(self, module: nn.Module, layers: Collection[str] | None, grids: Mapping[str, Grid], canvas: int):
        super().__init__()
        if not any(module.children()):
            module = nn.Sequential(OrderedDict([(type(module).__name__.lower(), module)]))
        self.background_is_zero = False  # who knows
        self.module, self.trained_canvas, self.grids = module.eval(), canvas, dict(grids)
        self._channels = _channels(module)
        self._names = _names(module, layers)
        self._measured: dict[tuple[int, int], dict[str, Grid]] = {}
        maps = self._record(self.module, torch.zeros(1, 1, canvas, canvas))
        if layers is None:
            maps = {name: values for name, values in maps.items() if min(values.shape[-2:]) >= _SMALLEST}
        silent = [name for name in layers or () if name not in maps]
        if silent or not maps:
            raise ValueError(f"{silent[0] if silent else 'the module'} has no planar output (b, c, h, w) to measure")
        if unknown := set(grids) - set(maps):
            raise ValueError(f"grids are declared for {', '.join(sorted(unknown))}; layers are {', '.join(maps)}")
        self.layers = tuple(maps)
        self._grids_on((canvas, canvas), maps)

    def forward(self, images: Float[Tensor, "b 1 h w"]) -> Any:
        """Whatever the module answers."""
        return self.module(images.expand(-1, self._channels, -1, -1))

    def features(self, images: Float[Tensor, "b 1 h w"]) -> Features:
        if images.dim() != 4 or images.shape[1] != 1 or 0 in images.shape:
            raise ValueError(f"expected images (b, 1, h, w), got {tuple(images.shape)}")
        found = self._record(self.module, images)
        maps = {name: found[name] for name in self.layers}
        grids = self._grids_on((images.shape[-2], images.shape[-1]), maps)
        return {
            name: FeatureMap(values, stride=grids[name].stride, centre=grids[name].centre)
            for name, values in maps.items()
        }

    def _record(self, module: nn.Module, images: Float[Tensor, "b 1 h w"]) -> dict[str, Tensor]:
        """Every planar output of the chosen submodules, in the order of the calls."""
        found: dict[str, Tensor] = {}
        calls: Counter[str] = Counter()

        def keep(name: str, output: object) -> None:
            if isinstance(output, Tensor) and output.dim() == 4:
                calls[name] += 1
                key = name if calls[name] == 1 else f"{name}#{calls[name]}"
                found[key] = output.clone()  # the next layer may work in place

        handles = [
            submodule.register_forward_hook(lambda _module, _inputs, output, name=name: keep(name, output))
            for name, submodule in module.named_modules()
            if name in self._names
        ]
        try:
            module(images.expand(-1, self._channels, -1, -1))
        except RuntimeError as error:
            size = "×".join(map(str, images.shape[-2:]))
            raise ValueError(f"the module does not take {self._channels} channels of {size} pixels: {error}") from error
        finally:
            for handle in handles:
                handle.remove()
        return found

    def _grids_on(self, canvas: tuple[int, int], maps: Mapping[str, Tensor]) -> dict[str, Grid]:
        """The grid of every layer for images of that size: as declared, else measured once."""
        missing = set(maps) - set(self.grids)
        if missing and canvas not in self._measured:
            down, across = self._readers(canvas)
            self._measured[canvas] = {
                name: _grid(name, canvas, down[name], across[name]) for name in maps if name in missing
            }
        return self._measured.get(canvas, {}) | self.grids

    @torch.no_grad()
    def _readers(self, canvas: tuple[int, int]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Which rows of each map read which row of the image, (n_image, n_map), and the same for columns.

        In float64, where a convolution is computed tap by tap: faster ways to compute it spread NaN.
        """
        probe = _with_narrow_fields(copy.deepcopy(self.module).double())
        axes = []
        for axis in (-2, -1):
            parts: dict[str, list[Tensor]] = {}
            for some in torch.arange(canvas[axis]).split(_AT_ONCE):
                images = torch.full((len(some), 1, *canvas), 0.5, dtype=torch.float64)
                for image, place in zip(images, some.tolist(), strict=True):
                    image.select(axis, place).fill_(torch.nan)
                for name, values in self._record(probe, images).items():
                    other = -1 if axis == -2 else -2
                    parts.setdefault(name, []).append(values.isnan().any(dim=other).any(dim=1))
            axes.append({name: torch.cat(found) for name, found in parts.items()})
        return axes[0], axes[1]


def _middle_taps(conv: nn.Conv2d, planes: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out h_out w_out"]:
    """A convolution cut to the middle tap of each axis, two if it has an even number: the same grid, a small field."""
    weight, pads = conv.weight, []
    for axis in (-1, -2):  # F.pad names the last axis first
        taps, spread = weight.shape[axis], conv.dilation[axis]
        kept = 2 - taps % 2
        cut = (taps - kept) // 2
        weight = weight.narrow(axis, cut, kept)
        pads += [pad - spread * cut for pad in _padding(conv, axis)]
    return F.conv2d(F.pad(planes, pads), weight, None, conv.stride, 0, conv.dilation, conv.groups)


def _padding(conv: nn.Conv2d, axis: int) -> tuple[int, int]:
    if isinstance(conv.padding, str):
        total = conv.dilation[axis] * (conv.kernel_size[axis] - 1) if conv.padding == "same" else 0
        return total // 2, total - total // 2
    return conv.padding[axis], conv.padding[axis]


def _with_narrow_fields(module: nn.Module) -> nn.Module:
    """Changes a module so that its fields fit the canvas and its grids stay: else a deep network reads all of it."""
    for child in module.modules():
        if type(child) is nn.Conv2d:
            child.__dict__["forward"] = partial(_middle_taps, child)
        elif isinstance(child, _STATISTICS):
            child.__dict__["forward"] = _hand_on
    return module


def _hand_on(values: Tensor) -> Tensor:
    return values


def _channels(module: nn.Module) -> int:
    channels = next((m.in_channels for m in module.modules() if isinstance(m, nn.Conv2d)), 1)
    if channels not in (1, 3):
        raise ValueError(f"expected a module of 1 or 3 input channels, its first convolution has {channels}")
    return channels


def _names(module: nn.Module, layers: Collection[str] | None) -> set[str]:
    known = dict(module.named_modules())
    if layers is None:
        leaves = {name for name, submodule in known.items() if not any(submodule.children())}
        return {name for name in leaves if not isinstance(known[name], _LEFT_OUT)}
    if unknown := [name for name in layers if name not in known]:
        raise ValueError(f"there is no layer {unknown[0]!r}; the module has {', '.join(filter(None, known))}")
    return set(layers)


def _grid(
    name: str, canvas: tuple[int, int], down: Bool[Tensor, "n_image n_map"], across: Bool[Tensor, "m_image m_map"]
) -> Grid:
    rows, columns = _line(down), _line(across)
    if rows is None or columns is None or rows[0] != columns[0]:
        size = f"{down.shape[1]}×{across.shape[1]}"
        raise ValueError(
            f"the grid of layer {name!r}, {size} samples of an image of {canvas[0]}×{canvas[1]}, is not even or reads "
            f"too much of the image to be measured: declare grids={{{name!r}: Grid(stride, centre)}}, or choose layers"
        )
    (stride, top), (_, left) = rows, columns
    sizes = zip(canvas, (down.shape[1], across.shape[1]), (top, left), strict=True)
    vertical, horizontal = (((n - 1) / 2 - first) / stride - (m - 1) / 2 for n, m, first in sizes)
    return Grid(stride, (vertical, horizontal))


def _line(reads: Bool[Tensor, "n_image n_map"]) -> tuple[float, float] | None:
    """Stride of the fields' middles and the place of the first, in image pixels; None if they are not even.

    The ends of a field are compared only where the border of the image does not cut it.
    """
    n = len(reads)
    rows = torch.arange(n)[:, None]
    low, high = torch.where(reads, rows, n).amin(0), torch.where(reads, rows, -1).amax(0)
    found = []
    for end, cut in ((low, int(low.min())), (high, int(high.max()))):
        at = (reads.any(0) & (end != cut)).nonzero().flatten()
        if len(at) < 2:
            return None
        stride = float(end[at[-1]] - end[at[0]]) / float(at[-1] - at[0])
        first = float(end[at[0]]) - stride * float(at[0])
        if stride <= 0 or (end[at] - first - stride * at).abs().max() > 1e-6:
            return None
        found.append((stride, first))
    return (found[0][0], (found[0][1] + found[1][1]) / 2) if found[0][0] == found[1][0] else None
