"""The server's end of a process that measures (core.apart.worker)."""

import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from jaxtyping import Float
from torch import Tensor

from core import files
from core.apart.asked import KINDS, Asked, Report
from core.apart.frames import CANCEL, CANCELLED, FOUND, NO_CHECKPOINT, STATUS, WHY, read_frame, write_frame
from core.apart.packing import pack, parts_of, parts_of_digits, rebuilt, unpack
from core.checkpoints import CheckpointError
from core.equivariance import Cancelled
from core.equivariance.cancelling import ask_whether_wanted
from core.transforms import Drawable

_LOOK_S = 0.1  # between two looks at whether it is still wanted
_PATIENCE_S = 10.0  # for the end of what is not wanted any more
_ENDED = "The process that measured ended before it was done; it may have needed more memory than this machine has."


class Place:
    """Measures in a process of its own, for one thread at a time.

    The process is started by the first question, and again by one that finds it ended.
    """

    def __init__(self) -> None:
        self._process: _Process | None = None

    def takes(self, digits: Float[Tensor, "b c h w"] | Sequence[Drawable]) -> bool:
        """Whether they can be sent: images, and vector digits."""
        return parts_of_digits(digits) is not None

    def measured(self, asked: Asked, digits: Float[Tensor, "b c h w"] | Sequence[Drawable]) -> Report:
        """The report, as `core.apart.measured` gives it.

        Raises: ValueError and CheckpointError as `core.apart.measured`, or ValueError if the process ended;
            Cancelled, as `core.equivariance.measure` does.
        """
        sent = parts_of_digits(digits)
        if sent is None:
            raise ValueError("what is drawn by hand is measured where it was drawn")
        found = self._answer(pack({**parts_of(asked), **sent}))
        status = found.pop(STATUS)
        if status == FOUND:
            return rebuilt(KINDS[asked.kind], found)
        if status == CANCELLED:
            raise Cancelled
        raise (CheckpointError if status == NO_CHECKPOINT else ValueError)(found[WHY])

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def _answer(self, question: bytes) -> dict[str, Any]:
        if self._process is None or self._process.has_ended:
            self.close()
            self._process = _Process()
        with suppress(OSError):
            if (found := self._process.answer(question)) is not None:
                return unpack(found)
        self.close()
        raise ValueError(_ENDED)


class _Process:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "core.apart.worker"]
        self._process = subprocess.Popen(command, cwd=files.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions: IO[bytes] = self._process.stdin
        self._answers: queue.Queue[tuple[int, bytes] | None] = queue.Queue()
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        self._number = 0

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def answer(self, question: bytes) -> bytes | None:
        """None if the process has ended. Raises: OSError likewise; Cancelled."""
        self._number += 1
        write_frame(self._questions, self._number, question)
        while True:
            with suppress(queue.Empty):
                found = self._answers.get(timeout=_LOOK_S)
                return None if found is None else found[1]
            try:
                ask_whether_wanted()
            except Cancelled:
                self._cancel()
                raise

    def end(self) -> None:
        with suppress(OSError):
            self._questions.close()
        self._process.kill()
        self._process.wait()

    def _cancel(self) -> None:
        """Waits until it is free again; a process that is not soon is ended, and the next question starts another."""
        with suppress(OSError, queue.Empty):
            write_frame(self._questions, self._number, CANCEL)
            self._answers.get(timeout=_PATIENCE_S)
            return
        self.end()

    def _read(self, answers: IO[bytes]) -> None:
        with answers:
            while (frame := read_frame(answers)) is not None:
                self._answers.put(frame)
        self._answers.put(None)
