"""/compare: its numbers are those of core, nothing differs from itself, and a click shows a disagreement live."""

import re

import numpy as np
import pytest
import torch

from core.checkpoints import CheckpointError
from core.cost import price_of
from core.data.glyphs import GLYPHS
from core.equivariance import compare, measure
from core.models import MODELS, Shown, load
from core.results.differences import layer_differences
from core.transforms import TRANSFORMS
from pages.comparison.choose import measured_amounts
from pages.findings import tables
from pages.hosting.server import ENTERED
from pages.results import equivariance
from pages.results.networks import steps
from pages.state.view import Digit, View
from tests.pages.reading import plain
from tests.pages.test_app import again, component, open_page, panels, sentences
from tests.pages.test_errors_page import charts, numbers, texts, without_mnist  # noqa: F401
from tests.test_words import long_paragraphs

FIRST, SECOND, SIZE = "ss_cnn", "cnn", 0.3  # which read two of the first eight vector digits differently when tiny
PARTS = ("cells", "test_sizes", "disagree", "price")
AMOUNTS = (0.5, 0.7937, 1.2599, 2.0)


def opened(first: str, second: str, **link: str):
    link = {"network": first, "other": second, "count": "8", "size": str(SIZE)} | link
    app = open_page("compare", **link)
    assert not app.exception
    return app


def means(app) -> list[float]:
    """The means of the estimation plot, row by row."""
    drawn = [trace for trace in charts(app)[0]["data"] if trace["name"].startswith("mean")]
    by_row = {y: float(x) for trace in drawn for x, y in zip(numbers(trace["x"]), trace["y"], strict=True)}
    return [by_row[row] for row in sorted(by_row)]


@pytest.fixture(scope="module")
def whole():
    """The page with every part open; for tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EQUISCOPE_MNIST", "/nowhere")
        return opened(FIRST, SECOND, **{f"open_{part}": "1" for part in PARTS})


@pytest.fixture(scope="module")
def expected():
    digits = torch.cat([glyph.render(SIZE) for glyph in GLYPHS[:8]])
    return compare(*(measure(load(key), digits, AMOUNTS) for key in (FIRST, SECOND)))


def test_the_outcome_and_the_points_are_those_of_core(whole, expected):
    found = layer_differences(expected)
    read = found[expected.read]
    assert f"**{MODELS[SECOND].title} commutes better** in the map that the classifier reads" in texts(whole)
    said = (
        f"its error is **{-read.mean:.1f} percentage points** lower than that of {MODELS[FIRST].title} (95 % interval "
    )
    assert f"{said}{-read.high:.1f} to {-read.low:.1f}; n = 8 digits)." in texts(whole)
    np.testing.assert_allclose(means(whole), [each.mean for each in found.values()], atol=1e-3)
    points = [trace for trace in charts(whole)[0]["data"] if trace["name"] == "one digit"]
    first, second = expected.at()
    np.testing.assert_allclose([numbers(each["x"]) for each in points], 100 * (second - first), atol=1e-3)


def test_the_cells_are_those_of_core_and_counted(whole, expected):
    shown = numbers(charts(whole)[1]["data"][0]["z"]).reshape(len(expected.layers), len(AMOUNTS))
    np.testing.assert_allclose(shown, 100 * (expected.second - expected.first).mean(2), atol=1e-3)
    assert f"of {len(expected.layers) * len(AMOUNTS)} cells" in texts(whole)


def test_the_price_is_counted_and_timed_when_asked(whole):
    prices = [price_of(key) for key in (FIRST, SECOND)]
    (table,) = whole.table
    assert list(table.value["Parameters"]) == [f"{each.parameters:,}" for each in prices]
    less = prices[0].multiply_adds / prices[1].multiply_adds
    assert 2 < less < 10
    assert f"takes **1/{less:.2g}** of its multiply-adds" in texts(whole)
    assert " ms**" not in texts(whole)
    app = opened(FIRST, SECOND, open_price="1")
    del app.session_state[ENTERED]
    app = app.button(key="compare_time").click().run()
    assert texts(app).count(" ms**") == 2
    assert "n = 20 turns A, B, A, B …" in texts(app)


def test_no_paragraph_is_long_and_every_chart_says_what_it_shows(whole):
    said = [plain(each.value) for each in (*whole.main.markdown, *whole.caption)]
    assert [long for each in said for long in long_paragraphs(each)] == []
    assert all(chart.proto.alt for chart in whole.get("plotly_chart"))


def test_a_click_on_a_digit_shows_it_to_both_networks():
    app = opened(FIRST, SECOND, open_disagree="1")
    assert "disagree on **2 of 8 digits**" in texts(app)
    button, _ = [each for each in app.button if each.key.startswith("disagree_")]
    a, b = (re.search(rf"{mark} (?:reads )?(\d)", button.label)[1] for mark in "AB")
    del app.session_state[ENTERED]
    button.click().run()
    app.switch_page("pages/commute.py")
    app = again(app)
    assert app.title[0].value == "Does it commute?"
    view = app.session_state["view"]
    assert (view.network, app.session_state["commute_other"], view.digit.data_scale) == (FIRST, SECOND, SIZE)
    assert view.digit.name in [glyph.name for glyph in GLYPHS[:8]]
    assert view.amount in AMOUNTS
    (figure,) = panels(app, "ribbons")
    k = component(app, "equiscope_viewer")["handle"]["amounts"].index(view.amount)
    read = [int(np.array(each["probabilities"])[k].argmax()) for each in figure["ribbons"]]
    assert read == [int(a), int(b)]
    assert a != b


@pytest.mark.parametrize(
    ("first", "second", "key", "expected"),
    [
        ("cnn", "sesn_antialiased", "scale", (0.5, 0.7071, 1.4142, 2.0)),  # steps of the only one that has some
        ("sesn_vector", "sesn_antialiased", "scale", (0.5, 0.7937, 1.2599, 2.0)),  # 0.5 and 2 are steps of both
        ("so2_cnn", "cnn", "rotation", (-180.0, -90.0, 22.5, 90.0)),  # −180° is 180°
    ],
)
def test_networks_are_compared_at_steps_that_they_share(first, second, key, expected):
    transform, marks = TRANSFORMS[key], steps(Shown(first), key)
    view = View(Digit("vector", "3-round", 0.7), first, key=key, amounts=transform.handle(marks), steps=marks)
    assert measured_amounts(view, Shown(second)) == pytest.approx(expected, abs=1e-4)


def test_a_network_does_not_differ_from_itself():
    app = opened(FIRST, FIRST)
    assert "**No difference found** in the map that the classifier reads" in texts(app)
    assert means(app) == [0.0] * len(load(FIRST).features(torch.zeros(1, 1, 28, 28)))
    assert "is +0.0 percentage points (95 % interval 0.0 to 0.0; n = 8 digits)." in texts(app)


def test_what_is_not_there_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "STUDY", tmp_path / "none.csv")
    app = opened(FIRST, SECOND, open_test_sizes="1")
    assert "The table of the study cannot be read" in sentences(app)

    def missing(asked, network, digits):
        raise CheckpointError(f"There is no checkpoint of {asked.key} at size small.")

    monkeypatch.setattr(equivariance, "measured_aside", missing)
    app = opened("sevf", FIRST, count="16")
    assert [each.value for each in app.error] == ["There is no checkpoint of sevf at size small."]
    assert not app.main.expander
