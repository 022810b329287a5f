"""A picture that the visitor brings: its crop in the link, what the network sees of it, and doubts."""

import hashlib
import io

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from components import crop_box
from core.data.glyphs import glyph
from tests.pages.test_links import link_of, run, warnings

PAIR = np.hstack([glyph(name).render(4.0, 120)[0, 0].numpy() for name in ("3-round", "7-round")])


def png(ink: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray((255 - 255 * ink).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


@pytest.fixture
def give(open_page):
    """Opens a page and gives it a file."""

    def given(data: bytes, **link: str):
        app = open_page("about", source="upload", **link)
        app.file_uploader(key="upload").upload("digit.png", data, "image/png")
        return run(app)

    return given


@pytest.fixture
def crop(monkeypatch):
    """Puts the box of a page elsewhere, as the browser does: the state of the component, then its callback."""
    given = {}
    monkeypatch.setattr(crop_box, "_component", lambda **arguments: given.update(arguments))

    def cropped(app, *box: int):
        state = app.session_state
        with monkeypatch.context() as patch:
            patch.setattr(st, "session_state", state)
            state[crop_box.KEY] = {"crop": {"id": "a-1", "box": list(box)}}
            given["on_crop_change"]()
            del state[crop_box.KEY]
        run(app)
        return given["data"]

    return cropped


def test_a_crop_is_in_the_link_and_is_what_the_network_sees(give, crop):
    data = png(PAIR)
    app = give(data)
    assert link_of(app) == {"source": "upload", "upload": name_of(data)}
    framed = crop(app, 50, 0, 100, 100)
    cropped = f"{name_of(data)}-50-0-100-100"
    assert link_of(app)["upload"] == cropped
    assert app.session_state["view"].digit.name == cropped
    seen = app.session_state["uploads"][cropped].image[0, 0].numpy()
    assert np.abs(seen - glyph("7-round").render()[0, 0].numpy()).mean() < 0.02
    assert (framed["box"], framed["answers"]) == ((50, 0, 100, 100), "a-1")
    assert len(app.get("image")) == 1  # what the network sees; the other one is in the box


def test_a_crop_of_a_link_waits_for_its_file(give):
    data = png(PAIR)
    crop = "-0-0-50-100"
    assert link_of(give(data, upload=name_of(data) + crop))["upload"] == name_of(data) + crop
    other = png(PAIR[:, ::-1].copy())
    assert link_of(give(other, upload=name_of(data) + crop))["upload"] == name_of(other)


def test_another_file_is_whole_again(give, crop):
    app = give(png(PAIR))
    crop(app, 0, 0, 50, 100)
    other = png(PAIR[:, ::-1].copy())
    app.file_uploader(key="upload").set_value(("other.png", other, "image/png"))
    assert link_of(run(app))["upload"] == name_of(other)
    assert crop(app, 0, 0, 50, 100)["box"] == (0, 0, 50, 100)


def test_a_crop_without_a_digit_is_told_and_can_be_moved_on(give, crop):
    data = png(PAIR)
    app = give(data)
    crop(app, 0, 0, 5, 5)
    assert not app.exception
    assert "one even tone" in warnings(app)
    crop(app, 0, 0, 50, 100)
    assert link_of(app)["upload"] == f"{name_of(data)}-0-0-50-100"
    assert not app.warning


def test_a_picture_without_a_digit_can_be_cropped_and_a_broken_file_cannot(give, crop):
    app = give(png(np.zeros((80, 80))))
    assert "one even tone" in warnings(app)
    assert crop(app, 0, 0, 50, 50)["box"] == (0, 0, 50, 50)


def test_a_file_that_is_no_picture_has_no_box(give, monkeypatch):
    shown = []
    monkeypatch.setattr(crop_box, "_component", lambda **arguments: shown.append(arguments))
    assert "vector digit is shown instead" in warnings(give(b"not a picture"))
    assert not shown


def test_a_picture_that_may_be_read_wrongly_is_doubted(give):
    wide = np.zeros((100, 200))
    wide[45:55, 20:180] = 1
    said = warnings(give(png(wide)))
    assert "It may be read wrongly. It is wider than digits of MNIST are." in said
    assert "SESN" in said
    assert "is not sure" in said


def test_a_plain_digit_is_not_doubted(give):
    assert not give(png(PAIR[:, :120])).warning
