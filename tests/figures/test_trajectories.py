"""Trajectories: every scale of every run is drawn, in front of the sizes that the data hold, and the words agree."""

import numpy as np
import pytest

from core.figures import Trajectory, plot_trajectories
from core.sentences import explain_trajectories

NARROW = Trajectory("ISR, from 1.5", ((1.0, 1.2, 1.5), (1.1, 1.6, 2.4), (1.0, 2.0, 4.0)), "isr")
WIDE = Trajectory("ISR, from 6", ((1.0, 2.4, 6.0), (1.0, 2.2, 5.0)), "isr")
FREE = Trajectory("each scale, from 1.5", ((1.0, 1.2, 1.5), (0.9, 2.6, 3.0)), "direct")
RUNS = [NARROW, WIDE, FREE]


def drawn(figure, name):
    return [list(trace.y) for trace in figure.data if trace.name == name]


@pytest.mark.parametrize("panels", [False, True])
def test_every_scale_of_every_run_is_a_line_over_its_epochs(panels):
    figure = plot_trajectories(RUNS, (1, 4), 0.9, panels=panels)
    for run in RUNS:
        assert drawn(figure, run.name) == [list(line) for line in zip(*run.scales, strict=True)]
        (entry,) = [trace for trace in figure.data if trace.name == run.name and trace.showlegend]
        assert list(entry.x) == list(range(len(run.scales)))
    assert all(trace.line.color and trace.mode == "lines+markers" for trace in figure.data)


@pytest.mark.parametrize("panels", [False, True])
def test_the_band_holds_the_internal_scales_that_serve_the_data(panels):
    figure = plot_trajectories(RUNS, (1, 4), 0.9, panels=panels)
    bands = figure.layout.shapes
    assert [(band.y0, band.y1) for band in bands] == [pytest.approx((0.9, 3.6))] * (2 if panels else 1)
    assert [band.name for band in bands if band.showlegend] == ["data scales 1 to 4"]
    low, high = 10 ** np.array(figure.layout.yaxis.range)
    assert low < 0.9
    assert high > 6.0
    assert figure.layout.yaxis.type == "log"


def test_colour_tells_the_start_and_dash_the_mode():
    styles = {
        trace.name: (trace.line.color, trace.marker.symbol, trace.line.dash)
        for trace in plot_trajectories(RUNS, (1, 4), 1).data
    }
    assert styles[NARROW.name][:2] == styles[FREE.name][:2] != styles[WIDE.name][:2]
    assert styles[NARROW.name][2] == styles[WIDE.name][2] != styles[FREE.name][2]


def test_panels_share_an_axis_and_hold_the_runs_of_their_mode():
    figure = plot_trajectories(RUNS, (1, 4), 1, panels=True)
    assert {trace.name for trace in figure.data if trace.xaxis == "x"} == {NARROW.name, WIDE.name}
    assert {trace.name for trace in figure.data if trace.xaxis == "x2"} == {FREE.name}
    assert [each.text for each in figure.layout.annotations] == ["isr", "direct"]
    assert figure.layout.yaxis2.matches == "y"
    assert figure.layout.yaxis2.title.text is None
    assert [shape.xref for shape in figure.layout.shapes] == ["x domain", "x2 domain"]


def test_a_run_that_has_begun_is_drawn_on_the_axis_of_the_whole():
    started = Trajectory("now", ((1.0, 2.0),))
    figure = plot_trajectories([started], (1, 4), 1, epochs=12, canvas=24)
    assert figure.layout.xaxis.range[1] >= 12
    assert figure.layout.yaxis.title.text == "internal scale σ (pixels of the 24-pixel canvas, log2 axis)"
    assert plot_trajectories([NARROW], (1, 4), 1).layout.xaxis.range[1] < 3


def test_the_sentence_says_where_each_run_went():
    assert explain_trajectories([NARROW, WIDE]) == (
        "ISR, from 1.5 went from ISR 1.50 to 4.00, σ = 1.00, 2.00, 4.00 px; "
        "ISR, from 6 went from ISR 6.00 to 5.00, σ = 1.00, 2.20, 5.00 px."
    )


def test_what_cannot_be_drawn_is_refused():
    for scales in ((), ((),), ((1.0, 2.0), (1.0,))):
        with pytest.raises(ValueError, match="same number of scales in every epoch"):
            Trajectory("x", scales)
    with pytest.raises(ValueError, match="no run to draw"):
        plot_trajectories([], (1, 4), 1)
    for ends, unit in (((4, 1), 1), ((0, 1), 1), ((1, 4), 0)):
        with pytest.raises(ValueError, match="0 < low < high"):
            plot_trajectories([NARROW], ends, unit)
