"""Pictures that somebody brings for a network of photographs: what is read, what is left out, and what that costs."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from core.data import own_pictures
from core.data.own_pictures import MOST_PICTURES, read_pictures
from core.data.picture_folder import picture_on_canvas


def picture(seed: int = 0, size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    colours = np.random.default_rng(seed).integers(0, 255, (*size[::-1], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(colours).save(out, kind)
    return out.getvalue()


def test_each_is_on_the_canvas_in_its_colours_and_in_order():
    given = [("a.png", picture(0)), ("b.jpg", picture(1, kind="JPEG")), ("c", picture(2))]
    found = read_pictures(iter(given), 24)
    assert found.images.shape == (3, 3, 24, 24)
    for image, (_, content) in zip(found.images, given, strict=True):
        assert torch.equal(image[None], picture_on_canvas(content, 24, 3))
    assert found.note == "3 pictures of your own, the square in the middle of each."


def test_what_cannot_be_read_is_left_out_and_told():
    too_many_pixels = picture().replace((40).to_bytes(4, "big"), (40_000).to_bytes(4, "big"), 1)
    found = read_pictures([("a.txt", b"words"), ("b.png", picture()), ("c.png", too_many_pixels)], 8)
    assert len(found.images) == 1
    assert found.note.startswith("1 picture of your own, the square in the middle of each; 2 left out (first a.txt: ")
    assert found.note.count(".") == 2  # of the name and at the end: one sentence


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], r"There is no picture\."),
        ([("a.svg", b"<svg>")], r"No picture can be read\. a\.svg: "),
        ([("a.png", picture())] * (MOST_PICTURES + 1), "There are 17 pictures: at most 16 are measured"),
        ([("a.png", bytes(20_000_000))] * 6, "more than 100 MB together"),
    ],
)
def test_what_is_refused_is_one_sentence(given, message):
    with pytest.raises(ValueError, match=message) as refused:
        read_pictures(given, 8)
    assert "\n" not in str(refused.value)


def test_the_time_of_a_core_has_an_end(monkeypatch):
    monkeypatch.setattr(own_pictures, "MAX_SECONDS", 0.02)
    large = picture(size=(1200, 1200))
    found = read_pictures([(f"{k}.png", large) for k in range(16)], 256)
    assert 1 <= len(found.images) < 16
    left = 16 - len(found.images)
    assert f"; {left} left out, since an upload has 0.02 seconds of computing time." in found.note
