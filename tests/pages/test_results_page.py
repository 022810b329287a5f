"""/results: its numbers are those of the tables, and of the chosen networks; a table that is gone is a sentence."""

import csv
import io

import numpy as np
import pytest

from core.models import MODELS
from core.results.by_size import FOLDER
from core.results.findings import ALL_SIZES, ONE_SIZE, read_checkpoints, readings, size_curves
from core.results.means import read, standings
from core.results.published import MNIST_SCALE
from core.results.study import RunLine, read_runs
from pages.findings import tables
from pages.findings.parts import NOBODY
from tests.pages.reading import plain
from tests.pages.test_app import open_page
from tests.test_words import long_paragraphs

PARTS = ["reading", "equivariance", "paying", "sizes", "scales", "checkpoints", "photographs", "published"]
OPEN = {f"open_{name}": "1" for name in PARTS[1:]}


@pytest.fixture(scope="module")
def study() -> list[RunLine]:
    return read_runs(FOLDER / "study.csv")


@pytest.fixture(scope="module")
def charts():
    return open_page("_results", **OPEN, part=ALL_SIZES)


@pytest.fixture(scope="module")
def in_tables():
    return open_page("_results", **OPEN, part=ALL_SIZES, **{f"see_{name}": "table" for name in PARTS})


def test_every_part_has_its_chart_and_no_long_paragraph(charts):
    assert not charts.exception
    assert not charts.warning
    assert len(charts.get("plotly_chart")) == len(PARTS) == 8
    assert [long for each in charts.main.markdown for long in long_paragraphs(plain(each.value))] == []


def test_the_first_part_is_open_alone():
    app = open_page("_results")
    assert len(app.get("plotly_chart")) == 1
    assert len(app.main.expander) == 7
    assert not app.query_params


def test_the_numbers_of_the_tables_are_those_of_the_files(in_tables, study):
    reading, ranking, paying, sizes, _, cards, _, published = (each.value for each in in_tables.dataframe)
    found = readings(study)
    assert list(reading["Test error, %"]) == [each.error.mean for each in found]
    np.testing.assert_array_equal(reading["95 % from"], [each.error.low for each in found])
    assert list(reading["Parameters"]) == [each.parameters for each in found]
    assert list(reading["Live view"]) == [f"/commute?network={each.network}" for each in found]
    ranked = standings(read())
    assert list(ranking["Classifier's map, %"]) == [100 * each.classifier.mean for each in ranked]
    assert list(ranking["Convolutions, 95 % to"]) == [100 * each.all.ci_high for each in ranked]
    assert set(paying["Network"]) == set(reading["Network"])
    assert list(sizes["Test error, %"]) == [e.mean for c in size_curves(study, ALL_SIZES) for e in c.errors]
    assert list(cards["Test error, %"]) == [row.card.test_error for row in read_checkpoints()[0]]
    assert list(published["Test error as published, %"]) == sorted(MNIST_SCALE.values())
    assert all(
        each.dtype.kind in "fi" for each in (reading["Test error, %"], reading["95 % to"], sizes["Data scale, ×"])
    )


def test_what_is_shared_is_the_view_after_filter_and_sorting(study):
    link = {"groups": "plain.ours", "see_reading": "share", "sort_reading": "Parameters"}
    app = open_page("_results", **link)
    rows = list(csv.DictReader(io.StringIO(app.code[0].value)))
    found = [each for each in readings(study) if MODELS[each.network].group in ("plain", "ours")]
    assert [int(row["Parameters"]) for row in rows] == sorted(each.parameters for each in found)
    assert {row["Network"] for row in rows} == {MODELS[each.network].title for each in found}
    latex = open_page("_results", see_reading="share", as_reading="LaTeX").code[0].value
    assert "n = " in latex[latex.index(r"\caption") : latex.index(r"\label")]
    assert {name: "".join(app.query_params[name]) for name in link} == link


def test_sources_say_of_what_they_are(study):
    app = open_page("_results", see_reading="sources")
    told = dict(app.table[0].value.to_numpy().tolist())
    assert {run.commit[:9] for run in study if run.part == ALL_SIZES} == set(told["Commit"].split(", "))
    assert "50,000 test images" in told["n"]
    assert "assets/results/study.csv" in told["File"]
    assert told["Recipe"] == "that of size small with epochs = 12"


@pytest.mark.parametrize("text", [None, "", "part,network\n", "half"])
def test_a_table_that_is_gone_or_damaged_is_one_sentence(monkeypatch, tmp_path, text):
    whole = (FOLDER / "study.csv").read_text(encoding="utf-8")
    if text is not None:
        (tmp_path / "study.csv").write_text(whole[:1000] if text == "half" else text, encoding="utf-8")
    monkeypatch.setattr(tables, "STUDY", tmp_path / "study.csv")
    app = open_page("_results", **OPEN)
    assert not app.exception
    first, *others = [each.value for each in app.warning]
    assert first.startswith("This part cannot be shown: study.csv")
    assert "\n" not in first
    assert others == [first] * 2  # the parts that rest on it; the others stay
    assert len(app.get("plotly_chart")) == 5


def test_a_part_without_runs_and_a_group_without_networks_say_so(monkeypatch, tmp_path, study):
    kept = [
        line for line in (FOLDER / "study.csv").read_text(encoding="utf-8").splitlines(True) if ONE_SIZE not in line
    ]
    (tmp_path / "study.csv").write_text("".join(kept), encoding="utf-8")
    monkeypatch.setattr(tables, "STUDY", tmp_path / "study.csv")
    app = open_page("_results", open_sizes="1")
    assert [each.value for each in app.info] == [f"The study has no finished run of the part *{ONE_SIZE}* yet."]
    assert [each.value for each in open_page("_results", groups="controls").info] == [NOBODY]
