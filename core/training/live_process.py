"""The process of a live run: it trains, obeys and tells.

`python -m core.training.live_process SETTING FOLDER` reads one command a line (`pause`, `resume`, `cancel`) and writes
one JSON object a line. It ends by itself after the last epoch, when it is cancelled, when its time is up, and when its
input closes, that is, when whoever started it is gone. It has one thread and a low priority, so that those who do not
train hardly notice. core.training.live is its other end.
"""

import json
import math
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import torch

from core.matrix_products import prefer_onednn
from core.training.live import Phase
from core.training.live_setting import LiveSetting


class _Stopped(Exception):
    """The run ends before its last epoch."""

    def __init__(self, phase: Phase):
        super().__init__(phase)
        self.phase = phase


class _Commands:
    """What was said on the standard input, heard in a thread of its own; a closed input is `cancel`."""

    def __init__(self, max_minutes: float | int):
        self._going, self._cancelled = threading.Event(), threading.Event()
        self._going.set()
        self._end = time.monotonic() + 60 * max_minutes
        threading.Thread(target=self._listen, daemon=True).start()

    def obey(self, paused: Callable[[], None]) -> None:
        """Returns when training may go on; calls `paused` first if it must wait. Raises: _Stopped."""
        if not self._going.is_set():
            paused()
            self._going.wait(max(0.0, self._end - time.monotonic()))
        if self._cancelled.is_set():
            raise _Stopped("cancelled")
        if time.monotonic() >= self._end:
            raise _Stopped("expired")

    def _listen(self) -> None:
        # Without a buffer: the interpreter cannot end while a thread that reads holds the lock of one.
        with open(0, "rb", buffering=0, closefd=False) as stream:
            for line in stream:
                match line.strip():
                    case b"pause":
                        self._going.clear()
                    case b"resume":
                        self._going.set()
                    case b"cancel":
                        break
        self._cancelled.set()
        self._going.set()


def main(arguments: list[str] | None = None) -> int:
    """The process. Raises: ValueError for what is no setting."""
    text, folder = sys.argv[1:] if arguments is None else arguments
    setting = LiveSetting.from_json(text)
    out, sys.stdout = sys.stdout, sys.stderr  # nothing else gets between the messages
    if hasattr(os, "nice"):
        os.nice(10)
    torch.set_num_threads(1)
    prefer_onednn()
    try:
        phase, problem = _train(setting, Path(folder), out), ""
    except _Stopped as stopped:
        phase, problem = stopped.phase, ""
    except BrokenPipeError:  # nobody listens any more
        return 1
    except Exception as error:  # whatever it is, the visitor gets a sentence
        phase, problem = "failed", " ".join(str(error).split()) or type(error).__name__
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(BrokenPipeError):
        _tell(out, phase=phase, problem=problem)
    return 0


def _train(setting: LiveSetting, folder: Path, out: IO[str]) -> Phase:
    commands = _Commands(setting.max_minutes)
    training, validation = setting.digits()
    fit = setting.fit(folder)
    steps = math.ceil(len(training) / fit.recipe.batch_size)
    _tell(out, epoch=0, **fit.network.state_of_interest())
    told = 0

    def tell_epochs() -> None:
        nonlocal told
        for record in fit.history[told:]:
            _tell(out, **record)
        told = len(fit.history)

    def progress(epoch: int, step: int, loss: float) -> None:
        tell_epochs()
        _tell(out, epoch=epoch, step=step / steps, loss=loss)
        commands.obey(lambda: _tell(out, phase="paused"))

    commands.obey(lambda: _tell(out, phase="paused"))
    fit.run(training, validation, progress=progress)
    tell_epochs()
    return "finished"


def _tell(out: IO[str], **message: Any) -> None:
    print(json.dumps(message), file=out, flush=True)


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # all is told and cleared away, and torch takes seconds to take itself down
