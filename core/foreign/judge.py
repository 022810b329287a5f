"""Asks a process of its own what a file holds, so that whatever is in it cannot reach this one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from core import files
from core.foreign.graph import MOST_BYTES
from core.foreign.pictures import BYTES
from core.foreign.question import Findings, Question, from_json

SECONDS = 120.0
_MOST_TOLD = 64 * 2**20  # bytes of an answer
_LONGEST = 10_000  # letters of a refusal
_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME")


@dataclass
class Judgement:
    """A question on its way. Raises: ValueError for a file that is too large, or other pictures than are asked about.

    Attributes: seconds: after which it is given up. pictures: of one's own, from `core.foreign.pictures.pack`.
    """

    content: bytes
    question: Question
    seconds: float = SECONDS
    pictures: bytes = b""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _stopped: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if len(self.content) > MOST_BYTES:
            raise ValueError(f"the file has {len(self.content) >> 20} MB, at most {MOST_BYTES >> 20} are read")
        if len(self.pictures) != self.question.pictures * BYTES:
            raise ValueError(f"the question is about {self.question.pictures} pictures, and others came")

    def wait(self, started: Callable[[], object] = lambda: None) -> Findings:
        """What the process found. Args: started: called once it runs.

        Raises: ValueError, in one sentence: for a file that is refused, and for a process that took too long, needed
            too much, was stopped, or ended without an answer.
        """
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["OMP_NUM_THREADS"] = "1"
        command = [sys.executable, "-m", "core.foreign.child"]
        with subprocess.Popen(
            command, cwd=files.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            self._process = process
            started()
            asked = json.dumps(asdict(self.question)).encode() + b"\n"
            try:
                told, _ = process.communicate(asked + self.pictures + self.content, timeout=self.seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise ValueError(f"it was not measured within {self.seconds:.0f} seconds") from None
        if self._stopped:
            raise ValueError("it was stopped")
        return _read(told, process.returncode)

    def stop(self) -> None:
        """From another thread: `wait` raises at once."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()


def judge(content: bytes, question: Question | None = None) -> Findings:
    """What an ONNX file holds and how it commutes with changes of size. Raises: ValueError as `Judgement.wait`."""
    return Judgement(content, question or Question()).wait()


def _read(told: bytes, status: int) -> Findings:
    text = told[:_MOST_TOLD].decode("utf-8", "replace")
    if status == 0:
        return from_json(text)
    try:
        refused = json.loads(text)["refused"]
    except (ValueError, KeyError, TypeError):
        raise ValueError("it needs more time or memory than it may have, or broke what computed it") from None
    raise ValueError(str(refused)[:_LONGEST])
