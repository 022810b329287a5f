"""The numbers that a chart draws, as a table."""

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from core.equivariance.exports import as_cell, as_csv


def figure_to_csv(figure: go.Figure) -> str:
    """One line for each point of every series, with the titles of the axes in the head.

    Columns: panel (where there are several), series, the two axes; `z` of a heat map's cells; `low` and `high` where a
    point has a range. Empty where there is no number.
    """
    head = ["panel", "series", _title(figure.layout.xaxis, "x"), _title(figure.layout.yaxis, "y"), "z", "low", "high"]
    rows = [row for trace in figure.data for row in _points(trace, _panel(figure, trace))]
    used = [k for k in range(len(head)) if k in (1, 2, 3) or any(row[k] != "" for row in rows)]
    return as_csv([head[k] for k in used], [[row[k] for k in used] for row in rows])


def _points(trace: BaseTraceType, panel: str) -> Iterator[list[object]]:
    name = trace.name or ""
    if "z" in trace:
        for y, values in zip(trace.y, np.asarray(trace.z, dtype=float), strict=True):
            for x, z in zip(trace.x, values, strict=True):
                yield [panel, name, _told(x), _told(y), as_cell(float(z)), "", ""]
        return
    low, high = _range(trace)
    for k, (x, y) in enumerate(zip(trace.x, trace.y, strict=True)):
        yield [panel, name, _told(x), _told(y), "", low(k), high(k)]


def _range(trace: BaseTraceType):  # type: ignore[no-untyped-def]
    bars = trace.error_y if "error_y" in trace else None
    if bars is None or bars.array is None:
        return (lambda k: ""), (lambda k: "")
    below = bars.array if bars.arrayminus is None else bars.arrayminus
    return (lambda k: as_cell(float(trace.y[k] - below[k]))), (lambda k: as_cell(float(trace.y[k] + bars.array[k])))


def _panel(figure: go.Figure, trace: BaseTraceType) -> str:
    """The title of the panel of a trace; empty where there is one panel only."""
    number = int((trace.xaxis or "x").removeprefix("x") or 1)
    titles = [each.text for each in figure.layout.annotations if each.name != "signature"]
    several = "xaxis2" in figure.layout
    return titles[number - 1] if several and number <= len(titles) else ""


def _title(axis: go.layout.XAxis | go.layout.YAxis, usual: str) -> str:
    return axis.title.text or usual


def _told(value: object) -> str:
    """A place on an axis: a name as it is, a number short; nothing for a gap in a line."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_cell(float(value))  # type: ignore[arg-type]
