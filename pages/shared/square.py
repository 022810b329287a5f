"""The commuting square as panels of the viewer, and its numbers in a sentence."""

from html import escape

import streamlit as st

from components.stack_viewer import Handle, Maps, Number
from core.checkpoints import CheckpointError
from core.models import MODELS
from pages.shared import cached
from pages.shared.stacks import PLANES, SquareStack, square_stack
from pages.shared.view import View, steps_between
from pages.shared.viewer import percent

# The terms of T′Φ(x) − Φ(T x), in panels and formula alike, with a contrast of at least 4.5 to the page.
_COLOURS = {"light": {"moved": "#0b5fa5", "after": "#a8480a"}, "dark": {"moved": "#6cb6f5", "after": "#f0a35e"}}


def term_colours() -> dict[str, str]:
    """The colours of T′Φ(x) and Φ(T x) on this visitor's page."""
    return _COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def formula(undo: bool = False) -> str:
    """What it means to commute, with its terms in the colours of the panels, as HTML."""
    colours = term_colours()
    moved = f'<b style="color:{colours["moved"]}">T′Φ(x)</b>'
    after = f'<b style="color:{colours["after"]}">Φ(T x)</b>'
    right = f"T′⁻¹{after} = Φ(x)" if undo else f"{moved} = {after}"
    return f'<p class="eq-formula">Φ commutes with T where {right}</p>'


def handle_of(view: View) -> Handle:
    """The scale factors of the view as the viewer's handle takes them."""
    ticks = [(0.5, "0.5"), (1.0, "1"), (2.0, "2")]
    points = [(s, 0.0, 0.0, 0.0, s, 0.0) for s in view.factors]
    return Handle(
        view.factors, view.scale_factor, view.steps, 1.0, ticks, "Scale factor s", "s", "", log=True, points=points
    )


def off_step(view: View, key: str) -> list[str]:
    """For every factor a sentence if it falls between two steps of the internal scales, else none."""
    scales = cached.internal_scales(key, settings_of(view, key))
    if len(scales) < 2:
        return []
    steps = sorted({1.0, *steps_between(scales)})
    return [_between(s, steps) for s in view.factors]


def _between(s: float, steps: list[float]) -> str:
    if any(abs(s / step - 1) < 1e-3 for step in steps):
        return ""
    below, above = max((t for t in steps if t < s), default=None), min((t for t in steps if t > s), default=None)
    if below is None or above is None:
        return f"s = {s:.2f} lies beyond the internal scales: no scale has a partner."
    return (
        f"s = {s:.2f} falls between two steps of the internal scales, {below:.2f} and {above:.2f}: "
        "T′ blends neighbouring scales there, and the network was not built for it."
    )


def place_choices(view: View, key: str) -> tuple[int, tuple[str, ...]]:
    """How many channels the chosen layer has, and the names of the places on its third axis; (0, ()) if unknown."""
    try:
        square = square_of(view, key)
    except (CheckpointError, ValueError):
        return 0, ()
    return square.num_channels, square.names


def settings_of(view: View, key: str) -> cached.Settings:
    """The chosen internal scales belong to the chosen network only."""
    return view.settings if key == view.network else ()


def layer_of(view: View, key: str) -> str:
    """The chosen layer, or the middle one of a network that has no layer of that name."""
    layers = cached.layer_names(key)
    return view.layer if view.layer in layers else layers[len(layers) // 2]


def square_of(view: View, key: str, channel: int | None = None, level: int | None = None) -> SquareStack:
    """Raises: CheckpointError, ValueError."""
    return square_stack(
        key, settings_of(view, key), view.digit, view.resampler, layer_of(view, key), view.colour_range, view.factors,
        channel, level,
    )  # fmt: skip


def image_panels(square: SquareStack, title: str) -> list[Maps | Number]:
    """x, T x and the floor."""
    name = square.stack.name
    return [
        Maps("x", "x", f"the image, {title}", name, [0], cmap="viridis", space="before", image=True),
        Maps("tx", "T x", "the image, scaled", name, [1], cmap="viridis", image=True),
        Number([percent(floor) for floor in square.floors], "floor: what scaling there and back costs the image"),
    ]


def square_panels(square: SquareStack, layer: str, undo: bool = False) -> list[Maps | Number]:
    """Φ(x), T′Φ(x), Φ(T x) or what undoing the change of size makes of it, their difference and the error."""
    from_before = {"receptive": [square.field(at) for at in square.sources], "receptive_space": "before"}
    from_after = {"receptive": [square.field(at) for at in square.levels], "receptive_space": "after"}
    where, source = _places(square, square.levels), _places(square, square.sources)
    third = (
        _maps(square, "undone", "T′⁻¹Φ(T x)", source, space="before", **from_after)
        if undo
        else _maps(square, "after", "Φ(T x)", where, colour=term_colours()["after"], **from_after)
    )
    return [
        _maps(square, "before", "Φ(x)", source, space="before", **from_before),
        _maps(square, "moved", "T′Φ(x)", where, colour=term_colours()["moved"], **from_before),
        third,
        _maps(square, "difference", "difference", "T′Φ(x) − Φ(T x), grey where it is not known", **from_after),
        Number([percent(error) for error in square.errors], f"equivariance error of {layer}, relative L2"),
    ]


def numbers(view: View, keys: list[str]) -> str:
    """What the server says of every network at the factor that was released, as HTML."""
    sentences = "".join(f"<p>{_sentence(view, key)}</p>" for key in keys)
    return f'<div class="eq-numbers" aria-live="polite" data-scale-factor="{view.scale_factor:g}">{sentences}</div>'


def _sentence(view: View, key: str) -> str:
    report = cached.digit_report(key, settings_of(view, key), view.digit, (view.scale_factor,), view.resampler)
    layer = layer_of(view, key)
    error, floor = report.error[report.layers.index(layer), 0], report.floor[0]
    return (
        f"<b>{escape(MODELS[key].title)}</b> at s = {view.scale_factor:.2f}: {escape(layer)} differs by "
        f'<span data-network="{key}" data-error="{error:.6g}" data-floor="{floor:.6g}">{percent(float(error))}</span> '
        f"(floor {percent(float(floor))}); it {_reads(view, key)}."
    )


def _reads(view: View, key: str) -> str:
    """What a trained network takes x and T x for."""
    if MODELS[key].control:
        return "is not trained, so it reads no digits"
    settings = settings_of(view, key)
    digit, share = cached.reading(key, settings, view.digit, 1.0, "bicubic")
    scaled, scaled_share = cached.reading(key, settings, view.digit, view.scale_factor, view.resampler)
    return f"reads x as {digit} ({share:.0%}) and T x as {scaled} ({scaled_share:.0%})"


def _maps(square: SquareStack, plane: str, title: str, text: str | list[str], **more: object) -> Maps:
    return Maps(plane, title, text, square.stack.name, [PLANES.index(plane)], **more)  # type: ignore[arg-type]


def _places(square: SquareStack, levels: tuple[int | None, ...]) -> str | list[str]:
    channel = f"channel {square.channel + 1} of {square.num_channels}"
    if all(level is None for level in levels):
        return channel
    return [f"{channel}, {square.names[level or 0]}" for level in levels]


def legend(view: View, limits: dict[str, tuple[float, float]]) -> None:
    """What the colours of the maps mean. Args: limits: of the shared range, by network."""
    spans = ", ".join(f"±{high:.3g} ({MODELS[key].title})" for key, (_, high) in limits.items())
    span = (
        "each map has its own range, so panels cannot be compared"
        if view.colour_range == "unit"
        else f"all panels of a network share one range over all scale factors: {spans}"
    )
    st.caption(f"Colours: red positive, blue negative, background 0, grey not known; {span}.")
