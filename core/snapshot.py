"""A copy of the results that opens without a server: `python -m core.snapshot FOLDER`.

FOLDER/index.html shows what /results shows, its figures alive; beside it lie Plotly's script and every table as CSV,
LaTeX and Markdown. A part whose table is missing or damaged says so in a sentence. It stands above `core.figures`, so
it is no part of `core.results`, from which figures are drawn.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from core import figures, files, sentences
from core.checkout import revision
from core.figures.alone import STYLE, chart
from core.results import dss_residual, efficientnet, means, park
from core.results import finding_tables as tables
from core.results import tables_as_published as as_published
from core.results.by_size import FOLDER
from core.results.finding_tables import RESAMPLED, Sources
from core.results.findings import (
    ALL_SIZES,
    ONE_SIZE,
    gain_over_baseline,
    payoffs,
    read_checkpoints,
    readings,
    size_curves,
)
from core.results.published import DSS_POSTER, DSS_TABLE, MNIST_SCALE, PARK
from core.results.scale_correlation import shown_correlation
from core.results.shared_tables import FORMATS, SharedTable, in_words
from core.results.study import RunLine, read_runs
from core.results.times import read_times
from core.sentences.photographs import TITLES

_PLOTLY = "plotly.min.js"


@dataclass(frozen=True)
class Part:
    """What one part shows. Attributes: said: in Markdown. table, sources: what the figure is drawn from."""

    figure: go.Figure
    said: str
    table: SharedTable
    sources: Sources


def write_snapshot(folder: Path, results: Path = FOLDER) -> list[str]:
    """Writes the copy; each file is whole or as it was.

    Args: folder: made if it is not there. results: of the tables.
    Returns: the questions of the parts that could not be shown.
    Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shown, missing = [], []
    for question, find in PARTS.items():
        try:
            part = find(results)
        except (OSError, ValueError) as error:
            missing.append(question)
            shown.append(f"<h2>{escape(question)}</h2><p>This part cannot be shown: {escape(_reason(error))}.</p>")
            continue
        for ending, _, write in FORMATS.values():
            files.write(folder / f"{part.table.name}.{ending}", write(part.table, ""))
        shown.append("\n".join(_section(question, part)))
    files.write(folder / _PLOTLY, get_plotlyjs())
    files.write(folder / "index.html", _page("\n".join(shown)))
    return missing


def _reading(results: Path) -> Part:
    found = readings(_study(results))
    runs = [run for each in found for run in each.runs]
    sources = tables.sources_of_runs(runs, RESAMPLED[ALL_SIZES])
    return Part(figures.plot_readings(found), sentences.explain_readings(found), tables.reading_table(found), sources)


def _equivariance(results: Path) -> Part:
    found = means.standings(means.read("small", results))
    said = sentences.explain_standings(found)
    return Part(figures.plot_standings(found), said, tables.ranking_table(found), tables.sources_of_means(found))


def _paying(results: Path) -> Part:
    found = payoffs(readings(_study(results)), means.standings(means.read("small", results)), read_times(results))
    if not found:
        raise ValueError("no network has both test errors and equivariance errors")
    said = sentences.explain_payoff(found, "equivariance")
    return Part(figures.plot_payoff(found), said, tables.payoff_table(found), tables.sources_of_payoff(found))


def _sizes(part: str) -> Callable[[Path], Part]:
    def find(results: Path) -> Part:
        runs = _study(results)
        found = size_curves(runs, part)
        if not found:
            raise ValueError(f"the study has no finished run of the part {part} yet")
        own = [run for run in runs if run.part == part]
        sources = tables.sources_of_runs(own, f"{RESAMPLED[part]}; the sizes that are read: {RESAMPLED[ONE_SIZE]}")
        said = sentences.explain_sizes(gain_over_baseline(runs, part), part)
        return Part(figures.plot_size_curves(found), said, tables.size_table(found, part), sources)

    return find


def _checkpoints(results: Path) -> Part:
    found, _ = read_checkpoints()
    if not found:
        raise ValueError("there are no checkpoints")
    said = sentences.explain_checkpoints(found)
    return Part(
        figures.plot_checkpoints(found), said, tables.checkpoint_table(found), tables.sources_of_checkpoints(found)
    )


def _photographs(results: Path) -> Part:
    """Of the map that the classifier reads; its table has every layer."""
    lines, layer = efficientnet.read_lines(results), list(efficientnet.LAYERS.values())[-1]
    named = {TITLES[weights]: report for weights, report in efficientnet.reports(lines).items()}
    figure = figures.plot_error_curves(named, layer, costs=False)
    said = sentences.explain_photographs(lines, layer)
    return Part(figure, said, tables.photograph_table(lines), tables.sources_of_photographs(lines))


def _published(results: Path) -> Part:
    found = sorted(MNIST_SCALE.items(), key=lambda pair: pair[1])
    said = "**Not measured here**: larger networks, 56×56 pixels, other files of MNIST-Scale."
    return Part(figures.plot_published(found), said, tables.published_table(MNIST_SCALE), tables.PUBLISHED_SOURCES)


def _shrunk_reading(resampler: str) -> Callable[[Path], Part]:
    def find(results: Path) -> Part:
        lines = [line for line in park.read_reading(results) if line.resampler == resampler]
        table, said = as_published.shrunk_reading_table(lines), sentences.explain_shrunk_reading(lines)
        table = replace(table, name=f"{table.name}-{resampler.replace(' ', '-')}")
        return Part(figures.plot_shrunk_reading(lines), said, table, as_published.sources_of_shrunk_reading(lines))

    return find


def _shrunk_errors(error: str) -> Callable[[Path], Part]:
    def find(results: Path) -> Part:
        lines = [line for line in park.read_equivariance(results) if line.error == error]
        table, said = as_published.shrunk_error_table(lines), sentences.explain_shrunk_errors(lines)
        return Part(figures.plot_shrunk_errors(lines), said, table, as_published.sources_of_shrunk_errors(lines))

    return find


def _correlation(results: Path) -> Part:
    found = shown_correlation()
    table, said = as_published.correlation_table(found), sentences.explain_correlation(found)
    return Part(figures.plot_correlation(found), said, table, as_published.sources_of_correlation(found))


def _residuals(positions: str) -> Callable[[Path], Part]:
    def find(results: Path) -> Part:
        lines = [line for line in dss_residual.read_residuals(results) if line.positions == positions]
        table, said = as_published.residual_table(lines), sentences.explain_residuals(lines)
        table = replace(table, name=f"{table.name}-{positions.replace(' ', '-')}")
        return Part(figures.plot_residuals(lines), said, table, as_published.sources_of_residuals(lines))

    return find


def _poster(results: Path) -> Part:
    figure = figures.plot_published_bars(DSS_TABLE, "%")
    sources = as_published.sources_of_published(DSS_POSTER)
    return Part(figure, sentences.DSS_PUBLISHED, as_published.dss_published_table(), sources)


def _study_numbers(results: Path) -> Part:
    sources = as_published.sources_of_published(PARK)
    return Part(figures.plot_park_published(), sentences.PARK_PUBLISHED, as_published.park_published_table(), sources)


PARTS: Mapping[str, Callable[[Path], Part]] = {
    "Who reads digits best?": _reading,
    "Which network commutes best with a change of size?": _equivariance,
    "Does it pay to commute?": _paying,
    "Trained on one size: who reads sizes that training never showed?": _sizes(ONE_SIZE),
    "Trained on all sizes: who reads which size?": _sizes(ALL_SIZES),
    "How good are the weights that are shipped?": _checkpoints,
    "What about a network of photographs?": _photographs,
    "Does a kernel that bends follow a change of size? Accuracy": _shrunk_reading(park.RESAMPLER),
    "The same with the zoom of chanhopark's study": _shrunk_reading(park.ZOOM),
    "The same networks: equivariance error": _shrunk_errors(park.OURS),
    "The same networks: the error of chanhopark's study": _shrunk_errors(park.THEIRS),
    "What does a deep scale-space do, level by level?": _correlation,
    "Deep scale-spaces with random weights: error over layers": _residuals(dss_residual.WHOLE),
    "The same far from the border": _residuals(dss_residual.MIDDLE),
    "What do the publications print?": _published,
    "What does the poster of deep scale-spaces print?": _poster,
    "What does chanhopark's study print?": _study_numbers,
}


def _study(results: Path) -> list[RunLine]:
    return read_runs(results / "study.csv")


def _section(question: str, part: Part) -> Iterator[str]:
    table, name = part.table, part.table.name
    yield f'<h2 id="{name}">{escape(question)}</h2>'
    yield chart(part.figure, f"f-{name}")
    yield from (f"<p>{sentences.as_html(each)}</p>" for each in part.said.split("\n\n"))
    yield "<details><summary>Table</summary>" + _table(table)
    links = [f'<a href="{name}.{ending}">{title}</a>' for title, (ending, *_) in FORMATS.items()]
    yield f"<p>{' · '.join(links)}</p></details>"
    rows = "".join(f"<tr><th>{escape(what)}</th><td>{escape(rests)}</td></tr>" for what, rests in part.sources.items())
    yield f'<details><summary>Sources</summary><div class="table"><table>{rows}</table></div></details>'


def _table(table: SharedTable) -> str:
    kinds = ['class="number"' if column.decimals is not None else "" for column in table.columns]
    head = "".join(f"<th {kind}>{escape(title)}</th>" for kind, title in zip(kinds, table.titles, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td {kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in in_words(table)
    )
    return f'<p>{escape(table.caption)}</p><div class="table"><table><tr>{head}</tr>{rows}</table></div>'


def _page(shown: str) -> str:
    title = "What was found? Equiscope"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
        f'<script src="{_PLOTLY}"></script></head><body><h1>What was found?</h1>'
        f"<p>Networks on changes of size, as Equiscope measured them; {escape(revision())}.</p>\n"
        f"{shown}</body></html>\n"
    )


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"{Path(str(error.filename)).name} cannot be read ({error.strerror})"
    return str(error).removesuffix(".")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.snapshot", description=__doc__)
    parser.add_argument("folder", type=Path, help="made if it is not there")
    folder = parser.parse_args(arguments).folder
    try:
        missing = write_snapshot(folder)
    except OSError as error:
        print(f"{folder} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 2
    for question in missing:
        print(f"not shown: {question}", file=sys.stderr)
    print(folder / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
