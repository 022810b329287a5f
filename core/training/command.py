"""What the commands that train one network have in common."""

import argparse
import math
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch
from tqdm import tqdm

from core import files
from core.data.mnist import MnistMissing
from core.matrix_products import prefer_onednn
from core.training.devices import same_every_time, usable_device
from core.training.experiment import at_least_one, minutes
from core.training.fit import Fit, Labelled
from core.training.memory import keep_freed_memory


def add_usual_options(parser: argparse.ArgumentParser, out: Path) -> None:
    """Args: out: the usual folder of the checkpoint."""
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--epochs", type=at_least_one, help="instead of the recipe's number")
    parser.add_argument("--max-minutes", type=minutes, default=math.inf, help="stop then; the same command goes on")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=at_least_one, help="CPU threads")
    parser.add_argument("--runs", default="runs", help="folder of the resumable states")
    parser.add_argument("--out", default=str(out), help="folder of the checkpoint")
    parser.add_argument("--restart", action="store_true", help="forget the saved state first")


def begun(options: argparse.Namespace) -> tuple[str, Path]:
    """Sets the process up for one training run; the device and the folder of the checkpoint.

    Raises: ValueError if one of them cannot be used.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    keep_freed_memory()
    prefer_onednn()
    device = usable_device(options.device)
    same_every_time(device)
    return device, usable(Path(options.out))


def status_of(run: Callable[[], int]) -> int:
    """The exit status of `run`; what stands in its way is a sentence, and 2."""
    try:
        return run()
    except (MnistMissing, files.InUse, ValueError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        place = f"{error.filename} cannot be used: " if error.filename else ""
        print(f"{place}{error.strerror or error}", file=sys.stderr)
    return 2


def go_on(fit: Fit, restart: bool) -> None:
    """Raises: ValueError if the saved state is damaged or of another run."""
    if restart:
        fit.forget()
    try:
        resumed = fit.resume()
    except ValueError as error:
        raise ValueError(f"{error}; --restart begins again") from error
    if resumed:
        done = f"{fit.epoch} of {fit.recipe.epochs} epochs are done"
        print(f"going on with {fit.path.parent}: {done}", file=sys.stderr)


def usable(folder: Path) -> Path:
    """The folder of the checkpoint, which is made only when there is one. Raises: ValueError if it cannot be."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"The checkpoint cannot be written to {folder}: {there} is no folder that can be written")
    return folder


def seed(text: str) -> int:
    """As torch takes them. Raises: argparse.ArgumentTypeError."""
    with suppress(ValueError):
        if -(2**63) <= int(text) < 2**63:
            return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number of at most 64 bits, got {text!r}")


def train(fit: Fit, training: Labelled, validation: Labelled | None, max_minutes: float) -> bool:
    """Runs the fit with a bar of progress; True if the recipe is finished, False, and a line, if time was up."""
    steps = math.ceil(len(training.labels) / fit.recipe.batch_size)
    with tqdm(total=fit.recipe.epochs * steps, initial=fit.epoch * steps + fit.step, unit="step", mininterval=1) as bar:

        def show(epoch: int, step: int, loss: float) -> None:
            last = fit.history[-1].get("validation_error") if fit.history else None
            error = "–" if last is None else f"{last:.2f} %"
            bar.set_description(f"epoch {epoch + 1}/{fit.recipe.epochs}", refresh=False)
            held_back = "" if validation is None else f", validation error {error}"
            bar.set_postfix_str(f"loss {loss:.3f}{held_back}", refresh=False)
            bar.update(epoch * steps + step - bar.n)

        finished = fit.run(training, validation, max_minutes, show)
    if not finished:
        print(f"stopped after {max_minutes} minutes; the same command goes on", file=sys.stderr)
    return finished
