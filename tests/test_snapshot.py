"""The copy of the results without a server: its numbers are those of the tables, and what is missing is a sentence."""

import csv
import re
import shutil

import pytest

from core import snapshot
from core.results import efficientnet
from core.results.by_size import FOLDER
from core.results.study import read_runs
from core.sentences.photographs import NEAR


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("snapshot") / "made"
    snapshot.write_snapshot(folder)
    return folder


@pytest.mark.slow
def test_every_part_is_there_with_its_figure_its_sentence_and_its_tables(copied):
    page = (copied / "index.html").read_text("utf-8")
    parts = re.split("<h2", page)[1:]
    assert len(parts) == len(snapshot.PARTS)
    for part in parts:
        if "cannot be shown" in part:
            continue
        assert part.count("Plotly.newPlot") == 1
        assert re.search(r"</div>\s*<p>\S", part)  # the sentence
        for name in re.findall(r'href="([^"]+)"', part):
            assert (copied / name).stat().st_size > 100
    assert not re.search(r'(src|href)="(https?:)?//', page)  # nothing comes from elsewhere
    assert (copied / "plotly.min.js").stat().st_size > 1e6


def test_its_numbers_are_those_of_the_study(copied):
    rows = list(csv.DictReader((copied / "reading.csv").open(encoding="utf-8")))
    runs = [run for run in read_runs(FOLDER / "study.csv") if run.part == "all sizes" and run.seed == 0]
    found = sorted(float(row["Realisation 0, %"]) for row in rows if row["Realisation 0, %"])
    assert found == pytest.approx(sorted(run.test_error for run in runs))
    assert f'<td class="number">{found[0]:.2f}</td>' in (copied / "index.html").read_text("utf-8")


def test_it_has_the_network_of_photographs_with_every_layer_of_its_table(copied):
    page = (copied / "index.html").read_text("utf-8")
    part = page.split("What about a network of photographs?</h2>")[1].split("<h2")[0]
    lines, layer = efficientnet.read_lines(FOLDER), efficientnet.LAYERS["_swish#2"]
    said = f"{efficientnet.error_of(lines, efficientnet.PUBLISHED, layer, NEAR).mean:.1f}"
    assert f"Error in % at {layer}, s = 1.26: published weights {said}" in part
    assert part.count('"name":') >= 3  # published weights, and random ones in two ways
    rows = list(csv.DictReader((copied / "photographs.csv").open(encoding="utf-8")))
    assert {row["Layer"] for row in rows} == set(efficientnet.LAYERS.values())
    assert len(rows) == len({(line.weights, line.layer, line.s) for line in lines})


@pytest.mark.slow
def test_a_missing_or_damaged_table_costs_its_parts_only(tmp_path):
    results = tmp_path / "results"
    shutil.copytree(FOLDER, results)
    (results / "study.csv").unlink()
    missing = snapshot.write_snapshot(tmp_path / "copy", results)
    assert len(missing) == 4
    page = (tmp_path / "copy" / "index.html").read_text("utf-8")
    assert page.count("This part cannot be shown: study.csv cannot be read (No such file or directory).") == 4
    assert page.count("Plotly.newPlot") == len(snapshot.PARTS) - 4
    (results / "equivariance-small-means.csv").write_text("nonsense\n", encoding="utf-8")
    assert len(snapshot.write_snapshot(tmp_path / "copy", results)) == 5


@pytest.mark.slow
def test_the_command_says_where_it_is_and_what_is_wrong(tmp_path, capsys):
    assert snapshot.main([str(tmp_path / "made")]) == 0
    assert str(tmp_path / "made" / "index.html") in capsys.readouterr().out
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert snapshot.main([str(tmp_path / "file")]) == 2
    assert "cannot be written" in capsys.readouterr().err
