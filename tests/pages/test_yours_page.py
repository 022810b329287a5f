"""The page of one's own network: the example at once, a file's findings, and one sentence for what is none."""

import json
import re

import pytest

from core.foreign import Question, judge
from core.foreign.example import TITLE, example
from pages.foreign import choose
from tests.foreign.making import classifier
from tests.pages.test_app import open_page, sentences


def heat_map(app) -> dict:
    chart = next(each for each in app.get("plotly_chart") if each.proto.id.endswith("heatmap"))
    return json.loads(chart.proto.spec)


def told(app) -> str:
    """Without the marks of terms."""
    return re.sub(r"<[^>]+>", "", " ".join(each.value for each in app.main.markdown))


@pytest.fixture(scope="module")
def ours():
    return judge(example(), Question())


def test_the_example_needs_no_setting(ours):
    app = open_page("yours")
    assert not app.exception
    assert not app.error
    layers = [y for trace in heat_map(app)["data"] for y in trace["y"]]
    assert set(layers) == set(ours.report.layers)
    assert all(check.said in told(app) for check in ours.checks)
    assert TITLE in str(heat_map(app)["layout"]["annotations"])
    assert "external_data=False" in app.main.code[0].value
    app.toggle(key=choose.EXAMPLE.key).set_value(False).run()
    assert app.query_params["example"] in ("0", ["0"])
    assert not app.get("plotly_chart")


def test_a_file_of_ones_own_counts_more_and_what_is_none_is_one_sentence():
    app = open_page("yours", range="-1+to+1".replace("+", " "))
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("yours_file")]
    uploader.upload("mine.onnx", classifier(), "application/octet-stream")
    app.run()
    assert not app.error
    assert "mine.onnx" in str(heat_map(app)["layout"]["annotations"])
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("yours_file")]
    uploader.upload("broken.onnx", b"PK pickles", "application/octet-stream")
    app.run()
    assert not app.exception
    assert sentences(app).count("no ONNX network") == 1
    assert not app.get("plotly_chart")


def test_nonsense_in_the_link_is_said():
    app = open_page("yours", range="huge", example="perhaps")
    assert "range = huge" in sentences(app)
    assert "example = perhaps" in sentences(app)
