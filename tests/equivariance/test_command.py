"""`equiscope measure` of a module of one's own: the table, the files, and a sentence with status 2 for all else."""

import base64
import io
import re
import sys

import numpy as np
import pytest
from PIL import Image

from core import measured_page
from core.data.picture_folder import read_folder
from core.equivariance import __main__ as command
from core.equivariance import measure
from core.equivariance.own import VALUES
from core.figures.alone import POLICY
from core.models import wrap
from core.models.imported import imported
from core.results import codec

CODE = """
from torch import nn
import torch
def conv(c_in, **more): return nn.Conv2d(c_in, 3, 5, padding=2, **more)
colour = nn.Sequential(conv(3), nn.ReLU(), nn.MaxPool2d(2), conv(3), nn.AdaptiveAvgPool2d(1))
def grey(): return nn.Sequential(conv(1), nn.MaxPool2d(4))
headed = nn.Sequential(conv(1), nn.Flatten(), nn.Linear(3 * 28 * 28, 10))
five = conv(5)
class Moody(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = conv(3)
    def forward(self, x):
        if float(x.min()) > 0.5:
            raise KeyError("this image is too bright")
        return self.part(x)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a module and pictures."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_measured.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    random = np.random.default_rng(0)
    for name in "ab":
        pixels = random.integers(0, 256, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{name}.png")
    yield tmp_path
    sys.modules.pop("own_measured", None)


def ask(*arguments: str) -> int:
    return measured_page.main([*arguments, "--images", "pictures"], prog="equiscope measure")


def refused(capsys, *arguments: str) -> str:
    assert ask(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def test_the_table_has_the_numbers_of_measure_and_names_what_has_no_place(folder, capsys):
    assert ask("own_measured:colour", "--canvas", "32", "--amounts", "0.5,2", "--values", "signed") == 0
    told = capsys.readouterr().out
    images = VALUES["signed"].of(read_folder(folder / "pictures", 32, 3).images)
    network = wrap(imported("own_measured:colour"), canvas=32, blank=-1.0)
    report = measure(network, images, (0.5, 2.0), background=-1.0)  # black comes in
    assert report.layers == ("0", "1", "2", "3")
    for layer, errors, spread in zip(report.layers, 100 * report.error, 100 * report.spread, strict=True):
        cells = [f"{error:.1f} ({low:.1f}–{high:.1f})" for error, (low, high) in zip(errors, spread, strict=True)]
        assert f"| {layer} | own_measured:colour | {cells[0]} | {cells[1]} |" in told
    assert (
        "2 pictures of pictures, colour, 32×32 px · values -1 to 1, bicubic; beyond its edge nothing is known" in told
    )
    assert "Not placed:\n- 4: each of its samples reads the whole image" in told


def test_a_mirrored_edge_is_taken_and_told(folder, capsys):
    arguments = "own_measured:colour", "--canvas", "32", "--amounts", "0.5", "--edge", "mirrored"
    assert ask(*arguments, "--out", "r.csv") == 0
    assert re.search(
        r"the picture is mirrored, to \d+ px, and 100 % of its maps are compared\.", capsys.readouterr().out
    )
    assert {row.edge for row in codec.parse(measured_page.Row, (folder / "r.csv").read_bytes(), "r.csv")} == {
        "mirrored"
    }


@pytest.mark.parametrize("transform", ["rotation", "translation"])
def test_other_transforms_are_measured_at_their_own_amounts(transform, folder, capsys):
    assert ask("own_measured:grey", "--canvas", "16", "--transform", transform) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert ("°" if transform == "rotation" else " px") in head
    assert ", grey, 16×16 px" not in head


def test_values_are_brought_to_what_the_module_takes(folder):
    images = read_folder(folder / "pictures", 8, 3).images
    for name, low, high in (("unit", 0, 1), ("bytes", 0, 255), ("signed", -1, 1)):
        wanted = low + (high - low) * images
        assert np.allclose(VALUES[name].of(images), wanted, rtol=1e-5, atol=1e-5)
        assert VALUES[name].blank == low  # black
    mean = np.array(VALUES["imagenet"].mean, dtype=np.float32)
    assert float(VALUES["imagenet"].of(np_to_image(mean)).abs().max()) < 1e-6


def np_to_image(colour):
    import torch

    return torch.from_numpy(colour)[None, :, None, None].expand(1, 3, 4, 4)


def test_the_page_is_one_file_with_its_figures_and_asks_for_nothing(folder, capsys):
    assert ask("own_measured:colour", "--canvas", "16", "--out", "made/report.html") == 0
    page = (folder / "made" / "report.html").read_text("utf-8")
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in page
    assert "default-src 'none'" in POLICY
    assert len(re.findall(r"Plotly\.newPlot\(\s*\"", page)) == 2
    row = np.asarray(
        Image.open(io.BytesIO(base64.b64decode(re.search(r'<img src="data:image/png;base64,([^"]+)"', page)[1])))
    )
    shown = read_folder(folder / "pictures", 16, 3).images[0].permute(1, 2, 0).numpy()
    assert np.abs(row[:, :16, :3] / 255 - shown).max() < 0.5 / 255 + 1e-6  # in colour
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="(?!data:)', page)
    assert "<code>4</code>: each of its samples reads the whole image" in page
    assert re.search(r"<td>0</td><td class=\"number\">0.5</td><td class=\"number\">\d+\.\d</td>", page)


def test_names_in_the_page_are_text(folder):
    network = wrap(imported("own_measured:colour"), canvas=16)
    report = measure(network, read_folder(folder / "pictures", 16, 3).images, (0.5,))
    page = measured_page.to_html([command.Measured("<script>x", report, "a & b", {"<b>": "<i>"})])
    assert not re.search(r"<script>x|<b>|<i>", page)
    assert "a &amp; b" in page


def test_the_csv_reads_back_as_what_was_measured(folder, capsys):
    assert (
        ask("own_measured:colour", "own_measured:grey", "--canvas", "16", "--amounts", "0.5,2", "--out", "r.csv") == 0
    )
    rows = codec.parse(measured_page.Row, (folder / "r.csv").read_bytes(), "r.csv")
    assert [row.network for row in rows] == ["own_measured:colour"] * 8 + ["own_measured:grey"] * 4
    report = measure(
        wrap(imported("own_measured:colour"), canvas=16), read_folder(folder / "pictures", 16, 3).images, (0.5, 2.0)
    )
    assert [row.mean for row in rows[:8]] == pytest.approx(report.error.ravel().tolist(), rel=1e-6, nan_ok=True)
    assert {row.images for row in rows} == {2}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["own_nothing:colour"], "there is no module own_nothing in "),
        (["own_measured:nothing"], "the module own_measured has no nothing; it has "),
        (["own_measured:CODE.x"], "has no CODE.x"),
        (["own_measured:torch"], "must be a torch.nn.Module"),
        (["own_measured:colour", "--canvas", "31"], "layer '2', whose stride is 2: name --canvas 30"),
        (["own_measured:headed"], "does not take 1 channels of 224×224 pixels: mat1"),
        (["own_measured:headed"], "; it takes 28×28 pixels: --canvas 28"),
        (["own_measured:five"], "takes images of 5 channels, pictures have 1 or 3"),
        (["own_measured:grey", "--canvas", "16", "--values", "imagenet"], "1 channel, and values normalised"),
        (["own_measured:colour", "--canvas", "16", "--layers", "9"], "no layer '9'; the module has 0, 1, 2, 3, 4"),
        (["own_measured:colour", "--canvas", "16", "--layers", "4"], "each of its samples reads the whole image"),
        (["own_measured:colour", "--amounts", "0"], "a scale factor must be a positive number, got 0.0"),
        (["own_measured:colour", "--canvas", "16", "--transform", "rotation", "--resampler", "ideal"], "resampler"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_one_sentence(arguments, said, folder, capsys):
    assert said in refused(capsys, *arguments)


def test_a_module_that_fails_on_its_image_is_one_sentence(folder, capsys):
    for path in (folder / "pictures").iterdir():
        Image.new("RGB", (20, 20), "white").save(path)
    said = refused(capsys, "own_measured:Moody", "--canvas", "16", "--amounts", "1")
    assert said.startswith(
        "own_measured:Moody cannot be measured on these images: KeyError: 'this image is too bright'"
    )


def test_pictures_that_cannot_be_read_are_one_sentence(folder, capsys):
    (folder / "pictures" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "a.png: This PNG file is damaged" in refused(capsys, "own_measured:colour", "--canvas", "16")
    for path in (folder / "pictures").iterdir():
        path.unlink()
    assert "pictures has no picture: " in refused(capsys, "own_measured:colour", "--canvas", "16")
    (folder / "pictures").rmdir()
    assert "the folder pictures cannot be read: " in refused(capsys, "own_measured:colour", "--canvas", "16")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "report.pdf"], ["--out", "report"], ["--canvas", "0"], ["--amounts", "big"], ["--transform", "shear"],
        ["--most", "0"], ["--values", "hot"],
    ],
)  # fmt: skip
def test_options_that_are_not_understood_are_refused(arguments, folder, capsys):
    with pytest.raises(SystemExit, match="2"):
        ask("own_measured:colour", *arguments)
    assert "equiscope measure: error: " in capsys.readouterr().err


def test_a_file_that_cannot_be_written_costs_no_table(folder, capsys):
    assert ask("own_measured:grey", "--canvas", "16", "--out", "own_measured.py/report.csv") == 2
    told = capsys.readouterr()
    assert "| 0 | own_measured:grey |" in told.out
    assert "own_measured.py/report.csv cannot be written: " in told.err


def test_registered_networks_take_the_pictures_too(folder, capsys):
    assert ask("cnn", "--amounts", "0.79") == 0
    told = capsys.readouterr().out
    assert re.search(r"\| conv1 \| cnn \| \d+\.\d \(", told)
    assert re.search(r"\| conv3, read by the classifier \| cnn \|", told)
