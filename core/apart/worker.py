"""The process of a `Place`: `python -m core.apart.worker` measures what its standard input asks for, one after another.

It has what started it to thank for its files and settings, and for nothing else; it ends with it, or when nothing was
asked for a while.
"""

import os
import queue
import sys
import threading
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

import torch

from core.apart.asked import Asked, measured
from core.apart.frames import (
    CANCEL,
    CANCELLED,
    FOUND,
    NO_CHECKPOINT,
    REFUSED,
    STATUS,
    WHY,
    read_frame,
    write_frame,
)
from core.apart.packing import digits_of, pack, parts_of, rebuilt, unpack
from core.checkpoints import CheckpointError
from core.equivariance import Cancelled, cancelled_by
from core.freed_memory import giving_back, tune_memory
from core.models import Network, Shown

IDLE_S = 600.0  # without a question: then its memory is given back
_NICE = 19  # with 10 it is hardly better than a thread (docs/decisions/0023-measuring-apart.md)


def main() -> None:
    """Ends the process, with status 0."""
    step_back()
    tune_memory()
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # what a library prints is no answer
    questions = Questions()
    threading.Thread(target=questions.read, args=(sys.stdin.buffer,), daemon=True).start()
    while (asked := questions.next()) is not None:
        number, message = asked
        with cancelled_by(partial(questions.is_cancelled, number)):
            write_frame(answers, number, giving_back(answer, spare=0)(message))
    os._exit(0)  # the thread that reads waits for good, at which Python would abort


class Questions:
    """Those that came, in their order, and which nobody waits for any more."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[int, bytes]] = queue.Queue()
        self._cancelled = 0  # the last one

    def read(self, source: Any) -> None:
        """Until the other end is closed, with which this process ends, whatever it is at."""
        while (frame := read_frame(source)) is not None:
            number, message = frame
            if message == CANCEL:
                self._cancelled = max(self._cancelled, number)
            else:
                self._waiting.put((number, message))
        os._exit(0)

    def next(self) -> tuple[int, bytes] | None:
        """The next one; None if none came for a while."""
        with suppress(queue.Empty):
            return self._waiting.get(timeout=IDLE_S)
        return None

    def is_cancelled(self, number: int) -> bool:
        return number <= self._cancelled


def answer(message: bytes) -> bytes:
    """The report that a question asks for, or why there is none."""
    parts = unpack(message)
    asked = rebuilt(Asked, parts)
    try:
        report = measured(asked, _network(asked.shown), digits_of(parts))
    except Cancelled:
        return pack({STATUS: CANCELLED})
    except CheckpointError as error:
        return pack({STATUS: NO_CHECKPOINT, WHY: str(error)})
    except ValueError as error:
        return pack({STATUS: REFUSED, WHY: str(error)})
    return pack({STATUS: FOUND, **parts_of(report)})


def step_back() -> None:
    """Everybody else on the machine comes first. Where the system does not let it, nothing happens."""
    with suppress(AttributeError, OSError):  # Windows has no nice
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))


@lru_cache(maxsize=16)
def _network(shown: Shown) -> Network:
    return shown.load()


if __name__ == "__main__":
    main()
