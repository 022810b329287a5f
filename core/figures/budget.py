"""The error budget of every layer as bars: what each cause adds to, or takes from, the error."""

import numpy as np
import plotly.graph_objects as go

from core.equivariance import Budget
from core.figures.colour import network_style

_PATTERNS = ("/", "\\", "x", "")  # told apart without hue
_ROW = 34  # pixels of one layer
_WORDS = {
    "border": "the border",
    "scale axis": "the end of the scale axis",
    "off-grid step": "the step between two scales",
}


def plot_budget(found: Budget) -> go.Figure:
    """One bar for each layer, its parts side by side; a diamond marks the total, which they sum to."""
    figure = go.Figure()
    for index, cause in enumerate(found.causes):
        percent = 100 * found.parts[index]
        figure.add_bar(
            y=list(found.layers),
            x=percent,
            orientation="h",
            name=cause,
            marker={"color": network_style(index).colour, "pattern": {"shape": _PATTERNS[index], "size": 5}},
            hovertemplate=f"%{{y}}, {cause}: %{{x:+.1f}} points<extra></extra>",
        )
    figure.add_scatter(
        y=list(found.layers),
        x=100 * found.errors[0],
        mode="markers",
        name="total",
        marker={"symbol": "diamond", "size": 11, "color": "rgb(128,128,128)", "line": {"width": 1.5, "color": "black"}},
        hovertemplate="%{y}, total: %{x:.1f} %<extra></extra>",
    )
    figure.update_xaxes(title="part of the relative L2 error, percentage points", gridcolor="rgba(128,128,128,0.3)")
    figure.update_yaxes(title="layer", type="category", autorange="reversed")
    return figure.update_layout(
        barmode="relative",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 20, "b": 60},
        height=170 + _ROW * len(found.layers),
        uirevision="budget",
    )


def explain_budget(found: Budget, layer: str, network: str) -> str:
    """What makes the error of one layer, in the order of the runs. Raises: ValueError for an unknown layer."""
    if layer not in found.layers:
        raise ValueError(f"unknown layer {layer!r}; there are {', '.join(found.layers)}")
    at = found.layers.index(layer)
    total, parts = 100 * found.errors[0, at], 100 * found.parts[:, at]
    if np.isnan(total):
        return f"{layer} of {network} cannot be measured at s = {found.scale_factor:.3g}."
    if np.isnan(parts).any():
        return (
            f"{layer} of {network} differs by {total:.1f} % at s = {found.scale_factor:.3g}; "
            "no position or scale is left to say where it comes from."
        )
    told = [
        f"{_WORDS[cause]} makes {part:.1f}" if part >= 0 else f"{_WORDS[cause]} hides {-part:.1f}"
        for cause, part, applies in zip(found.causes, parts, found.applies[1:, at], strict=False)
        if applies and abs(part) >= 0.05
    ]
    start = f"{layer} of {network} differs by {total:.1f} % at s = {found.scale_factor:.3g}"
    if not told:
        return f"{start}; neither the border nor the scale axis nor the step makes any of it."
    return f"{start}, of which {', '.join(told)} points; {parts[-1]:.1f} points remain."
