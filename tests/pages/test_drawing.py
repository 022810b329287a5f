"""A drawn digit is a digit like any other: in a link, on every page, under every resampler."""

import math
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from components import draw_pad
from components.draw_pad import read_report
from core.data.drawing import MAX_POINTS, MAX_STROKES, Drawing
from core.models import Shown
from pages import PAGES
from pages.panels.digit import take_drawing
from pages.results.digits import digit_image
from pages.results.equivariance import digit_report, shown_maps
from pages.state.view import Digit, View
from tests.thorough import rest
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
SEVEN = Drawing((((-6.0, -9.0), (6.0, -9.0), (-1.0, 10.0)),), 2.5)
STROKE = [[0, 0], [1.5, -2]]


def open_page(page: str = "start", **link: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE)
    app.switch_page(f"pages/{page}.py")
    for key, value in link.items():
        app.query_params[key] = value
    return app.run()


def digit_of(app: AppTest) -> Digit:
    return app.session_state["view"].digit


@pytest.mark.parametrize("resampler", rest(["bicubic", "exact"], "exact"))
@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_a_link_with_a_drawing_shows_it_on_every_page(page, resampler):
    few = {"compare": {"count": "8"}, "learn": {"transform": "scale"}}.get(page, {})  # others than a step's own
    app = open_page(page, source="draw", drawn=SEVEN.to_text(), resampler=resampler, **few)
    assert not app.exception
    assert not app.warning
    assert (digit_of(app).source, digit_of(app).name) == ("draw", SEVEN.to_text())
    assert app.session_state["view"].resampler == resampler
    assert not any("Nothing is drawn yet" in each.value for each in app.caption)
    assert app.query_params["drawn"] == SEVEN.to_text()


def test_until_something_is_drawn_a_vector_digit_is_shown_and_that_is_said():
    app = open_page(source="draw", resampler="exact")
    assert not app.exception
    assert not app.warning
    assert digit_of(app).source == "vector"
    assert any("Nothing is drawn yet" in each.value for each in app.caption)
    assert "drawn" not in app.query_params


@pytest.mark.parametrize("text", ["nonsense", SEVEN.to_text()[:-4], "<script>", "A" * 5000, "🖐"])
def test_a_broken_drawing_in_a_link_is_one_sentence(text):
    app = open_page(source="draw", drawn=text)
    assert not app.exception
    (warning,) = [each.value for each in app.warning]
    assert f"drawn = {text[:40]}" in warning
    assert digit_of(app).source == "vector"


def test_a_drawing_waits_while_another_digit_is_shown():
    app = open_page(source="mnist", drawn=SEVEN.to_text())
    assert digit_of(app).source != "draw"
    assert app.session_state["drawn"] == SEVEN.to_text()


@pytest.mark.parametrize("data_scale", [0.5, 1.0])
def test_a_drawn_digit_is_drawn_again_at_each_size(data_scale):
    digit = Digit("draw", SEVEN.to_text(), data_scale)
    assert torch.allclose(digit_image(digit), SEVEN.render(data_scale), atol=0.02)
    seen = shown_maps(View(digit, "identity", amount=0.63, resampler="exact"))["image"].values
    assert torch.allclose(seen, SEVEN.render(0.63 * data_scale, 80), atol=0.02)  # on the canvas of the measure
    report = digit_report(Shown("identity"), digit, (0.63, 1.0), "exact", "scale")
    assert report.image_cost.tolist() == [0, 0]
    assert report.side == 80


def test_a_report_becomes_a_drawing():
    drawing = read_report({"id": "a-1", "strokes": [STROKE, [[3, 4]]], "pen": 2, "centre": False})
    assert drawing == Drawing((((0.0, 0.0), (1.5, -2.0)), ((3.0, 4.0),)), 2.0)
    assert read_report({"id": "a-2", "strokes": [[[3, 4]]], "pen": 2, "centre": True}).strokes[0][0] == pytest.approx(
        (0, 0), abs=0.02
    )
    assert read_report({"id": "a-3", "strokes": [], "pen": 2.5}) is None


@pytest.mark.parametrize(
    "report",
    [
        None, 7, "strokes", [], {}, {"strokes": [STROKE]}, {"strokes": STROKE, "pen": 2}, {"strokes": "ab", "pen": 2},
        {"strokes": [STROKE], "pen": "2"}, {"strokes": [STROKE], "pen": math.nan}, {"strokes": [STROKE], "pen": 99},
        {"strokes": [STROKE], "pen": 10**400}, {"strokes": [[[0, 10**400]]], "pen": 2}, {"strokes": [[]], "pen": 2},
        {"strokes": [[[0, "1"]]], "pen": 2}, {"strokes": [[[0, 1, 2]]], "pen": 2}, {"strokes": [[[0, None]]], "pen": 2},
        {"strokes": [[[0, 15]]], "pen": 2}, {"strokes": [[[0, math.inf]]], "pen": 2}, {"strokes": [{"0": 1}], "pen": 2},
        {"strokes": [STROKE] * (MAX_STROKES + 1), "pen": 2}, {"strokes": [[[0, 0]] * (MAX_POINTS + 1)], "pen": 2},
    ],
)  # fmt: skip
def test_a_report_that_is_no_drawing_is_one_sentence(report):
    with pytest.raises(ValueError, match=r"^[^\n]{10,120}\.$"):
        read_report(report)


@pytest.fixture
def session(monkeypatch):
    """The state of a visit, and the callback of a pad in it."""
    state = {"drawn": "before"}
    monkeypatch.setattr(st, "session_state", state)
    return state


def send(monkeypatch, session, report) -> None:
    """What Streamlit does with a report: the state of the component, then its callback."""
    given = {}
    monkeypatch.setattr(draw_pad, "_component", lambda **arguments: given.update(arguments))
    session["draw_pad"] = {"drawing": report}
    draw_pad.draw_pad("", None, "", take_drawing)
    given["on_drawing_change"]()


def test_reports_reach_the_session(monkeypatch, session):
    send(monkeypatch, session, {"id": "a-1", "strokes": [STROKE], "pen": 2.5, "centre": False})
    drawn = Drawing.from_text(session["drawn"])
    assert drawn.strokes == (((0.0, 0.0), (1.5, -2.0)),)
    assert not session["drawn_answers"]  # the browser has these strokes already
    send(monkeypatch, session, {"id": "a-2", "strokes": [STROKE], "pen": 2.5, "centre": True})
    assert session["drawn_answers"] == "a-2"
    assert Drawing.from_text(session["drawn"]) != drawn
    send(monkeypatch, session, {"id": "a-3", "strokes": [], "pen": 2.5, "centre": False})
    assert session["drawn"] == ""


def test_a_bad_report_changes_nothing_but_says_so(monkeypatch, session):
    said = []
    monkeypatch.setattr(st, "warning", said.append)
    send(monkeypatch, session, {"id": "a-1", "strokes": [[[0, 99]]], "pen": 2.5})
    send(monkeypatch, session, {"id": "a-2", "strokes": [STROKE], "pen": 2.5})
    assert len(said) == 1  # at the run after the bad one
    assert "off the canvas" in said[0]
    assert session["drawn"] != "before"
