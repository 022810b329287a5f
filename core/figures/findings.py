"""What was found, network by network: dots with their intervals on rows, against another number, or over size.

A network's hue and symbol are those of its group where it has a row with its name, and its own where it has none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.colour import network_style
from core.models import GROUPS, MODELS
from core.results.findings import Checkpoint, Payoff, Reading, SizeCurve
from core.results.means import Standing
from core.results.statistics import Estimate

_GRID = "rgba(128,128,128,0.3)"
_GREY, _SEEN = "#808080", "rgba(128,128,128,0.18)"
_ROW, _AROUND = 20, 125  # pixels of a row, and of all above and below the rows
_MOST_INTERVALS = 6  # curves beyond which their intervals would hide each other
_PRICES = {
    "parameters": ("parameters (log axis)", (30_000, 50_000, 100_000, 200_000)),
    "milliseconds": ("time of a forward pass for one digit, ms (log axis)", (0.5, 1, 2, 5, 10, 20, 50, 100)),
}


@dataclass(frozen=True)
class _Dot:
    """A mean on its row, in %, with the ends of its interval; NaN for none. Attributes: told: under the pointer."""

    row: str
    group: str
    mean: float
    low: float
    high: float
    told: str


def plot_readings(read: Sequence[Reading]) -> go.Figure:
    """Test error: every realisation as a small ring, the mean and its interval; the least error above."""
    dots = [
        _Dot(_title(r.network), _group(r.network), r.error.mean, r.error.low, r.error.high, f"{r.error.told()}, in %")
        for r in read
    ]
    figure = go.Figure()
    several = [each for each in read if each.error.n > 1]  # a single one is the mean itself
    figure.add_scatter(
        x=[run.test_error for each in several for run in each.runs],
        y=[_title(each.network) for each in several for _ in each.runs],
        text=[f"realisation {run.seed}" for each in several for run in each.runs],
        mode="markers", name="one realisation", showlegend=bool(several),
        marker={"symbol": "circle-open", "size": 8, "color": _GREY},
        hovertemplate="%{y}, %{text}: %{x:.2f} %<extra></extra>",
    )  # fmt: skip
    _add_dots(figure, dots)
    return _rows(figure, [dot.row for dot in dots], "test error on MNIST-Scale, %", "readings")


def plot_standings(ranked: Sequence[Standing]) -> go.Figure:
    """Equivariance error of the classifier's map (filled) and over the convolutions (open), with BCa intervals."""
    figure = go.Figure()
    for name, colour, symbol in (("map that the classifier reads", 0, "circle"), ("convolutions", 1, "diamond-open")):
        filled = symbol == "circle"
        means = [each.classifier if filled else each.all for each in ranked]
        figure.add_scatter(
            x=[100 * mean.mean for mean in means], y=[_title(each.network) for each in ranked],
            error_x=_bars([(100 * mean.mean, 100 * mean.ci_low, 100 * mean.ci_high) for mean in means]),
            mode="markers", name=name,
            marker={"symbol": symbol, "size": 10, "color": network_style(colour).colour},
            text=[f"{100 * mean.ci_low:.1f} to {100 * mean.ci_high:.1f}" for mean in means],
            hovertemplate="%{y}: %{x:.1f} % (%{text})<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(rangemode="tozero")
    return _rows(figure, [_title(each.network) for each in ranked], "relative L2 equivariance error, %", "standings")


def plot_payoff(paid: Sequence[Payoff], against: str = "equivariance") -> go.Figure:
    """Test error against the equivariance error of the classifier's map, `parameters` or `milliseconds` (log axes).

    Raises: ValueError for another choice.
    """
    figure = go.Figure()
    for each in paid:
        style, error, beside = network_style(_index(each.network)), each.reading.error, each.beside(against)
        figure.add_scatter(
            x=beside[:1], y=[error.mean],
            error_x=None if beside[1] == beside[2] else _bars([beside]), error_y=_bars([_ends(error)]),
            mode="markers", name=_title(each.network),
            marker={"symbol": _lone_symbol(each.network), "size": 12, "color": style.colour},
            hovertemplate=f"{_title(each.network)}: {error.told()}, in %, at %{{x:,.3~f}}<extra></extra>",
        )  # fmt: skip
    if against == "equivariance":
        figure.update_xaxes(title="equivariance error of the classifier's map, %", rangemode="tozero")
    else:
        title, ticks = _PRICES[against]
        figure.update_xaxes(title=title, type="log", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks])
    figure.update_yaxes(title="test error on MNIST-Scale, %", gridcolor=_GRID)
    return _page(figure, _height(paid), f"payoff {against}")


def plot_size_curves(curves: Sequence[SizeCurve], names: Sequence[str] = ()) -> go.Figure:
    """Test error over the size of the test digits, one line a network; the sizes trained on are shaded.

    Intervals are drawn for up to six networks. Args: names: of the curves, where those of the networks do not tell them
    apart.
    """
    figure, met = go.Figure(), set[str]()
    for curve, name in zip(curves, names or [_title(curve.network) for curve in curves], strict=True):
        style = network_style(_index(curve.network) + (curve.network in met))
        met.add(curve.network)
        figure.add_scatter(
            x=list(curve.data_scales), y=[error.mean for error in curve.errors],
            error_y=_bars([_ends(error) for error in curve.errors]) if len(curves) <= _MOST_INTERVALS else None,
            mode="lines+markers", name=name,
            line={"color": style.colour, "dash": style.dash, "width": 2}, marker={"symbol": style.symbol, "size": 7},
            text=[error.told() for error in curve.errors],
            hovertemplate=f"{name}, %{{x:.2f}} ×: %{{text}}, in %<extra></extra>",
        )  # fmt: skip
    for row, (low, high) in enumerate(dict.fromkeys(curve.seen for curve in curves)):
        figure.add_vrect(x0=low * 0.985, x1=high * 1.015, fillcolor=_SEEN, line_width=0, layer="below")
        figure.add_annotation(
            text="trained on", x=math.log10(low), y=1, yref="paper", yanchor="top", xanchor="left", showarrow=False,
            font={"size": 11}, yshift=-14 * row,
        )  # fmt: skip
    ticks = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2)
    figure.update_xaxes(
        title="data scale of the test digits (×, log2 axis)", type="log", tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks], gridcolor=_GRID,
    )  # fmt: skip
    steps = (0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)
    figure.update_yaxes(
        title="test error, % (log axis)", type="log", tickvals=steps, ticktext=[f"{tick:g}" for tick in steps],
        gridcolor=_GRID,
    )  # fmt: skip
    return _page(figure, _height(curves), "size curves")


def plot_checkpoints(rows: Sequence[Checkpoint]) -> go.Figure:
    """Test error of shipped weights, with one standard error to each side."""
    dots = []
    for card in (row.card for row in rows):
        low, high = card.test_error - card.standard_error, card.test_error + card.standard_error
        told = f"{card.test_error:.2f} ± {card.standard_error:.2f} % of {card.test_images:,} images"
        dots.append(_Dot(f"{_title(card.key)}, {card.size}", _group(card.key), card.test_error, low, high, told))
    figure = go.Figure()
    _add_dots(figure, dots)
    return _rows(figure, [dot.row for dot in dots], "test error on MNIST-Scale, %", "checkpoints")


def plot_published(errors: Sequence[tuple[str, float]]) -> go.Figure:
    """Test errors as a publication prints them, by the network's key; without an interval, since it prints none."""
    nan = float("nan")
    dots = [_Dot(_title(key), _group(key), error, nan, nan, f"{error:.2f} %, as published") for key, error in errors]
    figure = go.Figure()
    _add_dots(figure, dots)
    return _rows(figure, [dot.row for dot in dots], "test error as published, %", "published")


def _add_dots(figure: go.Figure, dots: Sequence[_Dot]) -> None:
    """One series for each group of networks, in the order of the menu."""
    for group in [group for group in GROUPS if any(dot.group == group for dot in dots)]:
        style, own = network_style(GROUPS.index(group)), [dot for dot in dots if dot.group == group]
        figure.add_scatter(
            x=[dot.mean for dot in own], y=[dot.row for dot in own],
            error_x=_bars([(dot.mean, dot.low, dot.high) for dot in own]),
            mode="markers", name=group, marker={"symbol": style.symbol, "size": 10, "color": style.colour},
            text=[dot.told for dot in own], hovertemplate="%{y}: %{text}<extra></extra>",
        )  # fmt: skip


def _rows(figure: go.Figure, names: Sequence[str], title: str, revision: str) -> go.Figure:
    """The first name above; as high as the rows need."""
    figure.update_xaxes(title=title, gridcolor=_GRID)
    figure.update_yaxes(
        title="network", categoryorder="array", categoryarray=list(reversed(names)), gridcolor=_GRID, automargin=True,
        dtick=1, range=[-0.6, len(names) - 0.4],
    )  # fmt: skip
    return _page(figure, _AROUND + _ROW * len(names), revision)


def _bars(ends: Sequence[tuple[float, float, float]]) -> dict[str, object]:
    """Error bars of (mean, low, high); a bar that is NaN is not drawn."""
    above, below = [high - mean for mean, _, high in ends], [mean - low for mean, low, _ in ends]
    return {"type": "data", "array": above, "arrayminus": below, "thickness": 1.8, "width": 4}


def _ends(error: Estimate) -> tuple[float, float, float]:
    return error.mean, error.low, error.high


def _title(key: str) -> str:
    return MODELS[key].title


def _group(key: str) -> str:
    return MODELS[key].group


def _height(named: Sequence[object]) -> int:
    """With room for a legend that names so many networks, on a phone one under the other."""
    return 420 + 12 * len(named)


def _lone_symbol(key: str) -> str:
    """Where no line tells by its dashes which of the networks of one hue it is, the symbol does."""
    return network_style(_index(key)).symbol + ("", "-open", "-open-dot")[_index(key) // 7 % 3]


def _index(key: str) -> int:
    return list(MODELS).index(key)


def _page(figure: go.Figure, height: int, revision: str) -> go.Figure:
    return figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 20, "b": 60},
        height=height,
        hovermode="closest",
        showlegend=True,
        uirevision=revision,
    )
