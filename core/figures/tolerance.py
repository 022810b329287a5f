"""Which data scales a set of internal scales serves, against what the data hold."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.tolerance import AXIS, DataScales, ToleranceModel

# Okabe and Ito's blue, green, vermillion and purple; greys are half transparent to suit light and dark pages.
_MIXTURE, _COMPONENT, _CENTRE, _NETWORK = "#0072B2", "#009E73", "#D55E00", "#CC79A7"
_DATA, _GRID = "rgba(128,128,128,0.35)", "rgba(128,128,128,0.3)"
_TICKS = (0.5, 1, 2, 4, 8, 16)


def plot_tolerance(
    model: ToleranceModel, data: DataScales, network_scales: Sequence[float | int] | None = None
) -> go.Figure:
    """The mixture, its components and the density of the data, per octave, over a log2 axis of data scale.

    Args: network_scales: data scales (×) that a network's internal scales serve, marked on the axis if given.
    """
    scales = np.geomspace(*AXIS, 241)
    figure = go.Figure()
    figure.add_scatter(
        x=scales,
        y=data.density(scales),
        name=f"data: {data.name}",
        fill="tozeroy",
        fillcolor=_DATA,
        line={"color": "#808080", "width": 1, "dash": "longdash"},
    )
    for i, (centre, component) in enumerate(zip(model.centres, model.components(scales), strict=True)):
        figure.add_scatter(
            x=scales,
            y=component,
            name="one internal scale",
            legendgroup="components",
            showlegend=i == 0,
            line={"color": _COMPONENT, "width": 1.5, "dash": "dot"},
            hovertemplate=f"scale at {centre:.2f}×: %{{y:.3f}} per octave<extra></extra>",
        )
    figure.add_scatter(
        x=scales,
        y=model.density(scales),
        name="all internal scales",
        line={"color": _MIXTURE, "width": 4},
    )
    figure.add_scatter(
        x=[x for centre in model.centres for x in (centre, centre, None)],
        y=[y for top in model.density(model.centres) for y in (0.0, float(top), None)],
        name="scale centres",
        mode="lines+markers",
        line={"color": _CENTRE, "width": 1.5, "dash": "dash"},
        marker={"symbol": "diamond", "size": 7},
        hovertemplate="centre at %{x:.2f}×<extra></extra>",
    )
    if network_scales:
        figure.add_scatter(
            x=list(network_scales),
            y=[0.0] * len(network_scales),
            name="scales of the network",
            mode="markers",
            marker={"symbol": "triangle-up", "size": 13, "color": _NETWORK},
            cliponaxis=False,
            hovertemplate="network at %{x:.2f}×<extra></extra>",
        )
    figure.update_xaxes(
        title="data scale (×, log2 axis)",
        type="log",
        range=np.log10(AXIS).tolist(),
        tickvals=_TICKS,
        ticktext=[f"{tick:g}" for tick in _TICKS],
        hoverformat=".2f",
        gridcolor=_GRID,
    )
    figure.update_yaxes(
        title="density per octave",
        rangemode="tozero",
        hoverformat=".3f",
        gridcolor=_GRID,
        zerolinecolor=_GRID,
    )
    return figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 60, "b": 50},
        hovermode="closest",
        uirevision="tolerance",
    )


def describe_tolerance(model: ToleranceModel, data: DataScales) -> str:
    """The chart in one or two sentences, for readers who do not see it.

    Raises: ValueError as `ToleranceModel.kl`.
    """
    centres = ", ".join(f"{centre:.2f}" for centre in model.centres)
    scales = "1 internal scale" if model.num_scales == 1 else f"{model.num_scales} internal scales"
    return (
        f"Density per octave over data scale: {scales} centred at {centres} times the reference size, each "
        f"with a tolerance of {model.tau_tol:.3f} octaves, against data {data.name}. "
        f"The divergence of the mixture from the data is {model.kl(data):.4f} nats."
    )
