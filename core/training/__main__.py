"""Trains one network on MNIST-Scale and writes its checkpoint: `python -m core.training cnn --size small`."""

import argparse
import math
import os
import shlex
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from core import checkpoints, files
from core.checkout import output_folder
from core.data.mnist import MnistMissing
from core.data.mnist_scale import mnist_scale
from core.models import MODELS, build
from core.training.cards import card_of
from core.training.devices import same_every_time, usable_device
from core.training.evaluate import error_rate
from core.training.experiment import at_least_one, minutes
from core.training.fit import Fit
from core.training.memory import keep_freed_memory
from core.training.recipes import recipe_for


def main(arguments: list[str] | None = None, prog: str = "python -m core.training") -> int:
    options = _parse(arguments, prog)
    try:
        return _run(options)
    except (MnistMissing, files.InUse, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        place = f"{error.filename} cannot be used: " if error.filename else ""
        print(f"{place}{error.strerror or error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    """Raises: MnistMissing, core.files.InUse, ValueError or OSError with what stands in the way."""
    if options.threads:
        torch.set_num_threads(options.threads)
    keep_freed_memory()
    device = usable_device(options.device)
    same_every_time(device)
    out = _usable(Path(options.out))
    recipe = recipe_for(options.size)
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    training, validation, test = (mnist_scale(split, options.realisation) for split in ("train", "validation", "test"))
    torch.manual_seed(options.seed)
    network = build(options.network, options.size)
    name = f"{options.network}-{options.size}-r{options.realisation}-s{options.seed}"
    fit = Fit(network, recipe, options.seed, Path(options.runs) / name, device)
    with fit.alone():
        _go_on(fit, options.restart)
        if not _train(fit, training, validation, options.max_minutes):
            print(f"stopped after {options.max_minutes} minutes; the same command goes on", file=sys.stderr)
            return 3
        print(f"measuring on {len(test.labels):,} test images …", file=sys.stderr)
        test_error = error_rate(network, test.images, test.labels)
        data = {
            "name": "MNIST-Scale", "realisation": options.realisation, "training_images": len(training),
            "split": "test",
        }  # fmt: skip
        card = card_of(
            fit, options.network, options.size, data=data, test_error=test_error, test_images=len(test),
            command=_command(options),
        )  # fmt: skip
        path = checkpoints.save(network, card, out)
    print(f"{path.name}: test error {test_error:.2f} %, vector digits {card.glyph_error:.1f} % wrong")
    return 0


def _go_on(fit: Fit, restart: bool) -> None:
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


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    trainable = [key for key, spec in MODELS.items() if not spec.control]
    parser.add_argument("network", choices=trainable)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument("--realisation", type=int, choices=range(6), default=0, help="of MNIST-Scale")
    parser.add_argument("--seed", type=_seed, default=0)
    parser.add_argument("--epochs", type=at_least_one, help="instead of the recipe's number")
    parser.add_argument("--max-minutes", type=minutes, default=math.inf, help="stop then; the same command goes on")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=at_least_one, help="CPU threads")
    parser.add_argument("--runs", default="runs", help="folder of the resumable states")
    parser.add_argument("--out", default=str(output_folder(checkpoints.FOLDER)), help="folder of the checkpoint")
    parser.add_argument("--restart", action="store_true", help="forget the saved state first")
    return parser.parse_args(arguments)


def _usable(folder: Path) -> Path:
    """The folder of the checkpoint, which is made only when there is one. Raises: ValueError if it cannot be."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"The checkpoint cannot be written to {folder}: {there} is no folder that can be written")
    return folder


def _seed(text: str) -> int:
    """As torch takes them. Raises: argparse.ArgumentTypeError."""
    with suppress(ValueError):
        if -(2**63) <= int(text) < 2**63:
            return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number of at most 64 bits, got {text!r}")


def _train(fit: Fit, training, validation, max_minutes: float) -> bool:  # type: ignore[no-untyped-def]
    steps = math.ceil(len(training.labels) / fit.recipe.batch_size)
    with tqdm(total=fit.recipe.epochs * steps, initial=fit.epoch * steps + fit.step, unit="step", mininterval=1) as bar:

        def show(epoch: int, step: int, loss: float) -> None:
            error = f"{fit.history[-1]['validation_error']:.2f} %" if fit.history else "–"
            bar.set_description(f"epoch {epoch + 1}/{fit.recipe.epochs}", refresh=False)
            bar.set_postfix_str(f"loss {loss:.3f}, validation error {error}", refresh=False)
            bar.update(epoch * steps + step - bar.n)

        return fit.run(training, validation, max_minutes, show)


def _command(options: argparse.Namespace) -> str:
    command = ["python", "-m", "core.training", options.network, "--size", options.size]
    command += ["--realisation", str(options.realisation), "--seed", str(options.seed)]
    command += ["--epochs", str(options.epochs)] if options.epochs else []
    return shlex.join(command)


if __name__ == "__main__":
    sys.exit(main())
