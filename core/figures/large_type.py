"""A chart for an audience: type of 24 pixels and more, with room for it."""

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

LEAST = 24  # pixels of the smallest type
_TYPE = 2.0  # factor of type and of margins; charts use sizes from 9 to 13 pixels
_PLOT = 1.6  # factor of the plot's height: rows of cells must hold a line of type
_MARK = 1.6  # factor of lines and markers


def enlarge(figure: go.Figure) -> go.Figure:
    """A copy whose type, margins, marks and height have grown; the width is the page's."""
    large = go.Figure(figure)
    layout, margin = large.layout, large.layout.margin
    around = (margin.t or 0) + (margin.b or 0)
    type_ = {"size": LEAST}
    large.update_layout(
        font=type_, title_font=type_, legend={"font": type_, "title_font": type_}, hoverlabel_font=type_,
        margin={side: _TYPE * size for side in "lrtb" if (size := margin[side]) is not None},
        height=_PLOT * (layout.height - around) + _TYPE * around,
    )  # fmt: skip
    large.update_xaxes(tickfont=type_, title_font=type_, automargin=True)
    large.update_yaxes(tickfont=type_, title_font=type_, automargin=True)
    large.for_each_annotation(lambda note: note.update(font=type_, yshift=_TYPE * (note.yshift or 0)))
    large.for_each_shape(lambda shape: shape.update(label_font=type_))
    large.for_each_trace(_enlarge_trace)
    return large


def _enlarge_trace(trace: BaseTraceType) -> None:
    if "textfont" in trace:
        trace.textfont.size = LEAST
    if "colorbar" in trace:
        bar = trace.colorbar
        bar.tickfont.size = bar.title.font.size = LEAST
        bar.thickness = _TYPE * (bar.thickness or 30)
    for part, size in (("line", "width"), ("marker", "size")):
        if part in trace and size in trace[part] and (now := trace[part][size]) is not None:
            trace[part][size] = _MARK * now
