"""The results of a sweep as two tables: errors over data scale, and what moved in each epoch."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import files
from core.results import codec

FOLDER = files.ASSETS / "results"


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
    setting: Mapping[str, Any]
    data_scale: float | None
    images: int
    error: float

    def __post_init__(self) -> None:
        if self.data_scale is not None and not 0 < self.data_scale < math.inf:
            raise ValueError("a data scale must be positive")
        if self.images < 1:
            raise ValueError("an error must be of one image or more")
        _check_percentage(self.error)


@dataclass(frozen=True)
class EpochLine:
    """What one epoch of training ended with.

    Attributes:
        network, data, seed, setting: as of `ErrorLine`. epoch: from 1.
        loss: mean over the training images; NaN if training diverged. validation_error: in %.
        internal_scales: in pixels, ascending; empty for a network that names none.
    """

    network: str
    data: str
    seed: int
    setting: Mapping[str, Any]
    epoch: int
    loss: float
    validation_error: float
    internal_scales: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.epoch < 1:
            raise ValueError("epochs count from 1")
        _check_percentage(self.validation_error)


ErrorCheck = Callable[[ErrorLine], object]


def errors_path(path: Path) -> Path:
    """Of the table of errors that `write` puts beside its other one."""
    return path.with_name(f"{path.name}.csv")


def epochs_path(path: Path) -> Path:
    """Of the table of epochs that `write` puts beside its other one."""
    return path.with_name(f"{path.name}-epochs.csv")


def write(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """`path`.csv holds the errors, `path`-epochs.csv the histories, one line a number, in the order of the results.

    Both change in one step. Raises: as `core.files.write_together`.
    """
    files.write_together(
        {
            errors_path(path): codec.to_text(ErrorLine, _error_lines(results)),
            epochs_path(path): codec.to_text(EpochLine, _epoch_lines(results)),
        }
    )


def read_errors(path: Path, check: ErrorCheck = lambda line: None) -> list[ErrorLine]:
    """What `write` put into `path`, in its order.

    Args: check: raises ValueError for a line that is none of this table.
    Raises: OSError; ValueError, in one sentence that names file and line, if the table is damaged.
    """
    (data,) = files.read_together([path])
    return codec.parse(ErrorLine, data, path.name, check)


def read_both(
    errors: Path, epochs: Path, check: ErrorCheck = lambda line: None
) -> tuple[list[ErrorLine], list[EpochLine]]:
    """Both tables of the same `write`. Args and errors: as `read_errors`."""
    first, second = files.read_together([errors, epochs])
    return codec.parse(ErrorLine, first, errors.name, check), codec.parse(EpochLine, second, epochs.name)


def number_of(setting: Mapping[str, Any], name: str) -> float:
    """A positive number of a setting. Raises: ValueError if it has none of that name."""
    value = setting.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"the setting must have a positive {name}")
    return float(value)


def _check_percentage(value: float) -> None:
    if not 0 <= value <= 100:  # NaN neither
        raise ValueError("an error must lie between 0 and 100 %")


def _error_lines(results: Iterable[Mapping[str, Any]]) -> Iterator[ErrorLine]:
    for result in results:
        which = _which(result["experiment"])
        yield ErrorLine(*which, None, result["test_images"], float(result["test_error"]))
        for data_scale, error in result["errors_by_scale"]:
            yield ErrorLine(*which, float(data_scale), result["experiment"]["images_per_scale"], float(error))


def _epoch_lines(results: Iterable[Mapping[str, Any]]) -> Iterator[EpochLine]:
    for result in results:
        which = _which(result["experiment"])
        for epoch in result["history"]:
            scales = tuple(float(f"{scale:.6g}") for scale in epoch.get("internal_scales", ()))
            numbers = epoch["epoch"], float(epoch["loss"]), float(epoch["validation_error"])
            yield EpochLine(*which, *numbers, scales)


def _which(experiment: Mapping[str, Any]) -> tuple[str, str, int, Mapping[str, Any]]:
    return experiment["network"], experiment["data"], experiment["seed"], experiment["setting"]
