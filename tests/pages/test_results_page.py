"""/results: its numbers are those of the tables, and of the chosen networks; a table that is gone is a sentence."""

import csv
import io

import numpy as np
import pytest

from core.models import MODELS
from core.results.by_size import FOLDER
from core.results.dss_residual import POSITIONS, read_residuals
from core.results.findings import ALL_SIZES, ONE_SIZE, read_checkpoints, readings, size_curves
from core.results.means import read, standings
from core.results.park import OURS, THEIRS, ZOOM, read_equivariance, read_reading
from core.results.published import DSS_TABLE, MNIST_SCALE, PARK_READ
from core.results.study import RunLine, read_runs
from pages.findings import as_published, tables
from pages.findings.parts import NOBODY
from tests.pages.reading import plain
from tests.pages.test_app import open_page
from tests.test_words import long_paragraphs

PARTS = [
    "reading", "equivariance", "paying", "sizes", "scales", "checkpoints", "photographs", "shrunk", "deep", "published",
]  # fmt: skip
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
    assert len(charts.get("plotly_chart")) == len(PARTS) == 10
    assert [long for each in charts.main.markdown for long in long_paragraphs(plain(each.value))] == []


def test_the_first_part_is_open_alone():
    app = open_page("_results")
    assert len(app.get("plotly_chart")) == 1
    assert len(app.main.expander) == 9
    assert not app.query_params


def test_the_numbers_of_the_tables_are_those_of_the_files(in_tables, study):
    reading, ranking, paying, sizes, _, cards, _, shrunk, deep, published = (each.value for each in in_tables.dataframe)
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
    assert list(shrunk["Accuracy, %"]) == [x.accuracy.mean for x in read_reading() if x.resampler == "bicubic"]
    assert list(deep["Output level"]) == [0, 0, 1, 1, 2, 2]
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
    assert len(app.get("plotly_chart")) == 7


def test_a_part_without_runs_and_a_group_without_networks_say_so(monkeypatch, tmp_path, study):
    kept = [
        line for line in (FOLDER / "study.csv").read_text(encoding="utf-8").splitlines(True) if ONE_SIZE not in line
    ]
    (tmp_path / "study.csv").write_text("".join(kept), encoding="utf-8")
    monkeypatch.setattr(tables, "STUDY", tmp_path / "study.csv")
    app = open_page("_results", open_sizes="1")
    assert [each.value for each in app.info] == [f"The study has no finished run of the part *{ONE_SIZE}* yet."]
    assert [each.value for each in open_page("_results", groups="controls").info] == [NOBODY]


@pytest.mark.parametrize(
    ("chosen", "column", "expected"),
    [
        ("zoomed", "Accuracy, %", lambda: [x.accuracy.mean for x in read_reading() if x.resampler == ZOOM]),
        ("l2", "Error, %", lambda: [100 * x.mean for x in read_equivariance() if x.error == OURS]),
        ("spectral", "Spectral over Frobenius", lambda: [x.mean for x in read_equivariance() if x.error == THEIRS]),
    ],
)
def test_smaller_digits_are_shown_by_every_measure(chosen, column, expected):
    app = open_page("_results", open_shrunk="1", shrunk=chosen, see_shrunk="table")
    assert not app.exception
    assert list(app.dataframe[0].value[column]) == expected()
    assert "mixes" not in str([each.value for each in app.main.markdown])
    drawn = open_page("_results", open_shrunk="1", shrunk=chosen)
    assert any("mixes what" in each.value for each in drawn.main.markdown) == (chosen == "spectral")


def test_smaller_digits_are_of_the_chosen_groups():
    app = open_page("_results", open_shrunk="1", see_shrunk="table", groups="plain")
    assert set(app.dataframe[0].value["Network"]) == {"Plain CNN", "Deformable CNN"}
    assert as_published.NOBODY in [each.value for each in open_page("_results", open_shrunk="1", groups="ours").info]


@pytest.mark.parametrize(("chosen", "positions"), [("whole", POSITIONS[0]), ("middle", POSITIONS[1])])
def test_the_error_over_layers_is_that_of_the_file(chosen, positions):
    app = open_page("_results", open_deep="1", dss=chosen, see_deep="table")
    kept = [line.mean for line in read_residuals() if line.positions == positions]
    assert list(app.dataframe[0].value["Residual"]) == kept


def test_other_publications_stand_apart():
    poster = open_page("_results", open_published="1", publication="poster", see_published="table").dataframe[0].value
    assert list(poster["As published, %"]) == [each for numbers in DSS_TABLE.values() for each in numbers.values()]
    study = open_page("_results", open_published="1", publication="study", see_published="table").dataframe[0].value
    assert list(study["From"][:5]) == [count / 100 for count in PARK_READ["DCN v1"]]
    for publication in ("poster", "study"):
        app = open_page("_results", open_published="1", publication=publication)
        assert not app.exception
        assert any("Not measured here" in each.value for each in app.main.markdown)


def test_a_study_that_is_gone_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    app = open_page("_results", open_shrunk="1", open_deep="1", dss="whole")
    told = [each.value for each in app.warning]
    assert "This part cannot be shown: park-reading.csv is missing." in told
    assert "This part cannot be shown: dss-residual.csv is missing." in told
