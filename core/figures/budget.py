"""The error budget of every layer as bars: what each cause adds to, or takes from, the error."""

import plotly.graph_objects as go

from core.equivariance import Budget
from core.figures.colour import network_style

_PATTERNS = ("/", ".", "\\", "x", "")  # told apart without hue
_ROW = 34  # pixels of one layer


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
    figure.update_xaxes(title="part of the relative L2 error, % points", gridcolor="rgba(128,128,128,0.3)")
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
