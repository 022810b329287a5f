"""The table of a study: one row a finished run, with all that repeats it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import files
from core.results import codec


@dataclass(frozen=True)
class RunLine:
    """One finished run. Raises: ValueError for a value that no run has.

    Attributes:
        part: of the study. network, data, seed, size, setting, recipe, images, images_per_scale: as of `Experiment`.
        epochs: that were trained. validation_error: of the best of them, whose weights were tested, in %.
        test_images, test_error: of the test split, in %.
        data_scales: sizes at which the same `images_per_scale` test digits were read, × MNIST.
        errors: share of them read wrongly at each, in %.
        parameters: of the network.
        training_s, measuring_s: wall time on so many threads of one processor, or on that device.
        torch, commit: of the code.
    """

    part: str
    network: str
    data: str
    seed: int
    size: str
    setting: Mapping[str, Any]
    recipe: Mapping[str, Any]
    images: tuple[int | None, ...]
    images_per_scale: int
    epochs: int
    validation_error: float
    test_images: int
    test_error: float
    data_scales: tuple[float, ...]
    errors: tuple[float, ...]
    parameters: int
    training_s: float
    measuring_s: float
    threads: int
    device: str
    torch: str
    commit: str

    def __post_init__(self) -> None:
        if not all(0 <= error <= 100 for error in (self.test_error, self.validation_error, *self.errors)):
            raise ValueError("an error must lie between 0 and 100 %")
        if len(self.data_scales) != len(self.errors):
            raise ValueError(f"{len(self.data_scales)} sizes cannot have {len(self.errors)} errors")
        if not all(0 < scale < math.inf for scale in self.data_scales):
            raise ValueError("a size must be positive")
        if min(self.epochs, self.test_images, self.parameters, self.threads) < 1:
            raise ValueError("epochs, images, parameters and threads count from 1")


def line_of(part: str, result: Mapping[str, Any]) -> RunLine:
    """What a run of this part of a study measured (`core.training.experiment`) as its row."""
    experiment, history = result["experiment"], result["history"]
    asked = {name: experiment[name] for name in ("network", "data", "seed", "size", "setting", "recipe")}
    return RunLine(
        part=part,
        **asked,
        images=tuple(experiment["images"]),
        images_per_scale=experiment["images_per_scale"],
        epochs=len(history),
        validation_error=float(min(entry["validation_error"] for entry in history)),
        test_images=result["test_images"],
        test_error=float(result["test_error"]),
        data_scales=tuple(float(scale) for scale, _ in result["errors_by_scale"]),
        errors=tuple(float(error) for _, error in result["errors_by_scale"]),
        parameters=result["parameters"],
        training_s=float(result["training_s"]),
        measuring_s=float(result["measuring_s"]),
        threads=result["threads"],
        device=result["device"],
        torch=result["versions"]["torch"],
        commit=result["git_commit"],
    )


def read_runs(path: Path) -> list[RunLine]:
    """Raises: OSError; ValueError, in one sentence that names file and line, if the table is damaged."""
    return codec.parse(RunLine, path.read_bytes(), path.name)


def write_runs(lines: Iterable[RunLine], path: Path) -> None:
    """Complete or not at all. Raises: OSError."""
    files.write(path, codec.to_text(RunLine, lines))
