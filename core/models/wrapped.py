"""A module of your own, made measurable without declarations: `wrap(module)`.

It works on a copy, so the module stays as it is. What its parts and its functional operations answer is recorded, and
where the samples of each map lie on the image is followed through the module (core.models.positions), so that a stride
or a padding that moves the centre is no error. Maps without an even grid are left out, with the reason.
"""

import math
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from core.models.feature_map import AXES, FeatureMap, Features
from core.models.grids import Grid, Layout, find_grid
from core.models.module_copy import copied
from core.models.network import Network
from core.models.positions import Positions
from core.models.recording import Found, Recorder, watch

_SMALLEST = 4  # samples of a side: smaller maps hold no position that bicubic resampling knows
_USUAL_CHANNELS = (1, 3)
_USUAL_TYPES = (torch.float32, torch.float64)
_HALVES = (torch.float16, torch.bfloat16)
_Placed = tuple[Grid, Layout]


def wrap(
    module: nn.Module,
    layers: Collection[str] | None = None,
    grids: Mapping[str, Grid] | None = None,
    canvas: int = 28,
    channels: int | None = None,
    blank: float | Sequence[float] = 0.0,
) -> "WrappedNetwork":
    """A module as a network that `core.equivariance.measure` takes. The module itself stays as it is.

    A copy of it in eval mode is used, on its device and in its type; images are brought to these, and maps back. Takes
    about six forward passes of one image for each size of canvas.

    Args: module: takes images (b, channels, h, w), values as it wants them. Images of one channel are repeated for
              those that take more. A compiled module is replaced by the one it was made from.
          layers: names of parts, as in `module.named_modules()`, and of operations, `part.add()`; a second call has
              `#2` behind it. By default every part without parts, but norms and dropout, and every operation, whose
              answer has an even grid on the image of at least 4×4; the others are listed in `left_out`.
          grids: of layers whose grid cannot be found, or need not be, or whose third axis is one of scales or turns.
          canvas: side in pixels at which the module is tried, and vector digits are drawn.
          channels: of its images; None for the number that it takes.
          blank: value of the image, for each channel or for all, whose answer is no answer: errors are measured of
              Φ(x) − Φ(blank). 0 is black; for normalised photographs it is mean grey.
    Raises: ValueError, naming the layer, if a name is unknown, the module is TorchScript, does not take the canvas, is
        no function of its image, or a layer that was asked for, or all of them, have no grid.
    """
    return WrappedNetwork(module, layers, grids or {}, canvas, channels, blank)


class WrappedNetwork(Network):
    """See `wrap`. Shape: images (b, 1 or channels, h, w) → maps (b, c, h', w') of its layers.

    Maps of another canvas than it was tried on are given even where its head takes none of that size.

    Attributes: layers: names of the maps, in the order of the calls. left_out: of others, with the reason.
        channels: of the images that the module takes. blank: value of the blank image in each.
    """

    def __init__(
        self, module: nn.Module, layers: Collection[str] | None, grids: Mapping[str, Grid], canvas: int,
        channels: int | None = None, blank: float | Sequence[float] = 0.0,
    ):  # fmt: skip
        super().__init__()
        self.background_is_zero = False  # who knows
        self.trained_canvas, self.grids = canvas, dict(grids)
        self.module, self.channels, self._type = _taking(module, canvas, channels)
        self._device = next((each.device for each in _tensors_of(self.module)), torch.device("cpu"))
        self.blank = _blank_values(blank, self.channels)
        watch(self.module)
        self._on: dict[tuple[int, int], dict[str, _Placed | str]] = {}
        self._blanks: dict[tuple[int, int], Features] = {}
        self._wanted = None if layers is None else tuple(layers)
        self.layers: tuple[str, ...] = ()
        found, operations = self._try((canvas, canvas))
        self._check_names(found, operations)
        placed = self._on[canvas, canvas]
        self.left_out = {name: why for name, why in placed.items() if isinstance(why, str)}
        self.layers = tuple(name for name in placed if name not in self.left_out)
        if layers is None:
            self._leave_out_small(found)
        if self.left_out and (layers is not None or not self.layers):
            name = next(iter(self.left_out))
            raise ValueError(_refusal(name, found[name].values, (canvas, canvas), self.left_out[name]))

    def forward(self, images: Float[Tensor, "b c h w"]) -> Any:
        """Whatever the module answers."""
        return self.module(self._taken(images))

    def features(self, images: Float[Tensor, "b c h w"]) -> Features:
        canvas = images.shape[-2], images.shape[-1]
        taken = self._taken(images)
        if canvas not in self._on:
            self._try(canvas)
        placed = self._on[canvas]
        recorder = Recorder(self.layers)
        _answer(self.module, taken, recorder, self.layers)
        maps = {}
        for name in self.layers:
            at = placed.get(name, "it is not called")
            if isinstance(at, str) or name not in recorder.found:
                values = recorder.found[name].values if name in recorder.found else images
                raise ValueError(_refusal(name, values, canvas, str(at)))
            maps[name] = _map(recorder.found[name].values.to(images.device), *at)
        return maps

    def blank_features(self, images: Float[Tensor, "b c h w"]) -> Features:
        """Φ of one blank image as large as these, (1, c, h', w') each."""
        canvas = images.shape[-2], images.shape[-1]
        if canvas not in self._blanks:
            values = torch.tensor(self.blank, dtype=torch.float32)[None, :, None, None]
            with torch.no_grad():
                self._blanks = {canvas: self.features(values.expand(1, self.channels, *canvas))}
        return {
            name: replace(found, values=found.values.to(images.device)) for name, found in self._blanks[canvas].items()
        }

    @property
    def blank_name(self) -> str:
        """The blank image for a reader."""
        if not any(self.blank):
            return "black (0 everywhere)"
        values = sorted(set(self.blank)) if len(set(self.blank)) == 1 else self.blank
        return f"even ({', '.join(f'{value:g}' for value in values)} everywhere)"

    def _taken(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b channels h w"]:
        """The images as the module takes them, in memory of their own: its first step may work in place."""
        if images.dim() != 4 or 0 in images.shape or images.shape[1] not in (1, self.channels):
            wanted = "(b, 1, h, w)" if self.channels == 1 else f"(b, {self.channels}, h, w) or (b, 1, h, w)"
            raise ValueError(f"expected images {wanted}, got {tuple(images.shape)}")
        images = images.expand(-1, self.channels, -1, -1)
        return images.to(self._device, self._type or images.dtype, copy=True).contiguous()

    @torch.no_grad()
    def _try(self, canvas: tuple[int, int]) -> tuple[dict[str, Found], set[str]]:
        """Finds the grids on a canvas, and whether the module is a function of its image; names of all operations."""
        one, other = self._taken(_noise(2, self.channels, canvas)).split(1)
        both = torch.cat([one, other])
        positions = Positions(one)
        recorder, again = Recorder(self._wanted, positions), None
        try:
            answer = _answer(self.module, one, recorder, self.layers)
            again = Recorder(tuple(recorder.found))
            second = _answer(self.module, both, again, self.layers)
        except Exception as error:
            what = "two images at once" if again else f"{self.channels} channels of {_size(canvas)} pixels"
            raise ValueError(f"the module does not take {what}: {_first_line(error)}") from error
        try:
            _check_function(recorder.found, again.found, answer, second)
        except ValueError:  # a deep network makes much of how a sum was rounded
            if not self._is_function_in_double(one, both, tuple(recorder.found)):
                raise
        placed: dict[str, _Placed | str] = {}
        seen: dict[int, _Placed | str] = {}  # of the places that many maps share
        for name, found in recorder.found.items():
            key = id(found.places)
            plain = name not in self.grids and found.lost_at is None
            placed[name] = seen[key] if plain and key in seen else _place(found, canvas, self.grids.get(name))
            if plain:
                seen[key] = placed[name]
        self._on[canvas] = placed
        return recorder.found, recorder.operations

    def _is_function_in_double(self, one: Tensor, both: Tensor, names: Collection[str]) -> bool:
        """Whether an image has one answer where rounding is nothing; False of what takes no such images."""
        if self._type != torch.float32:
            return False
        module, recorders = copied(self.module).double(), (Recorder(names), Recorder(names))
        answers = []
        try:
            for recorder, images in zip(recorders, (one, both), strict=True):
                answers.append(_answer(module, images.double(), recorder, self.layers))
            _check_function(recorders[0].found, recorders[1].found, *answers)
        except Exception:  # the module is anybody's
            return False
        return True

    def _check_names(self, found: Mapping[str, Found], operations: Collection[str]) -> None:
        known = [*filter(None, dict(self.module.named_modules())), *sorted(operations)]
        wanted = self._wanted or ()
        if unknown := [name for name in wanted if name.split("#")[0] not in known]:
            raise ValueError(f"there is no layer {unknown[0]!r}; the module has {', '.join(known)}")
        silent = [name for name in wanted if name not in found]
        if silent or not found:
            raise ValueError(f"{silent[0] if silent else 'the module'} has no planar output (b, c, h, w) to measure")
        if undeclared := set(self.grids) - set(found):
            raise ValueError(f"grids are declared for {', '.join(sorted(undeclared))}; layers are {', '.join(found)}")

    def _leave_out_small(self, found: Mapping[str, Found]) -> None:
        placed = self._on[self.trained_canvas, self.trained_canvas]
        for name in self.layers:
            at = placed[name]
            size = _map(found[name].values, *at).values.shape[-2:] if not isinstance(at, str) else (0, 0)
            if min(size) < _SMALLEST and name not in self.grids:
                self.left_out[name] = f"its {_size(size)} samples are fewer than {_SMALLEST} a side"
        self.layers = tuple(name for name in self.layers if name not in self.left_out)


def _taking(module: nn.Module, canvas: int, channels: int | None) -> tuple[nn.Module, int, torch.dtype | None]:
    """A copy of a module that has taken an image, and its channels and type; None for a module that has none."""
    own = _named(copied(module))
    lazy = any(is_lazy(each) for each in _tensors_of(own))
    counts = [channels] if channels is not None else list(dict.fromkeys([*_inputs_of(own), *_USUAL_CHANNELS]))
    kinds = [each.dtype for each in _tensors_of(own) if each.is_floating_point()]
    types = list(dict.fromkeys([*kinds, *_USUAL_TYPES]))
    errors = []
    for kind in types:
        for count in counts:
            image = _noise(1, count, (canvas, canvas))
            device = next((each.device for each in _tensors_of(own)), image.device)
            try:
                with torch.no_grad():
                    own(image.to(device, kind))
                return own, count, kind if kinds else None
            except Exception as why:  # the module is anybody's
                errors.append((count, why))
            own = _named(copied(module)) if lazy else own
    count, error = errors[0]
    raise ValueError(
        f"the module does not take {count} channels of {canvas}×{canvas} pixels: {_first_line(error)}"
    ) from error


def _answer(module: nn.Module, images: Tensor, recorder: Recorder, needed: Collection[str]) -> Any:
    """What a module answers while its maps are recorded; None where it ends when all that are needed are there.

    So ends a head that reads maps of one size alone, on another canvas. Args: needed: names; none if an answer is.
    """
    with recorder:
        try:
            return module(images)
        except Exception:  # the module is anybody's
            if not needed or any(name not in recorder.found for name in needed):
                raise
            return None


def _named(module: nn.Module) -> nn.Module:
    """A module whose parts have names: one without parts becomes the only part of another."""
    if any(name != "parametrizations" for name, _ in module.named_children()):
        return module
    return nn.Sequential(OrderedDict([(type(module).__name__.lower(), module)]))


def _tensors_of(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    yield from module.buffers()


def _inputs_of(module: nn.Module) -> Iterator[int]:
    """What may be the number of channels of the image: those of its convolutions, in the order of their definition."""
    for part in module.modules():
        count = getattr(part, "in_channels", None)
        if isinstance(count, int) and count > 0:
            yield count
    for parameter in module.parameters():
        if not is_lazy(parameter) and parameter.dim() == 4:
            yield parameter.shape[1]


def _noise(batch: int, channels: int, canvas: tuple[int, int]) -> Float[Tensor, "b c h w"]:
    """Pictures that nothing is like, the same each time; the random numbers of others go on as they would."""
    random = torch.Generator().manual_seed(0)
    return torch.rand(batch, channels, *canvas, generator=random)


def _blank_values(blank: float | Sequence[float], channels: int) -> tuple[float, ...]:
    values = (float(blank),) * channels if isinstance(blank, int | float) else tuple(map(float, blank))
    if len(values) != channels or not all(map(math.isfinite, values)):
        raise ValueError(f"expected a blank of one finite value for each of {channels} channels, got {blank}")
    return values


def _check_function(first: Mapping[str, Found], second: Mapping[str, Found], answer: Any, other_answer: Any) -> None:
    """Raises: ValueError unless an image has one answer, whenever it is asked and whatever images are beside it."""
    pairs = [(f"layer {name!r}", found.values, second[name].values) for name, found in first.items() if name in second]
    if isinstance(answer, Tensor) and isinstance(other_answer, Tensor):
        pairs.append(("its answer", answer, other_answer))
    for what, one, both in pairs:
        if len(both) % max(1, len(one)) or not one.is_floating_point():
            continue
        again = both[: len(one)]
        if again.shape != one.shape:
            continue
        one, again, limit = (*(_exact(each) for each in (one, again)), math.sqrt(torch.finfo(one.dtype).eps))
        size = torch.linalg.vector_norm(one)
        change = float(torch.linalg.vector_norm(again - one) / size) if size > 0 else 0.0
        if change > limit:
            raise ValueError(
                f"the module is no function of its image: beside another image, {what} changes by {100 * change:.2g} % "
                "(a dropout that is always on, or a norm over the batch?)"
            )


def _place(found: Found, canvas: tuple[int, int], declared: Grid | None) -> _Placed | str:
    """The grid and the layout of a map, or why it has none."""
    if declared is not None and declared.stride is not None:
        return declared, Layout(tuple(range(found.values.dim())))
    if found.lost_at is not None:
        return f"what it reads cannot be followed through {found.lost_at}"
    if found.places is None:
        return "it is made without the image"
    if len(found.values) != 1:
        return "its batch is not that of the images"
    at = find_grid(found.places, canvas)
    if isinstance(at, str):
        return at
    grid, layout = at
    group = declared.group if declared else "plane"
    if len(layout.axes) != (3 if layout.tokens else 4) + len(AXES.get(group, ())):
        return f'it has {found.values.dim()} axes: declare what the third one is, Grid(group="scale" or "rotation")'
    if declared is not None:
        grid = replace(declared, stride=grid.stride, centre=grid.centre)
    return grid, layout


def _map(values: Tensor, grid: Grid, layout: Layout) -> FeatureMap:
    assert grid.stride is not None
    values = layout.of(values)
    return FeatureMap(
        _exact(values),
        grid.group, grid.internal_scales, grid.stride, grid.centre,
    )  # fmt: skip


def _refusal(name: str, values: Tensor, canvas: tuple[int, int], why: str) -> str:
    return (
        f"the grid of layer {name!r}, {_size(values.shape[-2:])} samples of an image of {_size(canvas)}, cannot be "
        f"found: {why}; declare grids={{{name!r}: Grid(stride, centre)}}, or choose other layers"
    )


def _exact(values: Tensor) -> Tensor:
    return values.float() if values.dtype in _HALVES else values


def _size(sides: Sequence[int]) -> str:
    return "×".join(map(str, sides))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
