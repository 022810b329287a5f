"""Trains a whole grid of experiments: `python -m core.training.sweep assets/sweeps/isr.json --table`.

A grid is a JSON file that names lists of networks, data, seeds and settings (`core.training.grid`). Each experiment has
a folder of its own under --runs, so finished ones are never repeated, and a killed sweep goes on where it was:
unfinished ones continue from the last state they saved. Runs that the table of a study has are not repeated on any
machine. One sweep of a grid at a time works in a folder; a second one is told who does.
"""

import argparse
import math
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from tqdm import tqdm

from core import files
from core.checkout import output_folder
from core.data.mnist import MnistMissing
from core.results import sweeps
from core.training import engines, grid, tables
from core.training.devices import usable_device
from core.training.experiment import Experiment, at_least_one, minutes
from core.training.run_folder import result_of


def main(arguments: list[str] | None = None, prog: str = "python -m core.training.sweep") -> int:
    options = _parse(arguments, prog)
    try:
        plan = grid.smoke(grid.read(options.grid)) if options.smoke else grid.read(options.grid)
        experiments = plan.experiments()
        finished = {e.name for e in experiments if result_of(e, options.runs / e.name) is not None}
        rows = {} if options.smoke else tables.rows_of(plan, sweeps.errors_path(_table(options)))
        finished |= {e.name for e in experiments if e.name in rows}
        options.device = usable_device(options.device)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with _ended_as_by_ctrl_c(), files.lock(options.runs / options.grid.stem):
            return _sweep(options, plan, experiments, finished)
    except (MnistMissing, engines.EngineMissing, files.InUse) as missing:
        print(missing, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.runs} cannot be used: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 128 + signal.SIGINT


def _sweep(
    options: argparse.Namespace, plan: grid.Grid | grid.Study, experiments: Sequence[Experiment], finished: set[str]
) -> int:
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
                if options.table:  # at once: a sweep of days is stopped more often than it ends
                    tables.write(plan, experiments, options.runs, _table(options))
    if options.table and not waiting:
        tables.write(plan, experiments, options.runs, _table(options))
    left = len(experiments) - len(finished)
    if left:
        print(f"{left} experiments are not finished; the same command goes on", file=sys.stderr)
    return 1 if failed else 3 if left else 0


def _table(options: argparse.Namespace) -> Path:
    """Of what is finished, without its ending."""
    return output_folder(sweeps.FOLDER) / options.grid.stem


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("grid", type=Path, help="JSON file; assets/sweeps holds those of the committed tables")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of states and results")
    parser.add_argument("--engine", choices=("processes", "ray"), default="processes")
    parser.add_argument(
        "--jobs", type=at_least_one, default=os.cpu_count(), help="processes at once (engine processes)"
    )
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or mps, for every process alike")
    parser.add_argument("--address", help="of a Ray cluster (engine ray); by default one on this machine")
    parser.add_argument("--max-minutes", type=minutes, default=math.inf, help="stop then; the same command goes on")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--smoke", action="store_true", help="one epoch on 200 images of each line, to see that it runs")
    what.add_argument("--table", action="store_true", help="write what is finished to assets/results, or ./results")
    return parser.parse_args(arguments)


def _engine(options: argparse.Namespace) -> engines.Engine:
    if options.engine == "ray":
        return engines.ray_cluster(options.address, options.max_minutes, options.device)
    return engines.processes(options.jobs, options.max_minutes, options.device)


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
