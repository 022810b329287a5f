"""The tolerance figure: it shows the model's numbers, names its units, and leaves the theme alone."""

import json
import re

import numpy as np
import pytest

from core.figures.tolerance import describe_tolerance, plot_tolerance
from core.tolerance import DataScales, ToleranceModel

DATA = DataScales.log_uniform(1, 4.76)
MODELS = [ToleranceModel(1.04, 4.3, 3, 0.459), ToleranceModel(2, 1, 1, 0.7), ToleranceModel(0.6, 20, 8, 0.2)]


def traces(figure, name: str) -> list:
    return [trace for trace in figure.data if trace.name.startswith(name)]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_curves_are_the_densities(model):
    figure = plot_tolerance(model, DATA)
    (mixture,), (data,) = traces(figure, "all internal scales"), traces(figure, "data")
    np.testing.assert_allclose(mixture.y, model.density(mixture.x))
    np.testing.assert_allclose(data.y, DATA.density(data.x))
    components = traces(figure, "one internal scale")
    assert len(components) == model.num_scales
    np.testing.assert_allclose(sum(np.asarray(each.y) for each in components), mixture.y)
    assert data.fill == "tozeroy"
    assert mixture.line.width >= 2 * components[0].line.width


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_every_centre_is_marked_from_the_axis_to_the_mixture(model):
    (marks,) = traces(plot_tolerance(model, DATA), "scale centres")
    feet, tops = marks.x[0::3], marks.x[1::3]
    assert feet == tops == pytest.approx(model.centres)
    assert set(marks.y[0::3]) == {0.0}
    np.testing.assert_allclose(marks.y[1::3], model.density(model.centres))


def test_the_axes_say_what_they_show_in_which_unit():
    figure = plot_tolerance(MODELS[0], DATA)
    assert figure.layout.xaxis.title.text == "data scale (×, log2 axis)"
    assert figure.layout.yaxis.title.text == "density per octave"
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.tickvals == (0.5, 1, 2, 4, 8, 16)
    assert figure.layout.xaxis.ticktext == ("0.5", "1", "2", "4", "8", "16")
    assert 10 ** np.array(figure.layout.xaxis.range) == pytest.approx([0.5, 17])


def test_the_theme_of_the_page_decides_text_and_background():
    layout = plot_tolerance(MODELS[0], DATA).layout
    own = layout.to_plotly_json() | {"template": None}
    assert not re.search(r'"(font|title_font|tickfont)"', json.dumps(own, default=str))
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.uirevision


def test_lines_differ_by_dash_and_each_kind_is_named_once():
    figure = plot_tolerance(MODELS[0], DATA, network_scales=(1, 2.0, 4.0))
    shown = [trace for trace in figure.data if trace.showlegend is not False]
    assert len({trace.name for trace in shown}) == len(shown) == 5
    lines = [trace for trace in shown if trace.mode != "markers"]
    assert len({trace.line.dash or "solid" for trace in lines}) == len(lines)
    assert len({trace.line.color for trace in lines}) == len(lines)


def test_the_scales_of_a_network_are_marked_only_if_given():
    assert not traces(plot_tolerance(MODELS[0], DATA), "scales of the network")
    (marks,) = traces(plot_tolerance(MODELS[0], DATA, network_scales=[1.0, 3.0]), "scales of the network")
    assert marks.x == (1.0, 3.0)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_the_description_tells_the_numbers_of_the_chart(model):
    text = describe_tolerance(model, DATA)
    assert len(text) >= 20
    assert all(f"{centre:.2f}" in text for centre in model.centres)
    assert f"{model.tau_tol:.3f} octaves" in text
    assert f"{model.kl(DATA):.4f} nats" in text
    assert DATA.name in text
