"""Prints the table of a study as it was published: `python -m core.results.layouts table5`.

Mean ± standard deviation over the realisations, as papers on MNIST-Scale print it, and of how many; below, in a table
of its own, what was published.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.checkout import output_folder
from core.results import published, sweeps
from core.results.statistics import standard_deviation
from core.results.study import RunLine, read_runs

Place = tuple[str, str]  # row and column


@dataclass(frozen=True)
class Layout:
    """Which run of a study stands where.

    Attributes:
        rows, columns: in order, by name. place: of a run; None if it has none here.
        source: of the published numbers. theirs: test error in %, by row and column.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    place: Callable[[RunLine], Place | None]
    source: str = ""
    theirs: Mapping[Place, float] = field(default_factory=dict)


def _of_table5(line: RunLine) -> Place | None:
    column = line.part.split(",")[0]  # what follows names the networks whose settings were tuned for it
    return (line.network, column) if column in _TABLE5 else None


def _of_eight(line: RunLine) -> Place | None:
    kind, _, column = line.part.partition(" ")
    return (kind, column) if column else None


_TABLE5 = {"without +": published.MNIST_SCALE, "with +": published.MNIST_SCALE_PLUS}
LAYOUTS = {
    "table5": Layout(
        tuple(published.MNIST_SCALE), tuple(_TABLE5), _of_table5, published.TABLE5,
        {(key, column): error for column, errors in _TABLE5.items() for key, error in errors.items()},
    ),
    "sesn-eight": Layout(("scalar", "vector"), ("28", "28+", "56", "56+"), _of_eight),
}  # fmt: skip


def table(layout: Layout, lines: Iterable[RunLine]) -> Iterator[str]:
    """Markdown with one cell for every row and column; a dash where no run is finished."""
    errors: dict[Place, list[float]] = {}
    for line in lines:
        if place := layout.place(line):
            errors.setdefault(place, []).append(line.test_error)
    yield from _as_markdown(layout, {place: _told(found) for place, found in errors.items()})


def published_table(layout: Layout) -> Iterator[str]:
    """The same with the published numbers; nothing where none are known for certain."""
    if layout.theirs:
        yield from ("", f"As published: {layout.source}", "")
        yield from _as_markdown(layout, {place: f"{error:.2f}" for place, error in layout.theirs.items()})


def _told(errors: Sequence[float]) -> str:
    mean = sum(errors) / len(errors)
    spread = f" ± {standard_deviation(errors):.2f}" if len(errors) > 1 else ""
    return f"{mean:.2f}{spread} ({len(errors)})"


def _as_markdown(layout: Layout, cells: Mapping[Place, str]) -> Iterator[str]:
    yield f"| test error, % | {' | '.join(layout.columns)} |"
    yield "|---" * (1 + len(layout.columns)) + "|"
    for row in layout.rows:
        yield f"| `{row}` | {' | '.join(cells.get((row, column), '–') for column in layout.columns)} |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.results.layouts", description=__doc__)
    parser.add_argument("study", choices=LAYOUTS)
    parser.add_argument("--table", type=Path, help="of its finished runs; by default where a sweep leaves it")
    options = parser.parse_args(arguments)
    path = options.table or sweeps.errors_path(output_folder(sweeps.FOLDER) / options.study)
    try:
        lines = read_runs(path) if path.is_file() else []
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    layout = LAYOUTS[options.study]
    print("\n".join([*table(layout, lines), *published_table(layout)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
