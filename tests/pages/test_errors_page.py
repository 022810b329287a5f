"""The error laboratory: sentences from the report, a stop that keeps what is done, files that hold the numbers."""

import base64
import csv
import datetime
import io
import json
import re

import numpy as np
import pytest
import torch

from core.checkpoints import CheckpointError, read_card
from core.data.glyphs import GLYPHS, SizedGlyph, glyph
from core.equivariance import measure, to_csv
from core.models import MODELS, load
from core.transforms import TRANSFORMS
from pages.hosting.server import ENTERED
from pages.laboratory import causes, controls
from pages.panels import measuring
from pages.results import equivariance
from tests.pages.reading import plain
from tests.pages.test_app import again, html, notes, open_page, panels, said, sentences
from tests.test_words import long_paragraphs
from tests.thorough import rest

PARTS = ("many", "budget", "lie", "controls")


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def numbers(values) -> np.ndarray:
    """An array of Plotly's JSON, plain or packed."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return np.array(values, dtype=float)


def cells(app) -> dict[tuple[str, float], str]:
    """What every cell of the heat map says on hover, by layer and amount."""
    targets = charts(app)[0]["data"][-1]
    amounts = numbers(targets["x"]).tolist()
    return dict(zip(zip(targets["y"], amounts, strict=True), targets["hovertext"], strict=True))


def click(app, layer: str, amount: float):
    """Clicks a cell of the heat map as the browser does; AppTest has no such gesture of its own."""
    states = app._tree.get_widget_states()
    (chart,) = [each.proto.id for each in app.get("plotly_chart") if each.proto.id.endswith("-heatmap")]
    said = {"selection": {"points": [{"x": amount, "y": layer}]}}
    states.widgets.add(id=chart, string_value=json.dumps(said))
    del app.session_state[ENTERED]
    app._run(states)
    assert not app.exception
    return app.switch_page("pages/commute.py")  # AppTest does not follow by itself where a page leads


def shown_errors(app) -> dict[str, float]:
    """The error of every network on /commute, in %, by network and in order."""
    return {data["network"]: 100 * float(data["error"]) for _, data in notes(app) if "network" in data}


def texts(app) -> str:
    return " ".join(plain(each.value) for each in app.markdown)


def captions(app) -> str:
    return " ".join(plain(each.value) for each in app.caption)


def opened(*parts: str) -> dict[str, str]:
    """Of a link: that these parts of the page are open."""
    return {f"open_{part}": "1" for part in parts}


def bars(app) -> dict[str, dict]:
    """What the figure under the handle draws, by layer."""
    (found,) = panels(app, "bars")
    return {bar["name"]: bar for bar in found["bars"]}


@pytest.fixture(autouse=True)
def without_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("EQUISCOPE_MNIST", str(tmp_path))


@pytest.fixture(scope="module")
def whole():
    """The page with every part open; for tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EQUISCOPE_MNIST", "/nowhere")
        app = open_page("errors", network="sesn_vector", layer="conv2", count="8", **opened(*PARTS))
    assert not app.exception
    return app


def test_at_first_there_is_one_figure_and_nothing_else_is_measured(monkeypatch):
    def measured(*_, **__):
        raise AssertionError("a folded part was measured")

    for name in ("part_report", "budget_report", "lie_report", "argmax_report", "control_verdicts"):
        for module in (equivariance, measuring, causes, controls):
            monkeypatch.setattr(module, name, measured, raising=False)
    app = open_page("errors", network="random_sesn", s="1.5874")
    assert not app.exception
    assert [len(panels(app, "bars")), len(charts(app)), len(app.error)] == [1, 0, 0]
    assert len(app.main.expander) == len(PARTS)
    assert not any(name.startswith("open") for name in app.query_params)
    report = measure(load("random_sesn"), SizedGlyph(glyph("3-round"), 0.7).render(), (1.5874,))
    k = TRANSFORMS["scale"].handle_amounts.index(1.5874)
    for layer, error, cost in zip(report.layers, report.error[:, 0], report.cost[:, 0], strict=True):
        bar = bars(app)[layer]
        assert bar["values"][k] == pytest.approx(error, abs=1e-5)
        assert bar["marks"][k] == (None if np.isnan(cost) else pytest.approx(cost, abs=1e-5))
        assert bar["texts"][k] == f"{100 * error:.1f} %"
    worst = report.layers[int(report.error[:, 0].argmax())]
    assert f"At s = 1.59, on vector digit 3, round: {worst} of {MODELS['random_sesn'].title} differs most" in said(app)


def test_a_link_opens_what_it_asks_for_and_says_what_is_closed():
    app = open_page("errors", network="random_cnn", count="8")  # as links were before parts could be folded
    assert len(charts(app)) == 3
    assert set(app.query_params) == {"network", "count"}
    app.session_state["open_many"] = False  # what a click on its title does
    assert not charts(again(app))
    assert app.query_params["open_many"] in ("0", ["0"])
    app = open_page("errors", network="random_cnn", count="8", open_many="0")
    assert not charts(app)
    assert app.session_state["errors_count"] == 8


def test_it_shows_map_curves_difference_budget_and_small_changes(whole):
    assert len(charts(whole)) == 5
    said = texts(whole)
    digits = torch.cat([each.render(0.7) for each in GLYPHS[: equivariance.FEW]])
    measured = measure(load("sesn_vector"), digits, (0.63,))
    conv2 = 100 * measured.error[measured.layers.index("conv2"), 0]
    for words in (
        "commutes least",
        "is lower at",
        "commutes better than",
        f"differs by {conv2:.1f} % at s = 0.63",
        "per unit of ln s",
    ):
        assert words in said, words


def test_no_paragraph_is_long(whole):
    assert [long for each in (*whole.markdown, *whole.caption) for long in long_paragraphs(plain(each.value))] == []


def test_every_chart_is_signed_with_what_it_rests_on(whole):
    for figure in charts(whole):
        (signed,) = [each["text"] for each in figure["layout"]["annotations"] if "checkpoint" in each["text"]]
        assert MODELS["sesn_vector"].title in signed
        assert "σ = 1.00, 1.26, 1.59, 2.00 px" in signed
        assert read_card("sesn_vector").sha256[:8] in signed
        assert datetime.date.today().isoformat() in signed


def test_turns_have_no_budget_of_scale():
    app = open_page("errors", network="so2_cnn", transform="rotation", digits="this")
    assert not app.exception
    assert len(charts(app)) == 3
    assert len(app.main.expander) == len(PARTS) - 2


def test_a_stop_keeps_what_is_done_and_going_on_finishes(monkeypatch):
    monkeypatch.setattr(measuring, "_PART", 4)
    app = open_page("errors", network="random_cnn", other="identity", count="40")
    assert not app.exception
    assert "Stopped" not in sentences(app)
    (asked, parts) = app.session_state["sample_parts"]
    assert (asked.count, parts) == (40, 10)
    app.session_state["sample_stopped"] = {asked: 3}  # what the button does while the third part is measured
    app = again(app)
    assert "Stopped after 12 of 40 digits" in sentences(app)
    assert "over 12 images" in json.dumps([chart.proto.alt for chart in app.get("plotly_chart")])
    app.button(key="sample_go_on").click()
    app = again(app)
    assert "Stopped" not in sentences(app)


def test_controls_are_one_click_away():
    app = open_page(
        "errors", network="sesn_vector", scales="chosen", resampler="ideal", transform="rotation", open_controls="1"
    )
    assert "on 8 vector digits they hold, all 5 of them." in captions(app)
    buttons = {each.label: each for each in app.button if each.key.startswith("control_")}
    assert len(buttons) == 5
    assert all(label.startswith("✓ ") for label in buttons)
    assert (
        "Expected 0 %, since both ways are the same"
        in buttons["✓ Identity (control), s = 2.00: 0.0 %, expected 0 %"].help
    )
    buttons["✓ Identity (control), s = 2.00: 0.0 %, expected 0 %"].click()
    app = again(app)
    view = app.session_state["view"]
    assert app.session_state["scales"] == "trained"
    assert (view.network, view.key, view.amount, view.resampler) == ("identity", "scale", 2.0, "bicubic")
    assert "no layer of Identity (control) differs." in said(app)


def test_a_control_without_weights_is_left_out(monkeypatch):
    def measured(asked, *how):
        if asked.key == "fourier":
            raise CheckpointError("There is no checkpoint of fourier at size small.")
        return found(asked, *how)

    found = equivariance.measured_aside
    monkeypatch.setattr(equivariance, "measured_aside", measured)
    equivariance.control_verdicts.clear()
    try:
        app = open_page("errors", network="identity", open_controls="1")
    finally:
        equivariance.control_verdicts.clear()
    assert not app.exception
    assert "they hold, all 4 of them." in captions(app)
    assert not any("Fourier" in each.label for each in app.button)


def test_this_digit_can_be_the_sample():
    app = open_page("errors", digits="this", network="random_sesn", resampler="exact", digit="7")
    assert not app.exception
    assert "over 1 image," in json.dumps([chart.proto.alt for chart in app.get("plotly_chart")])


def test_the_csv_holds_what_the_map_shows():
    app = open_page("errors", network="random_cnn", count="8")
    cells = charts(app)[0]["data"][0]
    digits = torch.cat([SizedGlyph(each, 0.7).render() for each in GLYPHS[:8]])
    report = measure(load("random_cnn"), digits, cells["x"])
    rows = list(csv.DictReader(io.StringIO(to_csv(report))))
    shown = numbers(cells["z"]).reshape(len(cells["y"]), len(cells["x"]))
    assert [row["layer"] for row in rows] == [layer for layer in cells["y"] for _ in cells["x"]]
    np.testing.assert_allclose([100 * float(row["mean"]) for row in rows], shown.ravel(), atol=1e-3)


def test_the_map_that_the_classifier_reads_is_marked(whole):
    for app, layer in ((whole, "projection3"), (open_page("errors", network="cnn", digits="this"), "conv3")):
        assert [name for name, bar in bars(app).items() if "classifier" in bar["note"]] == [layer]
        assert f"The classifier reads {layer}." in captions(app)


def test_an_error_has_no_bare_html():
    assert "<script" not in html(open_page("errors", network="<script>"))


def test_fourier_says_why_it_differs_under_bicubic_and_is_exact_under_ideal():
    app = open_page("errors", network="fourier", digits="this", resampler="bicubic")
    assert "band-limited" in sentences(app)
    assert "commutes least" in texts(app)
    app = open_page("errors", network="fourier", digits="this", resampler="ideal")
    assert "band-limited" not in sentences(app)
    assert "commutes: no layer differs by more than" in texts(app)


CLICKS = [
    ({"network": "cnn", "other": "sesn_scalar"}, "conv2", 1.5874),
    ({"network": "sesn_vector", "other": "cnn", "resampler": "exact", "digit": "7", "size": "0.5"}, "conv3", 0.5),
    ({"network": "random_cnn", "other": "cnn", "transform": "rotation"}, "conv1", 180.0),
    # a step of these scales, 1.2618, stands for its neighbour 1.2599 on the handle
    ({"network": "sesn_vector", "other": "cnn", "scales": "free", "set": "1-1.2618"}, "conv1", 1.2618),
]


@pytest.mark.parametrize("clicked", rest(CLICKS, CLICKS[0]))
def test_a_cell_opens_both_networks_there_and_says_why_one_digit_has_another_number(clicked):
    link, layer, amount = clicked
    app = open_page("errors", count="8", **link)
    view, hover = app.session_state["view"], cells(app)[layer, amount]
    mean = re.search(r"mean error: ([\d.]+ %)", hover)[1]
    own = re.search(rf"one digit on Commute,<br>{view.digit.title}: ([\d.]+ %)$", hover)[1]
    assert f"beside {MODELS[link['other']].title}, with one digit alone, {view.digit.title}." in captions(app)
    click(app, layer, amount)
    seen = app.session_state["view"]
    assert app.title[0].value == "Does it commute?"
    assert (seen.layer, seen.amount) == (layer, view.transform.nearest(view.amounts, amount))
    assert (seen.network, seen.scales, seen.digit, seen.key, seen.resampler) == (
        view.network, view.scales, view.digit, view.key, view.resampler,
    )  # fmt: skip
    assert list(shown_errors(app)) == [link["network"], link["other"]]
    address = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    assert shown_errors(open_page("commute", **address)) == shown_errors(app)
    assert f"{shown_errors(app)[view.network]:.1f} %" == own
    said = (
        f"{layer} of {MODELS[view.network].title} at {view.transform.told(amount)}. Its cell is the mean of 8 digits, "
    )
    assert f"You clicked {said}{mean}; this page shows one digit alone, {view.digit.title}, which has {own}" in texts(
        app
    )


def test_a_clicked_cell_is_told_while_its_digit_is_shown():
    app = click(open_page("errors", count="8", network="random_cnn", other="cnn"), "conv1", 2.0)
    (said,) = [plain(each.value) for each in app.markdown if "You clicked" in each.value]
    app.session_state["s"], app.session_state["range"] = 1.2599, "unit"
    assert said in texts(again(app))  # a digit and an amount stand in it
    app.session_state["digit"] = 4
    assert "You clicked" not in texts(again(app))
    app.session_state["digit"] = 3
    assert said in texts(again(app))
    app = again(app.switch_page("pages/errors.py"))
    assert "You clicked" not in texts(again(app.switch_page("pages/commute.py")))


def test_a_cell_names_the_digit_that_is_shown_now():
    app = open_page("errors", count="8", network="random_cnn", other="cnn")
    three = cells(app)["conv1", 2.0]
    app.session_state["digit"] = 4
    four = cells(again(app))["conv1", 2.0]
    assert three != four == three[: three.index("vector digit 3")] + four[four.index("vector digit 4") :]


def test_a_cell_of_the_digit_that_is_shown_needs_no_explanation():
    app = open_page("errors", digits="this", network="random_cnn", other="cnn")
    hover = cells(app)["conv1", 2.0]
    assert hover.endswith("<br>click to see it on Commute")
    click(app, "conv1", 2.0)
    assert "You clicked" not in texts(app)
    assert f"mean error: {shown_errors(app)['random_cnn']:.1f} %" in hover


def test_the_column_that_changes_nothing_is_in_no_count():
    """Seven layers of two networks at seven scale factors, of which s = 1 is one."""
    app = open_page("errors", count="8", network="cnn", other="sesn_vector")
    assert {amount for _, amount in cells(app)} == set(TRANSFORMS["scale"].curve_amounts)
    assert "of 6 scale factors and" in texts(app)
    assert "of 42 cells;" in texts(app)
    assert texts(app).count("Not counted: s = 1 (nothing changes).") == 2
