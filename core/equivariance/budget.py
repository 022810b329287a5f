"""The error budget: one equivariance error, measured again while one cause after another is taken away.

The runs, in this order, each with all that the ones before it changed:
  total          as `measure`;
  border         for what is measured on the image's own canvas: on a larger one, images continued by background before
                 T_s and maps compared at the positions, and within the mask, of the first run: nothing is cut off;
  projection     a projection over the scale axis is taken again, over the scales that both sides know: none enters
                 from beyond its end, or leaves;
  scale axis     without the internal scales that miss something beyond the end of the axis
                 (`Network.cut_scales`), or that T' reads from such a scale;
  off-grid step  at the power of the network's step that is nearest to s: T' moves by whole scales.
What the last run still finds is the remainder: discretised kernels, pointwise nonlinearities, pooling; and, behind a
projection, what that has made of the maps after it.

A part is the difference of two runs, so parts add up to the total because they are made so; errors themselves do not
add, another order would give other parts, and a part is negative where a run finds more than the one before it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from core.equivariance.measure import Pictures, masked_error
from core.equivariance.report import mean_over_images
from core.models import FeatureMap, Features
from core.models.measurable import HasFeatures, changes_canvas, project_over
from core.scales import ScaleSet
from core.transforms import TRANSFORMS, Drawable
from core.transforms.scale import scale_shift

RUNS = ("total", "border", "projection", "scale axis", "off-grid step")
CAUSES = (*RUNS[1:], "remainder")
_ON_GRID = 1e-3  # of a step, as in core.transforms.scale


@dataclass(frozen=True)
class Budget:
    """What `budget` found. Errors are relative L2 errors, without unit.

    Attributes:
        layers: names, in the order of the network. scale_factor: s. resampler: of the images.
        on_grid_factor: the factor of the run `off-grid step`; s itself where that run changes nothing.
        per_image: (run, layer, image); NaN where the layer is silent or nothing is known.
        known: (run, layer) share of positions (and scales) that the run compares, 0 to 1.
        applies: (run, layer) False where a run has nothing to change and so repeats the one before it: its part is 0
            by definition, which does not say that the cause is absent.
    """

    layers: tuple[str, ...]
    scale_factor: float
    on_grid_factor: float
    resampler: str
    per_image: Float[np.ndarray, "run layer image"]
    known: Float[np.ndarray, "run layer"]
    applies: Bool[np.ndarray, "run layer"]

    @property
    def runs(self) -> tuple[str, ...]:
        return RUNS

    @property
    def causes(self) -> tuple[str, ...]:
        """Of the rows of `parts`."""
        return CAUSES

    @property
    def errors(self) -> Float[np.ndarray, "run layer"]:
        """Mean over the images that every run of the layer can measure; NaN where a run knows nothing."""
        measured = np.isfinite(self.per_image) | (self.known == 0)[..., None]
        return mean_over_images(np.where(measured.all(axis=0), self.per_image, np.nan))

    @property
    def parts(self) -> Float[np.ndarray, "cause layer"]:
        """Total − border run, … and the last run as it is; they may be negative. NaN next to a run without a result."""
        errors = self.errors
        return np.concatenate([errors[:-1] - errors[1:], errors[-1:]])


def budget(
    network: HasFeatures,
    images: Float[Tensor, "b c h w"] | Sequence[Drawable],
    scale_factor: float,
    resampler: str = "bicubic",
    *,
    larger: float = 2.0,
    canvas: str = "wide",
    background: float = 0.0,
) -> Budget:
    """The error budget of every layer at one scale factor.

    Where a run has nothing to change (`Budget.applies`): `border` on a wide canvas, whose background is known, and for
    a network whose unit is the canvas (`changes_canvas`), since a larger one would show another image; `projection` for
    maps that are no projection over scales (`Network.projections`); `scale axis` for planes, also those after a scale
    projection, whose scales cannot be told apart any more, and for maps that miss no input; `off-grid step` without a
    map over scales, with scales that have no common step, and on the grid. The step 0 is no candidate, since
    at s = 1 every cause would vanish: a factor near 1 is compared with one whole step to its own side.

    Args: images, resampler, canvas, background: as `measure`. Vector digits are drawn on the larger canvas, images are
              padded by background.
          larger: side of the larger canvas over that of the image, rounded up so that the grids of all maps stay
              where they are. At 2 a layer that sees further than half a side still feels the border. 1 leaves the
              run `border` out, for a network that takes one canvas only.
    Raises: ValueError as `measure`, for `larger` below 1, or if the map of the larger canvas does not continue that of
        the image's own.
    """
    s = float(scale_factor)
    if not (math.isfinite(s) and s > 0 and larger >= 1):
        raise ValueError(f"expected a positive scale factor and a canvas no smaller, got {s} and {larger}")
    pictures = Pictures(network, images, resampler, canvas=canvas, background=background)
    cut: Mapping[str, int] = getattr(network, "cut_scales", dict)()
    with torch.no_grad():
        total = _Run(network, s, pictures.features(pictures.originals), pictures.features(pictures.at(s)))
        border, fixed = total, pictures.is_wide or changes_canvas(network)
        margin = 0 if fixed else _margin(total.before, pictures.originals, larger)
        if margin:
            pictures = Pictures(network, images, resampler, margin, canvas=canvas, background=background)
            border = _Run(network, s, pictures.features(pictures.originals), pictures.features(pictures.at(s)), margin)
        projected = replace(border, projections=_projections(network, total.before))
        whole_axis = replace(projected, cut=cut)
        on_grid, nearest = whole_axis, _nearest_power(total.before, s)
        if nearest != s:
            on_grid = replace(whole_axis, scale_factor=nearest, after=pictures.features(pictures.at(nearest)))
        runs = total, border, projected, whole_axis, on_grid
        results = [[run.measure(layer, total.before, pictures.map_resampler) for layer in total.before] for run in runs]
    per_image = np.array([[error for error, _ in layers] for layers in results])
    known = np.array([[share for _, share in layers] for layers in results])
    shortened = [fm.group == "scale" and cut.get(layer, 0) > 0 for layer, fm in total.before.items()]
    applies = np.array(
        [
            [True] * len(shortened),
            [margin > 0] * len(shortened),
            [layer in projected.projections for layer in total.before],
            shortened,
            [nearest != s] * len(shortened),
        ]
    )
    return Budget(tuple(total.before), s, nearest, resampler, per_image, known, applies)


@dataclass(frozen=True)
class _Run:
    """One way to measure.

    Attributes:
        before, after: Φ(x), Φ(T_s x). margin: image pixels by which their canvas reaches beyond the image on each side.
        projections: planes that the network makes of a map over scales, with that map; they are made again.
        cut: how many of the largest internal scales of each layer miss something beyond the axis.
    """

    network: HasFeatures
    scale_factor: float
    before: Features
    after: Features
    margin: int = 0
    projections: Mapping[str, str] = field(default_factory=dict)
    cut: Mapping[str, int] = field(default_factory=dict)

    def measure(self, layer: str, inner: Features, resampler: str) -> tuple[Float[np.ndarray, " image"], float]:
        """The error of each image, and the share of the map compared; `inner` is Φ(x) as the first run has it."""
        if layer in self.projections:
            return self._project(layer, self.projections[layer], inner, resampler)
        _, mask = TRANSFORMS["scale"].act(inner[layer], self.scale_factor, resampler)
        if inner[layer].group == "scale":
            complete = _complete_scales(inner[layer].internal_scales, self.scale_factor, self.cut.get(layer, 0))
            mask = complete.to(mask)[:, None, None] * mask
        moved, after = self._both(layer, inner[layer], resampler)
        return masked_error(self.before[layer], moved, after, mask)

    def _project(
        self, layer: str, source: str, inner: Features, resampler: str
    ) -> tuple[Float[np.ndarray, " image"], float]:
        """The projection over those scales of `source` that both sides know, of each side."""
        _, mask = TRANSFORMS["scale"].act(inner[source], self.scale_factor, resampler)
        known = mask.amax((1, 2)) > 0
        if not known.any():
            return np.full(len(self.before[layer].values), np.nan), 0.0
        moved, after = (
            FeatureMap(project_over(self.network, side.values, known))
            for side in self._both(source, inner[source], resampler)
        )
        return masked_error(self.before[layer], moved, after, mask[known][0])

    def _both(self, layer: str, inner: FeatureMap, resampler: str) -> tuple[FeatureMap, FeatureMap]:
        """T'Φ(x) and Φ(T x), at the positions of the first run."""
        moved, _ = TRANSFORMS["scale"].act(self.before[layer], self.scale_factor, resampler)
        after = self.after[layer]
        if not self.margin:
            return moved, after
        return _crop(moved, inner, self.margin, layer), _crop(after, inner, self.margin, layer)


def _projections(network: HasFeatures, features: Features) -> dict[str, str]:
    """The planes of a network that are a projection over several scales, with the layer whose scales."""
    declared: Mapping[str, str] = getattr(network, "projections", {})
    return {layer: source for layer, source in declared.items() if features[source].group == "scale"}


def _margin(features: Features, images: Tensor, larger: float) -> int:
    """Pixels to add on each side: whole pixels of every map."""
    window = math.lcm(*(Fraction(fm.stride).limit_denominator(100).numerator for fm in features.values()))
    return window * math.ceil((larger - 1) / 2 * max(images.shape[-2:]) / window)


def _crop(feature_map: FeatureMap, inner: FeatureMap, margin: int, layer: str) -> FeatureMap:
    """The positions of `inner` in the map of a canvas that is larger by `margin` image pixels on each side."""
    m = round(margin / inner.stride)
    (h, w), expected = inner.values.shape[-2:], [n + 2 * m for n in inner.values.shape[-2:]]
    if [*feature_map.values.shape[-2:]] != expected or feature_map.centre != inner.centre:
        got = tuple(feature_map.values.shape[-2:])
        raise ValueError(
            f"{layer}: the map of the larger canvas should be {tuple(expected)} about the same centre, got {got}"
        )
    return replace(feature_map, values=feature_map.values[..., m : m + h, m : m + w])


def _complete_scales(internal_scales: Sequence[float], scale_factor: float, cut: int) -> Float[Tensor, " s"]:
    """1 for the scales that neither are among the `cut` largest nor read one of them under T', else 0."""
    complete = torch.ones(len(internal_scales), dtype=torch.float64)
    complete[max(0, len(complete) - cut) :] = 0
    shift, _ = scale_shift(internal_scales, scale_factor)
    return complete * (shift @ (1 - complete) == 0)


def _nearest_power(features: Features, scale_factor: float) -> float:
    """The power of the step of the first map over scales that is nearest to s, not 0; s itself if there is none."""
    scales = next((fm.internal_scales for fm in features.values() if fm.group == "scale"), ())
    step = ScaleSet(scales).step if scales else None
    if step is None:
        return scale_factor
    power = math.log(scale_factor) / math.log(step)
    if abs(power - round(power)) <= _ON_GRID:
        return scale_factor
    return float(step ** (round(power) or math.copysign(1, power)))
