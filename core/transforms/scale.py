"""A change of size, T_s: how it acts on images and on feature maps, and where both sides know the result.

On a plane, T'_s resamples height and width like an image. On a map over scales it also moves along the scale axis,
(T'_s Φ)(σ, t) = Φ(σ / s, t / s), linear in log σ between neighbouring scales (SESN, arXiv:1910.11093, Eq. 5).
Leaving the shift out is a known error of public code. On a map over turns it acts as on planes: size and turn commute.

Most networks see a scaled digit on the same canvas. One whose unit is the canvas (`Network.changes_canvas`) sees the
whole canvas with more or fewer pixels, as many as come nearest to s, and its maps change their grids with it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core.layers.ink import ink_by_scale
from core.models.feature_map import FeatureMap, Features
from core.models.measurable import HasFeatures, changes_canvas, trained_canvas
from core.resampling import RESAMPLERS, known_samples, resample, resample_and_back, rescale, resize
from core.resampling.matrices import matrix_like
from core.transforms.transform import MOST_TICKS, Affine, Drawable, Transform, maps_of

_HALF_OCTAVES = (0.125, 0.177, 0.25, 0.354, 0.5, 0.707, 1.0, 1.414, 2.0, 2.828, 4.0, 5.657, 8.0)
_ALIKE = 0.003  # of a factor: closer than this, one stands for the other


class Scale(Transform):
    """A change of size by the scale factor s about the canvas centre; above 1 enlarges."""

    key, parameter, title = "scale", "s", "Change of size"
    question = "Resize the picture: does the network’s answer resize too?"
    noun, done, doing = "scale factor", "scaled", "scaling"
    symbol, unit, label = "s", "", "Scale factor s"
    axis_title, steps_noun = "scale factor s (log2 axis)", "steps of the internal scales"
    between = "blends neighbouring scales there, and the network was not built for it"
    beyond = "beyond the internal scales: no scale has a partner"
    log, identity, usual = True, 1.0, round(2 ** (-2 / 3), 4)
    # 0.5 to 2 in 49 steps, 24 to the octave: third and half octaves, so the steps of most scale sets, are among them
    handle_amounts = tuple(round(2 ** (i / 24), 4) for i in range(-24, 25))
    curve_amounts = tuple(round(2 ** (i / 3), 4) for i in range(-3, 4))  # the steps of the trained scales
    resamplers = tuple(RESAMPLERS)
    draws = True
    alike = math.log1p(_ALIKE)

    def check(self, amount: float) -> float:
        amount = float(amount)
        if not (math.isfinite(amount) and amount > 0):
            raise ValueError(f"a scale factor must be a positive number, got {amount}")
        return amount

    def name(self, amount: float) -> str:
        return f"s = {amount:.3g}"

    def inverse(self, amount: float) -> float:
        return 1 / amount

    def distance(self, a: float, b: float) -> float:
        return abs(math.log(a / b))

    def tick(self, amount: float) -> str:
        return f"{amount:.2f}".rstrip("0").rstrip(".")

    def ticks(self, amounts: Sequence[float]) -> dict[float, str]:
        """The measured factors if they are few, else half octaves, else some of the measured ones."""
        chosen = list(amounts)
        if len(chosen) > MOST_TICKS:
            inside = [tick for tick in _HALF_OCTAVES if 0.99 * amounts[0] <= tick <= 1.01 * amounts[-1]]
            some = np.linspace(0, len(amounts) - 1, 5).round().astype(int)
            chosen = inside if len(inside) >= 3 else [amounts[i] for i in some]
        return {tick: self.tick(tick) for tick in chosen}

    def images(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, resampler: str = "bicubic"
    ) -> Float[Tensor, "b c h_out w_out"]:
        """T_s x on the same canvas, or on one of another size if the network says so."""
        if not changes_canvas(network):
            return rescale(images, amount, resampler)
        return resize(images, scaled_canvas((images.shape[-2], images.shape[-1]), amount), resampler)

    def undo(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, size: tuple[int, int],
        resampler: str = "bicubic",
    ) -> Float[Tensor, "b c h_out w_out"]:  # fmt: skip
        return resize(images, size, resampler) if changes_canvas(network) else rescale(images, 1 / amount, resampler)

    def draw(
        self, drawable: Drawable, network: HasFeatures, amount: float, margin: int = 0
    ) -> Float[Tensor, "1 1 h w"]:
        size, canvas = drawing(network, self.check(amount))
        return drawable.render(size, canvas + 2 * margin)

    def point(self, amount: float) -> Affine:
        return (amount, 0.0, 0.0), (0.0, amount, 0.0)

    def act(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
        self._check_group(feature_map)
        if feature_map.canvas is not None:
            return _resize(feature_map, scaled_canvas(feature_map.canvas, amount), resampler)
        mask, values = _known_positions(feature_map, amount, resampler), feature_map.values
        if feature_map.group != "scale":
            return replace(feature_map, values=resample(values, amount, resampler, centre=feature_map.centre)), mask
        shift, known = scale_shift(feature_map.internal_scales, amount)
        told, moved = _run(known > 0), torch.zeros_like(values)  # only scales that have a partner are resampled
        _resample_into(moved[:, :, told], _along(shift[told], values), amount, resampler, feature_map.centre)
        return replace(feature_map, values=moved), known.to(mask)[:, None, None] * mask

    def there_and_back(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
        """Where background lies beyond, what is enlarged leaves no canvas: the way there ends on one large enough."""
        if feature_map.canvas is not None or feature_map.beyond == "unknown":
            return super().there_and_back(feature_map, amount, resampler)
        self._check_group(feature_map)
        values = feature_map.values
        mask = values.new_ones(values.shape[-2:])
        if feature_map.group != "scale":
            return replace(feature_map, values=resample_and_back(values, amount, resampler, feature_map.centre)), mask
        (there, told), (back, returned) = (
            scale_shift(feature_map.internal_scales, factor) for factor in (amount, 1 / amount)
        )
        known = (returned > 0) & ~(back[:, told == 0] != 0).any(1)
        both, found = _run(known), torch.zeros_like(values)
        moved = _along((back @ there)[both], values)
        found[:, :, both] = resample_and_back(moved, amount, resampler, feature_map.centre)
        return replace(feature_map, values=found), known.to(mask)[:, None, None] * mask

    def _act_back(
        self, before: FeatureMap, moved: FeatureMap, amount: float, resampler: str
    ) -> tuple[FeatureMap, Float[Tensor, "*scale h w"]]:
        if before.canvas is None:
            return super()._act_back(before, moved, amount, resampler)
        return _resize(moved, before.canvas, resampler)

    def steps(self, maps: FeatureMap | Features) -> tuple[float, ...]:
        """The factors that move one internal scale onto another, of the first map over scales; none without one."""
        scales = next((found.internal_scales for found in maps_of(maps) if found.group == "scale"), ())
        return steps_between(scales)

    def source_level(self, feature_map: FeatureMap, level: int | None, amount: float) -> int | None:
        """The internal scale that is nearest to σ / s."""
        if level is None or feature_map.group != "scale":
            return super().source_level(feature_map, level, amount)
        wanted = np.log(feature_map.internal_scales[level] / amount)
        return int(np.abs(np.log(feature_map.internal_scales) - wanted).argmin())


def drawing(network: HasFeatures, scale_factor: float) -> tuple[float, int]:
    """The size and the canvas at which a vector digit scaled by s is drawn for a network."""
    side = trained_canvas(network)
    if not changes_canvas(network):
        return scale_factor, side
    scaled, _ = scaled_canvas((side, side), scale_factor)
    return scaled / side, scaled


def scaled_canvas(canvas: tuple[int, int], scale_factor: float) -> tuple[int, int]:
    """The whole numbers of pixels that come nearest to s · canvas, at least 1."""
    return max(1, round(canvas[0] * scale_factor)), max(1, round(canvas[1] * scale_factor))


def steps_between(internal_scales: Sequence[float]) -> tuple[float, ...]:
    """The factors in [0.5, 2] other than 1 that move one internal scale onto another, ascending."""
    ratios = sorted(a / b for a in internal_scales for b in internal_scales)
    low, high = Scale.handle_amounts[0], Scale.handle_amounts[-1]
    steps: list[float] = []
    for ratio in ratios:
        inside = low * (1 - 1e-4) <= ratio <= high * (1 + 1e-4) and abs(ratio - 1) > _ALIKE
        if inside and not (steps and ratio / steps[-1] < 1 + _ALIKE):
            steps.append(round(ratio, 4))
    return tuple(steps)


def scale_shift(
    internal_scales: Sequence[float], scale_factor: float
) -> tuple[Float[Tensor, "s s"], Float[Tensor, " s"]]:
    """The shift along the scale axis as a matrix, and which scales it knows (1 or 0).

    Row i holds the weights of the two scales around σ_i / s; it is 0 where σ_i / s lies outside the axis.
    """
    logs = [math.log(s) for s in internal_scales]
    matrix = torch.zeros(len(logs), len(logs), dtype=torch.float64)
    known = torch.zeros(len(logs), dtype=torch.float64)
    for i, log_sigma in enumerate(logs):
        place = _place(logs, log_sigma - math.log(scale_factor))
        if place is None:
            continue
        below, fraction = place
        known[i] = 1
        matrix[i, below] = 1 - fraction
        if fraction:
            matrix[i, below + 1] = fraction
    return matrix, known


def _place(logs: Sequence[float], wanted: float, tolerance: float = 1e-3) -> tuple[int, float] | None:
    """Index below and fraction towards the next; None outside. `tolerance` (of a step) snaps to the grid."""
    for i, value in enumerate(logs):
        step = min(abs(value - other) for j, other in enumerate(logs) if j != i) if len(logs) > 1 else 1.0
        if abs(wanted - value) <= tolerance * step:
            return i, 0.0
    for i, (low, high) in enumerate(pairwise(logs)):
        if low < wanted < high:
            return i, (wanted - low) / (high - low)
    return None


def _run(known: Tensor) -> slice:
    """From the first that is known, or True, to the last; of scales those that are known are neighbours."""
    places = known.nonzero().flatten().tolist()
    return slice(places[0], places[-1] + 1) if places else slice(0)


def _along(shift: Float[Tensor, "r s"], values: Float[Tensor, "b c s h w"]) -> Float[Tensor, "b c r h w"]:
    """What a shift along the scale axis brings to some of its places; no copy where it moves neighbours as they are."""
    places = shift.argmax(1).tolist() if len(shift) else []
    whole = bool((shift.amax(1) == 1).all()) if places else False
    if whole and places == list(range(places[0], places[0] + len(places))):
        return values[:, :, places[0] : places[0] + len(places)]
    return torch.einsum("rs,bcshw->bcrhw", shift.to(values), values)


def _resample_into(
    moved: Float[Tensor, "b c s h w"],
    planes: Float[Tensor, "b c s h w"],
    amount: float,
    resampler: str,
    centre: tuple[float, float],
) -> None:
    """Writes T_s of the planes of each scale to `moved`, which is 0: of what is not 0 in them, to where that comes."""
    inks = ink_by_scale(planes)
    if inks is None:
        moved.copy_(resample(planes, amount, resampler, centre=centre))
        return
    for plane, to, ink in zip(planes.unbind(2), moved.unbind(2), inks, strict=True):
        rows, columns = (
            matrix_like(plane, ink.grid, ink.grid, amount, resampler, centre=c)[:, ink.slice] for c in centre
        )
        down, across = (_run(matrix.ne(0).any(1)) for matrix in (rows, columns))
        to[..., down, across] = rows[down] @ ink.of(plane) @ columns[across].mT


def _resize(feature_map: FeatureMap, canvas: tuple[int, int], resampler: str) -> tuple[FeatureMap, Tensor]:
    size = feature_map.grid_of(canvas)
    values = resize(feature_map.values, size, resampler)
    rows, columns = (
        known_samples(m, n, m / n, resampler) for m, n in zip(size, feature_map.values.shape[-2:], strict=True)
    )
    return replace(feature_map, values=values, canvas=canvas), (rows[:, None] * columns[None]).to(values)


def _known_positions(feature_map: FeatureMap, scale_factor: float, resampler: str) -> Float[Tensor, "h w"]:
    h, w = feature_map.values.shape[-2:]
    if feature_map.beyond == "background":
        return feature_map.values.new_ones(h, w)
    rows, columns = (
        known_samples(n, n, scale_factor, resampler, centre=c) for n, c in zip((h, w), feature_map.centre, strict=True)
    )
    return (rows[:, None] * columns[None, :]).to(feature_map.values)
