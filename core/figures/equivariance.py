"""How far a network is from commuting with a transform: every layer at once, or one layer of several networks."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from core.equivariance import EquivarianceReport
from core.figures.colour import NO_VALUE, colour_table, colourscale, network_style
from core.transforms import TRANSFORMS

Array = np.ndarray

TOP = 100.0  # %, the highest colour; larger errors share it
_MOST_TICKS = 11
_SILENCE = {
    "blank": "the layer answers nothing to these images",
    "outside": "the layer answers, but nowhere that both sides know",
    "silent": "the layer answers nothing here",
}
_GREY = f"rgb{NO_VALUE}"
_GRID = "rgba(128,128,128,0.3)"
_ROW = 30  # pixels of one layer in the heat map
_LEAST_ROWS = 3  # whose height fewer layers have too: in a lower figure Plotly makes no room for the colour bar


def plot_error_heatmap(
    report: EquivarianceReport, title: str | None = None, on_click: Callable[[str, float], str] | None = None
) -> go.Figure:
    """Mean error of every layer (rows, in the order of the network) at every amount of the transform (columns).

    Grey cells hold no number: `silent` where the layer answers nothing, `–` where no position is known to both sides.
    Args: on_click: what a click on the cell of a layer and amount does, in words. Where it is given, an unseen marker
              lies on every cell, since a page hears of clicks on markers only.
    """
    order = _ascending(report)
    amounts = [report.amounts[k] for k in order]
    percent = 100 * report.error[:, order]
    unknown, light = np.isnan(percent), _is_light(percent)
    spread = report.spread  # computed at every access, so once for all cells
    explained = [[_explain(report, spread, row, k) for k in order] for row in range(len(report.layers))]
    numbers = np.vectorize(lambda value: f"{value:.0f}", otypes=[object])(percent)
    silent = "silent" if len(amounts) <= _MOST_TICKS else "∅"
    words = np.where(unknown, np.where(report.known[:, order] > 0, silent, "–"), "")
    figure = go.Figure()
    # A heat map writes in one colour: light cells, and those without a number, are drawn over it once more.
    for z, text, ink, scale in (
        (percent, np.where(light | unknown, "", numbers), "white", colourscale("viridis")),
        (np.where(light, percent, np.nan), np.where(light, numbers, ""), "black", colourscale("viridis")),
        (np.where(unknown, 0.0, np.nan), words, "black", [[0, _GREY], [1, _GREY]]),
    ):
        if np.isnan(z).all() and figure.data:
            continue
        figure.add_heatmap(
            x=amounts,
            y=list(report.layers),
            z=z,
            zmin=0,
            zmax=TOP,
            colorscale=scale,
            colorbar=_colour_bar(),
            showscale=not figure.data,
            text=text,
            texttemplate="%{text}",
            textfont={"color": ink, "size": 9 if text is words else 11},
            hovertext=explained,
            hovertemplate="%{hovertext}<extra></extra>",
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    if on_click:
        told = [[on_click(layer, amount) for amount in amounts] for layer in report.layers]
        _add_targets(figure, report, amounts, explained, told)
    figure.update_xaxes(**_axis(report, amounts), showgrid=False, zeroline=False)
    figure.update_yaxes(title="layer", type="category", autorange="reversed", showgrid=False)
    _lay_out(figure, "error heat map", title)
    return figure.update_layout(height=_height(report.layers) + (30 if title else 0))


def plot_error_difference(one: EquivarianceReport, other: EquivarianceReport) -> go.Figure:
    """Mean error of `one` less that of `other`, in percentage points, for the layers and amounts that both have.

    Blue where `one` commutes better. Raises: ValueError if they have no layer or no amount in common.
    """
    layers = [layer for layer in one.layers if layer in other.layers]
    amounts = sorted(set(one.amounts) & set(other.amounts))
    if not layers or not amounts:
        raise ValueError("the two networks have no layer, or were measured at no amount, in common")

    def picked(report: EquivarianceReport) -> Array:
        rows, columns = [report.layers.index(x) for x in layers], [report.amounts.index(x) for x in amounts]
        return 100 * report.error[np.ix_(rows, columns)]

    points = picked(one) - picked(other)
    largest = float(np.nanmax(np.abs(points), initial=0.0)) or 1.0
    texts = np.vectorize(lambda value: "" if np.isnan(value) else f"{value:+.0f}", otypes=[object])(points)
    figure = go.Figure()
    figure.add_heatmap(
        x=amounts, y=layers, z=points, zmin=-largest, zmax=largest, colorscale=colourscale("diverging"), text=texts,
        texttemplate="%{text}", textfont={"color": "black", "size": 11}, hoverongaps=False, xgap=1, ygap=1,
        hovertemplate="%{y} at %{x:.3g}: %{z:+.1f} points<extra></extra>",
        colorbar={**_colour_bar(), "title": {"text": "difference, percentage points", "side": "bottom"},
                  "tickvals": None, "ticktext": None},
    )  # fmt: skip
    figure.update_xaxes(**_axis(one, amounts), showgrid=False, zeroline=False)
    figure.update_yaxes(title="layer", type="category", autorange="reversed", showgrid=False)
    _lay_out(figure, "error difference")
    return figure.update_layout(height=_height(layers))


def _height(layers: Sequence[str]) -> int:
    """Of a heat map, in pixels."""
    return 150 + _ROW * max(_LEAST_ROWS, len(layers))


def plot_error_curves(
    reports: Mapping[str, EquivarianceReport],
    layer: Mapping[str, str] | str,
    costs: bool = True,
    marker: float | int | None = None,
) -> go.Figure:
    """Error of one layer of each network over the amount of a transform: mean, and 16–84 % band over images.

    Args: reports: by the name of the network, which the legend shows; the n-th one has the n-th `network_style`.
          layer: its name in every network, or one for each.
          costs: whether to draw what resampling the map there and back costs.
          marker: an amount to mark by a vertical line.
    Raises: ValueError if there is no report, reports of two transforms, or a network has no such layer.
    """
    if not reports:
        raise ValueError("error curves need at least one report, got none")
    if len({report.transform for report in reports.values()}) > 1:
        raise ValueError("error curves need reports of one transform, got two")
    figure = go.Figure()
    for index, (name, report) in enumerate(reports.items()):
        chosen = layer if isinstance(layer, str) else layer.get(name, "")
        if chosen not in report.layers:
            raise ValueError(f"{name} has no layer {chosen!r}; it has {', '.join(report.layers)}")
        _add_curve(figure, index, name, chosen, report)
        if costs:
            _add_cost(figure, index, name, chosen, report)
    amounts = sorted({amount for report in reports.values() for amount in report.amounts})
    first = next(iter(reports.values()))
    figure.update_xaxes(**_axis(first, amounts), gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(title="relative L2 error, %", rangemode="tozero", gridcolor=_GRID, zerolinecolor=_GRID)
    if marker is not None:
        figure.add_shape(
            type="line",
            x0=marker,
            x1=marker,
            yref="paper",
            y0=0,
            y1=1,
            line={"color": _GREY, "width": 1.5, "dash": "longdash"},
            label={
                "text": TRANSFORMS[first.transform].name(float(marker)),
                "textposition": "end",
                "textangle": 0,
                "xanchor": "center",
            },
        )
    _lay_out(figure, "error curves")
    return figure.update_layout(height=440)


def _add_targets(
    figure: go.Figure, report: EquivarianceReport, amounts: Sequence[float], texts: list[list[str]],
    clicks: list[list[str]],
) -> None:  # fmt: skip
    figure.add_scatter(
        x=list(amounts) * len(report.layers),
        y=np.repeat(report.layers, len(amounts)),
        mode="markers",
        marker={"symbol": "square", "size": _ROW - 4, "color": "rgba(0,0,0,0)"},
        hovertext=[
            f"{text}<br>{click}"
            for row, told in zip(texts, clicks, strict=True)
            for text, click in zip(row, told, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _add_curve(figure: go.Figure, index: int, name: str, layer: str, report: EquivarianceReport) -> None:
    row, order = report.layers.index(layer), _ascending(report)
    amounts = np.asarray(report.amounts)[order]
    spread = report.spread
    mean, band = 100 * report.error[row, order], 100 * spread[row, order]
    explained = [_explain(report, spread, row, k) for k in order]
    style, group = network_style(index), f"network {index}"
    x, y = _outline(amounts, band)
    figure.add_scatter(
        x=x,
        y=y,
        name=f"{name}, 16–84 %",
        legendgroup=group,
        showlegend=False,
        mode="lines",
        line={"color": _translucent(style.colour, 0.45), "width": 1},
        fill="toself",
        fillcolor=_translucent(style.colour, 0.18),
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=amounts,
        y=mean,
        name=f"{name}: {layer}",
        legendgroup=group,
        mode="lines+markers",
        connectgaps=False,
        line={"color": style.colour, "dash": style.dash, "width": 2.5},
        marker={"symbol": style.symbol, "size": 8},
        hovertext=[f"<b>{name}</b><br>{text}" for text in explained],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _add_cost(figure: go.Figure, index: int, name: str, layer: str, report: EquivarianceReport) -> None:
    row, order = report.layers.index(layer), _ascending(report)
    cost = 100 * report.cost[row, order]
    if np.isnan(cost).all():
        return
    figure.add_scatter(
        x=np.asarray(report.amounts)[order],
        y=cost,
        name=f"{name}: resampling of {layer}",
        legendgroup=f"network {index}",
        mode="lines",
        line={"color": network_style(index).colour, "dash": "dot", "width": 1.5},
        hovertext=[
            f"resampling there and back at {report.name_amount(k)}: {cost[i]:.1f} %" for i, k in enumerate(order)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _outline(amounts: Float[Array, " n"], band: Float[Array, "n 2"]) -> tuple[list, list]:
    """The band as closed outlines, one for each stretch of neighbouring numbers, with None between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in _runs(~np.isnan(band).any(axis=1)):
        x += [*amounts[run], *amounts[run][::-1], amounts[run][0], None]
        y += [*band[run, 0], *band[run, 1][::-1], band[run, 0][0], None]
    return x[:-1], y[:-1]


def _runs(present: Array) -> Iterator[slice]:
    """Stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], present.astype(int), [0]])))
    yield from (slice(int(start), int(stop)) for start, stop in edges.reshape(-1, 2))


def _ascending(report: EquivarianceReport) -> list[int]:
    """The places of the amounts, smallest first."""
    return sorted(range(len(report.amounts)), key=report.amounts.__getitem__)


def _is_light(percent: Float[Array, "layer scale"]) -> Array:
    """Where black is easier to read on a cell's colour than white (WCAG's relative luminance above 0.18)."""
    place = np.nan_to_num(np.clip(percent / TOP, 0, 1)) * 255
    colours = colour_table("viridis")[np.rint(place).astype(int)] / 255
    linear = np.where(colours > 0.04045, ((colours + 0.055) / 1.055) ** 2.4, colours / 12.92)
    return (linear @ (0.2126, 0.7152, 0.0722) > 0.18) & ~np.isnan(percent)


def _explain(report: EquivarianceReport, spread: Float[Array, "layer amount 2"], row: int, k: int) -> str:
    """What one cell says on hover."""
    head = f"{report.layers[row]} at {report.name_amount(k)}<br>"
    known, silent = float(report.known[row, k]), float(report.silent[row, k])
    if known == 0:
        return head + "not measurable: no position or scale<br>is known to both sides"
    share = f"{100 * known:.0f} % of the map known to both sides"
    mean = 100 * float(report.error[row, k])
    if np.isnan(mean):
        return head + f"silent: {_SILENCE[report.silence[row][k]]},<br>so there is nothing to compare<br>{share}"
    low, high = 100 * spread[row, k]
    band = f"<br>16–84 % of {report.num_images} images: {low:.1f} to {high:.1f} %" if report.num_images > 1 else ""
    cost = f"<br>resampling there and back costs the image {100 * float(report.image_cost[k]):.1f} %"
    if not np.isnan(report.cost[row, k]):
        cost += f",<br>the map {100 * float(report.cost[row, k]):.1f} %"
    partly = f"<br>silent for {100 * silent:.0f} % of the images" if silent > 0 else ""
    return f"{head}mean error: {mean:.1f} %{band}{cost}<br>{share}{partly}"


def _axis(report: EquivarianceReport, amounts: Sequence[float]) -> dict:
    transform = TRANSFORMS[report.transform]
    ticks = transform.ticks(amounts)
    found = {"title": transform.axis_title, "tickvals": list(ticks), "ticktext": list(ticks.values())}
    return found | ({"type": "log"} if transform.log else {})


def _colour_bar() -> dict:
    ticks = list(range(0, int(TOP) + 1, 20))
    return {
        "title": {"text": "relative L2 error, %", "side": "bottom"},
        "tickvals": ticks,
        "ticktext": [*map(str, ticks[:-1]), f"≥ {TOP:.0f}"],
        "orientation": "h",  # below, so that a narrow screen keeps its width for the cells
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "thickness": 12,
    }


def _lay_out(figure: go.Figure, revision: str, title: str | None = None) -> None:
    figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 50 if title else 20, "b": 60},
        hovermode="closest",
        uirevision=revision,
    )
    if title:
        figure.update_layout(title={"text": title})


def _translucent(colour: str, alpha: float) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},{alpha})"
