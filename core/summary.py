"""What was found, for the README: `python -m core.summary` writes it between marks there, from assets/results.

Of the study five sentences and a table; of a network of photographs a sentence and a table.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from core import files
from core.results import efficientnet, means
from core.results.by_size import FOLDER
from core.results.findings import ALL_SIZES, ONE_SIZE, readings, size_curves
from core.results.statistics import Estimate
from core.results.study import read_runs
from core.results.times import read_times
from core.sentences.photographs import photograph_rows, tell_training
from core.sentences.summary import summarise

BEGIN, END = "<!-- the study -->", "<!-- end of the study -->"
PHOTOGRAPHS = "<!-- photographs -->", "<!-- end of photographs -->"
_SHOWN = (0.3, 0.4243, 0.6, 0.8485, 1.2)  # × MNIST: half octaves about the size that was trained on
_HEAD = (
    "network", "parameters", "ms", "all sizes: test error", *(f"one size: {scale:.2f} ×" for scale in _SHOWN),
    "one size: unseen sizes",
)  # fmt: skip


def summary(results: Path = FOLDER) -> Iterator[str]:
    """Line by line. Raises: OSError; ValueError, in one sentence, if a table is damaged or has too few runs."""
    runs, times = read_runs(results / "study.csv"), read_times(results)
    for sentence in summarise(runs, means.standings(means.read("small", results)), times):
        yield f"- {sentence}"
    yield ""
    yield f"| {' | '.join(_HEAD)} |"
    yield "|---" + "|---:" * (len(_HEAD) - 1) + "|"
    curves = {curve.network: curve for curve in size_curves(runs, ONE_SIZE)}
    taken = {time.network: time.ms for time in times}
    for each in readings(runs, ALL_SIZES):
        curve = curves.get(each.network)
        at_sizes = dict(zip(curve.data_scales, curve.errors, strict=True)) if curve else {}
        cells = [_told(at_sizes.get(scale)) for scale in _SHOWN] + [f"{curve.unseen_error:.1f}" if curve else "–"]
        ms = f"{taken[each.network]:.1f}" if each.network in taken else "–"
        first = [f"`{each.network}`", f"{each.parameters:,}", ms, _with_interval(each.error)]
        yield f"| {' | '.join([*first, *cells])} |"


def photographs(results: Path = FOLDER) -> Iterator[str]:
    """Line by line. Raises: OSError; ValueError, in one sentence, if the table is damaged."""
    lines = efficientnet.read_lines(results)
    yield " ".join(tell_training(lines))
    yield ""
    yield from photograph_rows(lines)


def _told(error: Estimate | None) -> str:
    return f"{error.mean:.1f}" if error else "–"


def _with_interval(error: Estimate) -> str:
    interval = f" ({error.low:.2f}–{error.high:.2f})" if error.has_interval else ""
    return f"{error.mean:.2f}{interval}, n = {error.n}"


def between_marks(text: str, lines: Iterable[str], marks: tuple[str, str] = (BEGIN, END)) -> str:
    """A text with these lines in place of what is between its marks. Raises: ValueError without both marks."""
    head, begin, rest = text.partition(marks[0])
    _, end, tail = rest.partition(marks[1])
    if not (begin and end):
        raise ValueError(f"there are no marks {marks[0]} and {marks[1]} to write between")
    return "\n".join([head + begin, *lines, end + tail])


def main() -> int:
    readme = files.ROOT / "README.md"
    try:
        text = between_marks(readme.read_text(encoding="utf-8"), summary())
        files.write(readme, between_marks(text, photographs(), PHOTOGRAPHS))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
