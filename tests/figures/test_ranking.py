"""The ranking in the README: drawn from the table that is kept, and from nothing else."""

import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.figures import ranking
from core.figures.ranking import ranking_svg, standings
from core.models import MODELS
from core.results.means import CONVOLUTIONS, Mean, read

ROOT = Path(__file__).resolve().parents[2]


def row(network, layer, mean, read=False, factors=6, spread=0.05):
    return Mean(
        network, layer, read, mean, mean - 0.01, mean + 0.01, mean - spread, mean + spread, factors, 256, "", ""
    )


CNN = [row("cnn", "conv1", 0.2), row("cnn", "conv2", 0.6, read=True), row("cnn", CONVOLUTIONS, 0.45)]
IDENTITY = [row("identity", "image", 0.0, read=True)]
SESN = [row("sesn_vector", CONVOLUTIONS, 0.8, factors=5), row("sesn_vector", "projection1", 0.2, read=True)]
ROWS = CNN + IDENTITY + SESN


def test_the_order_is_that_of_the_map_that_the_classifier_reads():
    first, second = standings(ROWS)
    assert (first.network, second.network) == ("sesn_vector", "cnn")  # though its convolutions err more
    assert (first.classifier.mean, first.all.mean) == (0.2, 0.8)
    assert (second.classifier.mean, second.all.mean) == (0.6, 0.45)


def test_a_network_without_a_marked_map_or_without_convolutions_is_left_out():
    unmarked = [replace(row, classifier=False) for row in CNN]
    assert [standing.network for standing in standings(unmarked + IDENTITY + SESN)] == ["sesn_vector"]
    unknown = [replace(row, mean=math.nan) if row.classifier else row for row in CNN]
    assert standings(unknown) == ()


def words_of(svg, tag):
    return [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith(f"}}{tag}")]


def test_the_picture_shows_every_number_at_its_place():
    text = ranking_svg(ROWS)
    assert ElementTree.fromstring(text).tag.endswith("svg")
    words = words_of(text, "text")
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
    diamonds = [(float(x) - ticks[0]) / per_percent for x in re.findall(r'<path d="M([\d.]+) [\d.]+l5 5', text)][1:]
    assert circles == pytest.approx([20, 60], abs=0.1)
    assert diamonds == pytest.approx([80, 45], abs=0.1)
    lines = [
        (int(width), *((float(x) - ticks[0]) / per_percent for x in ends))
        for *ends, width in re.findall(r'<path d="M([\d.]+) [\d.]+H([\d.]+)" stroke="[^"]+" stroke-width="(\d)"', text)
    ][2:]
    expected = [(1, 75, 85), (3, 79, 81), (1, 15, 25), (3, 19, 21), (1, 40, 50), (3, 44, 46), (1, 55, 65), (3, 59, 61)]
    assert lines == [pytest.approx(line, abs=0.1) for line in expected]
    for told in ("map that the classifier reads", "mean over its convolutions", "95 % interval of the mean (BCa)"):
        assert words.count(told) == 1
    assert "Error of the map that the classifier reads, %: SESN, vector 20, Plain CNN 60." in words_of(text, "desc")
    assert "* not at every s" not in ranking_svg(CNN)
    for rows in (IDENTITY, [replace(row, classifier=False) for row in CNN]):
        with pytest.raises(ValueError, match="networks with convolutions"):
            ranking_svg(rows)


def test_the_picture_of_the_readme_is_drawn_from_the_table():
    assert (ROOT / "docs" / "ranking.svg").read_text(encoding="utf-8") == ranking_svg(read())
    assert "(docs/ranking.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    networks = [standing.network for standing in standings(read())]
    assert set(networks) == set(MODELS) - {"identity"}
    assert networks[:3] == ["fourier", "sesn_antialiased", "random_sesn"]  # what the README says of it
    assert networks[-1] == "so2_cnn"
    untrained, trained = (
        next(each for each in standings(read()) if each.network == key) for key in ("random_sesn", "sesn_vector")
    )
    assert untrained.classifier.ci_high < trained.classifier.ci_low
    assert untrained.all.ci_high < trained.all.ci_low


def test_the_command_draws_the_picture_or_says_which_table_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ranking, "FIGURE", tmp_path / "ranking.svg")
    assert ranking.main([]) == 0
    assert (tmp_path / "ranking.svg").read_text(encoding="utf-8") == ranking_svg(read())
    capsys.readouterr()
    assert ranking.main(["--size", "paper"]) == 2
    said = capsys.readouterr().err
    assert "There are no results of size paper" in said
    assert said.count("\n") == 1
