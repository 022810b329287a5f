"""Tiny runs. What runs in a process of its own can be given digits by a cache folder only: here it holds drawn ones."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from core.data import mnist_scale as data
from core.data.mnist import cache_folder
from core.data.mnist_scale import SPLITS, ScaledDigits
from core.training import grid as grids
from core.training.experiment import Experiment, run
from tests.conftest import ROOT
from tests.formulas import drawn_digits

NUM_DRAWN = 60  # of each split; the others are blank and not used
LONG = 200  # epochs: seconds on a quick machine too, so that a run can be caught in the middle
CHANGING = ("training_s", "measuring_s")  # all that two equal runs do not share


@pytest.fixture(scope="module", autouse=True)
def as_one_that_trains(onednn):
    """Matrices are multiplied as in the processes that these tests start."""


@pytest.fixture(scope="session")
def drawn_variables(tmp_path_factory) -> dict[str, str]:
    """An environment in which realisations 0 and 1 of MNIST-Scale are in the cache, and MNIST is nowhere."""
    folder = tmp_path_factory.mktemp("cache")
    home = ("HOME",) if sys.platform == "darwin" else ()
    variables = {name: str(folder) for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "EQUISCOPE_MNIST", *home)}
    with pytest.MonkeyPatch.context() as patch:
        set_variables(patch, variables)
        kept = cache_folder().parent / "mnist-scale"
        assert kept.is_relative_to(folder)  # never the user's own
        for k, (split, count) in enumerate(SPLITS.items()):
            first, second = (kept / f"mnist-scale-v{data._VERSION}-{realisation}-{split}.npz" for realisation in (0, 1))
            data._write(first, filled_up(drawn_digits(NUM_DRAWN, first=30 * k), count))
            shutil.copy(first, second)
    return variables


@pytest.fixture
def drawn(drawn_variables, monkeypatch):
    """Drawn digits in place of MNIST-Scale, for this process and all that it starts."""
    set_variables(monkeypatch, drawn_variables)


def set_variables(patch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)


def filled_up(digits: ScaledDigits, count: int) -> ScaledDigits:
    missing = count - len(digits)
    return ScaledDigits(
        torch.cat([digits.images, digits.images.new_zeros(missing, 1, 28, 28)]),
        torch.cat([digits.labels, digits.labels.new_zeros(missing)]),
        torch.cat([digits.scale_factors, digits.scale_factors.new_ones(missing)]),
    )


def write_grid(path: Path, seeds: Sequence[int] = (0, 1), epochs: int = 2, **others: Any) -> list[Experiment]:
    """A grid of tiny networks on a few digits; returns what it stands for."""
    grid = {
        "networks": ["cnn"], "data": ["mnist-scale"], "seeds": seeds, "settings": [{"channels": [3, 4, 5]}],
        "recipe": {"epochs": epochs, "batch_size": 16}, "images": [40, 20, 50],
    }  # fmt: skip
    path.write_text(json.dumps(grid | others), encoding="utf-8")
    return grids.read(path).experiments()


def unbroken(experiment: Experiment, folder: Path) -> dict[str, Any]:
    """What `run` measures at once, in this process, with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        result = run(experiment, folder)
    finally:
        torch.set_num_threads(threads)
    assert result is not None
    return lasting(result)


@pytest.fixture(scope="session")
def straight(tmp_path_factory) -> Callable[[Experiment], dict[str, Any]]:
    """straight(experiment) is what `unbroken` measures of it: one run serves every test, as equal runs end alike."""
    found: dict[str, dict[str, Any]] = {}

    def straight(experiment: Experiment) -> dict[str, Any]:
        if experiment.name not in found:
            found[experiment.name] = unbroken(experiment, tmp_path_factory.mktemp("straight"))
        return found[experiment.name]

    return straight


def lasting(result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a result that the next equal run shares, as its file holds it."""
    return {name: value for name, value in json.loads(json.dumps(result)).items() if name not in CHANGING}


def kept_results(experiments: Sequence[Experiment], runs: Path) -> list[dict[str, Any]]:
    files = [runs / e.name / "result.json" for e in experiments]
    return [lasting(json.loads(file.read_text(encoding="utf-8"))) for file in files]


def tries(experiment: Experiment, runs: Path) -> list[tuple[int, int]]:
    """(process, epochs done before) of each time that this experiment was begun or gone on with, from its log."""
    log = runs / experiment.name / "log.txt"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    found = re.findall(r"process (\d+): (?:begins|goes on after epoch (\d+), step \d+)$", text, re.MULTILINE)
    return [(int(process), int(epoch or 0)) for process, epoch in found]


@contextmanager
def sweeping(*arguments: str | Path) -> Iterator[subprocess.Popen]:
    """`python -m core.training.sweep` as its own process; killed if the test did not wait for its end."""
    command = [sys.executable, "-m", "core.training.sweep", *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def is_in_the_middle(experiment: Experiment, runs: Path, after: int = 0) -> bool:
    """Whether it runs for the (`after` + 1)-th time and has saved a state since."""
    folder = runs / experiment.name
    state, log = folder / "state.safetensors", folder / "log.txt"
    if len(tries(experiment, runs)) <= after or not state.exists() or (folder / "result.json").exists():
        return False
    return state.stat().st_mtime_ns > log.stat().st_mtime_ns
