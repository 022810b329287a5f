"""Where training moves internal scales: one line a scale over epochs, before the sizes that the data hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.colour import NetworkStyle, network_style

_GRID, _DATA = "rgba(128,128,128,0.3)", "rgba(128,128,128,0.2)"
_TICKS = tuple(2.0**octave for octave in range(-3, 8))
_ROOM = 1.25  # factor above and below what is drawn


@dataclass(frozen=True)
class Trajectory:
    """One run.

    Attributes:
        name: in the legend; runs of one name share an entry.
        scales: internal scales in pixels of the canvas, ascending, of each epoch from 0, the start.
        mode: how they are learned.
    """

    name: str
    scales: tuple[tuple[float, ...], ...]
    mode: str = ""

    def __post_init__(self) -> None:
        if not self.scales or len({len(scales) for scales in self.scales}) != 1 or not self.scales[0]:
            raise ValueError(f"a trajectory needs the same number of scales in every epoch, got {self.scales}")

    @property
    def isrs(self) -> tuple[float, ...]:
        """Largest over smallest internal scale of each epoch, without unit."""
        return tuple(scales[-1] / scales[0] for scales in self.scales)


def plot_trajectories(
    runs: Sequence[Trajectory],
    data_range: tuple[float | int, float | int],
    sigma_per_unit: float | int,
    *,
    epochs: int | None = None,
    canvas: int = 84,
    panels: bool = False,
) -> go.Figure:
    """Internal scales over epochs: colour and marker by the ISR of the start, dash by the mode of learning.

    Args: data_range: smallest and largest data scale, without unit; the band behind the lines.
          sigma_per_unit: internal scale in pixels of the canvas that serves data scale 1.
          epochs: how far the axis reaches, if further than the runs.
          canvas: side in pixels, for the title of the axis.
          panels: one panel for each mode, side by side.
    Raises: ValueError without a run, or if the range or `sigma_per_unit` is not positive and ascending.
    """
    if not runs:
        raise ValueError("there is no run to draw")
    if not (0 < data_range[0] < data_range[1] and sigma_per_unit > 0):
        raise ValueError(f"a range of data scales needs 0 < low < high, got {data_range} × {sigma_per_unit} pixels")
    modes = list(dict.fromkeys(run.mode for run in runs))
    starts = sorted({_start(run) for run in runs})
    titles = modes if panels else None
    columns = len(modes) if panels else 1
    figure = make_subplots(rows=1, cols=columns, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.03)
    low, high = (float(end) * sigma_per_unit for end in data_range)
    band = f"data scales {data_range[0]:g} to {data_range[1]:g}"
    named: set[str] = set()
    for column in range(1, columns + 1):
        figure.add_hrect(
            y0=low, y1=high, fillcolor=_DATA, line_width=0, layer="below", row=1, col=column,
            exclude_empty_subplots=False, name=band, showlegend=column == 1,
        )  # fmt: skip
    for run in runs:
        style = network_style(starts.index(_start(run)))
        dash = network_style(modes.index(run.mode)).dash
        _add_run(figure, run, style, dash, run.name not in named, 1 + modes.index(run.mode) if panels else 1)
        named.add(run.name)
    figure.update_annotations(font_size=12)  # titles of panels, below the line that charts are signed on
    shown = [scale for run in runs for scales in run.scales for scale in scales]
    _axes(figure, (min(low, *shown), max(high, *shown)), max(epochs or 1, *(len(run.scales) - 1 for run in runs)))
    title = f"internal scale σ (pixels of the {canvas}-pixel canvas, log2 axis)"
    return figure.update_yaxes(title=title, row=1, col=1)


def _add_run(figure: go.Figure, run: Trajectory, style: NetworkStyle, dash: str, in_legend: bool, column: int) -> None:
    for number, scales in enumerate(zip(*run.scales, strict=True)):
        figure.add_scatter(
            x=list(range(len(scales))), y=list(scales), mode="lines+markers", name=run.name, legendgroup=run.name,
            showlegend=in_legend and number == 0, row=1, col=column,
            line={"color": style.colour, "dash": dash, "width": 2.5}, marker={"symbol": style.symbol, "size": 7},
            hovertemplate=f"{run.name}, scale {number + 1} after epoch %{{x}}: σ = %{{y:.2f}} px<extra></extra>",
        )  # fmt: skip


def _axes(figure: go.Figure, ends: tuple[float, float], epochs: int) -> None:
    room = [ends[0] / _ROOM, ends[1] * _ROOM]
    figure.update_xaxes(title="epoch", range=[-0.02 * epochs, 1.02 * epochs], gridcolor=_GRID, zeroline=False)
    figure.update_xaxes(tickmode="linear", tick0=0, dtick=max(1, round(epochs / 5)))
    figure.update_yaxes(
        type="log", range=[math.log10(end) for end in room], tickvals=_TICKS, ticktext=[f"{t:g}" for t in _TICKS],
        gridcolor=_GRID,
    )  # fmt: skip
    figure.update_layout(
        # No template and no colours of text: the page's theme decides.
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        margin={"l": 60, "r": 10, "t": 30, "b": 60},
        height=400,
        hovermode="closest",
        uirevision="trajectories",
    )


def _start(run: Trajectory) -> float:
    return round(run.isrs[0], 2)
