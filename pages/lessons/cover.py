"""What of a figure stands out, what stands back, and what is covered until the visitor has answered."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from components.stack_viewer import Bar, Bars, Corner, Layer, Maps, Number, Square
from core.lessons.lesson import EVERYTHING

_UNKNOWN = "?"


@dataclass(frozen=True)
class Cover:
    """Attributes: focus: parts that stand out, none for all alike. hidden: parts of which nothing is seen yet.

    guessed: the part that a number was guessed of, and the number in the unit of the figure; None for none.
    """

    focus: Collection[str] = ()
    hidden: Collection[str] = ()
    guessed: tuple[str, float] | None = None

    def covers(self, part: str) -> bool:
        return part in self.hidden or EVERYTHING in self.hidden

    def dims(self, part: str) -> bool:
        return bool(self.focus) and part not in self.focus

    def maps(self, maps: Maps, part: str) -> Maps:
        return replace(maps, covered=self.covers(part), dimmed=self.dims(part))


def covered_bars(bars: Bars, cover: Cover) -> Bars:
    """The same with each layer as the cover wants it."""
    return replace(bars, bars=[_bar(bar, cover) for bar in bars.bars])


def covered_square(square: Square, cover: Cover) -> Square:
    """The same with each map as the cover wants it: x, tx, before, moved, after, difference."""
    top = square.top[0], square.top[1]
    return replace(
        square,
        top=(cover.maps(top[0], "x"), cover.maps(top[1], "tx")),
        bottom=(_place(square.bottom[0], cover), _place(square.bottom[1], cover)),
    )


def covered_layer(layer: Layer, cover: Cover) -> Layer:
    """The same; its parts are tx, maps, kernels, and each place of its third axis, counted from 1."""

    def of_place(maps: Maps, number: int) -> Maps:
        dimmed = cover.dims("maps") and cover.dims(str(number))
        return replace(maps, covered=cover.covers("maps") or cover.covers(str(number)), dimmed=dimmed)

    return replace(
        layer,
        image=cover.maps(layer.image, "tx"),
        places=[of_place(maps, number) for number, maps in enumerate(layer.places, start=1)],
        kernels=[] if cover.covers("kernels") else [cover.maps(maps, "kernels") for maps in layer.kernels],
    )


def _place(place: Maps | Corner, cover: Cover) -> Maps | Corner:
    if isinstance(place, Maps):
        return cover.maps(place, _part(place))
    first, second = (cover.maps(maps, _part(maps)) for maps in (place.first, place.second))
    secret = first.covered or second.covered or cover.covers("difference")
    difference = replace(cover.maps(place.difference, "difference"), covered=secret)
    number = _asked(place.number) if secret and place.number else place.number
    return replace(place, first=first, second=second, difference=difference, number=number)


def _part(maps: Maps) -> str:
    """What a step calls it: T′⁻¹Φ(T x) and Φ(x) − T′⁻¹Φ(T x) take the place of T′Φ(x) and the difference."""
    return {"undone": "moved", "rest": "difference"}.get(maps.id, maps.id)


def _asked(number: Number) -> Number:
    return replace(number, values=[_UNKNOWN] * len(number.values))


def _bar(bar: Bar, cover: Cover) -> Bar:
    name, guess = cover.guessed or ("", None)
    bar = replace(bar, dimmed=cover.dims(bar.name), guess=guess if bar.name == name else None)
    if not cover.covers(bar.name):
        return bar
    nothing = [float("nan")] * len(bar.values)
    return replace(bar, values=nothing, texts=[_UNKNOWN] * len(bar.texts), marks=nothing, covered=True)
