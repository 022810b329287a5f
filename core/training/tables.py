"""The results of a sweep as two CSV tables: errors over data scale, and what moved in each epoch."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "results"

ERRORS = ("network", "data", "seed", "setting", "data_scale", "images", "error")
EPOCHS = ("network", "data", "seed", "setting", "epoch", "loss", "validation_error", "internal_scales")
_WHOLE_RANGE = "range"  # in place of a data scale: the test split, with data scales as in training
_NEXT_NAME = re.compile(r" (?=[^\W\d]\w*=)")  # a value may hold spaces itself, as a list does

Line = TypeVar("Line")


@dataclass(frozen=True)
class ErrorLine:
    """Test error of one network.

    Attributes:
        network, data, seed: as of `Experiment`. setting: what differs from the usual configuration, by name.
        data_scale: of all the test digits, without unit; None for the test split, scaled as in training.
        images: how many were read. error: share of them read wrongly, in %.
    """

    network: str
    data: str
    seed: int
    setting: dict[str, str]
    data_scale: float | None
    images: int
    error: float


@dataclass(frozen=True)
class EpochLine:
    """What one epoch of training ended with.

    Attributes:
        network, data, seed, setting: as of `ErrorLine`. epoch: from 1.
        loss: mean over the training images. validation_error: in %.
        internal_scales: in pixels, ascending; empty for a network that names none.
    """

    network: str
    data: str
    seed: int
    setting: dict[str, str]
    epoch: int
    loss: float
    validation_error: float
    internal_scales: tuple[float, ...]


def write(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """`path`.csv holds the errors, `path`-epochs.csv the histories, one line a number, in the order of the results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, columns, lines in (
        (f"{path.name}.csv", ERRORS, _error_lines(results)),
        (f"{path.name}-epochs.csv", EPOCHS, _epoch_lines(results)),
    ):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
        (path.parent / name).write_text(text.getvalue(), encoding="utf-8")


def read_errors(path: Path) -> list[ErrorLine]:
    """What `write` put into `path`, in its order. Raises: OSError; ValueError, in one sentence, if it is damaged."""
    return _read(path, ERRORS, _error_line)


def read_epochs(path: Path) -> list[EpochLine]:
    """What `write` put into `path`, in its order. Raises: OSError; ValueError, in one sentence, if it is damaged."""
    return _read(path, EPOCHS, _epoch_line)


def _read(path: Path, columns: Sequence[str], parse: Callable[..., Line]) -> list[Line]:
    try:
        text = path.read_text(encoding="utf-8")
        header, *rows = list(csv.reader(io.StringIO(text), strict=True)) or [[]]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    if tuple(header) != tuple(columns):
        raise ValueError(f"{path.name} must have the columns {', '.join(columns)}, got {', '.join(header) or 'none'}")
    if not text.endswith("\n"):
        raise ValueError(f"{path.name} is damaged: its last line is cut short")
    lines = []
    for number, cells in enumerate(rows, start=2):
        try:
            if len(cells) != len(columns):
                raise ValueError(f"expected {len(columns)} cells")
            lines.append(parse(*cells))
        except ValueError as error:
            raise ValueError(f"{path.name} is damaged in line {number}: {error}, got {','.join(cells)!r}") from error
    return lines


def _error_line(
    network: str, data: str, seed: str, setting: str, data_scale: str, images: str, error: str
) -> ErrorLine:
    scale = None if data_scale == _WHOLE_RANGE else float(data_scale)
    return ErrorLine(network, data, int(seed), _named(setting), scale, int(images), _percentage(error))


def _epoch_line(
    network: str, data: str, seed: str, setting: str, epoch: str, loss: str, validation_error: str, scales: str
) -> EpochLine:
    error, internal_scales = _percentage(validation_error), tuple(float(scale) for scale in scales.split())
    return EpochLine(network, data, int(seed), _named(setting), int(epoch), float(loss), error, internal_scales)


def _named(setting: str) -> dict[str, str]:
    """The reverse of what `_which` writes, with the values as text."""
    pairs = [part.partition("=") for part in _NEXT_NAME.split(setting) if part]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError("a setting must read name=value")
    return {name: value for name, _, value in pairs}


def _percentage(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:  # NaN neither
        raise ValueError("an error must lie between 0 and 100 %")
    return value


def _error_lines(results: Iterable[Mapping[str, Any]]) -> Iterable[tuple]:
    for result in results:
        which = _which(result["experiment"])
        yield *which, _WHOLE_RANGE, result["test_images"], result["test_error"]
        for data_scale, error in result["errors_by_scale"]:
            yield *which, data_scale, result["experiment"]["images_per_scale"], error


def _epoch_lines(results: Iterable[Mapping[str, Any]]) -> Iterable[tuple]:
    for result in results:
        which = _which(result["experiment"])
        for epoch in result["history"]:
            scales = " ".join(f"{scale:g}" for scale in epoch.get("internal_scales", ()))
            yield *which, epoch["epoch"], epoch["loss"], epoch["validation_error"], scales


def _which(experiment: Mapping[str, Any]) -> tuple:
    setting = " ".join(f"{name}={value}" for name, value in sorted(experiment["setting"].items()))
    return experiment["network"], experiment["data"], experiment["seed"], setting
