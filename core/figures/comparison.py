"""Two networks A and B on the same digits: what differs, layer by layer and amount by amount."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.equivariance.comparison import READ, Comparison
from core.figures.colour import colourscale
from core.results.statistics import Estimate
from core.transforms import TRANSFORMS

NONE_FOUND = "○"  # beside a difference whose interval holds 0
_SECOND, _FIRST, _NEITHER = "#0072B2", "#D55E00", "#808080"  # of Okabe and Ito: B is better, A is better, neither
_GRID, _POINT = "rgba(128,128,128,0.3)", "rgba(128,128,128,0.7)"
_ROW, _SPREAD = 42, 0.3  # pixels of a row; how far its points lie from its middle, in rows
_CELL = 30


def plot_differences(
    found: Comparison, differences: Mapping[str, Estimate], digits: Sequence[str], amount: float | None = None
) -> go.Figure:
    """An estimation plot: for each layer every digit's B − A of the error, its mean and 95 % interval, about 0.

    Args: differences: by layer, as `core.results.differences.layer_differences`, whose amount is the same. digits: what
              each is called on hover.
    """
    figure = go.Figure()
    rows = {layer: row for row, layer in enumerate(differences)}
    pairs = {layer: pair for layer, *pair in zip(found.layers, *found.at(amount), strict=True)}
    for layer, row in rows.items():
        first, second = (100 * of for of in pairs[layer])
        figure.add_scatter(
            x=second - first, y=row + _scattered(second - first), mode="markers", name="one digit", legendgroup="digit",
            showlegend=row == 0, marker={"color": _POINT, "size": 5},
            hovertext=[
                f"{digit}<br>{layer}: A {a:.1f} %, B {b:.1f} %"
                for digit, a, b in zip(digits, first, second, strict=True)
            ],
            hovertemplate="%{hovertext}<br>B − A: %{x:+.1f} points<extra></extra>",
        )  # fmt: skip
    _add_means(figure, rows, differences)
    figure.add_shape(type="line", x0=0, x1=0, yref="paper", y0=0, y1=1, line={"color": _NEITHER, "width": 1.5})
    for text, side in (("← B commutes better", "left"), ("A commutes better →", "right")):
        figure.add_annotation(
            text=text, x=0 if side == "left" else 1, xref="paper", xanchor=side, y=1, yref="paper", yanchor="bottom",
            showarrow=False, font={"size": 12},
        )  # fmt: skip
    ends = [float(end(trace.x)) for trace in figure.data for end in (np.nanmin, np.nanmax)] + [0.0]
    room = 0.06 * (max(ends) - min(ends)) or 1.0
    figure.update_xaxes(
        title="B − A of the error, percentage points", range=[min(ends) - room, max(ends) + room], gridcolor=_GRID,
        zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(rows.values()), ticktext=[_row_name(layer, found) for layer in rows], title="layer",
        range=[len(rows) - 0.4, -0.6], showgrid=False, zeroline=False,
    )  # fmt: skip
    return _laid_out(figure, "differences", 130 + _ROW * len(rows))


def plot_cell_differences(found: Comparison, cells: Mapping[tuple[str, float], Estimate]) -> go.Figure:
    """B − A of the error for every layer and amount; `NONE_FOUND` marks cells whose interval holds 0, blue B's lead."""
    amounts = sorted(found.amounts)
    told = [[cells.get((layer, amount)) for amount in amounts] for layer in found.layers]
    z = np.array([[np.nan if each is None else each.mean for each in row] for row in told])
    largest = float(np.nanmax(np.abs(z), initial=0.0)) or 1.0
    transform = TRANSFORMS[found.transform]
    hover = [
        [_tell_cell(layer, transform.name(amount), each) for amount, each in zip(amounts, row, strict=True)]
        for layer, row in zip(found.layers, told, strict=True)
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=amounts, y=list(found.layers), z=z, zmin=-largest, zmax=largest, colorscale=colourscale("diverging"),
        text=[[_cell_text(each) for each in row] for row in told], texttemplate="%{text}",
        textfont={"color": "black", "size": 11}, hovertext=hover, hovertemplate="%{hovertext}<extra></extra>",
        hoverongaps=False, xgap=1, ygap=1,
        colorbar={
            "title": {"text": "B − A, percentage points", "side": "bottom"}, "orientation": "h", "yref": "container",
            "y": 0, "yanchor": "bottom", "thickness": 12,
        },
    )  # fmt: skip
    ticks = transform.ticks(amounts)
    axis = {"type": "log"} if transform.log else {}
    figure.update_xaxes(
        title=transform.axis_title, tickvals=list(ticks), ticktext=list(ticks.values()), showgrid=False, zeroline=False,
        **axis,
    )  # fmt: skip
    figure.update_yaxes(title="layer", type="category", autorange="reversed", showgrid=False)
    return _laid_out(figure, "cell differences", 150 + _CELL * len(found.layers))


def _add_means(figure: go.Figure, rows: Mapping[str, int], differences: Mapping[str, Estimate]) -> None:
    """Means with intervals: filled where the interval leaves 0 out, open where it holds 0."""
    kinds = {"B is better": (_SECOND, "diamond"), "A is better": (_FIRST, "square"), "no difference found": (
        _NEITHER, "circle-open",
    )}  # fmt: skip
    for kind, (colour, symbol) in kinds.items():
        of = {layer: each for layer, each in differences.items() if _kind(each) == kind}
        if not of:
            continue
        means = np.array([each.mean for each in of.values()])
        figure.add_scatter(
            x=means, y=[rows[layer] for layer in of], mode="markers", name=f"mean, 95 % interval: {kind}",
            marker={"color": colour, "symbol": symbol, "size": 13, "line": {"width": 2, "color": colour}},
            error_x={
                "array": [each.high for each in of.values()] - means, "color": colour, "thickness": 3, "width": 7,
                "arrayminus": means - [each.low for each in of.values()],
            },
            hovertext=[f"{layer}: {each.told(1)}" for layer, each in of.items()],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip


def _kind(each: Estimate) -> str:
    if not each.differs_from_zero:
        return "no difference found"
    return "B is better" if each.mean < 0 else "A is better"


def _scattered(values: np.ndarray) -> np.ndarray:
    """Places beside a row, neighbours in value apart: van der Corput's sequence along the sorted values."""
    places = np.empty(len(values))
    places[np.argsort(values, kind="stable")] = [int(f"{k % 256:08b}"[::-1], 2) / 256 - 0.5 for k in range(len(values))]
    return 2 * _SPREAD * places


def _row_name(layer: str, found: Comparison) -> str:
    if layer == READ:
        return "<b>read by the<br>classifier</b>"
    return f"<b>{layer}</b>" if layer == found.read else layer


def _cell_text(each: Estimate | None) -> str:
    if each is None:
        return ""
    return f"{each.mean:+.{0 if abs(each.mean) >= 1 else 1}f}" + ("" if each.differs_from_zero else f" {NONE_FOUND}")


def _tell_cell(layer: str, amount: str, each: Estimate | None) -> str:
    if each is None:
        return ""
    found = "" if each.differs_from_zero else "<br>no difference found"
    return f"{layer} at {amount}<br>B − A: {each.told(1)} points{found}"


def _laid_out(figure: go.Figure, revision: str, height: int) -> go.Figure:
    return figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 30, "b": 70}, height=height, hovermode="closest", uirevision=revision,
    )  # fmt: skip
