"""A small training run to watch: the toy network of scale learning, in a process of its own that can be paused.

`python -m core.training.live SETTING FOLDER` is that process. It reads one command a line (`pause`, `resume`, `cancel`)
and writes one JSON object a line. It ends by itself after the last epoch, when it is cancelled, when its time is up,
and when its input closes, that is, when whoever started it is gone. It has one thread and a low priority, so that those
who do not train hardly notice. `LiveRun` is its other end.
"""

import importlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal, get_args

import numpy as np
import torch

from core import files, typed_json
from core.data.dynamic_scale_mnist import CANVAS, RANGES, dynamic_scale_mnist
from core.data.glyphs import GLYPHS, render_strokes
from core.data.mnist_scale import ScaledDigits
from core.layers.learnable_scales import MODES
from core.models.settings import with_settings
from core.models.toy import SIZES, Toy
from core.scales import ScaleSet
from core.training.fit import Fit
from core.training.recipes import Recipe

Phase = Literal["waiting", "preparing", "training", "paused", "finished", "cancelled", "expired", "failed"]
ENDED: tuple[Phase, ...] = ("finished", "cancelled", "expired", "failed")
SOURCES = ("mnist", "vector")

_GRACE = 5.0  # seconds in which a cancelled process may end by itself
_SHIFT = 0.5  # pixels at data scale 1, whose digits are 20 pixels long: a largest one still fits the canvas


@dataclass(frozen=True)
class LiveSetting:
    """Everything that, with the code, fixes the scales of a live run.

    Attributes:
        mode, isr: how internal scales are learned (core.layers.LearnableScales), and the ISR they start from.
        data: a range of `RANGES`. source: `mnist`, Dynamic Scale MNIST, or `vector`, drawn digits (see `digits`).
        seed: of weights, order and data; `seed` modulo their number is the realisation of Dynamic Scale MNIST.
        epochs: passes over the training digits. images: how many digits train, and how many validate.
        canvas: side of the images in pixels, a multiple of 4.
        max_minutes: the process ends then, training or paused.
    """

    mode: str = "isr"
    isr: float | int = 1.5
    data: str = "1-8"
    source: str = "mnist"
    seed: int = 0
    epochs: int = 12
    images: tuple[int, int] = (1200, 400)
    canvas: int = 84
    max_minutes: float | int = 10

    def __post_init__(self) -> None:
        for name, value, known in (
            ("mode", self.mode, MODES), ("data", self.data, tuple(RANGES)), ("source", self.source, SOURCES),
        ):  # fmt: skip
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
        if self.epochs < 1 or min(self.images) < 1 or not self.max_minutes > 0:
            raise ValueError(f"epochs, images and minutes must be positive, got {self}")
        if self.canvas < 4 or self.canvas % 4:
            raise ValueError(f"the canvas must be a multiple of 4 pixels, got {self.canvas}")

    @classmethod
    def from_json(cls, text: str) -> "LiveSetting":
        """The reverse of `to_json`. Raises: ValueError for what is no setting."""
        try:
            values = typed_json.loads(text)
            if values == {}:
                raise ValueError("it names nothing")
            return typed_json.build(cls, values)
        except ValueError as error:
            raise ValueError(f"this is no setting of a live run: {error}") from error

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def network(self) -> Toy:
        """Untrained, with the weights of the seed; its scales learn twice as fast as its weights, as epochs are few.

        Raises: ValueError if scales cannot start so.
        """
        torch.manual_seed(self.seed)
        canvas = {"canvas": self.canvas, "pooling": self.canvas // 4}
        return Toy(with_settings(SIZES["small"], **canvas, mode=self.mode, isr=self.isr, scale_rate=2.0))

    def fit(self, folder: Path) -> Fit:
        """The run without its process. Raises: ValueError as `network`."""
        recipe = Recipe(self.epochs, batch_size=32, learning_rate=0.01, schedule="cosine")
        return Fit(self.network(), recipe, self.seed, folder, save_every=math.inf)

    def digits(self) -> tuple[ScaledDigits, ScaledDigits]:
        """For training and validation.

        Raises: MnistMissing.
        """
        return _DIGITS[self.source](self)


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
            command = [sys.executable, "-m", "core.training.live", self.setting.to_json(), folder]
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


def _heard(report: Report, message: dict[str, Any]) -> Report:
    """The report after one message of the process. Raises: KeyError, TypeError, ValueError for what is no message."""
    if "phase" in message:
        if message["phase"] not in get_args(Phase):
            raise ValueError(message["phase"])
        return replace(report, phase=message["phase"], problem=message.get("problem", ""))
    if "step" in message:
        return replace(report, phase="training", epoch=message["epoch"], share=message["step"], loss=message["loss"])
    scales = ScaleSet(message["internal_scales"])
    ended = Epoch(message["epoch"], scales, message.get("loss"), message.get("validation_error"))
    return replace(report, epoch=ended.epoch, share=0.0, epochs=(*report.epochs, ended))


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
    # The first optimiser loads this, as long as torch itself takes: like all that is loaded, before the low priority,
    # at which a busy machine would make it minutes.
    importlib.import_module("torch._dynamo")
    if hasattr(os, "nice"):
        os.nice(10)
    torch.set_num_threads(1)
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


def _environment() -> dict[str, str]:
    """Of the process: one thread; a folder of MNIST that is named from here is named from anywhere."""
    own = os.environ | {"OMP_NUM_THREADS": "1"}
    if own.get("EQUISCOPE_MNIST"):
        own["EQUISCOPE_MNIST"] = str(Path(own["EQUISCOPE_MNIST"]).expanduser().resolve())
    return own


def _of_mnist(setting: LiveSetting) -> tuple[ScaledDigits, ScaledDigits]:
    first, second = (
        dynamic_scale_mnist(split, RANGES[setting.data], setting.seed % 3, canvas=setting.canvas, count=count)
        for split, count in zip(("train", "validation"), setting.images, strict=True)
    )
    return first, second


def _of_vectors(setting: LiveSetting) -> tuple[ScaledDigits, ScaledDigits]:
    """Drawn at log-uniform data scales, each a little off the centre.

    There are only so many shapes, so validation shows the same ones at other sizes and places.
    """
    numbers = np.random.RandomState(setting.seed)
    return _drawn(setting, setting.images[0], numbers), _drawn(setting, setting.images[1], numbers)


def _drawn(setting: LiveSetting, count: int, numbers: np.random.RandomState) -> ScaledDigits:
    """Vector digits of random shape, size and place; at data scale 1 as large as MNIST's."""
    low, high = RANGES[setting.data]
    glyphs = [GLYPHS[i] for i in numbers.randint(len(GLYPHS), size=count)]
    data_scales = low * (high / low) ** numbers.random_sample(count)
    shifts = torch.from_numpy(numbers.uniform(-_SHIFT, _SHIFT, (count, 2))).float()
    images = torch.empty(count, 1, setting.canvas, setting.canvas, dtype=torch.uint8)
    for i, glyph in enumerate(glyphs):
        segments, s = glyph.segments + shifts[i].repeat(2), float(data_scales[i]) * setting.canvas / CANVAS
        images[i] = (255 * render_strokes(segments, glyph.pen_width, (s,), setting.canvas)[0]).round().to(torch.uint8)
    labels = torch.tensor([glyph.digit for glyph in glyphs])
    return ScaledDigits(images, labels, torch.from_numpy(data_scales))


_DIGITS = {"mnist": _of_mnist, "vector": _of_vectors}  # of each of SOURCES


if __name__ == "__main__":
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # all is told and cleared away, and torch takes seconds to take itself down
