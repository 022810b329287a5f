"""The theory of internal scales against measurement: thesis Fig. 3, 4 and 5, from our own runs."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.data.dynamic_scale_mnist import ends_of, in_words
from core.figures.colour import colourscale, network_style
from core.results.isr import IsrErrors
from core.tolerance import AXIS, DataScales, ToleranceModel

_GRID = "rgba(128,128,128,0.3)"
# Okabe and Ito's blue and green, as in components/scale_axis; greys are half transparent for light and dark pages.
_DATA, _MIXTURE, _COMPONENT = "rgba(128,128,128,0.35)", "#0072B2", "#009E73"
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SCALE_TICKS = (0.5, 1, 2, 4, 8, 16)
_DARKEST, _PALEST = 0.25, 0.85  # of viridis: what shows on dark and on light pages
_ERROR_TICKS = (1, 2, 5, 10, 20, 50, 100)  # %


def plot_error_against_isr(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> go.Figure:
    """Test error against ISR, one line a range: mean over seeds, every seed, and the ISR that the theory fits (▼)."""
    figure = go.Figure()
    for index, each in enumerate(measured):
        style = network_style(index)
        mean, low, high = each.mean, each.error.min(1), each.error.max(1)
        figure.add_scatter(
            x=list(each.isrs),
            y=mean,
            error_y={"array": high - mean, "arrayminus": mean - low, "thickness": 1.5, "width": 4},
            mode="lines+markers",
            name=f"data scales {in_words(each.data)}",
            line={"color": style.colour, "dash": style.dash, "width": 2.5},
            marker={"symbol": style.symbol, "size": 9},
            hovertemplate=f"{in_words(each.data)}, ISR %{{x:.2f}}: %{{y:.2f}} %<extra></extra>",
        )
        fitted = fits[each.data].isr
        figure.add_scatter(
            x=[fitted, fitted],
            y=[float(np.interp(np.log(fitted), np.log(each.isrs), mean)), float(each.error.min()) * 0.97],
            mode="lines+markers",
            name="ISR of the fit",
            legendgroup="fit",
            showlegend=index == 0,
            line={"color": style.colour, "dash": "dot", "width": 1.5},
            marker={"symbol": ["line-ew", "triangle-down"], "size": 12, "color": style.colour},
            hovertemplate=f"theory for {in_words(each.data)}: ISR {fitted:.2f}<extra></extra>",
        )
    ticks = [float(isr) for isr in measured[0].isrs]
    figure.update_xaxes(
        title="ISR, largest over smallest scale (log2 axis)",
        type="log",
        tickvals=ticks,
        ticktext=[f"{t:g}" for t in ticks],
        gridcolor=_GRID,
    )
    figure.update_yaxes(title="test error, %", rangemode="normal", gridcolor=_GRID)
    return _page(figure, 380, "error against ISR")


def plot_error_over_scale(each: IsrErrors) -> go.Figure:
    """Test error over data scale, one line an ISR (mean over seeds); the range that was trained on is shaded."""
    low, high = ends_of(each.data)
    figure = go.Figure()
    figure.add_vrect(x0=low, x1=high, fillcolor=_DATA, opacity=0.5, line_width=0, layer="below")
    colours = [colour for _, colour in colourscale("viridis")]
    last = len(colours) - 1
    for index, isr in enumerate(each.isrs):
        colour = colours[round((_PALEST - _DARKEST) * index * last / max(1, len(each.isrs) - 1) + _DARKEST * last)]
        figure.add_scatter(
            x=list(each.data_scales),
            y=each.over_scale[index].mean(0),
            mode="lines+markers",
            name=f"ISR {isr:g}",
            line={"color": colour, "dash": _DASHES[index % 6], "width": 2.5},
            marker={"symbol": network_style(index).symbol, "size": 7},
            hovertemplate=f"ISR {isr:g}, data scale %{{x:.2f}}×: %{{y:.1f}} %<extra></extra>",
        )
    figure.update_xaxes(
        title="data scale of the test digits (×, log2 axis)",
        type="log",
        tickvals=_SCALE_TICKS,
        ticktext=[f"{t:g}" for t in _SCALE_TICKS],
        gridcolor=_GRID,
    )
    figure.update_yaxes(
        title="test error, % (log axis)",
        type="log",
        tickvals=_ERROR_TICKS,
        ticktext=[f"{t:g}" for t in _ERROR_TICKS],
        gridcolor=_GRID,
    )
    return _page(figure, 400, f"error over scale {each.data}")


def plot_joint_fits(fits: Mapping[str, ToleranceModel]) -> go.Figure:
    """The mixtures of the joint fit against their data, one panel a range, all with one τ_tol and one axis."""
    panels = [f"{in_words(name)} ×" for name in fits]
    figure = make_subplots(rows=1, cols=len(fits), shared_yaxes=True, subplot_titles=panels, horizontal_spacing=0.02)
    scales = np.geomspace(*AXIS, 241)
    for column, (name, model) in enumerate(fits.items(), start=1):
        data, shown = DataScales.log_uniform(*ends_of(name)), {"showlegend": column == 1}
        at = {"row": 1, "col": column}
        figure.add_scatter(
            x=scales, y=data.density(scales), name="data", legendgroup="data", fill="tozeroy", fillcolor=_DATA,
            line={"color": "#808080", "width": 1, "dash": "longdash"}, **shown, **at,
        )  # fmt: skip
        for number, component in enumerate(model.components(scales)):
            figure.add_scatter(
                x=scales, y=component, name="one internal scale", legendgroup="component",
                line={"color": _COMPONENT, "width": 1.5, "dash": "dot"},
                showlegend=column == 1 and number == 0, **at,
            )  # fmt: skip
        figure.add_scatter(
            x=scales, y=model.density(scales), name="all internal scales", legendgroup="mixture",
            line={"color": _MIXTURE, "width": 3}, **shown, **at,
        )  # fmt: skip
    figure.update_xaxes(
        type="log", range=np.log10(AXIS).tolist(), tickvals=_SCALE_TICKS[1::2],
        ticktext=[f"{t:g}" for t in _SCALE_TICKS[1::2]], hoverformat=".2f", gridcolor=_GRID,
    )  # fmt: skip
    figure.update_xaxes(title="data scale (×, log2 axis)", row=1, col=(1 + len(fits)) // 2)
    highest = max(float(model.density(scales).max()) for model in fits.values())
    figure.update_yaxes(range=[0, 1.2 * highest], hoverformat=".3f", gridcolor=_GRID)
    figure.update_yaxes(title="density per octave", row=1, col=1)
    figure.update_annotations(yanchor="top", font_size=13)  # titles of panels, below the line that charts are signed on
    return _page(figure, 360, "joint fits")


def _page(figure: go.Figure, height: int, revision: str) -> go.Figure:
    return figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 30, "b": 60},
        height=height,
        hovermode="closest",
        uirevision=revision,
    )
