"""The stack viewer: maps under a handle that redraws in the browser while it is held.

Everything that follows the handle is in the browser for every amount, maps, numbers and sentences alike. On release the
server only hears which amount was chosen, and which map of a layer is open.
"""

import base64
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, ClassVar

import streamlit as st

from components.bundle import register
from components.reports import id_of, is_number, mount
from core.figures import COLOUR_MAPS
from core.glossary import Term

KEY = "viewer"  # one on a page; its state is {"moved": {"amount": ..., "opened": ..., "id": ...}}
_ANSWERS = "viewer.answers"  # id of the report that was taken over last
_component = register("stack_viewer", "viewer")
_TABLES = {name: base64.b64encode(table.tobytes()).decode("ascii") for name, table in COLOUR_MAPS.items()}

CORNER_MODES = ("wipe", "flick", "difference")
_OPENED = re.compile(r"([0-9]{1,4}(\.[0-9]{1,4})?)?")
Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Handle:
    """What the handle moves: the amounts of a transform.

    Attributes:
        amounts: ascending, one frame each. amount: where the handle stands, the nearest of them.
        steps: marked amounts, to which a drag with Shift snaps; so it does to `identity`, where nothing changes.
        ticks: amounts with their labels.
        label: the accessible name, e.g. `Scale factor s`. symbol, unit, decimals: as in `s = 0.63`.
        log: whether equal ratios are equal ways; then all amounts are positive.
        points: for every amount (a, b, c, d, e, f), which takes a place (y, x) of x, in image pixels from the canvas
            centre with y down, to its place (a y + b x + c, d y + e x + f) in T x; for the crosshair.
        step_words: what a marked amount is, for readers who do not see the mark.
    Raises: ValueError if there is no amount, they do not ascend, or there is not one of `points` for each.
    """

    amounts: tuple[float, ...]
    amount: float
    steps: tuple[float, ...]
    identity: float
    ticks: Sequence[tuple[float, str]]
    label: str
    symbol: str
    unit: str
    log: bool
    points: Sequence[Affine]
    decimals: int = 2
    step_words: str = "a step of the internal scales"

    def __post_init__(self) -> None:
        if not self.amounts or any(a >= b for a, b in zip(self.amounts, self.amounts[1:], strict=False)):
            raise ValueError(f"a handle needs ascending amounts, got {self.amounts}")
        if self.log and self.amounts[0] <= 0:
            raise ValueError(f"amounts on a log axis must be positive, got {self.amounts[0]}")
        if len(self.points) != len(self.amounts):
            raise ValueError(f"{len(self.amounts)} amounts need as many points, got {len(self.points)}")


@dataclass(frozen=True)
class Maps:
    """A panel: planes of a stack side by side.

    Attributes:
        id: for tests and for the eye of a screen reader's user, e.g. `moved`.
        title: a symbol such as Φ(x). text: what it shows, one for all amounts or one for each.
        stack: name of the stack. planes: which of its planes. columns: of the grid.
        cmap: `diverging` for signed values, else `viridis`.
        space: whether its coordinates are those of x (`before`) or of T x (`after`), for the crosshair.
        receptive: side of the receptive field in image pixels, one or one for each amount; None for the whole image.
        receptive_space: the image on which that field lies. image: whether this is that image.
        width: of the panel in CSS pixels. colour: of the title, as in the formula beside it.
        covered: whether nothing of it is seen yet. dimmed: whether others stand out.
        in_colour: whether its three planes are red, green and blue of one picture, 0 to 1.
    Raises: ValueError for a picture in colour that has not three planes.
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
    covered: bool = False
    dimmed: bool = False
    in_colour: bool = False
    kind: ClassVar[str] = "maps"

    def __post_init__(self) -> None:
        if self.in_colour and len(self.planes) != 3:
            raise ValueError(f"a picture in colour has 3 planes, got {len(self.planes)}")


@dataclass(frozen=True)
class Number:
    """A number that follows the handle: one text for each amount, and what it is."""

    values: Sequence[str]
    text: str | Sequence[str]
    kind: ClassVar[str] = "number"


@dataclass(frozen=True)
class Note:
    """A sentence that follows the handle.

    Attributes:
        text: one for each amount. lead: what stands before it, in bold, e.g. whom it is about.
        live: whether it is read out, and so changes on release only. brief: whether it shares its line with others.
        data: for each amount the `data-*` attributes of its element, without that prefix; numbers for tests, say.
    """

    text: Sequence[str]
    live: bool = False
    lead: str = ""
    brief: bool = False
    data: Sequence[Mapping[str, str]] = ()
    kind: ClassVar[str] = "note"


@dataclass(frozen=True)
class Act:
    """A panel as wide as its part of the window, and under it a number that follows the handle as number and as curve.

    Attributes:
        maps: the panel. name: of who acts, over the number.
        values: one number for each amount, without unit; NaN where there is none. Empty: no number, no curve.
        texts: the same as they are shown. top: the value at the upper end of the curve. axis: what the curve shows.
    """

    maps: Maps
    name: str
    values: Sequence[float] = ()
    texts: Sequence[str] = ()
    top: float = 1.0
    axis: str = ""
    kind: ClassVar[str] = "act"


@dataclass(frozen=True)
class Corner:
    """Two maps in one place, on the same grid, and their difference.

    Attributes:
        mode: `wipe`, a divider with `first` left and `second` right of it; `flick`, one after the other, which stands
            still for visitors who ask for less motion; or `difference`.
        number: between their titles, e.g. how much they differ.
    Raises: ValueError for another mode.
    """

    first: Maps
    second: Maps
    difference: Maps
    mode: str = "wipe"
    number: Number | None = None
    kind: ClassVar[str] = "corner"

    def __post_init__(self) -> None:
        if self.mode not in CORNER_MODES:
            raise ValueError(f"a corner knows the modes {', '.join(CORNER_MODES)}, got {self.mode!r}")


@dataclass(frozen=True)
class Arrow:
    """One way from a place of a square to the next: its symbol, and in a few words what is done."""

    symbol: str
    words: str


@dataclass(frozen=True)
class Square:
    """Four places, as wide as the window allows, with arrows between them.

    Attributes:
        top, bottom: left and right. above, down, below: the arrows; `down` is drawn on both sides.
        back: whether the arrow below leads to the left. heading: e.g. the network.
    """

    top: tuple[Maps, Maps]
    bottom: tuple[Maps | Corner, Maps | Corner]
    above: Arrow
    down: Arrow
    below: Arrow
    back: bool = False
    heading: str = ""
    kind: ClassVar[str] = "square"


@dataclass(frozen=True)
class Ribbon:
    """Shares of classes over the amount. Attributes: probabilities: (amount, class). marks: frames with a pin."""

    title: str
    probabilities: Sequence[Sequence[float]]
    marks: Sequence[int] = ()


@dataclass(frozen=True)
class Ribbons:
    """Stacked shares of the classes, one chart for each network over one axis, with a mark where the handle stands.

    Attributes:
        title: of the figure. text: what is to be seen, on the page and for readers who do not see the figure.
        axis_title: with its unit. colours: of the classes, #rrggbb.
    """

    title: str
    text: str
    axis_title: str
    ribbons: Sequence[Ribbon]
    colours: Sequence[str]
    kind: ClassVar[str] = "ribbons"


@dataclass(frozen=True)
class Bar:
    """One of several bars.

    Attributes:
        name, note: in front of it. values: one number for each amount, without unit; NaN where there is none.
        texts: the same as they are shown. marks: a number for each amount that is marked on the bar, in the same unit.
        covered: whether nothing of it is seen yet; then it has no values and marks. dimmed: whether others stand out.
        guess: where a visitor expected its end, in the same unit; None for no guess.
    """

    name: str
    values: Sequence[float]
    texts: Sequence[str]
    marks: Sequence[float]
    note: str = ""
    covered: bool = False
    dimmed: bool = False
    guess: float | None = None


@dataclass(frozen=True)
class Bars:
    """Several bars over one axis, that follow the handle, and beside each its curve over all amounts.

    Attributes:
        top: the value at the end of the axis. ticks: values with their labels. axis: what it shows.
        of_value, of_mark: what a bar is, and the mark on it. curve: what the curves are over.
    """

    bars: Sequence[Bar]
    top: float
    ticks: Sequence[tuple[float, str]]
    axis: str
    of_value: str
    of_mark: str
    curve: str
    kind: ClassVar[str] = "bars"


@dataclass(frozen=True)
class Layer:
    """All maps of a layer in one row beside the image, as wide as the window; a click opens one of them large.

    An open map has its receptive field drawn in the image, its kernel beside it, and below that the same channel at the
    other places. It is spelled as in a link: `3.2` is channel 3 at the second place, `3` channel 3 on a plane.

    Attributes:
        image: T x. places: a panel with all channels for each place of the third axis; one without title on a plane.
        kernels: for each place a panel with the kernels of all channels, or one that all places share, or none.
    """

    image: Maps
    places: Sequence[Maps]
    kernels: Sequence[Maps] = ()
    kind: ClassVar[str] = "layer"


Part = Maps | Number | Note | Act | Square | Ribbons | Bars | Layer


@dataclass(frozen=True)
class Row:
    """Panels side by side, under a heading if there is one. Attributes: folded: whether they show only on demand."""

    panels: Sequence[Part]
    heading: str = ""
    folded: bool = False


def show_viewer(
    handle: Handle,
    rows: Sequence[Row],
    on_move: Callable[[float], None],
    plays_once: bool = False,
    grown: Callable[[int], int] = int,
    terms: Sequence[Term] = (),
    opened: str = "",
    on_open: Callable[[str], None] = lambda opened: None,
) -> None:
    """Draws the rows under one handle; the stacks that they name come by way of `components.stack_data`.

    Args: on_move: called with the amount that was released, before the run that the release causes.
          plays_once: whether the handle goes to both ends and back by itself when the maps have come, unless a visitor
              asks for less motion or takes it first.
          grown: gives the width at which a panel is shown, from its own, both in CSS pixels.
          terms: that the captions explain where they first stand.
          opened: the open map of a `Layer`, or an empty text. on_open: called with it, as `on_move`.
    """

    def take(report: Any) -> None:
        amount = read_report(report)
        if amount is None:
            return
        st.session_state[_ANSWERS] = id_of(report)
        on_move(amount)
        on_open(read_opened(report))

    data = viewer_data(handle, rows, grown)
    told = {
        "terms": [{"forms": term.forms, "definition": term.definition} for term in terms], "plays_once": plays_once,
        "opened": opened, "answers": st.session_state.get(_ANSWERS, ""),
    }  # fmt: skip
    mount(_component, KEY, data | told, "moved", take)


def viewer_data(
    handle: Handle, rows: Sequence[Row], grown: Callable[[int], int] = int, opened: str = ""
) -> dict[str, Any]:
    """What the script draws from, as JSON takes it; arguments as for `show_viewer`."""
    described = [
        {"heading": row.heading, "folded": row.folded, "panels": [_described(panel, grown) for panel in row.panels]}
        for row in rows
    ]
    return {
        "handle": vars(handle), "rows": described, "tables": _TABLES, "terms": [], "plays_once": False,
        "opened": opened, "answers": "",
    }  # fmt: skip


def captions(rows: Sequence[Row]) -> list[str]:
    """What stands under and beside the panels, in order; of what follows the handle, for every amount."""
    return [text for row in rows for panel in row.panels for text in _captions(panel)]


def _captions(part: Any) -> Iterator[str]:
    match part:
        case Maps():
            yield from (part.title, *([part.text] if isinstance(part.text, str) else part.text))
        case Act():
            yield from (*_captions(part.maps), part.name, part.axis)
        case Corner():
            shown = (part.difference,) if part.mode == "difference" else (part.first, part.second)
            yield from (each.title for each in shown)
        case Square():
            for each in (*part.top, *part.bottom):
                yield from _captions(each)
        case Bars():
            yield from (part.of_value, part.of_mark)
        case Note():
            yield from (part.lead, *part.text)
        case Layer():
            for each in (part.image, *part.places):
                yield from _captions(each)


def read_report(report: Any) -> float | None:
    """The amount in a report of the browser; None for anything but a finite number."""
    amount = report.get("amount") if isinstance(report, dict) else None
    return float(amount) if is_number(amount) else None


def read_opened(report: Any) -> str:
    """The open map in a report of the browser; an empty text for none, and for anything that is not spelled as one."""
    opened = report.get("opened") if isinstance(report, dict) else None
    return opened if isinstance(opened, str) and _OPENED.fullmatch(opened) else ""


def _described(value: Any, grown: Callable[[int], int]) -> Any:
    """A part with all parts in it, as JSON takes them: null where there is no number."""
    if is_dataclass(value):
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        width = {"width": grown(value.width)} if isinstance(value, Maps) else {}
        return {**kind, **{name: _described(each, grown) for name, each in vars(value).items()}, **width}
    if isinstance(value, list | tuple):
        return [_described(each, grown) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
