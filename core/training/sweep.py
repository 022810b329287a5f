"""Trains a whole grid of experiments: `python -m core.training.sweep assets/sweeps/isr.json --table`.

A grid is a JSON file that names lists of networks, data, seeds and settings (`Grid`). Each experiment has a folder of
its own under --runs, so finished ones are never repeated, and a killed sweep goes on where it was: unfinished ones
continue from the last state they saved. One sweep of a grid at a time works in a folder; a second one is told who does.
"""

import argparse
import math
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core import files, typed_json
from core.checkout import output_folder
from core.data.mnist import MnistMissing
from core.results import sweeps
from core.training import engines
from core.training.experiment import SPLITS, Experiment, result_of


@dataclass(frozen=True)
class Grid:
    """Every combination of networks, data, seeds and settings is one experiment. Attributes: as of `Experiment`."""

    networks: Sequence[str]
    data: Sequence[str]
    seeds: Sequence[int] = (0,)
    settings: Sequence[Mapping[str, Any]] = ({},)
    size: str = "small"
    recipe: Mapping[str, Any] = field(default_factory=dict)
    images: Sequence[int | None] = (None, None, None)
    images_per_scale: int = 0

    @classmethod
    def read(cls, path: Path) -> "Grid":
        """Raises: ValueError, in one sentence, if the file cannot be read or is no grid."""
        try:
            grid = typed_json.read(cls, path.read_bytes())
            if len(grid.images) != len(SPLITS):
                raise ValueError(f"images must be numbers (or null) for {', '.join(SPLITS)}, got {grid.images}")
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise ValueError(f"{path} is no grid: {error}") from error
        return grid

    def experiments(self) -> list[Experiment]:
        """Seeds vary last, so that a sweep that is stopped early has a whole round; each is there once.

        Raises: ValueError as Experiment, or if something is of the wrong kind.
        """
        try:
            images: Any = tuple(self.images)
            every = [
                Experiment(network, data, seed, self.size, setting, self.recipe, images, self.images_per_scale)
                for seed, network, data, setting in product(self.seeds, self.networks, self.data, self.settings)
            ]
        except TypeError as error:
            raise ValueError(f"the grid holds something of the wrong kind: {error}") from error
        return list({experiment.name: experiment for experiment in every}.values())


def main(arguments: list[str] | None = None, prog: str = "python -m core.training.sweep") -> int:
    options = _parse(arguments, prog)
    try:
        experiments = Grid.read(options.grid).experiments()
        finished = {e.name for e in experiments if result_of(e, options.runs / e.name) is not None}
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with _ended_as_by_ctrl_c(), files.lock(options.runs / options.grid.stem):
            return _sweep(options, experiments, finished)
    except (MnistMissing, engines.EngineMissing, files.InUse) as missing:
        print(missing, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.runs} cannot be used: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 128 + signal.SIGINT


def _sweep(options: argparse.Namespace, experiments: Sequence[Experiment], finished: set[str]) -> int:
    waiting = [e for e in experiments if e.name not in finished]
    print(f"{len(experiments)} experiments, {len(finished)} finished before", file=sys.stderr)
    failed: list[str] = []
    with (
        tqdm(total=len(experiments), initial=len(finished), unit="run") as bar,
        closing(_engine(options)(waiting, options.runs)) as outcomes,
    ):
        for name, problem in outcomes:
            if problem:
                failed.append(name)
                tqdm.write(f"{name}: {problem}", file=sys.stderr)
            else:
                finished.add(name)
                bar.update()
    if options.table:
        results = [result_of(e, options.runs / e.name) for e in experiments]
        sweeps.write([r for r in results if r is not None], output_folder(sweeps.FOLDER) / options.grid.stem)
    left = len(experiments) - len(finished)
    if left:
        print(f"{left} experiments are not finished; the same command goes on", file=sys.stderr)
    return 1 if failed else 3 if left else 0


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("grid", type=Path, help="JSON file; assets/sweeps holds those of the committed tables")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of states and results")
    parser.add_argument("--engine", choices=("processes", "ray"), default="processes")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once (engine processes)")
    parser.add_argument("--address", help="of a Ray cluster (engine ray); by default one on this machine")
    parser.add_argument("--max-minutes", type=float, default=math.inf, help="stop then; the same command goes on")
    parser.add_argument("--table", action="store_true", help="write what is finished to assets/results, or ./results")
    return parser.parse_args(arguments)


def _engine(options: argparse.Namespace) -> engines.Engine:
    if options.engine == "ray":
        return engines.ray_cluster(options.address, options.max_minutes)
    return engines.processes(max(1, options.jobs), options.max_minutes)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """SIGTERM interrupts as Ctrl-C does meanwhile, so that no process of the sweep is left behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
