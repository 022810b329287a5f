"""A chart for an audience: no type below 24 pixels, and room for it."""

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import Trajectory, enlarge, plot_error_against_isr, plot_joint_fits, plot_trajectories
from core.results.isr import IsrErrors
from core.tolerance import published_fit

LEAST = 24  # pixels
RUN = Trajectory("a run", ((1.0, 2.0), (1.1, 2.2)), "isr")
FITS = dict(zip(("1-2.83", "1-4.76", "1-8"), published_fit(), strict=True))
ERRORS = IsrErrors(
    "1-8", isrs=(1.5, 3.0), seeds=(0,), images=4, error=np.ones((2, 1)), data_scales=(0.5, 1.0), images_per_scale=4,
    over_scale=np.ones((2, 1, 2)),
)  # fmt: skip


def charts() -> dict[str, go.Figure]:
    bars = go.Figure(go.Heatmap(z=[[1]], texttemplate="%{z}", textfont={"size": 9}, colorbar={"title": {"text": "%"}}))
    bars.add_shape(type="line", label={"text": "here"})
    bars.add_annotation(text="title", yshift=18, font={"size": 11})
    return {
        "trajectories": plot_trajectories([RUN], (1.0, 8.0), 1.0, panels=True),
        "measured": plot_error_against_isr([ERRORS], {"1-8": FITS["1-8"]}),
        "fits": plot_joint_fits(FITS),
        "heat map": bars.update_layout(height=300, margin={"t": 20, "b": 60}, title="a"),
    }


def sizes(tree, path: str = "") -> dict[str, float]:
    """Every size of a font, by its place in the figure."""
    if isinstance(tree, dict):
        found = {}
        for name, part in tree.items():
            found |= sizes(part, f"{path}.{name}")
        return found
    if isinstance(tree, list | tuple):
        return {at: size for i, part in enumerate(tree) for at, size in sizes(part, f"{path}.{i}").items()}
    return {path: tree} if re.search(r"font\.size$", path) else {}


@pytest.mark.parametrize("name", charts())
def test_all_its_type_reads_from_the_last_row(name):
    figure = charts()[name]
    large = enlarge(figure)
    found = sizes(large.to_plotly_json())
    assert min(found.values()) >= LEAST, found
    axes = [axis for axis in large.layout if re.fullmatch(r"[xy]axis\d*", axis)]
    named = [".layout.font.size", ".layout.legend.font.size", ".layout.hoverlabel.font.size"]
    named += [f".layout.{axis}.{part}font.size" for axis in axes for part in ("tick", "title.")]
    assert set(named) <= set(found)


@pytest.mark.parametrize("name", charts())
def test_it_has_room_for_it_and_the_figure_stays_as_it_was(name):
    figure = charts()[name]
    before = json.loads(figure.to_json())
    large = enlarge(figure)
    assert json.loads(figure.to_json()) == before
    assert large.layout.height > 1.5 * figure.layout.height
    assert large.layout.margin.b == 2 * figure.layout.margin.b
    assert [trace.type for trace in large.data] == [trace.type for trace in figure.data]


def test_cells_and_their_scale_grow_too():
    large = enlarge(charts()["heat map"])
    (cells,) = large.data
    assert (cells.textfont.size, cells.colorbar.tickfont.size, cells.colorbar.title.font.size) == (LEAST,) * 3
    assert large.layout.annotations[0].yshift == 36
    assert large.layout.shapes[0].label.font.size == LEAST
