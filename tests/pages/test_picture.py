"""A picture that the visitor brings: its crop in the link, what the network sees of it, and doubts."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

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


def test_a_crop_is_in_the_link_and_is_what_the_network_sees(give):
    data = png(PAIR)
    app = give(data)
    assert link_of(app) == {"source": "upload", "upload": name_of(data)}
    app.slider(key="upload_across").set_range(50, 100)
    run(app)
    cropped = f"{name_of(data)}-50-0-100-100"
    assert link_of(app)["upload"] == cropped
    assert app.session_state["view"].digit.name == cropped
    seen = app.session_state["uploads"][cropped].image[0, 0].numpy()
    assert np.abs(seen - glyph("7-round").render()[0, 0].numpy()).mean() < 0.02
    assert len(app.get("image")) == 2


def test_a_crop_of_a_link_waits_for_its_file(give):
    data = png(PAIR)
    crop = "-0-0-50-100"
    assert link_of(give(data, upload=name_of(data) + crop))["upload"] == name_of(data) + crop
    other = png(PAIR[:, ::-1].copy())
    assert link_of(give(other, upload=name_of(data) + crop))["upload"] == name_of(other)


def test_another_file_is_whole_again(give):
    app = give(png(PAIR))
    app.slider(key="upload_across").set_range(0, 50)
    run(app)
    other = png(PAIR[:, ::-1].copy())
    app.file_uploader(key="upload").set_value(("other.png", other, "image/png"))
    assert link_of(run(app))["upload"] == name_of(other)
    assert app.slider(key="upload_across").value == (0, 100)


def test_a_crop_has_at_least_a_twentieth_of_a_side(give):
    data = png(PAIR)
    app = give(data)
    app.slider(key="upload_across").set_range(98, 98)
    app.slider(key="upload_down").set_range(50, 50)
    run(app)
    assert not app.exception
    assert "one even tone" in warnings(app)


def test_a_picture_that_may_be_read_wrongly_is_doubted(give):
    wide = np.zeros((100, 200))
    wide[45:55, 20:180] = 1
    said = warnings(give(png(wide)))
    assert "It may be read wrongly. It is wider than digits of MNIST are." in said
    assert "SESN" in said
    assert "is not sure" in said


def test_a_plain_digit_is_not_doubted(give):
    assert not give(png(PAIR[:, :120])).warning
