"""Figures of two networks: marks say without colour what was found, and curves are means over realisations."""

from dataclasses import replace

import numpy as np
import pytest

from core.equivariance.comparison import READ, Comparison
from core.figures import NONE_FOUND, plot_cell_differences, plot_differences
from core.results.differences import cell_differences, layer_differences
from core.results.study import RunLine
from core.sentences import explain_cells, explain_test_errors, tell_layers_compared, tell_outcome

N = 12
LAYERS = ("conv1", "conv2", READ)
NAMES = ("One", "Other")


@pytest.fixture(scope="module")
def found():
    """B is better in conv1, worse in conv2, and no different in what is read."""
    noise = np.random.default_rng(0).normal(0, 0.01, (3, 2, N))
    first = np.full((3, 2, N), 0.5)
    second = first + np.array([-0.2, 0.1, 0.0])[:, None, None] + noise - noise.mean(2, keepdims=True)
    return Comparison(LAYERS, first, second, (0.5, 2.0), "scale", np.array([True, True]), ((), ("pool",)), READ)


def test_marks_tell_who_is_better_and_every_digit_is_a_point(found):
    figure = plot_differences(found, layer_differences(found), [f"digit {n}" for n in range(N)])
    marks = {trace.name.split(": ")[1]: trace for trace in figure.data if trace.name.startswith("mean")}
    assert {name: list(trace.y) for name, trace in marks.items()} == {
        "B is better": [0], "A is better": [1], "no difference found": [2],
    }  # fmt: skip
    assert len({trace.marker.symbol for trace in marks.values()}) == 3
    assert marks["B is better"].x[0] == pytest.approx(-20)
    points = [trace for trace in figure.data if trace.name == "one digit"]
    assert [len(trace.x) for trace in points] == [N] * 3
    assert all(abs(y - row) < 0.5 for row, trace in enumerate(points) for y in trace.y)
    low, high = figure.layout.xaxis.range
    assert low < -20
    assert high > 10
    assert "percentage points" in figure.layout.xaxis.title.text


def test_cells_without_a_difference_are_marked(found):
    cells = cell_differences(found)
    figure = plot_cell_differences(found, cells)
    (heat,) = figure.data
    assert [[NONE_FOUND in text for text in row] for row in heat.text] == [[False] * 2, [False] * 2, [True] * 2]
    assert heat.zmin == -heat.zmax
    assert "B is better in 2 of 6 cells, A in 2; they are furthest apart in conv1" in explain_cells(cells, found)


def test_sentences_say_what_was_found(found):
    differences = layer_differences(found)
    assert tell_outcome(found, differences, NAMES).startswith("**No difference found** in the map that the classifier")
    assert "mean over s = 0.50, 2.00" in tell_outcome(found, differences, NAMES)
    read = replace(found, read="conv2")
    assert "**One commutes better**" in tell_outcome(read, differences, NAMES)
    assert "its error is **10.0 percentage points** lower than that of Other" in tell_outcome(read, differences, NAMES)
    told = tell_layers_compared(found, differences, NAMES)
    assert told == ("Of 3 maps B (Other) is better in 1, A (One) in 1; no difference found in 1. Only Other has pool.")


def run(errors: tuple[float, ...], data_scales: tuple[float, ...] = (0.3, 1.0)) -> RunLine:
    return RunLine(
        "all sizes", "cnn", "mnist-scale", 0, "small", {}, {}, (None,), 2000, 12, 3.0, 50000, errors[0], data_scales,
        errors, 100, 1.0, 1.0, 1, "cpu", "2", "0",
    )  # fmt: skip


def test_the_size_at_which_two_are_furthest_apart_is_told():
    """Of the means over realisations: 8 and 3 beside 5 and 3."""
    runs = {"One": [run((7.0, 2.0)), run((9.0, 4.0))], "Other": [run((5.0, 3.0))]}
    assert "They are furthest apart at size 0.3: One 8.00 %, Other 5.00 %" in explain_test_errors(runs)
