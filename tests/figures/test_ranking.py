"""The ranking in the README: drawn from the table that is kept, and from nothing else."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.figures import ranking
from core.figures.ranking import ranking_svg, standings
from core.models import MODELS
from core.results.equivariance import Result, read

ROOT = Path(__file__).resolve().parents[2]


def cell(network, layer, s, mean, spread=0.05):
    return Result(network, layer, "plane", s, mean, mean - spread, mean + spread, 0.1, 0.0, 0.5, 256, "", "2.0")


ROWS = [
    cell("cnn", "conv1", 0.5, 0.2), cell("cnn", "conv1", 2.0, 0.4), cell("cnn", "relu1", 0.5, 9.0),
    cell("cnn", "conv2", 0.5, 0.5), cell("cnn", "conv2", 2.0, 0.7),
    cell("identity", "image", 0.5, 0.0),
    cell("sesn_vector", "conv1", 0.5, 0.1), cell("sesn_vector", "conv1", 2.0, math.nan),
]  # fmt: skip


def test_the_order_is_that_of_the_last_convolution():
    first, second = standings(ROWS)
    assert (first.network, second.network) == ("sesn_vector", "cnn")  # and nothing without a convolution
    assert (first.last.mean, first.all.mean, first.unknown) == (10, 10, (2.0,))
    assert second.last.mean == pytest.approx(60)
    assert (second.last.low, second.last.high) == pytest.approx((55, 65))
    assert second.all.mean == pytest.approx(45)
    assert second.unknown == ()


def test_the_picture_shows_every_number_at_its_place():
    text = ranking_svg(ROWS)
    assert ElementTree.fromstring(text).tag.endswith("svg")
    words = [element.text for element in ElementTree.fromstring(text).iter() if element.tag.endswith("}text")]
    assert "relative L2 equivariance error, %" in words
    assert [word for word in words if word in ("SESN, vector *", "Plain CNN")] == ["SESN, vector *", "Plain CNN"]
    assert any("* not at every s" in word for word in words)
    assert any(word.startswith("Source: first 256 MNIST test digits at 0.7") for word in words)
    ticks = {
        int(label): float(x)
        for x, label in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="middle">(\d+)</text>', text)
    }
    per_percent = (ticks[60] - ticks[0]) / 60
    circles = [(float(x) - ticks[0]) / per_percent for x in re.findall(r'<circle cx="([\d.]+)"', text)][1:]  # legend
    assert circles == pytest.approx([10, 60], abs=0.1)
    assert "* not at every s" not in ranking_svg(ROWS[:5])
    with pytest.raises(ValueError, match="networks with convolutions"):
        ranking_svg(ROWS[5:6])


def test_the_picture_of_the_readme_is_drawn_from_the_table():
    assert (ROOT / "docs" / "ranking.svg").read_text(encoding="utf-8") == ranking_svg(read())
    assert "(docs/ranking.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    networks = [standing.network for standing in standings(read())]
    assert set(networks) == set(MODELS) - {"identity"}
    assert {"fourier", "sesn_vector"} < set(networks[:3])  # what the README says of it
    assert networks[-1] == "sevf"


def test_the_command_draws_the_picture_or_says_which_table_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ranking, "FIGURE", tmp_path / "ranking.svg")
    assert ranking.main([]) == 0
    assert (tmp_path / "ranking.svg").read_text(encoding="utf-8") == ranking_svg(read())
    capsys.readouterr()
    assert ranking.main(["--size", "paper"]) == 2
    said = capsys.readouterr().err
    assert "There are no results of size paper" in said
    assert said.count("\n") == 1
