"""Figures beside those of two publications: each number where it belongs, axes with units, and what the words say."""

import numpy as np
import pytest

from core.figures import (
    plot_correlation,
    plot_park_published,
    plot_published_bars,
    plot_residuals,
    plot_shrunk_errors,
    plot_shrunk_reading,
)
from core.results import published
from core.results import tables_as_published as tables_of
from core.results.dss_residual import POSITIONS, WHOLE, ResidualLine
from core.results.park import OURS, THEIRS, ZOOM, EquivarianceLine, ReadingLine
from core.results.scale_correlation import ScaleCorrelation
from core.sentences import (
    explain_correlation,
    explain_residuals,
    explain_shrunk_errors,
    explain_shrunk_reading,
)

ABOUT = ("0123456789ab", "2.13", "c" * 40)
READ = [
    ReadingLine(key, by, "bicubic", 1000, read, 800, round(0.8 * read), *ABOUT)
    for key, counts in (("cnn", (990, 900)), ("deformable_cnn", (980, 800)))
    for by, read in zip((1.0, 3.0), counts, strict=True)
]


def errors(error: str) -> list[EquivarianceLine]:
    return [
        EquivarianceLine("so2_cnn", layer, by, error, "bicubic", 80, 256, mean, mean - 0.1, mean + 0.2, 0.0, *ABOUT)
        for layer, means in (("conv3", (0.4, 0.6)), ("projection3", (0.8, 0.9)))
        for by, mean in zip((1.5, 2.0), means, strict=True)
    ]


def residual(number: int, level: int, halvings: int, mean: float, positions: str = WHOLE) -> ResidualLine:
    return ResidualLine(number, level, halvings, positions, mean, mean / 2, 2 * mean, 4, 5, 256, "2.13", "c" * 40)


RESIDUALS = [
    residual(number, level, halvings, 0.01 * halvings if number + level + halvings < 8 else 0.5)
    for number in (1, 2) for level in (0, 1) for halvings in range(8 - level)
]  # fmt: skip


@pytest.fixture
def correlation() -> ScaleCorrelation:
    draw = np.random.default_rng(0)
    levels, response = draw.normal(size=(3, 6, 6)), draw.normal(size=(3, 6, 6))
    kernels = tuple(tuple(draw.normal(size=(side, side)) for _ in range(2)) for side in (3, 5, 9))
    added = draw.normal(size=(3, 2, 6, 6))
    added[2, 1] = 0
    return ScaleCorrelation(levels, kernels, added, response, (0.5, 1.0, 2.0), (1.0, 2.0, 4.0), 3, 5, "0123456789ab")


def titles(figure) -> list[str]:
    return [axis.title.text or "" for axis in [*figure.select_xaxes(), *figure.select_yaxes()]]


def test_accuracies_stand_over_the_size_with_their_intervals():
    figure = plot_shrunk_reading(READ)
    plain, bent = figure.data
    assert (list(plain.x), list(plain.y)) == ([1, 3], [99, 90])
    assert plain.error_y.array[1] == pytest.approx(READ[1].accuracy.high - 90)
    assert (plain.line.dash, plain.marker.symbol) != (bent.line.dash, bent.marker.symbol)
    assert "(×" in figure.layout.xaxis.title.text
    assert "%" in figure.layout.yaxis.title.text


def test_words_say_who_reads_and_whether_bending_helped():
    said = explain_shrunk_reading(READ)
    assert "Plain CNN 90.00 (" in said
    assert said.index("Plain CNN") < said.index("Deformable CNN")  # the best first
    assert "200 of the 1,000 digits were shown in training" in said
    assert "82 and 81.7 % against 78.3 %; here the deformable CNN reads fewer." in said
    near = [*READ[:3], ReadingLine("deformable_cnn", 3.0, "bicubic", 1000, 905, 800, 720, *ABOUT)]
    assert "it reads more, but the intervals overlap" in explain_shrunk_reading(near)
    assert "both must be among the chosen groups" in explain_shrunk_reading(READ[:2])


def test_errors_are_percent_of_ours_and_without_unit_of_theirs():
    ours, theirs = plot_shrunk_errors(errors(OURS)), plot_shrunk_errors(errors(THEIRS))
    assert [list(trace.y) for trace in ours.data] == [pytest.approx([40, 60]), pytest.approx([80, 90])]
    assert [list(trace.y) for trace in theirs.data] == [[0.4, 0.6], [0.8, 0.9]]
    assert ours.data[0].error_y.array[0] == pytest.approx(20)
    assert ours.data[0].error_y.arrayminus[0] == pytest.approx(10)
    assert "map that the classifier reads" in ours.data[1].name
    assert ours.data[0].marker.symbol != ours.data[1].marker.symbol
    assert ours.layout.yaxis.title.text.endswith("%")
    assert "without unit" in theirs.layout.yaxis.title.text


def test_words_warn_of_the_error_that_mixes_alone():
    ours, theirs = explain_shrunk_errors(errors(OURS)), explain_shrunk_errors(errors(THEIRS))
    assert "Rotation group CNN 60 % (50 to 80)" in ours
    assert "Rotation group CNN 0.60 (0.50 to 0.80)" in theirs
    assert "mixes" in theirs
    assert "do not compare with planes" in theirs
    assert "mixes" not in ours
    assert "made for turns" in ours
    assert "a factor of 2 apart" not in ours  # there are none of them


def test_residuals_have_a_panel_for_each_number_and_the_axis_of_the_poster():
    figure = plot_residuals(RESIDUALS)
    assert [title.text for title in figure.layout.annotations] == ["1 scale correlation", "2 scale correlations"]
    assert len(figure.data) == 4
    assert list(figure.data[1].x) == [0, 1, 2, 3, 4, 5, 6]
    assert figure.data[1].y[2] == pytest.approx(0.02)
    assert sum(trace.showlegend for trace in figure.data) == 2
    for axis in figure.select_yaxes():
        assert tuple(axis.range) == (0, 0.05)
    assert figure.layout.xaxis2.ticktext[:3] == ("1", "1/2", "1/4")
    assert any("×" in title for title in titles(figure))


def test_words_say_where_curves_jump_and_whether_the_poster_jumps_there():
    said = explain_residuals(RESIDUALS)
    assert "curves jump exactly where the poster's do" in said
    assert "at most 0.060, behind at least 0.50; on the poster at most about 0.011" in said
    assert "border, beyond which stand zeros" in said
    middle = [residual(1, 0, halvings, 0.01, POSITIONS[1]) for halvings in (1, 7)]
    assert "Far from the border" in explain_residuals(middle)


def test_a_correlation_has_a_column_for_each_level_and_says_what_is_missing(correlation):
    figure = plot_correlation(correlation)
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    assert len(maps) == 3 * 5 - 2
    first = maps[:5]  # k = 0: level 0, ψ0, level 1, ψ1, response
    expected = (correlation.levels[0], correlation.kernels[0][0], correlation.levels[1], correlation.kernels[0][1],
                correlation.response[0])  # fmt: skip
    for trace, values in zip(first, expected, strict=True):
        np.testing.assert_array_equal(trace.z, values)
        assert trace.zmin == -trace.zmax
    assert {trace.zmax for trace in (first[0], first[2])} == {abs(correlation.levels).max()}
    assert [trace.text[0] for trace in figure.data if trace.type == "scatter"] == ["none", "none"]
    assert {title for title in titles(figure) if title} == {"column, px", "row, px"}
    said = explain_correlation(correlation)
    assert "their taps 1, 2, 4 px apart" in said
    share = (correlation.added[0, 1] ** 2).sum() / (correlation.added[0] ** 2).sum()
    assert f"comes {100 * share:.0f} % and" in said


def test_published_numbers_are_as_printed_in_figures_and_tables():
    figure = plot_published_bars(published.DSS_TABLE, "%")
    assert [list(trace.x) for trace in figure.data] == [[87.0, 88.1, 89.8], [45.66, 49.99, 63.53, 64.78]]
    assert all(trace.error_x.array is None for trace in figure.data)
    assert [row[2] for row in tables_of.dss_published_table().rows] == [87.0, 88.1, 89.8, 45.66, 49.99, 63.53, 64.78]
    study = plot_park_published()
    assert list(study.data[0].y) == [97.14, 96.48, 87.11, 50.04, 14.77]
    assert [trace.y[0] for trace in study.data[2:]] == [78.3, 81.7, 82.0, 91.1, 84.5, 86.0]
    known = {row[5] for row in tables_of.park_published_table().rows}
    assert known == {"printed in its log", "read off a plot"}


def test_tables_hold_what_is_drawn(correlation):
    reading = tables_of.shrunk_reading_table(READ)
    assert [row[3] for row in reading.rows] == [99, 90, 98, 80]
    assert reading.rows[1][8] == pytest.approx(90)
    assert [row[3] for row in tables_of.shrunk_error_table(errors(OURS)).rows] == pytest.approx([40, 60, 80, 90])
    theirs = tables_of.shrunk_error_table(errors(THEIRS))
    assert [row[3] for row in theirs.rows] == [0.4, 0.6, 0.8, 0.9]
    assert "spectral over Frobenius" in theirs.caption
    rows = tables_of.residual_table(RESIDUALS).rows
    assert [row[4] for row in rows] == [line.mean for line in RESIDUALS]
    assert [row[7] for row in rows] == ["yes" if line.lacks_input else "no" for line in RESIDUALS]
    found = tables_of.correlation_table(correlation).rows
    assert [row[1] for row in found] == ["0", "1", "1", "2", "2", "none"]
    assert found[2][4] == pytest.approx(np.linalg.norm(correlation.added[1, 0]))


def test_sources_say_which_command_measures_again(correlation):
    zoomed = [ReadingLine("cnn", 2.0, ZOOM, 10, 9, 8, 7, *ABOUT)]
    assert "python -m core.results.park" in tables_of.sources_of_shrunk_reading(zoomed)["File"]
    assert tables_of.sources_of_shrunk_reading(zoomed)["Resampler"] == ZOOM
    assert "measure_spectral" in tables_of.sources_of_shrunk_errors(errors(THEIRS))["n"]
    assert "measure_spectral" not in tables_of.sources_of_shrunk_errors(errors(OURS))["n"]
    assert "python -m core.results.dss_residual" in tables_of.sources_of_residuals(RESIDUALS)["File"]
    assert "01234567" in tables_of.sources_of_correlation(correlation)["Weights"]
