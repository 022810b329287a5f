"""What the program writes, one writer each: `python -m tests.writers FOLDER KILLS WRITES [NAME …]` tries them out.

A writer puts version after version into a folder; `read` says which version is there, and fails if it is no whole one.
The writers run in forks of a process that has loaded everything once, so that a kill costs milliseconds. Half of the
kills come at a random time, half before or after a random call to the system, so that every gap between two is hit.
Then two processes write so often each into one folder while a third reads.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import torch
from torch import nn

from core import checkpoints, files
from core.checkpoints import Card
from core.data import mnist_scale
from core.data.mnist_scale import SPLITS, ScaledDigits
from core.models import build
from core.results import equivariance, sweeps
from core.results.equivariance import Result
from core.training.experiment import Experiment
from core.training.fit import Fit
from core.training.recipes import Recipe
from core.training.run_folder import keep, result_of

_CALLS = ("open", "replace", "fsync", "unlink", "close")  # of os, as core.files uses them


@dataclass(frozen=True)
class Writer:
    """Attributes: write: a version into a folder. read: the version there. files: that it leaves, and no others."""

    write: Callable[[Path, int], object]
    read: Callable[[Path], int]
    files: tuple[str, ...]


def _card(version: int) -> Card:
    return Card(
        "cnn", "small", {}, {}, {}, seed=version, epochs=1, device="cpu", wall_time_s=0.0, test_error=0.0,
        test_images=1, parameters=1, sha256="", git_commit="", command="", versions={},
    )  # fmt: skip


def _network(version: int) -> nn.Module:
    network = nn.Linear(80, 60)  # some 20 kB
    nn.init.constant_(network.weight, version)
    nn.init.constant_(network.bias, version)
    return network


def write_checkpoint(folder: Path, version: int) -> None:
    checkpoints.save(_network(version), _card(version), folder)


def read_checkpoint(folder: Path) -> int:
    network = _network(0)
    card = checkpoints.load_weights(network, "cnn", "small", folder)
    assert set(network.weight.flatten().tolist()) == set(network.bias.tolist()) == {card.seed}
    assert checkpoints.available("cnn", "small", folder)
    return card.seed


def write_tables(folder: Path, version: int) -> None:
    history = [
        {"epoch": n, "loss": version, "validation_error": 1.0, "internal_scales": [1.0, 2.0, 4.0 + version]}
        for n in (1, 2)
    ]
    experiment = {"network": "toy", "data": "1-8", "setting": {"mode": "isr", "isr": 1.0 + version}}
    results = [
        {
            "experiment": experiment | {"seed": seed, "images_per_scale": 0}, "test_images": version, "test_error": 1.0,
            "errors_by_scale": [], "history": history,
        }
        for seed in range(20)
    ]  # fmt: skip
    sweeps.write(results, folder / "runs")


def read_tables(folder: Path) -> int:
    paths = sweeps.errors_path(folder / "runs"), sweeps.epochs_path(folder / "runs")
    errors, epochs = sweeps.read_both(*paths)
    (version,) = {line.images for line in errors} | {int(line.loss) for line in epochs}
    assert {line.setting["isr"] for line in (*errors, *epochs)} == {1.0 + version}
    assert (len(errors), len(epochs)) == (20, 40)
    return version


def write_equivariance(folder: Path, version: int) -> None:
    row = Result("net", "conv1", "plane", 0.5, 0.25, 0.2, 0.3, 0.1, 0.2, 0.0, 0.5, True, True, version, "", "2")
    equivariance.write([row] * 200, "small", folder)


def read_equivariance(folder: Path) -> int:
    rows = equivariance.read("small", folder)
    (version,) = {row.images for row in rows}
    assert len(rows) == 200
    return version


def _fit(folder: Path) -> Fit:
    torch.manual_seed(0)
    return Fit(build("cnn", channels=(3, 4, 5), hidden=8), Recipe(epochs=10**6), 0, folder)


def write_state(folder: Path, version: int) -> None:
    fit = _fit(folder)
    fit.epoch = version
    for tensor in fit.network.parameters():
        nn.init.constant_(tensor, version)
    fit.save()


def read_state(folder: Path) -> int:
    fit = _fit(folder)
    assert fit.resume()
    assert {float(value) for tensor in fit.network.parameters() for value in tensor.detach().unique()} == {fit.epoch}
    return fit.epoch


_EXPERIMENT = Experiment("cnn", "mnist-scale", setting={"channels": [3, 4, 5]})


def write_result(folder: Path, version: int) -> None:
    keep({"experiment": json.loads(_EXPERIMENT.to_json()), "version": version, "history": [version] * 2000}, folder)


def read_result(folder: Path) -> int:
    result = result_of(_EXPERIMENT, folder)
    assert result is not None
    assert result["history"] == [result["version"]] * 2000
    return int(result["version"])


def write_digits(folder: Path, version: int) -> None:
    number = SPLITS["validation"]
    images = torch.full((number, 1, 28, 28), version % 256, dtype=torch.uint8)
    digits = ScaledDigits(images, torch.full((number,), version), torch.ones(number, dtype=torch.float64))
    mnist_scale._write(folder / "digits.npz", digits)


def read_digits(folder: Path) -> int:
    digits = mnist_scale._read(folder / "digits.npz", "validation")
    assert digits is not None
    (version,) = set(digits.labels.tolist())
    return version


WRITERS = {
    "checkpoint": Writer(write_checkpoint, read_checkpoint, ("cnn-small.json", "cnn-small.safetensors")),
    "tables": Writer(write_tables, read_tables, ("runs-epochs.csv", "runs.csv")),
    "equivariance": Writer(write_equivariance, read_equivariance, ("equivariance-small.csv",)),
    "state": Writer(write_state, read_state, ("state.safetensors",)),
    "result": Writer(write_result, read_result, ("result.json",)),
    "digits": Writer(write_digits, read_digits, ("digits.npz",)),
}


def kill(writer: Writer, folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """Kills the writer so many times and checks what each kill left. Returns: how often which version was left."""
    left = {"previous": 0, "new": 0}
    writer.write(folder, 1)
    version = 1
    for turn in range(kills):
        seconds = chance.uniform(0.0, 0.03) if turn % 2 else None
        calls = None if turn % 2 else chance.randint(1, 80)
        done = _killed(writer, folder, version + 1, seconds, calls)
        found = writer.read(folder)
        assert found in (done, done + 1), f"kill {turn} ({seconds} s, {calls} steps): {done} was written, got {found}"
        left["previous" if found == done else "new"] += 1
        version = found
    writer.write(folder, version + 1)
    assert writer.read(folder) == version + 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(writer.files)
    return left


def _killed(writer: Writer, folder: Path, first: int, seconds: float | None, calls: int | None) -> int:
    """The last version that a writer, killed then, said it had written."""
    said, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(said)
            if calls is not None:
                _die_after(calls)
            for version in count(first):
                writer.write(folder, version)
                os.write(tell, b".")
        finally:
            os._exit(1)
    os.close(tell)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    told = 0
    while piece := os.read(said, 1 << 16):
        told += len(piece)
    os.close(said)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    return first - 1 + told


def _die_after(steps: int) -> None:
    """The process kills itself before (odd) or after (even) one of its calls: two steps a call."""
    left = steps

    def step() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(call: Callable) -> Callable:
        def wrapped(*arguments: object, **options: object) -> object:
            step()
            result = call(*arguments, **options)
            step()
            return result

        return wrapped

    class Os:  # of core.files alone
        def __getattr__(self, name: str) -> object:
            return dying(getattr(os, name)) if name in _CALLS else getattr(os, name)

    files.os = Os()  # type: ignore[assignment]


def hammer(writer: Writer, folder: Path, processes: int, each: int) -> int:
    """So many processes write into one folder at once, while this one reads. Returns: how often it read."""
    writer.write(folder, 1)
    children = []
    for process in range(processes):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for n in range(each):
                    writer.write(folder, 2 + process * each + n)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    reads = 0
    try:
        while children:
            writer.read(folder)
            reads += 1
            for child in children[:]:
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended:
                    children.remove(child)
                    assert status == 0, "a writer failed"
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    last = {1 + (process + 1) * each for process in range(processes)}
    assert writer.read(folder) in last, "the last version of none of them"
    assert sorted(path.name for path in folder.iterdir()) == sorted(writer.files)
    return reads


def main() -> None:
    torch.set_num_threads(1)
    folder, kills, writes, *names = sys.argv[1:]
    chance = random.Random(os.environ.get("EQUISCOPE_KILLS_SEED", "0"))
    for name in names or WRITERS:
        place = Path(folder) / name
        place.mkdir(parents=True)
        left = kill(WRITERS[name], place, int(kills), chance)
        reads = hammer(WRITERS[name], place, 2, int(writes))
        print(json.dumps({"writer": name, "left": left, "reads": reads}), flush=True)


if __name__ == "__main__":
    main()
