"""A small training run to watch: the toy network of scale learning, in a process of its own that can be paused.

`LiveRun` starts core.training.live_process and listens to it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core import files
from core.scales import ScaleSet
from core.training.live_setting import LiveSetting

Phase = Literal["waiting", "preparing", "training", "paused", "finished", "cancelled", "expired", "failed"]
ENDED: tuple[Phase, ...] = ("finished", "cancelled", "expired", "failed")

_GRACE = 5.0  # seconds in which a cancelled process may end by itself


@dataclass(frozen=True)
class Epoch:
    """What an epoch ended with; epoch 0 is the start, without loss and error.

    Attributes: internal_scales: in pixels of the canvas, ascending. loss: mean over the training digits.
                validation_error: in %.
    """

    epoch: int
    internal_scales: ScaleSet
    loss: float | None = None
    validation_error: float | None = None

    @property
    def isr(self) -> float:
        """Largest over smallest internal scale, without unit."""
        return self.internal_scales.isr


@dataclass(frozen=True)
class Report:
    """A run at one moment.

    Attributes:
        phase: see `Phase`; `expired` is a run whose time was up.
        epoch: finished ones. share: of the present epoch that is done. loss: of the last step.
        epochs: from epoch 0, once the network is built. problem: what went wrong, if the run failed.
    """

    phase: Phase = "waiting"
    epoch: int = 0
    share: float = 0.0
    loss: float | None = None
    epochs: tuple[Epoch, ...] = ()
    problem: str = ""

    @property
    def ended(self) -> bool:
        return self.phase in ENDED


class LiveRun:
    """A run in a process of its own; every method returns at once.

    Attributes: report: the run as it was last heard of.
                wants_pause: whether `pause` was the last wish; the process stops at the end of its present step.
                wants_cancel: whether `cancel` was ever one.
    """

    def __init__(self, setting: LiveSetting):
        self.setting, self.report = setting, Report()
        self.wants_pause = self.wants_cancel = False
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._started: float | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process; None before `start`."""
        return self._process.pid if self._process else None

    @property
    def overdue(self) -> bool:
        """Whether the process has outlived its time, which it should have noticed itself."""
        allowed = 60 * self.setting.max_minutes + _GRACE
        return self._started is not None and not self.report.ended and time.monotonic() - self._started > allowed

    def start(self) -> None:
        """Starts the process, once; a cancelled run stays so. A process that cannot start is a failed run."""
        with self._lock:
            if self.report.phase != "waiting":
                return
            folder = tempfile.mkdtemp(prefix="equiscope-live-")
            command = [sys.executable, "-m", "core.training.live_process", self.setting.to_json(), folder]
            try:
                self._process = subprocess.Popen(
                    command, cwd=files.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                    env=_environment(),
                )  # fmt: skip
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                self.report = Report("failed", problem=f"no process for it could be started ({error})")
                return
            self._started, self.report = time.monotonic(), Report("preparing")
            self._reader = threading.Thread(target=self._listen, args=(self._process, folder), daemon=True)
            self._reader.start()

    def pause(self) -> None:
        self.wants_pause = True
        self._say("pause")

    def resume(self) -> None:
        self.wants_pause = False
        self._say("resume")

    def cancel(self) -> None:
        """Ends the run; a process that does not obey within seconds is killed."""
        with self._lock:
            self.wants_cancel = True
            if self._process is None and not self.report.ended:
                self.report = Report("cancelled")
        self._say("cancel")
        if self._process is not None and self._process.poll() is None:
            killer = threading.Timer(_GRACE, self._process.kill)
            killer.daemon = True
            killer.start()

    def wait(self, seconds: float | int) -> bool:
        """Whether the process has ended, and its last report was read, within that time."""
        if self._reader is not None:
            self._reader.join(seconds)
            return not self._reader.is_alive()
        return self.report.ended

    def _say(self, command: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with self._lock, suppress(OSError, ValueError):  # it has ended
                self._process.stdin.write(f"{command}\n")
                self._process.stdin.flush()

    def _listen(self, process: "subprocess.Popen[str]", folder: str) -> None:
        """Runs in a thread as long as the process."""
        assert process.stdin is not None  # both are pipes
        assert process.stdout is not None
        for line in process.stdout:
            self._take(line)
        status = process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        shutil.rmtree(folder, ignore_errors=True)
        if not self.report.ended:
            self.report = self._died(status)

    def _take(self, line: str) -> None:
        with suppress(ValueError, KeyError, TypeError):  # a line that is cut off: the process was killed
            self.report = _heard(self.report, json.loads(line))

    def _died(self, status: int) -> Report:
        if self.wants_cancel:
            return replace(self.report, phase="cancelled")
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return replace(self.report, phase="failed", problem=f"its process ended unexpectedly, with {how}")


def _heard(report: Report, message: Any) -> Report:
    """The report after one message of the process. Raises: KeyError, TypeError, ValueError for what is no message."""
    if "phase" in message:
        if message["phase"] not in get_args(Phase):
            raise ValueError(message["phase"])
        return replace(report, phase=message["phase"], problem=message.get("problem", ""))
    if "step" in message:
        return replace(report, phase="training", epoch=message["epoch"], share=message["step"], loss=message["loss"])
    scales = ScaleSet(tuple(map(float, message["internal_scales"])))
    ended = Epoch(message["epoch"], scales, message.get("loss"), message.get("validation_error"))
    return replace(report, epoch=ended.epoch, share=0.0, epochs=(*report.epochs, ended))


def _environment() -> dict[str, str]:
    """Of the process: one thread; a folder of MNIST that is named from here is named from anywhere."""
    own = os.environ | {"OMP_NUM_THREADS": "1"}
    if own.get("EQUISCOPE_MNIST"):
        own["EQUISCOPE_MNIST"] = str(Path(own["EQUISCOPE_MNIST"]).expanduser().resolve())
    return own
