"""The error figures: they show the report's numbers, own up to what was not measured, and leave the theme alone."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from core.equivariance import EquivarianceReport
from core.figures import network_style, plot_error_curves, plot_error_difference, plot_error_heatmap
from core.sentences import describe_error

LAYERS = ("conv1", "conv2", "projection3")
FACTORS = (0.5, 0.7071, 1.0, 1.4142, 2.0)


def report(layers=LAYERS, factors=FACTORS, num_images=8, seed=0, cost=0.04) -> EquivarianceReport:
    """Errors from 0 to 150 %; conv2 is silent at 0.5 and partly at 2, nothing of projection3 is known at 0.7.

    Resampling costs the images 4 %, the first map as much as `cost` says, and every map after it another 1 %.
    """
    random = np.random.default_rng(seed)
    per_image = random.uniform(0, 1.5, (len(layers), len(factors), num_images))
    silent, known = np.zeros(per_image.shape[:2]), np.full(per_image.shape[:2], 0.8)
    if len(layers) == 3 and len(factors) == 5:
        per_image[1, 0], silent[1, 0] = np.nan, 1.0
        per_image[1, 4, :2], silent[1, 4] = np.nan, 2 / num_images
        per_image[2, 1], known[2, 1] = np.nan, 0.0
    image_costs = np.full((len(factors), num_images), 0.04)
    found = EquivarianceReport(tuple(layers), tuple(factors), "bicubic", per_image, image_costs, silent, known)
    costs = cost + 0.01 * np.arange(len(layers))[:, None, None] + np.zeros(per_image.shape)
    return replace(found, cost_per_image=np.where(known[..., None] > 0, costs, np.nan))


def written(figure) -> dict[tuple[str, float], str]:
    """What a visitor reads in each cell, and it must be written once."""
    cells: dict[tuple[str, float], str] = {}
    for trace in figure.data:
        for layer, row in zip(trace.y, trace.text, strict=True):
            for factor, text in zip(trace.x, row, strict=True):
                if text:
                    assert (layer, factor) not in cells
                    cells[layer, factor] = text
    return cells


def curve(figure, name: str):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_cell_shows_the_mean_error_in_percent(seed):
    measured = report(seed=seed)
    figure = plot_error_heatmap(measured)
    colours, cells = figure.data[0], written(figure)
    assert colours.x == FACTORS
    assert colours.y == LAYERS
    np.testing.assert_allclose(np.asarray(colours.z, dtype=float), 100 * measured.error)
    for i, layer in enumerate(LAYERS):
        for k, factor in enumerate(FACTORS):
            if not np.isnan(measured.error[i, k]):
                assert float(cells[layer, factor]) == round(100 * measured.error[i, k])


def test_cells_without_a_number_say_why():
    figure = plot_error_heatmap(report())
    cells = written(figure)
    assert cells["conv2", 0.5] == "silent"
    assert cells["projection3", 0.7071] == "–"
    assert set(cells) == {(layer, factor) for layer in LAYERS for factor in FACTORS}
    grey = figure.data[-1]
    assert np.argwhere(~np.isnan(np.asarray(grey.z, dtype=float))).tolist() == [[1, 0], [2, 1]]
    assert len({colour for _, colour in grey.colorscale}) == 1
    hover = figure.data[0].hovertext
    assert "silent" in hover[1][0]
    assert "not measurable" in hover[2][1]


def test_hover_tells_mean_band_share_and_partial_silence():
    measured = report(cost=0.07)
    hover = plot_error_heatmap(measured).data[0].hovertext
    low, high = 100 * measured.spread[0, 0]
    costs = "there and back costs the image 4.0 %", "the map 7.0 %"
    for part in (f"{100 * measured.error[0, 0]:.1f} %", f"{low:.1f} to {high:.1f} %", "80 % of the map", *costs):
        assert part in hover[0][0]
    assert "the map 8.0 %" in hover[1][1]
    assert "silent" not in hover[0][0]
    assert "silent for 25 % of the images" in hover[1][4]


def test_hover_tells_no_cost_of_the_map_where_it_is_not_known():
    cell = plot_error_heatmap(replace(report(), cost_per_image=None)).data[0].hovertext[0][0]
    assert "there and back costs the image 4.0 %<br>80 %" in cell
    assert "the map 4" not in cell


def test_layers_run_from_top_to_bottom_and_one_range_serves_all():
    figure = plot_error_heatmap(report(), title="A network")
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.title.text == "A network"
    assert {(trace.zmin, trace.zmax) for trace in figure.data} == {(0, 100)}
    (bar,) = [trace.colorbar for trace in figure.data if trace.showscale]
    assert "%" in bar.title.text
    assert bar.ticktext[-1] == "≥ 100"


def test_text_can_be_read_on_the_colour_of_its_cell():
    """Black on light cells, white on dark ones: never less than 3:1 on viridis (WCAG, large or bold text)."""
    figure = plot_error_heatmap(report())
    for trace in figure.data[:2]:
        ink = {"white": 1.0, "black": 0.0}[trace.textfont.color]
        table = np.array([[*map(int, re.findall(r"\d+", colour))] for _, colour in trace.colorscale]) / 255
        places = [place for place, _ in trace.colorscale]
        for z_row, text_row in zip(np.asarray(trace.z, dtype=float), trace.text, strict=True):
            for z, text in zip(z_row, text_row, strict=True):
                if text:
                    colour = [np.interp(min(z, 100) / 100, places, channel) for channel in table.T]
                    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04 else c / 12.92 for c in colour]
                    luminances = sorted([ink, np.dot(linear, (0.2126, 0.7152, 0.0722))])
                    assert (luminances[1] + 0.05) / (luminances[0] + 0.05) > 3


def test_factors_in_any_order_give_the_same_heat_map():
    measured, order = report(), [3, 0, 4, 2, 1]
    shuffled = EquivarianceReport(
        measured.layers,
        tuple(FACTORS[k] for k in order),
        measured.resampler,
        measured.per_image[:, order],
        measured.image_cost_per_image[order],
        measured.silent[:, order],
        measured.known[:, order],
        cost_per_image=measured.cost_per_image[:, order],
    )
    assert plot_error_heatmap(shuffled) == plot_error_heatmap(measured)


@pytest.mark.parametrize("seed", range(3))
def test_curves_follow_the_report_and_leave_gaps(seed):
    measured = report(seed=seed)
    line = curve(plot_error_curves({"A": measured}, "conv2"), "A: conv2")
    assert tuple(line.x) == FACTORS
    np.testing.assert_allclose(np.asarray(line.y, dtype=float), 100 * measured.error[1])
    assert np.isnan(np.asarray(line.y, dtype=float)[0])
    assert line.connectgaps is False


@pytest.mark.parametrize("layer", LAYERS)
def test_the_band_encloses_the_16_to_84_quantiles(layer):
    measured = report()
    band = curve(plot_error_curves({"A": measured}, layer), "A, 16–84 %")
    outline = {(x, y) for x, y in zip(band.x, band.y, strict=True) if x is not None}
    row = LAYERS.index(layer)
    expected = {
        (factor, 100 * value)
        for factor, pair in zip(FACTORS, measured.spread[row], strict=True)
        for value in pair
        if not np.isnan(value)
    }
    assert outline == expected
    assert band.fill == "toself"
    assert list(band.x).count(None) == (1 if layer == "projection3" else 0)  # one gap inside, at 0.7


def test_networks_are_told_apart_by_colour_dash_and_marker():
    figure = plot_error_curves({"A": report(), "B": report(seed=1)}, {"A": "conv1", "B": "conv2"})
    for index, name in enumerate(("A: conv1", "B: conv2")):
        line, style = curve(figure, name), network_style(index)
        assert (line.line.color, line.line.dash, line.marker.symbol) == (style.colour, style.dash, style.symbol)
    shown = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert shown == ["A: conv1", "A: resampling of conv1", "B: conv2", "B: resampling of conv2"]


def test_what_resampling_costs_is_dotted_in_the_colour_of_its_network():
    reports = {"A": report(), "B": report(seed=1, cost=0.1)}
    figure = plot_error_curves(reports, {"A": "conv1", "B": "projection3"})
    for index, (name, layer, percent) in enumerate((("A", "conv1", 4.0), ("B", "projection3", 12.0))):
        cost, line = curve(figure, f"{name}: resampling of {layer}"), curve(figure, f"{name}: {layer}")
        assert (cost.line.color, cost.line.dash) == (network_style(index).colour, "dot")
        assert cost.legendgroup == line.legendgroup
        assert tuple(cost.x) == FACTORS
        known = reports[name].known[LAYERS.index(layer)] > 0
        expected = np.where(known, percent, np.nan)
        np.testing.assert_allclose(np.asarray(cost.y, dtype=float), expected)
        assert f"there and back at s = 2: {percent:.1f} %" in cost.hovertext[-1]


def test_a_cost_that_is_not_known_or_not_wanted_is_left_out():
    def costs(*reports, **options):
        figure = plot_error_curves({f"N{i}": each for i, each in enumerate(reports)}, "conv1", **options)
        return [trace.name for trace in figure.data if "resampling" in trace.name]

    silent = report()
    silent.cost_per_image[0] = np.nan
    unknown = replace(report(), cost_per_image=None)
    assert costs(unknown, report(seed=1), silent) == ["N1: resampling of conv1"]
    assert costs(report(), report(seed=1)) == ["N0: resampling of conv1", "N1: resampling of conv1"]
    assert costs(report(), costs=False) == []


@pytest.mark.parametrize("marker", [1, 0.7071, 2.0])
def test_the_current_factor_is_marked_if_given(marker):
    (line,) = plot_error_curves({"A": report()}, "conv1", marker=marker).layout.shapes
    assert line.x0 == line.x1 == marker
    assert not plot_error_curves({"A": report()}, "conv1").layout.shapes


def test_a_layer_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError, match=r"B has no layer 'relu9'.*conv1, conv2, projection3"):
        plot_error_curves({"A": report(), "B": report()}, {"A": "conv1", "B": "relu9"})
    with pytest.raises(ValueError, match="at least one report"):
        plot_error_curves({}, "conv1")


FIGURES = [plot_error_heatmap(report()), plot_error_curves({"A": report()}, "conv1", marker=1.2)]


@pytest.mark.parametrize("figure", FIGURES, ids=["heat map", "curves"])
def test_axes_have_titles_and_the_page_decides_colours(figure):
    layout = figure.layout
    assert layout.xaxis.title.text == "scale factor s (log2 axis)"
    assert layout.xaxis.type == "log"
    assert layout.yaxis.title.text in ("layer", "relative L2 error, %")
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.uirevision
    assert layout.legend.orientation == "h"
    own = layout.to_plotly_json() | {"template": None}
    assert not re.search(r'"(font|title_font|tickfont)"', json.dumps(own, default=str))


@pytest.mark.parametrize(
    ("factors", "ticks"),
    [
        (FACTORS, ["0.5", "0.71", "1", "1.41", "2"]),
        ((0.8, 1.0, 1.25), ["0.8", "1", "1.25"]),
        (tuple(2 ** (i / 16) for i in range(-16, 17)), ["0.5", "0.71", "1", "1.41", "2"]),
        (tuple(1 + i / 100 for i in range(17)), ["1", "1.04", "1.08", "1.12", "1.16"]),
    ],
)
def test_ticks_are_the_measured_factors_or_half_octaves(factors, ticks):
    figure = plot_error_heatmap(report(("conv1",), factors))
    assert list(figure.layout.xaxis.ticktext) == ticks
    assert len(figure.layout.xaxis.tickvals) == len(ticks)


def test_the_description_names_the_worst_layer_and_what_is_missing():
    measured = report()
    errors = np.where(np.array(FACTORS) == 1, np.nan, measured.error)
    row, k = np.unravel_index(np.nanargmax(errors), errors.shape)
    text = describe_error(measured, "the plain CNN")
    worst = f"{100 * errors[row, k]:.0f} %, in {LAYERS[row]} at s = {FACTORS[k]:.3g}"
    for part in (
        "the plain CNN",
        "3 layers",
        "4 scale factors from s = 0.5 to s = 2,",
        "8 images",
        "bicubic",
        worst,
        "2 cells without a number. Not counted: s = 1 (nothing changes).",
    ):
        assert part in text


def test_a_report_without_a_single_number_still_makes_figures():
    empty = report(("conv1",), (0.5,), num_images=1)
    empty.per_image[:] = np.nan
    empty.silent[:] = 1
    assert written(plot_error_heatmap(empty)) == {("conv1", 0.5): "silent"}
    assert np.isnan(np.asarray(curve(plot_error_curves({"A": empty}, "conv1"), "A: conv1").y, dtype=float)).all()
    assert "Nothing could be measured" in describe_error(empty, "A")


def test_turns_have_an_axis_of_degrees():
    scales = report(factors=(0.0, 22.5, 45.0, 90.0, 180.0), num_images=4)
    turns = replace(scales, transform="rotation")
    for figure in (plot_error_heatmap(turns), plot_error_curves({"a": turns}, "conv1")):
        assert "degrees" in figure.layout.xaxis.title.text
        assert figure.layout.xaxis.type != "log"
        assert figure.layout.xaxis.ticktext == ("0°", "45°", "90°", "180°")
    assert "4 turns from 22.5° to 180°," in describe_error(turns, "the network")
    with pytest.raises(ValueError, match="one transform"):
        plot_error_curves({"a": turns, "b": scales}, "conv1")


def test_shifts_have_an_axis_of_pixels():
    shifts = replace(report(factors=(-1.5, -1.0, 0.0, 1.0, 3.5), num_images=4), transform="translation")
    figure = plot_error_curves({"a": shifts}, "conv1", marker=3.5)
    assert "pixels" in figure.layout.xaxis.title.text
    assert figure.layout.xaxis.type != "log"
    assert figure.layout.xaxis.ticktext == ("-1", "0", "1")
    assert figure.layout.shapes[-1].label.text == "3.5 px"
    assert "4 shifts from -1.5 px to 3.5 px," in describe_error(shifts, "the network")


def test_cells_can_be_clicked_where_a_page_asks_for_it():
    figure = plot_error_heatmap(report(), on_click=lambda layer, amount: f"opens {layer} at {amount}")
    targets = figure.data[-1]
    assert {(y, x) for y, x in zip(targets.y, targets.x, strict=True)} == {(y, x) for y in LAYERS for x in FACTORS}
    for layer, amount, text in zip(targets.y, targets.x, targets.hovertext, strict=True):
        assert text.startswith(f"{layer} at s = {amount:.3g}<br>")
        assert text.endswith(f"<br>opens {layer} at {amount}")
    assert "mode" not in plot_error_heatmap(report()).data[-1]


def test_the_difference_holds_what_both_have():
    one, other = report(seed=1), report(layers=("conv2", "conv1", "else"), seed=2)
    cells = plot_error_difference(one, other).data[0]
    assert list(cells.y) == ["conv1", "conv2"]
    expected = 100 * (one.error[[0, 1]] - other.error[[1, 0]])
    np.testing.assert_allclose(np.asarray(cells.z, dtype=float), expected)
    assert cells.zmin == -cells.zmax
    with pytest.raises(ValueError, match="in common"):
        plot_error_difference(one, report(layers=("a", "b")))
