"""One process per core on this machine."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.training.engines.engine import RETRIES, Engine, Outcome
from core.training.experiment import STOPPED, Experiment

_ROOT = Path(__file__).resolve().parents[3]
_POLL = 0.2  # seconds


def processes(jobs: int, max_minutes: float) -> Engine:
    """So many experiments at a time, each in a process of its own with one thread; none is left behind."""

    def run(experiments: Sequence[Experiment], runs: Path) -> Iterator[Outcome]:
        waiting, tries = list(experiments), Counter[str]()
        running: list[tuple[Experiment, subprocess.Popen]] = []
        end = time.monotonic() + 60 * max_minutes
        try:
            while running or (waiting and time.monotonic() < end):
                while waiting and len(running) < jobs and time.monotonic() < end:
                    experiment = waiting.pop(0)
                    running.append((experiment, _start(experiment, runs / experiment.name, end)))
                time.sleep(_POLL)
                for pair in [pair for pair in running if pair[1].poll() is not None]:
                    running.remove(pair)
                    experiment, status = pair[0], pair[1].returncode
                    tries[experiment.name] += 1
                    if status == 0:
                        yield experiment.name, ""
                    elif status != STOPPED and tries[experiment.name] <= RETRIES:
                        waiting.insert(0, experiment)
                    elif status != STOPPED:
                        yield experiment.name, f"ended with status {status}, see {runs / experiment.name / 'log.txt'}"
        finally:
            for _, process in running:
                process.terminate()
            for _, process in running:
                process.wait()

    return run


def _start(experiment: Experiment, folder: Path, end: float) -> subprocess.Popen:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "experiment.json").write_text(experiment.to_json(), encoding="utf-8")
    command = [sys.executable, "-m", "core.training.experiment", str(folder.resolve())]
    if end != float("inf"):
        command += ["--max-minutes", str(max(0.0, (end - time.monotonic()) / 60))]
    with open(folder / "log.txt", "ab") as log:
        return subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log, env=os.environ | {"OMP_NUM_THREADS": "1"})
