"""One run of a sweep: a network trained on some data from one seed, and what was measured on it.

`python -m core.training.experiment FOLDER` does the run that FOLDER/experiment.json describes, or goes on with it.
FOLDER/log.txt says when, where and from which step each try went on.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from core import checkpoints, files, typed_json
from core.checkout import git_commit
from core.data.mnist import MnistMissing
from core.data.mnist_scale import ScaledDigits
from core.matrix_products import prefer_onednn
from core.models import MODELS, Network, build
from core.models.settings import with_settings
from core.models.toy import SIZES, Toy
from core.training.cards import card_of
from core.training.datasets import DATASETS, Dataset
from core.training.devices import same_every_time, usable_device
from core.training.evaluate import error_rate
from core.training.fit import Fit, Progress
from core.training.memory import keep_freed_memory
from core.training.recipes import Recipe, recipe_for
from core.training.run_folder import keep, note, result_of

# Exit statuses. An exception ends the process with 1, as ever.
MISSING = 2  # there is no MNIST
STOPPED = 3  # by a time box; the same command goes on
BUSY = 4  # another process is at it


@dataclass(frozen=True)
class Experiment:
    """Everything that, with the code, fixes a run.

    Attributes:
        network: `toy` or a key of the registry. size: of it.
        data: a key of DATASETS: a range of Dynamic Scale MNIST (`1-8`) for the toy network, `mnist-scale` or `one-size`
            for the others.
        seed: of the weights and of the order of the images; `seed` modulo their number is the realisation of the data.
        setting: what differs from the usual configuration of the network.
        recipe: what differs from the usual recipe of the size.
        images: how many of the training, validation and test split are used; None is all of them.
        images_per_scale: test digits at each of many sizes; 0 for none.
    """

    network: str
    data: str
    seed: int = 0
    size: str = "small"
    setting: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    images: tuple[int | None, int | None, int | None] = (None, None, None)
    images_per_scale: int = 0

    def __post_init__(self) -> None:
        if self.network != "toy" and self.network not in MODELS:
            raise ValueError(f"unknown network {self.network!r}; known are toy, {', '.join(MODELS)}")
        if self.data not in DATASETS:
            raise ValueError(f"unknown data {self.data!r}; known are {', '.join(DATASETS)}")
        if (self.network == "toy") != (self._dataset.canvas is None):
            toys = [name for name, dataset in DATASETS.items() if dataset.canvas is None]
            raise ValueError(f"toy takes {', '.join(toys)}, and no other network does; {self.network} got {self.data}")
        self.full_recipe()  # so that a wrong name is found before a sweep starts
        self.build()

    @classmethod
    def from_json(cls, text: str) -> "Experiment":
        """The reverse of `to_json`. Raises ValueError for what is no experiment."""
        try:
            values = typed_json.loads(text)
            return typed_json.build(cls, values)
        except ValueError as error:
            raise ValueError(f"this is no experiment: {error}") from error

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, indent=1)

    @property
    def name(self) -> str:
        """The same for the same experiment only; used as a folder."""
        digest = hashlib.sha256(self.to_json().encode()).hexdigest()[:10]
        return f"{self.network}-{self.data}-s{self.seed}-{digest}"

    def full_recipe(self) -> Recipe:
        try:
            return replace(recipe_for(self.size), **_with_tuples(self.recipe))
        except TypeError as error:
            raise ValueError(f"the recipe has no such part: {error}") from error

    def build(self) -> Network:
        """The untrained network, with the weights of the seed."""
        torch.manual_seed(self.seed)
        try:
            if self.network == "toy":
                return Toy(with_settings(SIZES[self.size], **_with_tuples(self.setting)))
            return build(self.network, self.size, **_with_tuples(self.setting))
        except (TypeError, KeyError) as error:
            raise ValueError(f"{self.network} has no such setting: {error}") from error

    def splits(self) -> list[ScaledDigits]:
        """Digits for training, validation and test. Raises: MnistMissing."""
        return self._dataset.splits(self.realisation, self.images, self._canvas())

    def errors_by_scale(self, network: Network) -> list[tuple[float, float]]:
        """(size, test error in %), the same digits at each of many sizes, × MNIST."""
        if not self.images_per_scale:
            return []
        return [
            (size, round(error_rate(network, digits.images, digits.labels), 3))
            for size, digits in self._dataset.at_each_size(self.realisation, self.images_per_scale, self._canvas())
        ]

    @property
    def realisation(self) -> int:
        """Of the data."""
        return self.seed % self._dataset.realisations

    @property
    def _dataset(self) -> Dataset:
        return DATASETS[self.data]

    def _canvas(self) -> int:
        return self._dataset.canvas or int(self.setting.get("canvas", SIZES[self.size].canvas))


def run(
    experiment: Experiment,
    folder: Path,
    max_minutes: float = math.inf,
    progress: Progress | None = None,
    device: str = "cpu",
) -> dict[str, Any] | None:
    """Trains, measures and writes folder/result.json; None if the time box stopped it, and the same call goes on.

    The weights of a network of the registry are kept beside it, with their card. What is in result.json already is not
    measured again.
    Raises: MnistMissing; ValueError if the folder holds another experiment's state, or a damaged one;
        core.files.InUse if another process does this run.
    """
    finished = result_of(experiment, folder)
    if finished is not None:
        return finished
    training, validation, test = experiment.splits()
    fit = Fit(experiment.build(), experiment.full_recipe(), experiment.seed, folder, device, save_every=20.0)
    with fit.alone():
        finished = result_of(experiment, folder)  # of who was alone before
        if finished is not None:
            return finished
        fit.resume()
        note(folder, f"goes on after epoch {fit.epoch}, step {fit.step}" if fit.epoch or fit.step else "begins")
        if not fit.run(training, validation, max_minutes, progress):
            note(folder, f"stopped in epoch {fit.epoch + 1}, after step {fit.step}")
            return None
        result = _measured(experiment, fit, test)
        if experiment.network in MODELS:
            checkpoints.save(fit.network, _card(experiment, fit, result, len(training)), folder)
        keep(result, folder)
        note(folder, f"finished, test error {result['test_error']} %")
    return result


def _measured(experiment: Experiment, fit: Fit, test: ScaledDigits) -> dict[str, Any]:
    started = time.monotonic()
    network = fit.network.eval()
    return {
        "experiment": json.loads(experiment.to_json()),
        "test_error": round(error_rate(network, test.images, test.labels), 3),
        "test_images": len(test.labels),
        "errors_by_scale": experiment.errors_by_scale(network),
        "history": fit.history,
        "parameters": sum(p.numel() for p in network.parameters()),
        "training_s": round(fit.elapsed, 1),
        "measuring_s": round(time.monotonic() - started, 1),
        "threads": torch.get_num_threads(),
        "device": fit.device,
        "versions": {"python": sys.version.split()[0], "torch": torch.__version__},
        "git_commit": git_commit(),
    } | network.state_of_interest()


def _card(experiment: Experiment, fit: Fit, result: Mapping[str, Any], training_images: int) -> checkpoints.Card:
    """Of the weights that a run leaves; `experiment` in its data repeats it."""
    data = {
        "name": experiment.data, "realisation": experiment.realisation, "training_images": training_images,
        "split": "test", "experiment": result["experiment"],
    }  # fmt: skip
    return card_of(
        fit, experiment.network, experiment.size, data=data, test_error=result["test_error"],
        test_images=result["test_images"], command="python -m core.training.experiment FOLDER",
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.training.experiment", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--max-minutes", type=minutes, default=math.inf)
    parser.add_argument("--threads", type=at_least_one, default=1)
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or mps")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    if options.attached:
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    prefer_onednn()
    try:
        experiment = Experiment.from_json((options.folder / "experiment.json").read_text(encoding="utf-8"))
        device = usable_device(options.device)
        same_every_time(device)
        return 0 if run(experiment, options.folder, options.max_minutes, device=device) else STOPPED
    except MnistMissing as missing:
        print(missing, file=sys.stderr)
        return MISSING
    except files.InUse as busy:
        print(busy, file=sys.stderr)
        return BUSY


def at_least_one(text: str) -> int:
    """A number of a command line. Raises: argparse.ArgumentTypeError."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return value


def minutes(text: str) -> float:
    """A time of a command line, which may be inf. Raises: argparse.ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value >= 0:  # nan too, with which a time box would never end
        raise argparse.ArgumentTypeError(f"must be a number of minutes, 0 or more, got {text!r}")
    return value


def _end_with_standard_input() -> None:
    """A sweep holds the other end of the pipe, so its runs end with it even when it is killed."""
    while os.read(0, 1024):  # unbuffered: no lock is held when the interpreter ends before this thread does
        pass
    os._exit(STOPPED)


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """As configurations and recipes have them; JSON knows lists only."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


if __name__ == "__main__":
    sys.exit(main())
