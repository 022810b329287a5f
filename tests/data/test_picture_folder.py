"""The pictures of a folder as images: colours, cropping and order, and what is refused by the name of its file."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.picture_folder import picture_on_canvas, read_folder

HALVES = np.zeros((40, 80, 3), dtype=np.uint8)  # red, green in the middle square's halves, blue outside of it
HALVES[:, :20], HALVES[:, 60:] = (0, 0, 255), (0, 0, 255)
HALVES[:, 20:40], HALVES[:, 40:60] = (255, 0, 0), (0, 128, 0)


def coded(pixels, kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    (pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)).save(out, kind, **options)
    return out.getvalue()


def test_the_square_in_the_middle_is_taken_in_its_colours():
    found = picture_on_canvas(coded(HALVES), 40, 3)
    assert found.shape == (1, 3, 40, 40)
    assert torch.equal(found[0], torch.from_numpy(HALVES[:, 20:60]).permute(2, 0, 1) / 255)  # not resized: as it was
    tall = picture_on_canvas(coded(HALVES.transpose(1, 0, 2)), 40, 3)
    assert torch.equal(tall, found.mT)


@pytest.mark.parametrize("side", [8, 16, 64])
def test_resizing_keeps_the_mean_and_the_range(side):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    found = picture_on_canvas(coded(pixels), side, 3)
    assert found.shape == (1, 3, side, side)
    assert found.min() >= 0
    assert found.max() <= 1
    assert found.mean((0, 2, 3)).numpy() == pytest.approx(pixels.mean((0, 1)) / 255, abs=0.01)


def test_grey_is_the_luma_and_is_not_inverted():
    found = picture_on_canvas(coded(HALVES), 40, 1)
    assert found.shape == (1, 1, 40, 40)
    assert float(found[0, 0, 5, 5]) == pytest.approx(0.299, abs=1e-6)
    assert float(found[0, 0, 5, 35]) == pytest.approx(0.587 * 128 / 255, abs=1e-6)
    white = np.full((30, 30), 255, dtype=np.uint8)
    assert picture_on_canvas(coded(white), 10, 1).min() == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_every_mode_become_images(mode, channels):
    picture = Image.new(mode, (30, 20), 1 if mode == "1" else None)
    found = picture_on_canvas(coded(picture, "TIFF" if mode == "CMYK" else "PNG"), 12, channels)
    assert found.shape == (1, channels, 12, 12)
    assert bool(found.isfinite().all())


def test_what_is_transparent_is_white_in_colour():
    assert picture_on_canvas(coded(Image.new("RGBA", (9, 9), (255, 0, 0, 0))), 9, 3).min() == 1


def test_a_folder_is_read_by_name_and_other_files_are_passed_over(tmp_path):
    for name, value in (("b.PNG", 200), ("a.png", 100), ("c.jpg", 50), (".hidden.png", 7)):
        (tmp_path / name).write_bytes(coded(np.full((8, 8), value, dtype=np.uint8), "JPEG" if "jpg" in name else "PNG"))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "d.png").mkdir()
    found = read_folder(tmp_path, 8, 3)
    assert found.names == ("a.png", "b.PNG", "c.jpg")
    assert (found.images[:, 0, 0, 0] * 255).round().tolist() == [100, 200, 50]
    assert read_folder(tmp_path, 8, 1, most=2).names == ("a.png", "b.PNG")


def test_what_cannot_be_read_is_named_in_one_sentence(tmp_path):
    def said(folder):
        with pytest.raises(ValueError, match=r".") as refused:
            read_folder(folder, 8, 3)
        assert "\n" not in str(refused.value)
        return str(refused.value)

    assert f"the folder {tmp_path} has no picture: a name must end in .png" in said(tmp_path)
    assert "nowhere cannot be read: No such file or directory" in said(tmp_path / "nowhere")
    (tmp_path / "a.png").write_bytes(coded(HALVES)[:-40])
    assert said(tmp_path) == f"{tmp_path / 'a.png'}: This PNG file is damaged or cut off, so it cannot be read."
    assert "a.png cannot be read: Not a directory" in said(tmp_path / "a.png")
    (tmp_path / "a.png").write_text("<svg/>")
    assert "a.png: This is an SVG or HTML file" in said(tmp_path)
    with pytest.raises(ValueError, match="1 channel or 3, not 2"):
        picture_on_canvas(coded(HALVES), 8, 2)
