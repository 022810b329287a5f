"""What every transform knows of itself: its words and amounts, T on images, T' on feature maps.

Nothing elsewhere asks which transform it has: what differs between them is here as an attribute or a method.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from core.models.feature_map import GROUPS, FeatureMap, Features
from core.models.measurable import HasFeatures

Affine = tuple[tuple[float, float, float], tuple[float, float, float]]

EXACT = "exact"  # the resampler that draws again instead of resampling
_MAPS_OF_EXACT = "bicubic"  # how feature maps are resampled when the images themselves are drawn again
MOST_TICKS = 11
_READ = 1e-6  # a weight below counts for nothing


@runtime_checkable
class Drawable(Protocol):
    """A picture that can be drawn at any size: `core.data.glyphs.Glyph`, `SizedGlyph`."""

    def render(self, scale_factor: float, canvas: int) -> Tensor:
        """(1, 1, canvas, canvas), values in [0, 1]."""


class Transform(ABC):
    """One transform T of images, by an amount, and its action T' on feature maps.

    Attributes:
        key: in TRANSFORMS, in links and in reports.
        parameter: in links, its amount.
        title: in a menu. question: that a picture of it answers.
        noun: in a sentence, singular. done, doing: of an image, e.g. scaled, scaling.
        symbol, unit: of the amount; the unit may be empty. decimals: of an amount that a handle shows.
        label: of a handle. axis_title: of an axis over amounts, with its unit.
        steps_noun: what `steps` are, plural. between: what T' does there, after "T′".
        beyond: where amounts lie that have no step on one side, after "lies"; empty where that says nothing.
        log: whether amounts belong on a logarithmic axis.
        identity: the amount that changes nothing. usual: what is shown first.
        tick_steps: ticks of an axis are multiples of the first of these that gives few enough.
        handle_amounts: what a handle can take, ascending. curve_amounts: what is measured for a curve, ascending.
        resamplers: of images, the usual one first if it is the only one.
        draws: whether a `Drawable` can be drawn again under it, which is the resampler `exact`.
    """

    key: ClassVar[str]
    parameter: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    noun: ClassVar[str]
    done: ClassVar[str]
    doing: ClassVar[str]
    symbol: ClassVar[str]
    unit: ClassVar[str]
    decimals: ClassVar[int] = 2
    label: ClassVar[str]
    axis_title: ClassVar[str]
    steps_noun: ClassVar[str]
    between: ClassVar[str]
    beyond: ClassVar[str] = ""
    log: ClassVar[bool] = False
    identity: ClassVar[float] = 0.0
    usual: ClassVar[float]
    tick_steps: ClassVar[tuple[float, ...]] = ()
    handle_amounts: ClassVar[tuple[float, ...]]
    curve_amounts: ClassVar[tuple[float, ...]]
    resamplers: ClassVar[tuple[str, ...]]
    draws: ClassVar[bool] = False
    alike: ClassVar[float] = 1e-6  # amounts closer than this stand for each other, as `distance` measures

    # amounts

    def check(self, amount: float) -> float:
        """The amount as a float. Raises: ValueError if there is no such amount."""
        amount = float(amount)
        if not math.isfinite(amount):
            raise ValueError(f"a {self.noun} must be a finite number, got {amount}")
        return amount

    def check_all(self, amounts: Sequence[float]) -> tuple[float, ...]:
        """Raises: ValueError if there is none, or as `check`."""
        if not len(amounts):
            raise ValueError(f"expected at least one {self.noun}, got none")
        return tuple(self.check(amount) for amount in amounts)

    def name(self, amount: float) -> str:
        """The amount for a reader."""
        return f"{amount:g}{self.unit}"

    def number(self, amount: float) -> str:
        """The bare number as a handle shows it."""
        return f"{amount:.{self.decimals}f}"

    def told(self, amount: float) -> str:
        """The amount with symbol and unit, as a handle shows it."""
        return f"{self.symbol} = {self.number(amount)}{self.unit}"

    def inverse(self, amount: float) -> float:
        """The amount that undoes it."""
        return -amount

    def distance(self, a: float, b: float) -> float:
        """How far apart two amounts are on their axis."""
        return abs(a - b)

    def nearest(self, amounts: Sequence[float], wanted: float) -> float:
        """The one of `amounts` that is nearest to the wanted one; of several the one written most like it."""
        return min(amounts, key=lambda amount: (self.distance(amount, wanted), abs(amount - wanted)))

    def handle(self, steps: Sequence[float] = (), every: int = 1) -> tuple[float, ...]:
        """`handle_amounts` and the given steps, which take the place of neighbours hardly told from them; ascending.

        Args: every: one of so many `handle_amounts` is taken, and the identity in any case.
        """
        taken = [a for k, a in enumerate(self.handle_amounts) if k % every == 0 or a == self.identity]
        others = [a for a in taken if all(self.distance(a, step) > self.alike for step in steps)]
        return tuple(sorted([*others, *steps]))

    def ticks(self, amounts: Sequence[float]) -> dict[float, str]:
        """Where an axis over these amounts (ascending) has ticks, and their texts: round ones, or all if none are."""
        for step in self.tick_steps:
            chosen = [amount for amount in amounts if amount % step == 0]
            if 2 <= len(chosen) <= MOST_TICKS:
                return {amount: self.tick(amount) for amount in chosen}
        return {amount: self.tick(amount) for amount in amounts}

    def tick(self, amount: float) -> str:
        return f"{amount:g}"

    # resamplers

    def choices(self, drawable: bool) -> tuple[str, ...]:
        """The resamplers for a picture that can, or cannot, be drawn again."""
        return (*self.resamplers, EXACT) if drawable and self.draws else self.resamplers

    def fitting(self, resampler: str, drawable: bool = False) -> str:
        """The wanted resampler, or the usual one where it does not apply."""
        choices = self.choices(drawable)
        return resampler if resampler in choices else next((c for c in choices if c == "bicubic"), choices[0])

    def check_resampler(self, resampler: str) -> None:
        """Raises: ValueError unless it applies to images under this transform."""
        if resampler == EXACT and not self.draws:
            raise ValueError(f"under a {self.noun} nothing is drawn again, so there is no resampler 'exact'")
        if resampler not in self.choices(drawable=True):
            raise ValueError(
                f"unknown resampler {resampler!r} of a {self.noun}; known are {', '.join(self.resamplers)}"
            )

    @staticmethod
    def of_maps(resampler: str) -> str:
        """The resampler of feature maps that goes with one of images: the same, or bicubic for `exact`."""
        return _MAPS_OF_EXACT if resampler == EXACT else resampler

    # images

    @abstractmethod
    def images(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, resampler: str = "bicubic"
    ) -> Float[Tensor, "b c h_out w_out"]:
        """T x as a network takes it. Raises: ValueError as `check`, `check_resampler`."""

    def undo(
        self, network: HasFeatures, images: Float[Tensor, "b c h w"], amount: float, size: tuple[int, int],
        resampler: str = "bicubic",
    ) -> Float[Tensor, "b c h_out w_out"]:  # fmt: skip
        """T⁻¹ of images that are T x, on the canvas `size` (height, width) that x had."""
        return self.images(network, images, self.inverse(amount), resampler)

    def draw(
        self, drawable: Drawable, network: HasFeatures, amount: float, margin: int = 0
    ) -> Float[Tensor, "1 1 h w"]:
        """T x of a picture that is drawn again, as a network takes it, with `margin` pixels on each side.

        Raises: ValueError if the transform does not draw (`draws`).
        """
        raise ValueError(f"under a {self.noun} nothing is drawn again, so there is no resampler 'exact'")

    @abstractmethod
    def point(self, amount: float) -> Affine:
        """Where T brings a place: ((a, b, c), (d, e, f)) with y' = a y + b x + c and x' = d y + e x + f.

        In image pixels from the centre of the canvas, y downwards.
        """

    # feature maps

    @abstractmethod
    def act(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "*place h w"]]:
        """T' of a feature map, and the mask of positions (and scales) where it is known: 1 or 0.

        Raises: ValueError for a group on which this action is not defined, or as `check`, `check_resampler`.
        """

    def there_and_back(
        self, feature_map: FeatureMap, amount: float, resampler: str = "bicubic"
    ) -> tuple[FeatureMap, Float[Tensor, "*place h w"]]:
        """T'⁻¹ T' of a feature map, and the mask of positions (and scales) where it is known.

        Raises: ValueError as `act`.
        """
        moved, there = self.act(feature_map, amount, resampler)
        back, known = self._act_back(feature_map, moved, amount, resampler)
        if bool((there > 0).all()):
            return back, known
        hidden = (1 - there).expand(moved.values.shape[2:])[None, None]
        read, _ = self._act_back(feature_map, replace(moved, values=hidden), amount, resampler)
        return back, known * (read.values[0, 0].abs() < _READ)

    def _act_back(
        self, before: FeatureMap, moved: FeatureMap, amount: float, resampler: str
    ) -> tuple[FeatureMap, Float[Tensor, "*place h w"]]:
        """T'⁻¹ of what has become of a map."""
        return self.act(moved, self.inverse(amount), resampler)

    @abstractmethod
    def steps(self, maps: FeatureMap | Features) -> tuple[float, ...]:
        """The amounts that a handle can reach, but the identity, which T' moves by whole places of its axis; ascending.

        Of the features of a network those that hold for every map that has such an axis.
        """

    def source_level(self, feature_map: FeatureMap, level: int | None, amount: float) -> int | None:
        """The place on the third axis that T' brings onto `level`; None on a plane."""
        return None if feature_map.group == "plane" else level

    def _check_group(self, feature_map: FeatureMap) -> None:
        if feature_map.group not in GROUPS:
            raise ValueError(f"the action of {self.key} on a map of group {feature_map.group!r} is not defined")

    def _within(self, amounts: Sequence[float]) -> tuple[float, ...]:
        """Those that a handle can reach, ascending, without the identity."""
        low, high = self.handle_amounts[0], self.handle_amounts[-1]
        return tuple(sorted(a for a in amounts if low <= a <= high and self.distance(a, self.identity) > self.alike))


def maps_of(found: FeatureMap | Features) -> tuple[FeatureMap, ...]:
    """One map, or all maps of a network."""
    return tuple(found.values()) if isinstance(found, Mapping) else (found,)
