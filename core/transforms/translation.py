"""A shift along x, T_t: how it acts on images and on feature maps.

(T_t x)(y, x) = x(y, x − t), background coming in where the canvas ends. On a map whose pixels span q image pixels,
T'_t shifts by t / q: whole strides move whole samples and are exact, others are resampled along x. Axes over scales
and turns stay as they are.
"""

import math
from dataclasses import replace
from fractions import Fraction

from jaxtyping import Float
from torch import Tensor

from core.models.feature_map import FeatureMap, Features
from core.models.measurable import HasFeatures
from core.resampling import RESAMPLERS, known_samples, shift_along_rows
from core.transforms.transform import Affine, Transform, maps_of


class Translation(Transform):
    """A shift by t pixels along x, to the right."""

    key, parameter, title = "translation", "shift", "Translation"
    question = "Shift the picture: does the network’s answer shift too?"
    noun, done, doing = "shift", "shifted", "shifting"
    symbol, unit, label = "t", " px", "Shift t along x"
    axis_title, steps_noun = "shift t along x, pixels", "whole strides"
    between = "resamples the map there"
    usual, tick_steps = 3.0, (1.0, 2.0, 4.0)
    handle_amounts = tuple(i / 4 for i in range(-24, 25))  # further, digits of 0.7 of their size leave the canvas
    curve_amounts = tuple(i / 2 for i in range(-8, 9))
    resamplers = tuple(RESAMPLERS)

    def images(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, resampler: str = "bicubic"
    ) -> Float[Tensor, "b c h w"]:
        self.check_resampler(resampler)
        return shift_along_rows(images, self.check(amount), resampler)

    def point(self, amount: float) -> Affine:
        return (1.0, 0.0, 0.0), (0.0, 1.0, amount)

    def act(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "h w"]]:
        self._check_group(feature_map)
        self.check_resampler(resampler)
        samples = self.check(amount) / feature_map.stride
        values = feature_map.values
        h, w = values.shape[-2:]
        known = values.new_ones(w)
        if feature_map.beyond == "unknown":
            known = known_samples(w, w, 1.0, resampler, shift=samples).to(values)
        return replace(feature_map, values=shift_along_rows(values, samples, resampler)), known.expand(h, w)

    def steps(self, maps: FeatureMap | Features) -> tuple[float, ...]:
        """Whole strides of every map, which move whole samples."""
        strides = [Fraction(found.stride).limit_denominator(1000) for found in maps_of(maps)]
        stride = float(_common_multiple(strides)) if strides else 1.0
        most = math.floor(self.handle_amounts[-1] / stride + 1e-9)
        return self._within([stride * i for i in range(-most, most + 1)])


def _common_multiple(numbers: list[Fraction]) -> Fraction:
    """The smallest number that is a whole multiple of each."""
    below = math.lcm(*(number.denominator for number in numbers))
    return Fraction(math.lcm(*(number.numerator * (below // number.denominator) for number in numbers)), below)
