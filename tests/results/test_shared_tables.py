"""A table that leaves the page: numbers for programs, signs that LaTeX prints, and the order that was chosen."""

import csv
import io
import shutil
import subprocess
from math import nan
from pathlib import Path

import pytest

from core.results import finding_tables
from core.results.by_size import FOLDER
from core.results.findings import ALL_SIZES, payoffs, read_checkpoints, readings, size_curves
from core.results.means import read, standings
from core.results.published import MNIST_SCALE
from core.results.shared_tables import Column, SharedTable, escape_latex, sorted_by, to_csv, to_latex, to_markdown
from core.results.study import read_runs
from core.results.times import read_times

TABLE = SharedTable(
    "errors",
    "Errors in % of A & B_1.",
    (Column("Network"), Column("Error, %", 2), Column("Parameters", 0)),
    (("SESN | α", 2.345678, 47_002), ("Plain #1", nan, 1_274_980), ("Cost $", 1.0, None)),
    ("/maps?network=a", "/maps?network=b", "/maps?network=c"),
)
LINK = "http://127.0.0.1/results?groups=plain.ours&part=all+sizes&x=%2C"


def committed() -> list[SharedTable]:
    """Every table of /results."""
    runs, ranked = read_runs(FOLDER / "study.csv"), standings(read())
    found = readings(runs)
    return [
        finding_tables.reading_table(found), finding_tables.ranking_table(ranked),
        finding_tables.payoff_table(payoffs(found, ranked, read_times())),
        finding_tables.size_table(size_curves(runs, ALL_SIZES), ALL_SIZES),
        finding_tables.checkpoint_table(read_checkpoints()[0]), finding_tables.published_table(MNIST_SCALE),
    ]  # fmt: skip


def test_csv_has_numbers_and_empty_cells():
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert [row["Error, %"] for row in rows] == ["2.34568", "", "1.0"]
    assert [row["Parameters"] for row in rows] == ["47002", "1274980", ""]
    for table in committed():
        read_back = list(csv.DictReader(io.StringIO(to_csv(table))))
        assert len(read_back) == len(table.rows) > 5
        numeric = [column.title for column in table.columns if column.decimals is not None]
        assert numeric
        assert all(float(row[title] or 0) >= 0 for row in read_back for title in numeric)


@pytest.mark.slow
def test_pandas_reads_the_columns_as_numbers():
    pandas = pytest.importorskip("pandas")
    read_back = pandas.read_csv(io.StringIO(to_csv(TABLE)))
    assert [kind.kind for kind in read_back.dtypes[1:]] == ["f", "f"]


def test_markdown_keeps_its_columns():
    lines = to_markdown(TABLE, LINK).splitlines()
    assert lines[0] == TABLE.caption
    assert lines[2:5] == [
        "| Network | Error, % | Parameters |",
        "| --- | ---: | ---: |",
        r"| SESN \| α | 2.35 | 47,002 |",
    ]
    assert lines[-1] == f"<{LINK}>"


def test_latex_escapes_what_it_would_take_for_its_own():
    text = to_latex(TABLE, LINK)
    assert r"\caption{Errors in \% of A \& B\_1.}" in text
    assert r"Plain \#1 & -- & 1,274,980 \\" in text
    assert r"Cost \$ & 1.00 & -- \\" in text
    assert rf"\url{{{LINK}}}" in text
    assert r"\begin{tabular}{lrr}" in text
    assert escape_latex("a\\b{c}~^ × − τ é") == (
        r"a\textbackslash{}b\{c\}\textasciitilde{}\textasciicircum{} $\times$ $-$ $\tau$ é"
    )
    assert escape_latex("数") == "?"


def test_no_table_of_the_page_has_a_sign_that_latex_does_not_print():
    assert not any("?" in to_latex(table) for table in committed())


def test_every_table_compiles(tmp_path: Path):
    compiler = shutil.which("pdflatex")
    if compiler is None:
        pytest.skip("pdflatex is not installed, so no table is compiled")
    tables = "\n".join(to_latex(table, LINK) for table in (TABLE, *committed()))
    head = "\\documentclass{article}\n\\usepackage{booktabs,hyperref}\n\\begin{document}\n"
    (tmp_path / "tables.tex").write_text(f"{head}{tables}\\end{{document}}\n", encoding="utf-8")
    command = [compiler, "-interaction=nonstopmode", "-halt-on-error", "tables.tex"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stdout[-2000:]


def test_rows_are_sorted_as_numbers_and_take_their_views_along():
    found = sorted_by(TABLE, "Parameters")
    assert [row[2] for row in found.rows] == [47_002, 1_274_980, None]
    assert sorted_by(TABLE, "Error, %").views == ("/maps?network=c", "/maps?network=a", "/maps?network=b")
    with pytest.raises(ValueError, match="no column 'Seed'"):
        sorted_by(TABLE, "Seed")


def test_a_row_with_too_few_cells_is_refused():
    with pytest.raises(ValueError, match="needs 3 cells, got 1"):
        SharedTable("errors", "", TABLE.columns, (("a",),))
    with pytest.raises(ValueError, match="3 rows of errors cannot have 1 views"):
        SharedTable("errors", "", TABLE.columns, TABLE.rows, ("/maps",))
