"""The figures of two publications with our numbers: networks on smaller digits, deep scale-spaces by their levels."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.colour import NetworkStyle, colourscale, network_style
from core.models import MODELS
from core.results.dss_residual import ResidualLine
from core.results.park import CONVOLUTION, OURS, SHRUNK, EquivarianceLine, ReadingLine
from core.results.published import PARK_AT_3, PARK_READ, PARK_SHRUNK
from core.results.scale_correlation import ScaleCorrelation

POSTER_TOP = 0.05  # of the poster's axis: what is larger leaves the figure
_GRID = "rgba(128,128,128,0.3)"
_PANELS = 0.93  # of the height of a figure of several panels
_SHRUNK_BY = "digits shrunk by (×, log axis)"
_BESIDE = {"DCN v1": "deformable_cnn", "CNN": "cnn"}  # of our networks, which has the style


def plot_shrunk_reading(lines: Sequence[ReadingLine]) -> go.Figure:
    """Accuracy over how much the digits are shrunk, one line a network. Args: lines: of one resampler."""
    figure = go.Figure()
    for key in dict.fromkeys(line.network for line in lines):
        own = [line for line in lines if line.network == key]
        found = [line.accuracy for line in own]
        _add_line(
            figure, MODELS[key].title, _style(key), [line.shrunk for line in own],
            [(each.mean, each.low, each.high) for each in found], [f"{each.told()}, in %" for each in found],
        )  # fmt: skip
    return _over_sizes(figure, "accuracy on the MNIST test digits, %", "shrunk reading")


def plot_shrunk_errors(lines: Sequence[EquivarianceLine]) -> go.Figure:
    """Error of the last convolution (filled) and of the map that a classifier reads, if another (open), with bands."""
    figure, is_ours = go.Figure(), lines[0].error == OURS
    factor = 100.0 if is_ours else 1.0
    for key, layer in dict.fromkeys((line.network, line.layer) for line in lines):
        own = [line for line in lines if (line.network, line.layer) == (key, layer)]
        points = [(factor * line.mean, factor * line.low, factor * line.high) for line in own]
        told = [f"{mean:.3g} ({low:.3g} to {high:.3g})" for mean, low, high in points]
        style, of_convolution = _style(key), layer == CONVOLUTION
        if not of_convolution:
            style = NetworkStyle(style.colour, "dot", f"{style.symbol}-open")
        name = MODELS[key].title if of_convolution else f"{MODELS[key].title}, map that the classifier reads"
        _add_line(figure, name, style, [line.shrunk for line in own], points, told)
    title = "relative L2 equivariance error, %" if is_ours else "spectral over Frobenius norm (without unit)"
    return _over_sizes(figure, title, f"shrunk errors {is_ours}").update_yaxes(rangemode="tozero")


def plot_residuals(lines: Sequence[ResidualLine]) -> go.Figure:
    """A panel for each number of correlations, a curve for each level, on the poster's axis.

    Args: lines: of one `positions`.
    """
    numbers = sorted({line.correlations for line in lines})
    titles = [f"{number} scale correlation{'s' * (number > 1)}" for number in numbers]
    figure = make_subplots(rows=len(numbers), shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.11)
    for row, number in enumerate(numbers, start=1):
        for level in sorted({line.level for line in lines}):
            own = [line for line in lines if (line.correlations, line.level) == (number, level)]
            points = [(line.mean, line.low, line.high) for line in own]
            told = [f"{line.mean:.4f} ({line.low:.4f} to {line.high:.4f})" for line in own]
            _add_line(
                figure, f"level k = {level}", network_style(level), [line.halvings for line in own], points, told,
                row=row, showlegend=row == 1, legendgroup=str(level),
            )  # fmt: skip
    most = max(line.halvings for line in lines)
    ticks = {"tickvals": list(range(most + 1)), "ticktext": [f"1/{2**n}" if n else "1" for n in range(most + 1)]}
    figure.update_xaxes(**ticks, range=[-0.2, most + 0.2], gridcolor=_GRID, showticklabels=True)
    figure.update_xaxes(title="size of the smaller photograph (×, log2 axis)", row=len(numbers))
    figure.update_yaxes(title="residual, relative L2", range=[0, POSTER_TOP], gridcolor=_GRID)
    return _under_signature(_page(figure, 760, "dss residual"))


def plot_correlation(found: ScaleCorrelation) -> go.Figure:
    """A column for each level k, as on the poster: what it reads, each level with its kernel, below the response."""
    count, span = len(found.levels), len(found.kernels[0])
    tops = [_largest(found.levels), _largest([k for row in found.kernels for k in row]), _largest(found.response)]
    names = [name for j in range(span) for name in (_level_title(j, tops[0]), f"kernel ψ{j}<br>± {tops[1]:.3g}")]
    figure = make_subplots(
        rows=2 * span + 1, cols=count, column_titles=[f"k = {k}" for k in range(count)],
        row_titles=[*names, f"response<br>± {tops[2]:.3g}"], horizontal_spacing=0.1, vertical_spacing=0.045,
    )  # fmt: skip
    for k in range(count):
        for j in range(span):
            if found.reads(k, j):
                _add_map(figure, found.levels[k + j], tops[0], 2 * j, k, f"level {k + j}")
                _add_map(figure, found.kernels[k][j], tops[1], 2 * j + 1, k, f"kernel ψ{j} at level {k}")
            else:
                _add_nothing(figure, 2 * j, k)
                _add_nothing(figure, 2 * j + 1, k)
        _add_map(figure, found.response[k], tops[2], 2 * span, k, f"response at level {k}")
    shared = {"showgrid": False, "zeroline": False, "nticks": 3, "constrain": "domain", "tickfont": {"size": 9}}
    figure.update_xaxes(**shared).update_yaxes(**shared, autorange="reversed")
    for column in range(2, count + 1):  # the axis below says how many rows there are, too
        figure.update_yaxes(showticklabels=False, col=column)
    figure.update_xaxes(title={"text": "column, px", "font": {"size": 10}}, row=2 * span + 1)
    figure.update_yaxes(title={"text": "row, px", "font": {"size": 10}}, col=1)
    figure.update_annotations(font_size=11)
    figure = _page(figure, 150 + 150 * (2 * span + 1), "scale correlation")
    return _under_signature(figure.update_layout(margin_r=40, showlegend=False))


def plot_published_bars(parts: Mapping[str, Mapping[str, float]], unit: str) -> go.Figure:
    """Numbers as a publication prints them, a panel for each measure; without an interval, since it prints none."""
    figure = make_subplots(
        rows=len(parts), subplot_titles=list(parts), vertical_spacing=0.35,
        row_heights=[len(numbers) for numbers in parts.values()],
    )  # fmt: skip
    for row, (name, numbers) in enumerate(parts.items(), start=1):
        style = network_style(row - 1)
        figure.add_scatter(
            x=list(numbers.values()), y=list(numbers), mode="markers", name=name,
            marker={"symbol": style.symbol, "size": 10, "color": style.colour},
            hovertemplate="%{y}: %{x} " + unit + ", as published<extra></extra>", row=row, col=1,
        )  # fmt: skip
        figure.update_xaxes(title=f"{name}, {unit}", gridcolor=_GRID, row=row)
    figure.update_yaxes(
        title="network", type="category", autorange="reversed", gridcolor=_GRID, automargin=True, dtick=1
    )
    height = 190 + 26 * sum(map(len, parts.values()))
    return _under_signature(_page(figure, height, "published bars").update_layout(showlegend=False, margin_r=40))


def plot_park_published() -> go.Figure:
    """Accuracies of chanhopark's study: lines where its log prints them, single points where they are read off."""
    figure = go.Figure()
    for name, counts in PARK_READ.items():
        points = [(count / 100, math.nan, math.nan) for count in counts]
        told = [f"{count:,} of 10,000, as printed" for count in counts]
        _add_line(figure, f"{name}, one size (printed)", _style(_BESIDE[name]), list(PARK_SHRUNK), points, told)
    for place, (name, accuracy) in enumerate(PARK_AT_3.items()):
        style = network_style(place)
        figure.add_scatter(
            x=[3], y=[accuracy], mode="markers", name=f"{name}, many sizes (read off)",
            marker={"symbol": f"{style.symbol}-open", "size": 10, "color": style.colour},
            hovertemplate=f"{name}: about %{{y}} %, read off the plot<extra></extra>",
        )  # fmt: skip
    return _over_sizes(figure, "accuracy as published, %", "park published", PARK_SHRUNK)


def _add_line(
    figure: go.Figure, name: str, style: NetworkStyle, x: Sequence[float | int],
    points: Sequence[tuple[float, float, float]], told: Sequence[str], row: int | None = None, **more: object,
) -> None:  # fmt: skip
    figure.add_scatter(
        x=list(x), y=[mean for mean, _, _ in points],
        error_y={
            "type": "data", "array": [high - mean for mean, _, high in points],
            "arrayminus": [mean - low for mean, low, _ in points], "thickness": 1.5, "width": 4,
        },
        mode="lines+markers", name=name, line={"color": style.colour, "dash": style.dash, "width": 2},
        marker={"symbol": style.symbol, "size": 8}, text=list(told),
        hovertemplate=f"{name}: %{{text}}<extra></extra>", **more, **({"row": row, "col": 1} if row else {}),
    )  # fmt: skip


def _add_map(figure: go.Figure, values: object, top: float, row: int, column: int, name: str) -> None:
    figure.add_heatmap(
        z=values, zmin=-top, zmax=top, colorscale=colourscale("diverging"), showscale=False, row=row + 1,
        col=column + 1,
        hovertemplate=f"{name}: %{{z:.3f}} at row %{{y}}, column %{{x}}<extra></extra>",
    )  # fmt: skip
    place = figure.data[-1]
    figure.update_yaxes(scaleanchor=place.xaxis, row=row + 1, col=column + 1)


def _add_nothing(figure: go.Figure, row: int, column: int) -> None:
    figure.add_scatter(
        x=[0.5], y=[0.5], mode="text", text=["none"], showlegend=False, hoverinfo="skip", row=row + 1, col=column + 1
    )
    figure.update_xaxes(visible=False, range=[0, 1], row=row + 1, col=column + 1)
    figure.update_yaxes(visible=False, range=[0, 1], row=row + 1, col=column + 1)


def _level_title(step: int, top: float) -> str:
    return f"level k{f' + {step}' if step else ''}<br>± {top:.3g}"


def _largest(values: object) -> float:
    return max(float(abs(each).max()) for each in values) or 1.0  # type: ignore[attr-defined]


def _style(key: str) -> NetworkStyle:
    return network_style(list(MODELS).index(key))


def _over_sizes(figure: go.Figure, title: str, revision: str, ticks: Sequence[float] = SHRUNK) -> go.Figure:
    figure.update_xaxes(
        title=_SHRUNK_BY, type="log", tickvals=list(ticks), ticktext=[f"{tick:g}" for tick in ticks], gridcolor=_GRID,
    )  # fmt: skip
    figure.update_yaxes(title=title, gridcolor=_GRID)
    return _page(figure, 420 + 12 * len(figure.data), revision)


def _under_signature(figure: go.Figure) -> go.Figure:
    """Panels and their titles a little lower: above the plot stands what a chart on a page rests on."""
    for axis in figure.select_yaxes():
        axis.domain = tuple(_PANELS * end for end in axis.domain)
    for title in figure.layout.annotations:
        title.y *= _PANELS
    return figure


def _page(figure: go.Figure, height: int, revision: str) -> go.Figure:
    return figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 30, "b": 70}, height=height, hovermode="closest", showlegend=True,
        uirevision=revision,
    )  # fmt: skip
