"""The commuting square as panels of the viewer, and its numbers in a sentence."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from components.stack_viewer import Arrow, Corner, Maps, Note, Number, Row, Square
from core.checkpoints import CheckpointError
from core.models import Shown, titles
from core.sentences import tell_steps
from pages.panels.pictures import percent
from pages.panels.terms import marked
from pages.panels.text import note
from pages.results.networks import layer_names, steps
from pages.results.numbers import Numbers
from pages.results.stacks import PLANES, SquareStack, square_stack
from pages.state.view import View

# The terms of T′Φ(x) − Φ(T x), in panels and formula alike, with a contrast of at least 4.5 to the page.
_COLOURS = {"light": {"moved": "#0b5fa5", "after": "#a8480a"}, "dark": {"moved": "#6cb6f5", "after": "#f0a35e"}}


def term_colours() -> dict[str, str]:
    """The colours of T′Φ(x) and Φ(T x) on this visitor's page."""
    return _COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def colour_pairs() -> list[tuple[str, str]]:
    """The same colours on a light and on a dark page."""
    return list(zip(_COLOURS["light"].values(), _COLOURS["dark"].values(), strict=True))


def formula(undo: bool = False) -> str:
    """What it means to commute, with its terms in the colours of the panels, as HTML."""
    colours = term_colours()
    moved = f'<b style="color:{colours["moved"]}">T′Φ(x)</b>'
    after = f'<b style="color:{colours["after"]}">Φ(T x)</b>'
    right = f"T′⁻¹{after} = Φ(x)" if undo else f"{moved} = {after}"
    return marked(f'<p class="eq-formula">Φ commutes with T where {right}</p>')


def off_step(view: View, shown: Shown) -> list[str]:
    """For every amount a sentence if it falls between two steps of the network's axes, else none."""
    found = steps(shown, view.key)
    return [tell_steps(view.transform, amount, found) for amount in view.amounts] if found else []


def place_choices(view: View, shown: Shown) -> tuple[int, tuple[str, ...]]:
    """How many channels the chosen layer has, and the names of the places on its third axis; (0, ()) if unknown."""
    try:
        square = square_of(view, shown)
    except (CheckpointError, ValueError):
        return 0, ()
    return square.num_channels, square.names


def layer_of(view: View, key: str) -> str:
    """The chosen layer, or the middle one of a network that has no layer of that name."""
    layers = layer_names(key)
    return view.layer if view.layer in layers else layers[len(layers) // 2]


def square_of(view: View, shown: Shown, channel: int | None = None, level: int | None = None) -> SquareStack:
    """Raises: CheckpointError, ValueError."""
    return square_stack(
        shown, view.digit, view.resampler, layer_of(view, shown.key), view.colour_range, view.amounts, view.key,
        channel, level,
    )  # fmt: skip


def _images(square: SquareStack, view: View) -> tuple[Maps, Maps]:
    name, title, done = square.stack.name, view.digit.title, view.transform.done
    return (
        image_panel("x", "x", f"the image, {title}", name, square.x, space="before"),
        image_panel("tx", "T x", f"the image, {done}", name, square.tx),
    )


def image_panel(key: str, title: str, text: str, stack: str, planes: Sequence[int], **more: object) -> Maps:
    """An image: of one plane from dark to bright, of three in their colours. Args: more: as `Maps`."""
    return Maps(
        key, title, text, stack, planes, cmap="viridis", image=True, in_colour=len(planes) > 1,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def commuting_square(
    square: SquareStack, view: View, shown: Shown, title: str, mode: str, undo: bool = False
) -> Square:
    """Both ways from x to the corner where they meet: T′Φ(x) and Φ(T x), or Φ(x) and T′⁻¹Φ(T x) where T is undone.

    Args: title: of the network. mode: one of `components.stack_viewer.CORNER_MODES`.
    """
    layer, doing, maps = layer_of(view, shown.key), view.transform.doing, _maps_of(square)
    x, tx = _images(square, view)
    error = replace(_error(square, layer), text="equivariance error, relative L2")
    costs = [percent(cost).replace(" ", "\N{NO-BREAK SPACE}") for cost in square.numbers.image_costs]
    here = Corner(maps["moved"], maps["after"], maps["difference"], mode, error)
    there = Corner(maps["before"], maps["undone"], maps["rest"], mode, error)
    return Square(
        (x, replace(tx, text=[f"{view.transform.done} (there and back: {cost} off)" for cost in costs])),
        (there, maps["after"]) if undo else (maps["before"], here),
        Arrow("T", doing),
        Arrow("Φ", f"the network up to {layer}"),
        Arrow("T′⁻¹", "the way back") if undo else Arrow("T′", f"{doing} the map"),
        undo,
        title,
    )


def _error(square: SquareStack, layer: str) -> Number:
    return Number([percent(error) for error in square.numbers.errors], f"equivariance error of {layer}, relative L2")


def _maps_of(square: SquareStack) -> dict[str, Maps]:
    """Every map of the square, by the name of its plane."""
    from_before = {"receptive": [square.field(at) for at in square.sources], "receptive_space": "before"}
    from_after = {"receptive": [square.field(at) for at in square.levels], "receptive_space": "after"}
    where, source = _places(square, square.levels), _places(square, square.sources)
    grey, back_grey = (
        ", grey where it is not known" if name in square.unknown else "" for name in ("difference", "rest")
    )
    colours = term_colours()
    return {
        "before": _maps(square, "before", "Φ(x)", source, space="before", **from_before),
        "moved": _maps(square, "moved", "T′Φ(x)", where, colour=colours["moved"], **from_before),
        "after": _maps(square, "after", "Φ(T x)", where, colour=colours["after"], **from_after),
        "undone": _maps(square, "undone", "T′⁻¹Φ(T x)", source, space="before", **from_after),
        "difference": _maps(square, "difference", "difference", f"T′Φ(x) − Φ(T x){grey}", **from_after),
        "rest": _maps(
            square, "rest", "difference", f"Φ(x) − T′⁻¹Φ(T x){back_grey}", space="before", **from_after
        ),
    }  # fmt: skip


def told_numbers(view: View, found: Mapping[Shown, Numbers], brief: bool = False) -> Row:
    """What is said of every network at the amount where the handle rests; the numbers as data too, for programs.

    Args: found: by network. brief: what each reads alone, where the errors stand in the figure.
    """
    notes, names = [], titles(found)
    for shown, numbers in found.items():
        said = [_brief(numbers, k) if brief else _sentence(view, numbers, k) for k in range(len(view.amounts))]
        data = [
            {
                "network": shown.key, "trained_on": shown.trained_on, "amount": f"{amount:g}",
                "error": f"{error:.6g}", "cost": f"{cost:.6g}",
            }
            for amount, error, cost in zip(view.amounts, numbers.errors, numbers.costs, strict=True)
        ]  # fmt: skip
        notes.append(Note(said, live=True, lead=names[shown], brief=brief, data=data))
    return Row(notes)


def _brief(numbers: Numbers, k: int) -> str:
    return f"{numbers.not_reading}." if numbers.readings is None else f"reads a {numbers.readings[k].digit}."


def _sentence(view: View, numbers: Numbers, k: int) -> str:
    error, cost = numbers.errors[k], numbers.costs[k]
    aside = "" if math.isnan(cost) else f" (resampling its map there and back costs {percent(cost)})"
    told = view.transform.told(view.amounts[k])
    return f"at {told}: {numbers.layer} differs by {percent(error)}{aside}; it {_reads(numbers, k)}."


def _reads(numbers: Numbers, k: int) -> str:
    """What a network takes x and T x for."""
    if numbers.read is None or numbers.readings is None:
        return f"{numbers.not_reading}, so it reads no digits"
    x, tx = numbers.read, numbers.readings[k]
    return f"reads x as {x.digit} ({x.probability:.0%}) and T x as {tx.digit} ({tx.probability:.0%})"


def _maps(square: SquareStack, plane: str, title: str, text: str | list[str], **more: object) -> Maps:
    return Maps(plane, title, text, square.stack.name, [PLANES.index(plane)], **more)  # type: ignore[arg-type]


def _places(square: SquareStack, levels: tuple[int | None, ...]) -> str | list[str]:
    channel = f"channel {square.channel + 1} of {square.num_channels}"
    if all(level is None for level in levels):
        return channel
    return [f"{channel}, {square.names[level or 0]}" for level in levels]


def has_grey(squares: Iterable[SquareStack], undo: bool = False) -> bool:
    """Whether a place of their panels is not known at some amount."""
    shown = {"undone", "rest", "after"} if undo else {"moved", "difference", "after"}
    return any(shown & square.unknown for square in squares)


def legend(view: View, limits: Mapping[Shown, tuple[float, float]], grey: bool = False) -> None:
    """What the colours of the maps mean. Args: limits: of the shared range, by network. grey: whether there is any."""
    names = titles(limits)
    spans = ", ".join(f"±{high:.3g} ({names[shown]})" for shown, (_, high) in limits.items())
    span = (
        "each map has its own range, so panels cannot be compared"
        if view.colour_range == "unit"
        else f"all panels of a network share one range over all {view.transform.noun}s: {spans}"
    )
    unknown = ", grey not known" if grey else ""
    note(f"Colours: red positive, blue negative, background 0{unknown}; {span}.")
