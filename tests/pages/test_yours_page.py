"""The page of one's own network: the example at once, a file's findings, and one sentence for what is none."""

import base64
import io
import json
import re

import numpy as np
import pytest
import safetensors.torch
import torch
from onnx import helper
from PIL import Image

from core.foreign import Question, judge
from core.foreign.example import TITLE, example
from pages.foreign import choose
from tests.foreign.making import classifier, file_of
from tests.pages.test_app import again, open_page, sentences


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
    uploader.upload("broken.onnx", b"no network", "application/octet-stream")
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
    app = open_page("yours", on=on, example="0", open_parts="1")
    (uploader,) = [each for each in app.file_uploader if each.key.startswith("yours_file")]
    uploader.upload("colour.onnx", in_colour(), "application/octet-stream")
    app.run()
    assert not app.exception
    assert not app.error
    notes = re.sub(r"<[^>]+>", "", " ".join(each.value for each in app.caption))
    assert edge in notes
    assert "A budget is measured of digits alone" in notes
    assert shown in str(heat_map(app)["layout"]).replace("<br>", " · ")  # its lines are broken there
    said = " ".join(each.proto.body for each in app.get("html"))
    picture = re.search(r"data:image/png;base64,([^\"]+)", said)[1]
    row = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))[..., :3].astype(int)
    assert np.ptp(row, axis=2).max() > 50  # no grey


def test_a_head_that_reads_one_canvas_is_no_hindrance_to_a_mirrored_edge():
    app = open_page("yours", on="photographs, mirrored")
    assert not app.exception
    assert not app.error
    assert re.search(r"4 photographs on 28 px, mirrored to \d+ px", str(heat_map(app)["layout"]["annotations"]))


def test_nonsense_in_the_link_is_said():
    app = open_page("yours", range="huge", example="perhaps")
    assert "range = huge" in sentences(app)
    assert "example = perhaps" in sentences(app)


def uploader(app):
    (found,) = [each for each in app.file_uploader if each.key.startswith("yours_file")]
    return found


def test_weights_of_a_network_of_ours_and_what_does_not_fit_is_named():
    app = open_page("yours", file="weights", weights_of="cnn_small", on="photographs", open_parts="1", open_names="1")
    assert not app.exception
    assert not app.error
    heading = str(heat_map(app)["layout"]["annotations"])
    assert "cnn_small-small.safetensors" in heading
    ids = [each.proto.id for each in app.get("plotly_chart")]
    assert any(each.endswith("yours_budget") for each in ids)
    assert "`head.last.bias`" in list(app.main.table[0].value["Name"])
    content = safetensors.torch.save({"conv": torch.zeros(2, 2)})
    uploader(app).upload("other.safetensors", content, "application/octet-stream")
    app = again(app)
    assert not app.exception
    assert "The file has conv (2×2), which the network has not." in sentences(app)
    assert not app.get("plotly_chart")


def test_a_file_of_pytorch_is_refused_with_the_way_out():
    app = open_page("yours", example="0")
    uploader(app).upload("network.pt", b"PK\x03\x04 pickles", "application/octet-stream")
    app = again(app)
    assert sentences(app).count("never opened") == 1
    codes = [each.value for each in app.main.code]
    assert any("torch.onnx.export" in each for each in codes)
    assert any("save_file(" in each for each in codes)
    assert all(each.count("\n") == 2 for each in codes)


def test_pictures_of_ones_own_are_measured_and_shown_instead_of_ours():
    weight = np.random.default_rng(0).normal(0, 0.3, (4, 3, 5, 5)).astype(np.float32)
    content = file_of(
        [helper.make_node("Conv", ["x", "w"], ["y"], "conv", pads=[2] * 4)], {"w": weight}, (1, 3, 32, 32)
    )
    app = open_page("yours", on="photographs", example="0")
    pictures_of(app).set_value([("a.png", png(), "image/png"), ("notes.txt", b"words", "text/plain")])
    next(each for each in app.file_uploader if each.key.startswith("yours_file")).upload("mine.onnx", content, "")
    app.run()
    assert not app.exception
    assert not app.error
    assert "1 own picture on 32 px" in str(heat_map(app)["layout"]["annotations"])
    assert "1 picture of your own, the square in the middle of each; 1 left out (first notes.txt:" in captions(app)
    before, after = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", each.proto.body)[1]))))[..., :3]
        for each in app.get("html")
        if "Your pictures" in each.proto.body
    )
    assert before.shape == after.shape == (96, 96, 3)
    assert np.abs(before.mean((0, 1)) - (200, 30, 90)).max() < 2  # its own colour
    assert np.abs(after[30:66, 30:66].mean((0, 1)) - (200, 30, 90)).max() < 2
    assert after[:20].max() == 0  # at s = 0.5, black beyond its edge
    pictures_of(app).set_value([("notes.txt", b"words", "text/plain")])
    app.run()
    assert "No picture can be read. notes.txt:" in app.error[0].value
    assert "Ours are shown instead." in app.error[0].value
    assert "4 photographs on 32 px" in str(heat_map(app)["layout"]["annotations"])


def test_pictures_are_asked_for_only_where_photographs_are_measured():
    for on, wanted in (("digits", 0), ("photographs", 1), ("photographs, mirrored", 1)):
        app = open_page("yours", on=on, example="0")
        assert len([each for each in app.file_uploader if each.key.startswith("yours_pictures")]) == wanted


def pictures_of(app):
    return next(each for each in app.file_uploader if each.key.startswith("yours_pictures"))


def captions(app) -> str:
    return re.sub(r"<[^>]+>", "", " ".join(each.value for each in app.main.caption))


def png() -> bytes:
    picture = Image.new("RGB", (60, 40), (200, 30, 90))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
