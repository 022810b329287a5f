"""Repeats runs of the study from their rows, drawn at random: `python -m core.training.repeat --number 2`.

Everything that a run was is in its row, so on the machine that made it the same errors come out. A row of a run on
another kind of device is not drawn.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.mnist import MnistMissing
from core.results.by_size import FOLDER
from core.results.study import RunLine, line_of, read_runs
from core.training.devices import usable_device
from core.training.engines import processes
from core.training.run_folder import result_of
from core.training.tables import experiment_of

_ALIKE = 0.01  # percentage points


@dataclass(frozen=True)
class Repeated:
    """A row, and the same run done once more."""

    row: RunLine
    again: RunLine

    @property
    def difference(self) -> float:
        """The largest of all test errors, in percentage points."""
        pairs = zip((self.row.test_error, *self.row.errors), (self.again.test_error, *self.again.errors), strict=True)
        return max(abs(before - after) for before, after in pairs)

    @property
    def is_same(self) -> bool:
        return self.difference <= _ALIKE

    def told(self) -> str:
        row, verdict = self.row, "the same" if self.is_same else f"off by up to {self.difference:.3f} points"
        return (
            f"{row.network}, {row.part}, realisation {row.seed}: test error {row.test_error:.3f} % in the table, "
            f"{self.again.test_error:.3f} % again; with {len(row.errors)} sizes {verdict}"
        )


def draw(rows: Sequence[RunLine], number: int, seed: int, device: str) -> list[RunLine]:
    """Rows of runs on such a device, each at most once. Raises: ValueError if there are fewer."""
    own = [row for row in rows if row.device == device]
    if not 1 <= number <= len(own):
        raise ValueError(f"of the {len(own)} runs on {device} {number} cannot be drawn")
    return random.Random(seed).sample(own, number)


def repeat(row: RunLine, runs: Path) -> Repeated:
    """Trains and measures anew in a folder of `runs`; what stopped there before goes on.

    Raises: MnistMissing; ValueError, in one sentence, if the run fails.
    """
    experiment = experiment_of(row)
    for _, problem in processes(1, float("inf"), row.device)([experiment], runs):
        if problem:
            raise ValueError(f"{experiment.name} failed: {problem}")
    result = result_of(experiment, runs / experiment.name)
    if result is None:
        raise ValueError(f"{experiment.name} did not finish")
    return Repeated(row, line_of(row.part, result))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.training.repeat", description=__doc__)
    parser.add_argument("--number", type=int, default=2, help="of rows that are drawn")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or mps; rows of such runs are drawn")
    parser.add_argument("--runs", type=Path, default=Path("runs") / "repeated", help="folder of the new runs")
    options = parser.parse_args(arguments)
    try:
        drawn = draw(read_runs(FOLDER / "study.csv"), options.number, options.seed, usable_device(options.device))
        found = []
        for row in drawn:
            found.append(repeat(row, options.runs))
            print(found[-1].told(), flush=True)
    except (OSError, ValueError, MnistMissing) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(each.is_same for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
