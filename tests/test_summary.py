"""What the README says of the study: what its tables say now, in five sentences and a row for each network."""

import pytest

from core import summary as module
from core.files import ROOT
from core.models import MODELS
from core.results.by_size import FOLDER
from core.results.findings import readings
from core.results.means import read, standings
from core.results.study import read_runs
from core.results.times import read_times
from core.sentences.summary import summarise
from core.summary import BEGIN, END, PHOTOGRAPHS, between_marks, photographs, summary


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return list(summary())


def test_the_readme_says_what_the_tables_say(lines):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == between_marks(readme, lines), "run `python -m core.summary`"
    assert readme == between_marks(readme, photographs(), PHOTOGRAPHS), "run `python -m core.summary`"


def test_it_has_five_sentences_and_a_row_for_each_network(lines):
    assert [line[:2] for line in lines[:5]] == ["- "] * 5
    rows = [line.split(" | ") for line in lines[6:]]
    assert len({len(row) for row in rows[2:]}) == 1
    trainable = {f"| `{key}`" for key, spec in MODELS.items() if not spec.control}
    assert {row[0] for row in rows[2:]} == trainable
    first = readings(read_runs(FOLDER / "study.csv"))[0]
    assert f"{first.error.mean:.2f}" in rows[2][3]


def test_who_commutes_best_and_who_reads_best_are_told_apart_or_as_one():
    """With the order of the ranking turned round, other networks are named."""
    runs, ranked, times = read_runs(FOLDER / "study.csv"), standings(read()), read_times()
    best = summarise(runs, ranked, times)[-1]
    reader = best.split(" misreads ")[0].removeprefix("Of these ")
    (key,) = [key for key, spec in MODELS.items() if spec.title == reader]
    first = sorted(ranked, key=lambda each: each.network != key)
    assert summarise(runs, first, times)[-1].startswith(f"{reader}, which commutes best of them, also misreads fewest")
    with pytest.raises(ValueError, match="too few finished runs"):
        summarise([run for run in runs if run.part == "all sizes"], ranked, times)


def test_a_readme_without_marks_is_left_as_it_is(monkeypatch, tmp_path, capsys):
    (tmp_path / "README.md").write_text(f"{END} {BEGIN}", encoding="utf-8")
    monkeypatch.setattr(module.files, "ROOT", tmp_path)
    assert module.main() == 2
    assert "no marks" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == f"{END} {BEGIN}"
