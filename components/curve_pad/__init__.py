"""The axes of a figure whose curve is still a secret, to draw it into before it is shown; by hand or by arrow keys."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from components.bundle import register
from components.reports import is_number, mount

KEY = "curve_pad"  # its trigger is {"drawn": heights}
_component = register("curve_pad")


@dataclass(frozen=True)
class Axes:
    """Where a curve is drawn.

    Attributes:
        amounts: as they are told, one for each point of the curve. places: of the points along the axis, from 0 to 1,
            ascending. ticks: of that axis, place and text.
        levels: of the other axis that have a tick, ascending; the axis ends at the first and the last. unit: of them.
        label: of what is drawn. across, upward: titles of the axes.
    """

    amounts: Sequence[str]
    places: Sequence[float]
    ticks: Sequence[tuple[float, str]]
    levels: Sequence[float]
    unit: str
    label: str
    across: str
    upward: str


def curve_pad(axes: Axes, on_drawn: Callable[[tuple[float, ...]], None]) -> None:
    """Puts the pad on the page. Args: on_drawn: called with a height for each point before the run that it causes."""

    def take(told: Any) -> None:
        drawn = read_report(told, len(axes.amounts))
        if drawn is not None:
            on_drawn(drawn)

    mount(_component, KEY, asdict(axes), "drawn", take)


def read_report(told: Any, count: int) -> tuple[float, ...] | None:
    """The heights of `count` points; None for anything else."""
    if not isinstance(told, list) or len(told) != count or not all(map(is_number, told)):
        return None
    return tuple(map(float, told))
