"""One process per core on this machine."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core import files
from core.data.mnist import MnistMissing
from core.training.engines.engine import RETRIES, Engine, Outcomes
from core.training.experiment import BUSY, MISSING, STOPPED, Experiment
from core.training.run_folder import lock_of

_POLL = 0.2  # seconds
_RAISED = 1  # exit status after an exception, which another try would raise again


def processes(jobs: int, max_minutes: float, device: str) -> Engine:
    """So many experiments at a time, each in a process of its own with one thread; none is left behind.

    An experiment whose process dies is tried again from the state it saved; one that raises an exception is not.
    Raises, while it runs: MnistMissing.
    """

    def run(experiments: Sequence[Experiment], runs: Path) -> Outcomes:
        waiting, tries = list(experiments), Counter[str]()
        running: list[tuple[Experiment, subprocess.Popen]] = []
        end = time.monotonic() + 60 * max_minutes
        try:
            while running or (waiting and time.monotonic() < end):
                while waiting and len(running) < jobs and time.monotonic() < end:
                    experiment = waiting.pop(0)
                    running.append((experiment, _start(experiment, runs / experiment.name, end, device)))
                time.sleep(_POLL)
                for pair in [pair for pair in running if pair[1].poll() is not None]:
                    running.remove(pair)
                    experiment, status = pair[0], _finish(pair[1])
                    log = runs / experiment.name / "log.txt"
                    tries[experiment.name] += 1
                    if status == 0:
                        yield experiment.name, ""
                    elif status == MISSING:
                        raise MnistMissing(_last_line(log))
                    elif status == BUSY:
                        held = lock_of(runs / experiment.name)
                        yield experiment.name, f"{held} is in use by {files.holder(held)}"
                    elif status == _RAISED:
                        yield experiment.name, f"{_last_line(log)} (more in {log})"
                    elif status != STOPPED and tries[experiment.name] <= RETRIES:
                        waiting.insert(0, experiment)
                    elif status != STOPPED:
                        yield experiment.name, f"its process died {tries[experiment.name]} times (more in {log})"
        finally:
            for _, process in running:
                process.terminate()
            for _, process in running:
                _finish(process)

    return run


def _start(experiment: Experiment, folder: Path, end: float, device: str) -> subprocess.Popen:
    files.write(folder / "experiment.json", experiment.to_json())
    command = [sys.executable, "-m", "core.training.experiment", str(folder.resolve()), "--attached"]
    command += ["--device", device]
    if end != float("inf"):
        command += ["--max-minutes", str(max(0.0, (end - time.monotonic()) / 60))]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with open(folder / "log.txt", "ab") as log:
        return subprocess.Popen(command, cwd=files.ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)


def _finish(process: subprocess.Popen) -> int:
    assert process.stdin is not None  # it is a pipe
    process.stdin.close()
    return process.wait()


def _last_line(log: Path) -> str:
    return (log.read_text(encoding="utf-8", errors="replace").splitlines() or [""])[-1]
