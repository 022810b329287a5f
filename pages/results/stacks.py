"""What the stack viewer shows, once for a digit, a network and a layer: maps at every amount of a transform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
import torch

from core.equivariance import LayerSweep, Sweep, sweep, undone
from core.equivariance.canvas import margin_for
from core.figures import Plane, Stack, stack, symmetric_range
from core.freed_memory import giving_back
from core.models import MODELS, FeatureMap, Features, Shown
from core.models.receptive_field import receptive_field
from core.transforms import TRANSFORMS
from pages.hosting.aside import while_wanted
from pages.results.digits import edge_of, pictures
from pages.results.kept_maps import KeptMaps, OneChannel, channel_shown
from pages.results.networks import network
from pages.results.numbers import Numbers, compared_layer, compared_numbers
from pages.state.view import Digit

Fields = tuple[int | None, ...]


@dataclass(frozen=True)
class SquareStack:
    """The commuting square of one channel of one layer at every amount.

    Attributes:
        stack: planes in the order of `PLANES`; `difference` is T′Φ(x) − Φ(T x), `rest` is Φ(x) − T′⁻¹Φ(T x).
            Of images in colour `x` and `tx` are red, and behind all others are their green and blue.
        x, tx: the planes of the images, one, or red, green and blue.
        numbers: of the layer.
        channel: that is shown, counted from 0. levels: place on the third axis at each amount, None on a plane.
        sources: place from which T' takes it. names: of the places, e.g. `σ = 1.26 px`.
        fields: side of the receptive field of each place in image pixels; None for the whole image.
        num_channels: of the layer. limits: of the shared colours.
        unknown: planes that are not known everywhere at every amount.
    """

    stack: Stack
    numbers: Numbers
    channel: int
    levels: tuple[int | None, ...]
    sources: tuple[int | None, ...]
    names: tuple[str, ...]
    fields: Fields
    num_channels: int
    limits: tuple[float, float]
    unknown: frozenset[str]
    x: tuple[int, ...] = (0,)
    tx: tuple[int, ...] = (1,)

    def field(self, place: int | None) -> int | None:
        return self.fields[place or 0]


@dataclass(frozen=True)
class LayerStack:
    """Every map of one layer at every amount, and a few maps of every layer.

    Attributes:
        stack: plane 0 is T x, then the layer channel by channel, place by place, then the overview; of an image in
            colour 0 is its red, and its green and blue are last.
        tx: the planes of T x, one, or red, green and blue.
        numbers: of the layer. num_channels: of the layer.
        names: of the places on the third axis; one empty name on a plane. sizes: height and width of the map of x.
        fields: side of the receptive field of each place. limits: of the shared colours.
        overview: the few maps of each layer.
    """

    stack: Stack
    numbers: Numbers
    num_channels: int
    names: tuple[str, ...]
    sizes: tuple[int, int]
    fields: Fields
    limits: tuple[float, float]
    overview: tuple["FewMaps", ...]
    tx: tuple[int, ...] = (0,)

    def planes(self, place: int) -> list[int]:
        return [1 + channel * len(self.names) + place for channel in range(self.num_channels)]


@dataclass(frozen=True)
class FewMaps:
    """The first channels of one layer, over scales or turns at the middle place.

    Attributes:
        layer: its name. planes: of the stack. sizes: height and width of the map of x.
        place: its name, empty on a plane.
        field: side of the receptive field in image pixels; None for the whole image.
    """

    layer: str
    planes: tuple[int, ...]
    sizes: tuple[int, int]
    place: str
    field: int | None


FEW_CHANNELS = 8
WINDOW = 32  # pixels of a wide canvas that are shown: the image's own and a little more, even on every grid
PLANES = ("x", "tx", "before", "moved", "after", "difference", "undone", "rest")


# All visitors share what is kept here, and nobody changes it: a copy for each run would cost more than the run.
@st.cache_resource(max_entries=48, show_spinner=False)
@giving_back
@while_wanted()
def square_stack(
    shown: Shown,
    digit: Digit,
    resampler: str,
    layer: str,
    colour_range: str,
    amounts: tuple[float, ...],
    transform: str,
    channel: int | None = None,
    level: int | None = None,
) -> SquareStack:
    """Both ways through a layer, for its strongest channel and scale or for given ones.

    Raises: CheckpointError, ValueError.
    """
    last = None if colour_range == "global" else layer
    kept = OneChannel(layer, channel, largest=colour_range == "global")
    whole = swept_picture(shown, digit, resampler, amounts, transform, last, kept, compared=layer)
    found, numbers = compared_layer(whole), compared_numbers(shown, digit, whole)
    swept = whole.window(WINDOW)
    num_channels = found.before.values.shape[1]
    chosen = channel_shown(found.before, channel)
    back = undone(whole, layer, chosen if kept.channel is None else 0, window=WINDOW)
    levels = [_level(found, chosen, k, level) for k in range(len(amounts))]
    source = TRANSFORMS[transform].source_level
    sources = [source(found.before, at, amount) for at, amount in zip(levels, amounts, strict=True)]
    planes = {
        "before": [_pick(found.before, chosen, at) for at in sources],
        "moved": [_where_known(found, k, _pick(found.moved[k], chosen, at), at) for k, at in enumerate(levels)],
        "after": [_pick(fm, chosen, at) for fm, at in zip(found.after, levels, strict=True)],
        "difference": [_difference(found, chosen, k, at) for k, at in enumerate(levels)],
        "undone": [_pick(fm, 0, at) for fm, at in zip(back, sources, strict=True)],
    }
    planes["rest"] = [_subtracted(x, y) for x, y in zip(planes["before"], planes["undone"], strict=True)]
    shared = _limits(colour_range, [found.before, *found.moved, *found.after], swept, kept)
    x, tx = image_planes([swept.original] * len(amounts)), image_planes(swept.images)
    packed = [x[0], tx[0]]
    grids = dict.fromkeys(("before", "undone", "rest"), found.before)
    for name, frames in planes.items():
        limits = symmetric_range(*frames) if colour_range == "unit" else shared
        grid = grids.get(name, found.after[0])
        packed.append(Plane(tuple(frames), limits, grid.stride, grid.centre))
    of_x, of_tx = (_at_end(packed, first, planes) for first, planes in ((0, x), (1, tx)))
    unknown = frozenset(name for name, frames in planes.items() if any(np.isnan(each).any() for each in frames))
    return SquareStack(
        stack(packed), numbers, chosen, tuple(levels), tuple(sources),
        found.before.place_names, fields(shown, layer), num_channels, shared, unknown, of_x, of_tx,
    )  # fmt: skip


@st.cache_resource(max_entries=24, show_spinner=False)
@giving_back
@while_wanted()
def layer_stack(
    shown: Shown,
    digit: Digit,
    resampler: str,
    layer: str,
    colour_range: str,
    amounts: tuple[float, ...],
    transform: str,
) -> LayerStack:
    """All maps of a layer at every factor. Raises: CheckpointError, ValueError."""
    kept = KeptMaps(layer, few=FEW_CHANNELS, largest=colour_range == "global", whole=False)
    swept = swept_picture(shown, digit, resampler, amounts, transform, kept=kept, compared=layer)
    numbers = compared_numbers(shown, digit, swept)
    swept = swept.window(WINDOW)
    maps = [features[layer] for features in swept.after]
    shared = _limits(colour_range, maps, swept, kept)
    values = [fm.values[0].numpy() for fm in maps]  # (c, h, w) or (c, place, h, w)
    names = maps[0].place_names
    images = image_planes(swept.images)
    packed = [images[0]]
    for index in np.ndindex(values[0].shape[:-2]):
        frames = tuple(each[index] for each in values)
        limits = symmetric_range(*frames) if colour_range == "unit" else shared
        packed.append(Plane(frames, limits, maps[0].stride, maps[0].centre))
    overview = []
    for name in swept.before:
        few, planes = _few_maps(shown, swept, name, colour_range, len(packed), kept)
        overview.append(few)
        packed += planes
    tx = _at_end(packed, 0, images)
    h, w = swept.before[layer].values.shape[-2:]
    return LayerStack(
        stack(packed), numbers, values[0].shape[0], names, (h, w), fields(shown, layer), shared, tuple(overview), tx
    )


@st.cache_resource(max_entries=256, show_spinner=False)
def fields(shown: Shown, layer: str) -> Fields:
    """The receptive field of a layer, place by place."""
    return receptive_field(network(shown), layer)


def swept_picture(
    shown: Shown, digit: Digit, resampler: str, amounts: Sequence[float], transform: str,
    last: str | None = None, kept: Callable[..., Features] | None = None, compared: str | None = None,
) -> Sweep:  # fmt: skip
    """A digit at every amount; `last`, `kept` and `compared` as `core.equivariance.sweep`.

    Args: kept: is told the `window` that is shown of a wide canvas; all is kept where the classifier reads the maps.
    Raises: CheckpointError, ValueError.
    """
    found, model = pictures(shown, digit, resampler), network(shown)
    images = found if isinstance(found, torch.Tensor) else None
    is_wide = edge_of(digit) != "mirrored" and margin_for(model, images, "wide") is not None
    keeps: Callable[[Features], Features] = dict  # all of them where the classifier reads them
    if kept is not None and (is_wide or MODELS[shown.key].is_own):
        keeps = partial(kept, window=WINDOW if is_wide else None)
    picture = images if images is not None else found[0]
    return sweep(
        model, picture, amounts, resampler, transform, last=last, edge=edge_of(digit), kept=keeps, compared=compared,
        pixels=WINDOW,
    )  # fmt: skip


def _few_maps(
    shown: Shown, swept: Sweep, layer: str, colour_range: str, start: int, kept: KeptMaps
) -> tuple[FewMaps, list[Plane]]:
    """The first channels of a layer as planes that are numbered from `start`."""
    maps = [features[layer] for features in swept.after]
    names, shared = maps[0].place_names, _limits(colour_range, maps, swept, kept)
    level = None if maps[0].group == "plane" else len(names) // 2
    count = min(FEW_CHANNELS, maps[0].values.shape[1])
    planes = []
    for channel in range(count):
        frames = tuple(_pick(fm, channel, level) for fm in maps)
        limits = symmetric_range(*frames) if colour_range == "unit" else shared
        planes.append(Plane(frames, limits, maps[0].stride, maps[0].centre))
    h, w = swept.before[layer].values.shape[-2:]
    field = fields(shown, layer)[level or 0]
    return FewMaps(layer, tuple(range(start, start + count)), (h, w), names[level or 0], field), planes


def _level(found: LayerSweep, channel: int, k: int, wanted: int | None) -> int | None:
    """The wanted place on the third axis, or the known one at which T'Φ(x) has most energy."""
    if found.before.group == "plane":
        return None
    if wanted is not None:
        return min(wanted, found.before.values.shape[2] - 1)
    known = found.masks[k] * found.moved[k].values[0, channel]
    return int(known.flatten(1).square().sum(dim=1).argmax())


def _pick(feature_map: FeatureMap, channel: int, level: int | None) -> np.ndarray:
    plane = feature_map.values[0, channel] if level is None else feature_map.values[0, channel, level]
    return plane.numpy()


def _difference(found: LayerSweep, channel: int, k: int, level: int | None) -> np.ndarray:
    """T'Φ(x) − Φ(T x)."""
    return _where_known(found, k, _pick(found.moved[k], channel, level) - _pick(found.after[k], channel, level), level)


def _subtracted(before: np.ndarray, undone: np.ndarray) -> np.ndarray:
    """Φ(x) − T'⁻¹Φ(T x); not known where the way back ends on another grid, as it may if the canvas changes."""
    return before - undone if before.shape == undone.shape else np.full_like(before, np.nan)


def _where_known(found: LayerSweep, k: int, values: np.ndarray, level: int | None) -> np.ndarray:
    mask = found.masks[k] if level is None or found.masks[k].dim() == 2 else found.masks[k][level]
    return np.where(mask.numpy() > 0, values, np.nan)


def image_planes(images: Sequence[torch.Tensor]) -> list[Plane]:
    """A plane of images (1, c, h, w) for each of their channels: one of grey ones, else red, green and blue."""
    return [
        Plane(tuple(image[0, channel].numpy() for image in images), (0.0, 1.0)) for channel in range(images[0].shape[1])
    ]


def _at_end(packed: list[Plane], first: int, planes: list[Plane]) -> tuple[int, ...]:
    """Puts the planes of an image but the first, which stands already, behind all others. Returns: their places."""
    start = len(packed)
    packed += planes[1:]
    return (first, *range(start, len(packed)))


def _limits(colour_range: str, maps: Sequence[FeatureMap], swept: Sweep, kept: KeptMaps) -> tuple[float, float]:
    """The range of colours that all panels share: of the layer, or of all layers, over all factors."""
    if colour_range == "global" and kept.largest > 0:
        return -kept.largest, kept.largest
    if colour_range == "global":
        maps = [fm for features in (swept.before, *swept.after) for fm in features.values()]
    return symmetric_range(*[fm.values.numpy() for fm in maps])
