"""A curve that the visitor draws into the figure before it is shown, and that stays there beside the truth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from components.curve_pad import Axes, curve_pad
from core.lessons import Ask, Facts, Step
from core.transforms import Transform
from pages.lessons.truth import amounts_of

_LEVELS = 5  # gaps between the ticks of the axis of heights
_COLOUR = "#d5681d"  # seen on light and on dark


@dataclass(frozen=True)
class Drawn:
    """Attributes: heights: of the curve, empty until it is drawn. tell: what takes it over, for a callback."""

    heights: tuple[float, ...]
    tell: Callable[[tuple[float, ...]], None]


def draw_curve(step: Step, drawn: Drawn) -> None:
    """The axes of the figure without its curve. Raises: ValueError if the step does not ask for one."""
    if step.ask is None or step.ask.kind != "draw":
        raise ValueError(f"step {step.id} does not ask for a curve")
    curve_pad(axes_of(step, step.ask), drawn.tell)


def axes_of(step: Step, ask: Ask) -> Axes:
    """As wide and as high as the figure's own."""
    transform, amounts = Facts(step.parameters).transform, amounts_of(step)
    ticks = {a: text for a, text in transform.ticks(transform.handle_amounts).items() if amounts[0] <= a <= amounts[-1]}
    return Axes(
        amounts=[transform.told(amount) for amount in amounts],
        places=_places(transform, amounts, amounts),
        ticks=list(zip(_places(transform, list(ticks), amounts), ticks.values(), strict=True)),
        levels=[ask.low + (ask.high - ask.low) * k / _LEVELS for k in range(_LEVELS + 1)],
        unit=ask.unit, label=ask.prompt, across=transform.axis_title, upward=f"relative L2 error, {ask.unit}",
    )  # fmt: skip


def add_drawn(figure: go.Figure, step: Step, drawn: Drawn) -> None:
    """The visitor's curve, dashed, if there is one."""
    amounts = amounts_of(step)
    if len(drawn.heights) == len(amounts):
        line = {"color": _COLOUR, "dash": "dash", "width": 3}
        figure.add_scatter(x=amounts, y=drawn.heights, name="your curve", mode="lines", line=line, showlegend=True)


def _places(transform: Transform, amounts: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Amounts as shares of the way from the first end to the last."""
    along = math.log if transform.log else float
    first, last = along(ends[0]), along(ends[-1])
    return [(along(amount) - first) / (last - first) for amount in amounts]
