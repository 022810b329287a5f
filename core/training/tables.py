"""The results of a sweep as two CSV tables: errors over data scale, and what moved in each epoch."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "results"

ERRORS = ("network", "data", "seed", "setting", "data_scale", "images", "error")
EPOCHS = ("network", "data", "seed", "setting", "epoch", "loss", "validation_error", "internal_scales")
_WHOLE_RANGE = "range"  # in place of a data scale: the test split, with data scales as in training


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
