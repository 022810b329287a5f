"""The table of a chart holds the numbers that it draws."""

import csv
import io

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures import figure_to_csv


def rows(figure: go.Figure) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figure_to_csv(figure))))


def test_a_line_has_its_ranges_and_the_titles_of_the_axes():
    figure = go.Figure()
    figure.add_scatter(
        x=[1, 2], y=np.array([3.0, np.nan]), name="one", error_y={"array": [1, 1], "arrayminus": [0.5, 1]}
    )
    figure.add_scatter(x=[4.0, None], y=[5, None], name="two")
    figure.update_xaxes(title="ISR").update_yaxes(title="error, %")
    found = rows(figure)
    assert list(found[0]) == ["series", "ISR", "error, %", "low", "high"]
    assert [tuple(row.values()) for row in found] == [
        ("one", "1", "3", "2.5", "4"), ("one", "2", "", "", ""), ("two", "4", "5", "", ""), ("two", "", "", "", ""),
    ]  # fmt: skip


def test_cells_of_a_heat_map_stand_one_by_one():
    figure = go.Figure()
    figure.add_heatmap(x=[0.5, 2], y=["conv1", "conv2"], z=[[1, 2], [3, 4.5]])
    assert [(row["x"], row["y"], row["z"]) for row in rows(figure)] == [
        ("0.5", "conv1", "1"), ("2", "conv1", "2"), ("0.5", "conv2", "3"), ("2", "conv2", "4.5"),
    ]  # fmt: skip


def test_panels_are_named_by_their_titles_and_not_by_the_signature():
    figure = make_subplots(rows=1, cols=2, subplot_titles=["left", "right"])
    figure.add_scatter(x=[1], y=[2], name="a", row=1, col=1).add_bar(x=[3], y=["b"], name="c", row=1, col=2)
    figure.add_annotation(text="checkpoint", name="signature")
    assert [row["panel"] for row in rows(figure)] == ["left", "right"]
