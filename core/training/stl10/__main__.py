"""Trains a published network on STL-10 and writes its checkpoint: `python -m core.training.stl10 wrn_16_8_ses_b`.

The recipe is the published one, of 1,000 epochs: days on an accelerator. Nothing is downloaded; the photographs lie
where EQUISCOPE_STL10 says, or `python -m core.data.stl10.download` has put them.
"""

import argparse
import shlex
import sys
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch

from core import checkpoints
from core.checkout import git_commit, output_folder
from core.checkpoints import Card
from core.data.stl10 import ColourImages, load_stl10
from core.models.as_published import WIDE, published_wide
from core.training.command import add_usual_options, begun, go_on, status_of, train
from core.training.evaluate import error_rate
from core.training.experiment import at_least_one
from core.training.recipes import PhotographRecipe
from core.training.stl10.fit import PhotographFit

SIZE = "published"  # of the checkpoint's name
FOLDER = checkpoints.FOLDER / "stl10"
_AT_ONCE = 50  # photographs that are read at a time; maps of 128 channels and three scales take much memory


def main(arguments: list[str] | None = None, prog: str = "python -m core.training.stl10") -> int:
    return status_of(partial(_run, _parse(arguments, prog)))


def _run(options: argparse.Namespace) -> int:
    """Raises: Stl10Missing, core.files.InUse, ValueError or OSError with what stands in the way."""
    device, out = begun(options)
    recipe = PhotographRecipe.for_batches_of(options.batch_size)
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    training, test = (load_stl10(split) for split in ("train", "test"))
    torch.manual_seed(options.seed)
    network = published_wide(options.network)
    folder = Path(options.runs) / f"{options.network}-stl10-s{options.seed}"
    fit = PhotographFit(network, recipe, options.seed, folder, device)
    with fit.alone():
        go_on(fit, options.restart)
        if not train(fit, training, None, options.max_minutes):
            return 3
        print(f"measuring on {len(test):,} test images …", file=sys.stderr)
        test_error = error_rate(network, test.images, test.labels, _AT_ONCE)
        path = checkpoints.save(network, _card(fit, options, test_error, training, test), out)
    print(f"{path.name}: test error {test_error:.2f} %")
    return 0


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("network", choices=WIDE)
    parser.add_argument(
        "--batch-size", type=at_least_one, default=PhotographRecipe.batch_size,
        help="images a step; the learning rate goes with it, as published for 128 and 64",
    )  # fmt: skip
    add_usual_options(parser, output_folder(FOLDER))
    return parser.parse_args(arguments)


def _card(
    fit: PhotographFit, options: argparse.Namespace, test_error: float, training: ColourImages, test: ColourImages
) -> Card:
    network = fit.network
    return Card(
        key=options.network,
        size=SIZE,
        config=asdict(network.config),
        recipe=asdict(fit.recipe),
        data={"name": "STL-10", "training_images": len(training), "split": "test", "validation": False},
        seed=fit.seed,
        epochs=fit.epoch,
        device=fit.device,
        wall_time_s=round(fit.elapsed, 1),
        test_error=round(test_error, 3),
        test_images=len(test),
        parameters=sum(p.numel() for p in network.parameters()),
        sha256="",
        git_commit=git_commit(),
        command=_command(options),
        versions={"python": sys.version.split()[0], "torch": torch.__version__},
        history=fit.history,
    )


def _command(options: argparse.Namespace) -> str:
    command = ["python", "-m", "core.training.stl10", options.network, "--seed", str(options.seed)]
    command += ["--batch-size", str(options.batch_size)] if options.batch_size != PhotographRecipe.batch_size else []
    command += ["--epochs", str(options.epochs)] if options.epochs else []
    return shlex.join(command)


if __name__ == "__main__":
    sys.exit(main())
