"""The stack viewer on a page: maps under a scale handle that redraws in the browser while it is held.

Two components: one carries the maps, which change with digit and network only; the other draws them and carries the
scale factor. So a move of the handle sends no maps again. What the browser does with them is in assets/js.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import streamlit as st

from core.figures import COLOUR_MAPS, Stack

KEY = "viewer"  # one on a page; its state is {"s": scale factor}
_ASSETS = Path(__file__).resolve().parents[2] / "assets"
_DATA = st.components.v2.component("equiscope_stack", js=(_ASSETS / "js" / "stack_data.js").read_text("utf-8"))
_VIEWER = st.components.v2.component(
    "equiscope_viewer",
    js=(_ASSETS / "js" / "stack_viewer.js").read_text("utf-8"),
    css=(_ASSETS / "style" / "stack_viewer.css").read_text("utf-8"),
)
_TABLES = {name: base64.b64encode(table.tobytes()).decode("ascii") for name, table in COLOUR_MAPS.items()}


@dataclass(frozen=True)
class Maps:
    """A panel: planes of a stack side by side.

    Attributes:
        id: for tests and for the eye of a screen reader's user, e.g. `moved`.
        title: a symbol such as Φ(x). text: what it shows, one for all factors or one for each.
        stack: name of the stack. planes: which of its planes. columns: of the grid.
        cmap: `diverging` for signed values, else `viridis`.
        space: whether its coordinates are those of x (`before`) or of T x (`after`), for the crosshair.
        receptive: side of the receptive field in image pixels, one or one for each factor; None for the whole image.
        receptive_space: the image on which that field lies. image: whether this is that image.
        width: of the panel in CSS pixels. colour: of the title, as in the formula beside it.
    """

    id: str
    title: str
    text: str | Sequence[str]
    stack: str
    planes: Sequence[int] = (0,)
    columns: int = 1
    cmap: str = "diverging"
    space: str = "after"
    receptive: int | Sequence[int | None] | None = 0
    receptive_space: str = "after"
    image: bool = False
    width: int = 168
    colour: str = ""
    kind: ClassVar[str] = "maps"


@dataclass(frozen=True)
class Note:
    """A sentence that follows the handle: one for each factor."""

    text: Sequence[str]
    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class Handle:
    """What the handle can take, and where it stands.

    Attributes:
        amounts: ascending, one frame each. amount: one of them. steps: those to mark.
    """

    amounts: Sequence[float]
    amount: float
    steps: Sequence[float]


@dataclass(frozen=True)
class Row:
    """Panels side by side, under a heading if there is one."""

    panels: Sequence["Maps | Number | Note"]
    heading: str = ""


@dataclass(frozen=True)
class Number:
    """A number that follows the handle: one text for each factor, and what it is."""

    values: Sequence[str]
    text: str
    kind: ClassVar[str] = "number"


def show_viewer(handle: Handle, rows: Sequence[Row], on_move: Callable[[float], None]) -> None:
    """Draws the rows under one handle; what `send_stacks` sent has a frame for each of its amounts."""
    data = {
        "factors": list(handle.amounts),
        "steps": list(handle.steps),
        "s": handle.amount,
        "rows": [{"heading": row.heading, "panels": [_described(panel) for panel in row.panels]} for row in rows],
        "tables": _TABLES,
    }
    _VIEWER(key=KEY, data=data, on_s_change=lambda: _take_over(on_move))


def send_stacks(stacks: Sequence[Stack]) -> None:
    """Sends the maps that the rows of `show_viewer` name; outside its fragment, so that no move sends them again."""
    unique = {stack.name: stack for stack in stacks}
    sent: dict[str, Any] = {"stacks": [vars(stack) for stack in unique.values()]}
    _DATA(key="viewer_maps", data=sent, height="content")


def _described(panel: Maps | Number | Note) -> dict[str, Any]:
    return {"kind": panel.kind, **vars(panel)}


def _take_over(on_move: Callable[[float], None]) -> None:
    """The released amount becomes the page's; whatever else a browser sends is left out."""
    s = st.session_state[KEY].get("s")
    if isinstance(s, int | float) and abs(s) < 1e6:  # false for nan, and before float() overflows
        on_move(float(s))
