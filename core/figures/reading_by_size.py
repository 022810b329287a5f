"""What scales serve in theory, and what a network reads on them, over one axis: the size of the digits."""

import math

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.data.one_size import TRAINED
from core.results.reading_by_size import ReadBySize
from core.results.statistics import Estimate
from core.tolerance import Mixture

PANELS = ("Theory: what the scales serve", "Reading: what is misread")
# Okabe and Ito's vermilion and blue; the bench's mixture is blue too.
_TRAINED = {"colour": "#D55E00", "dash": "dash", "symbol": "square-open"}
_CHOSEN = {"colour": "#0072B2", "dash": "solid", "symbol": "diamond"}
_GRID, _SEEN = "rgba(128,128,128,0.3)", "#808080"
_TICKS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2)
_ERROR_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100)  # %
_LEAST = 0.2  # %: where an error of 0 is drawn on the log axis
_ROOM = 1.06  # beyond the sizes, on each side
_POINTS = 121  # of a density


def plot_reading_by_size(found: ReadBySize, trained: Mixture, chosen: Mixture) -> go.Figure:
    """The tolerance mixtures of both sets over the size of the digits, and below them both errors.

    Args: trained, chosen: over sizes × MNIST; a mark on the axis is one internal scale.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, subplot_titles=PANELS, vertical_spacing=0.1)
    ends = (found.sizes[0] / _ROOM, found.sizes[-1] * _ROOM)
    for name, style, mixture, errors in (
        ("as trained", _TRAINED, trained, found.trained_errors), ("as chosen", _CHOSEN, chosen, found.chosen_errors),
    ):  # fmt: skip
        _add_mixture(figure, name, style, mixture, ends)
        _add_errors(figure, name, style, found, errors)
    figure.add_vline(x=TRAINED, line={"color": _SEEN, "dash": "dot", "width": 1.5})
    figure.add_annotation(
        text="trained on", x=math.log10(TRAINED), xref="x2", y=1, yref="y2 domain", yanchor="top", xanchor="left",
        showarrow=False, font={"size": 11},
    )  # fmt: skip
    figure.update_xaxes(
        type="log", range=[math.log10(end) for end in ends], tickvals=_TICKS, ticktext=[f"{t:g}" for t in _TICKS],
        gridcolor=_GRID,
    )  # fmt: skip
    figure.update_xaxes(title="size of the digits (× MNIST, log2 axis)", row=2, col=1)
    figure.update_yaxes(title="density per octave", rangemode="tozero", gridcolor=_GRID, row=1, col=1)
    figure.update_yaxes(
        title="error, % (log axis)", type="log", tickvals=_ERROR_TICKS, ticktext=[f"{t:g}" for t in _ERROR_TICKS],
        gridcolor=_GRID, row=2, col=1,
    )  # fmt: skip
    return figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 30, "b": 75}, height=560, hovermode="closest", uirevision="reading by size",
    )  # fmt: skip


def _add_mixture(
    figure: go.Figure, name: str, style: dict[str, str], mixture: Mixture, ends: tuple[float, float]
) -> None:
    sizes = np.geomspace(*ends, _POINTS)
    figure.add_scatter(
        x=sizes, y=mixture.density(sizes), mode="lines", name=name, legendgroup=name, showlegend=False,
        line={"color": style["colour"], "dash": style["dash"], "width": 2.5},
        hovertemplate=f"{name}: %{{y:.2f}} per octave at %{{x:.2f}} ×<extra></extra>", row=1, col=1,
    )  # fmt: skip
    inside = [centre for centre in mixture.centres if ends[0] <= centre <= ends[1]]
    figure.add_scatter(
        x=inside, y=[0.0] * len(inside), mode="markers", name=f"internal scales {name}", legendgroup=name,
        showlegend=False, marker={"color": style["colour"], "symbol": style["symbol"], "size": 9}, cliponaxis=False,
        hovertemplate=f"internal scale {name}: serves %{{x:.2f}} × best<extra></extra>", row=1, col=1,
    )  # fmt: skip


def _add_errors(
    figure: go.Figure, name: str, style: dict[str, str], found: ReadBySize, errors: tuple[Estimate, ...]
) -> None:
    means, lows = [max(_LEAST, e.mean) for e in errors], [max(_LEAST, e.low) for e in errors]
    figure.add_scatter(
        x=list(found.sizes), y=means, mode="lines+markers", name=name, legendgroup=name,
        error_y={
            "array": [e.high - mean for e, mean in zip(errors, means, strict=True)],
            "arrayminus": [mean - low for mean, low in zip(means, lows, strict=True)], "thickness": 1.8, "width": 4,
        },
        line={"color": style["colour"], "dash": style["dash"], "width": 2.5},
        marker={"symbol": style["symbol"], "size": 8}, text=[each.told(1) for each in errors],
        hovertemplate=f"{name} at %{{x:.2f}} ×: %{{text}}, in %<extra></extra>", row=2, col=1,
    )  # fmt: skip
