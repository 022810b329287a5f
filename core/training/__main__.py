"""Trains one network on MNIST-Scale and writes its checkpoint: `python -m core.training cnn --size small`."""

import argparse
import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from core import checkpoints
from core.checkout import output_folder
from core.data.mnist_scale import mnist_scale
from core.models import MODELS, build
from core.training.cards import card_of
from core.training.command import add_usual_options, begun, go_on, status_of, train
from core.training.evaluate import error_rate
from core.training.fit import Fit
from core.training.recipes import recipe_for


def main(arguments: list[str] | None = None, prog: str = "python -m core.training") -> int:
    return status_of(partial(_run, _parse(arguments, prog)))


def _run(options: argparse.Namespace) -> int:
    """Raises: MnistMissing, core.files.InUse, ValueError or OSError with what stands in the way."""
    device, out = begun(options)
    recipe = recipe_for(options.size)
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    training, validation, test = (mnist_scale(split, options.realisation) for split in ("train", "validation", "test"))
    torch.manual_seed(options.seed)
    network = build(options.network, options.size)
    name = f"{options.network}-{options.size}-r{options.realisation}-s{options.seed}"
    fit = Fit(network, recipe, options.seed, Path(options.runs) / name, device)
    with fit.alone():
        go_on(fit, options.restart)
        if not train(fit, training, validation, options.max_minutes):
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


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    trainable = [key for key, spec in MODELS.items() if not spec.control]
    parser.add_argument("network", choices=trainable)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument("--realisation", type=int, choices=range(6), default=0, help="of MNIST-Scale")
    add_usual_options(parser, output_folder(checkpoints.FOLDER))
    return parser.parse_args(arguments)


def _command(options: argparse.Namespace) -> str:
    command = ["python", "-m", "core.training", options.network, "--size", options.size]
    command += ["--realisation", str(options.realisation), "--seed", str(options.seed)]
    command += ["--epochs", str(options.epochs)] if options.epochs else []
    return shlex.join(command)


if __name__ == "__main__":
    sys.exit(main())
