"""The page of one's own network: the example at once, a file's findings, and one sentence for what is none."""

import base64
import io
import json
import re

import numpy as np
import pytest
from onnx import helper
from PIL import Image

from core.foreign import Question, judge
from core.foreign.example import TITLE, example
from pages.foreign import choose
from tests.foreign.making import classifier, file_of
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


def in_colour(channels: int = 3) -> bytes:
    """A file of one convolution, which takes any canvas."""
    weight = np.random.default_rng(0).normal(0, 0.3, (4, channels, 3, 3)).astype(np.float32)
    conv = helper.make_node("Conv", ["x", "w"], ["y"], "conv", pads=[1, 1, 1, 1])
    return file_of([conv], {"w": weight}, ("batch", channels, "h", "w"))


@pytest.mark.parametrize(
    ("on", "edge", "shown"),
    [
        ("photographs", "is not known: of a map at least", "4 photographs on 96 px · bicubic"),
        ("photographs, mirrored", "goes on as its reflection", "4 photographs on 96 px, mirrored to"),
    ],
)
def test_it_may_be_measured_on_photographs_which_are_shown_in_colour(on, edge, shown):
    app = open_page("yours", on=on, example="0")
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("yours_file")]
    uploader.upload("colour.onnx", in_colour(), "application/octet-stream")
    app.run()
    assert not app.exception
    assert not app.error
    assert edge in re.sub(r"<[^>]+>", "", " ".join(each.value for each in app.caption))
    assert shown in str(heat_map(app)["layout"])
    said = " ".join(each.proto.body for each in app.get("html"))
    picture = re.search(r"data:image/png;base64,([^\"]+)", said)[1]
    row = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))[..., :3].astype(int)
    assert np.ptp(row, axis=2).max() > 50  # no grey


def test_a_network_that_takes_one_canvas_says_so_when_a_mirrored_edge_is_asked_for():
    app = open_page("yours", on="photographs, mirrored")
    assert not app.exception
    assert "which the network does not take" in sentences(app)
    assert "measure it with a masked edge" in sentences(app)


def test_nonsense_in_the_link_is_said():
    app = open_page("yours", range="huge", example="perhaps")
    assert "range = huge" in sentences(app)
    assert "example = perhaps" in sentences(app)
