"""Trains one network on MNIST-Scale and writes its checkpoint: `python -m core.training cnn --size small`."""

import argparse
import math
import shlex
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path

import torch
from tqdm import tqdm

from core import checkpoints
from core.checkout import output_folder
from core.data.mnist import MnistMissing
from core.data.mnist_scale import mnist_scale
from core.models import MODELS, build
from core.training.evaluate import error_rate, glyph_error_rate
from core.training.experiment import git_commit
from core.training.fit import Fit
from core.training.recipes import Recipe, recipe_for


def main(arguments: list[str] | None = None, prog: str = "python -m core.training") -> int:
    options = _parse(arguments, prog)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = _device(options.device)
    recipe = recipe_for(options.size)
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    try:
        training = mnist_scale("train", options.realisation)
        validation = mnist_scale("validation", options.realisation)
        test = mnist_scale("test", options.realisation)
    except MnistMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    torch.manual_seed(options.seed)
    network = build(options.network, options.size)
    name = f"{options.network}-{options.size}-r{options.realisation}-s{options.seed}"
    folder = Path(options.runs) / name
    if options.restart and folder.is_dir():
        shutil.rmtree(folder)
    fit = Fit(network, recipe, options.seed, folder, device)
    try:
        resumed = fit.resume()
    except ValueError as error:
        print(f"{error}; --restart begins again", file=sys.stderr)
        return 2
    if resumed:
        print(f"going on with {folder}: {fit.epoch} of {recipe.epochs} epochs are done", file=sys.stderr)
    if not _train(fit, training, validation, options.max_minutes):
        print(f"stopped after {options.max_minutes} minutes; the same command goes on", file=sys.stderr)
        return 3
    print(f"measuring on {len(test.labels):,} test images …", file=sys.stderr)
    test_error = error_rate(network, test.images, test.labels)
    card = _card(options, fit, recipe, device, test_error, len(training.labels), len(test.labels))
    path = checkpoints.save(network, card, Path(options.out))
    print(f"{path.name}: test error {test_error:.2f} %, vector digits {card.glyph_error:.1f} % wrong")
    return 0


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    trainable = [key for key, spec in MODELS.items() if not spec.control]
    parser.add_argument("network", choices=trainable)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument("--realisation", type=int, choices=range(6), default=0, help="of MNIST-Scale")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--max-minutes", type=float, default=math.inf, help="stop then; the same command goes on")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--runs", default="runs", help="folder of the resumable states")
    parser.add_argument("--out", default=str(output_folder(checkpoints.FOLDER)), help="folder of the checkpoint")
    parser.add_argument("--restart", action="store_true", help="forget the saved state first")
    return parser.parse_args(arguments)


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _train(fit: Fit, training, validation, max_minutes: float) -> bool:  # type: ignore[no-untyped-def]
    steps = math.ceil(len(training.labels) / fit.recipe.batch_size)
    with tqdm(total=fit.recipe.epochs * steps, initial=fit.epoch * steps + fit.step, unit="step", mininterval=1) as bar:

        def show(epoch: int, step: int, loss: float) -> None:
            error = f"{fit.history[-1]['validation_error']:.2f} %" if fit.history else "–"
            bar.set_description(f"epoch {epoch + 1}/{fit.recipe.epochs}", refresh=False)
            bar.set_postfix_str(f"loss {loss:.3f}, validation error {error}", refresh=False)
            bar.update(epoch * steps + step - bar.n)

        return fit.run(training, validation, max_minutes, show)


def _card(
    options: argparse.Namespace,
    fit: Fit,
    recipe: Recipe,
    device: str,
    test_error: float,
    num_training: int,
    num_test: int,
) -> checkpoints.Card:
    command = ["python", "-m", "core.training", options.network, "--size", options.size]
    command += ["--realisation", str(options.realisation), "--seed", str(options.seed)]
    command += ["--epochs", str(options.epochs)] if options.epochs else []
    network = fit.network
    return checkpoints.Card(
        key=options.network,
        size=options.size,
        config=asdict(network.config),
        recipe=asdict(recipe),
        data={
            "name": "MNIST-Scale",
            "realisation": options.realisation,
            "training_images": num_training,
            "split": "test",
        },
        seed=options.seed,
        epochs=fit.epoch,
        device=device,
        wall_time_s=round(fit.elapsed, 1),
        test_error=round(test_error, 3),
        test_images=num_test,
        parameters=sum(p.numel() for p in network.parameters()),
        sha256="",
        git_commit=git_commit(),
        command=shlex.join(command),
        versions={"python": sys.version.split()[0], "torch": torch.__version__},
        glyph_error=round(glyph_error_rate(network), 3),
        history=fit.history,
    )


if __name__ == "__main__":
    sys.exit(main())
