"""The Lie derivative of every layer beside the finite error, both per unit of ln s."""

import math

import plotly.graph_objects as go

from core.equivariance import EquivarianceReport, LieReport
from core.figures.colour import network_style

_PATTERNS = ("", "/", "x", "\\")
_ROW = 44  # pixels of one layer


def plot_lie_derivative(found: LieReport, finite: EquivarianceReport) -> go.Figure:
    """Grouped bars for each layer: the Lie derivative, and the error of each scale factor divided by |ln s|.

    Raises: ValueError if the layers differ or a factor is 1.
    """
    if found.layers != finite.layers:
        raise ValueError("the Lie derivative and the error must be of the same layers")
    if 1.0 in finite.scale_factors:
        raise ValueError("an error at s = 1 says nothing of small changes")
    figure = go.Figure()
    rows = [("Lie derivative, s → 1", found.error)]
    rows += [
        (f"error at s = {s:.3g}, divided by |ln s|", finite.error[:, k] / abs(math.log(s)))
        for k, s in enumerate(finite.scale_factors)
    ]
    for index, (name, values) in enumerate(rows):
        figure.add_bar(
            y=list(found.layers),
            x=100 * values,
            orientation="h",
            name=name,
            marker={"color": network_style(index).colour, "pattern": {"shape": _PATTERNS[index % 4], "size": 5}},
            hovertemplate=f"%{{y}}, {name}: %{{x:.0f}} %<extra></extra>",
        )
    figure.update_xaxes(title="relative L2 error per unit of ln s, %", gridcolor="rgba(128,128,128,0.3)")
    figure.update_yaxes(title="layer", type="category", autorange="reversed")
    return figure.update_layout(
        barmode="group",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 20, "b": 60},
        height=190 + _ROW * len(found.layers),
        uirevision="lie derivative",
    )
