"""Trains the Fourier network on digits of many sizes with one head for all: `python -m core.training.resolutions`.

Source: as `core.training.shared_head`. The recipe is that of `train_mnist.py` there: 60 epochs, AdamW at 0.01 with a
decay of 0.03, a tenth of the rate after 20 and 40 epochs, digits shifted around the edge of their canvas. A digit of
r × r samples is trained as the modes that r samples hold, with the heads of all resolutions up to r: as the layers
commute with the ideal resize, nothing but the norms can tell that from a canvas of r × r samples. Where we leave the
published training: the size of a digit is drawn anew each time, and decay alone keeps kernels small, without the
published penalty on them.
"""

import argparse
import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from core import checkpoints
from core.checkout import output_folder
from core.data.mnist_scale import unscaled
from core.layers.fourier import POINTS, highest_frequency, limit_band
from core.models import build
from core.models.fourier import SMALLEST, Fourier
from core.resampling import resize
from core.training.cards import card_of
from core.training.command import add_usual_options, begun, go_on, status_of, train
from core.training.evaluate import as_images
from core.training.fit import Fit, Labelled
from core.training.recipes import Recipe
from core.training.shared_head import shared_head_loss

PUBLISHED = Recipe(weight_decay=0.03)
RESOLUTIONS = tuple(range(SMALLEST, Fourier.trained_canvas + 1))  # pixels of a side
FOLDER = checkpoints.FOLDER / "resolutions"
_SHIFTED, _SHIFT = 0.7, 0.25  # share of the digits that are shifted, and how far at most, in canvases
_AT_ONCE = 500


class ResolutionFit(Fit):
    """As `Fit`, for a network with `logits_by_resolution`; the best epoch is that of digits of all sizes."""

    network: Fourier

    def inputs(self, pixels: UInt8[Tensor, "b 1 h w"], generator: torch.Generator) -> Float[Tensor, "b 1 h w"]:
        return shifted_around(as_images(pixels), generator)

    def loss(
        self, inputs: Float[Tensor, "b 1 h w"], labels: Int64[Tensor, " b"], generator: torch.Generator
    ) -> Float[Tensor, ""]:
        sides = torch.randint(RESOLUTIONS[0], RESOLUTIONS[-1] + 1, (len(labels),), generator=generator)
        logits = self.network.logits_by_resolution(of_sides(inputs, sides), RESOLUTIONS)
        return shared_head_loss(logits, labels, torch.tensor(RESOLUTIONS) <= sides[:, None]).total

    def validation_error(self, validation: Labelled) -> float:
        return mean_error(errors_by_resolution(self.network, validation.images, validation.labels))


def of_sides(images: Float[Tensor, "b 1 h w"], sides: Int64[Tensor, " b"]) -> Float[Tensor, "b 1 h w"]:
    """Each image with the modes alone that its number of samples on a side can hold, on the grid that it came on."""
    found, grid = torch.empty_like(images), (images.shape[-2], images.shape[-1])
    for side in set(sides.tolist()):
        chosen = (sides == side).to(images.device)
        found[chosen] = limit_band(images[chosen], grid, highest_frequency(side))
    return found


def shifted_around(images: Float[Tensor, "b 1 h w"], generator: torch.Generator) -> Float[Tensor, "b 1 h w"]:
    """Seven in ten images shifted, by up to a quarter of the canvas each way, and around its edge."""
    reach = [int(_SHIFT * n) for n in images.shape[-2:]]
    moves = torch.rand(len(images), generator=generator) < _SHIFTED
    steps = [torch.randint(-n, n + 1, (len(images),), generator=generator) * moves for n in reach]
    return torch.stack([image.roll((int(y), int(x)), (-2, -1)) for image, y, x in zip(images, *steps, strict=True)])


@torch.no_grad()
def errors_by_resolution(
    network: Fourier, pixels: UInt8[Tensor, "n 1 h w"], labels: Int64[Tensor, " n"]
) -> dict[int, float]:
    """Error in % of digits that the ideal resize has given so many pixels on a side; every digit has one size.

    The digit i has the size i modulo their number. In eval mode; the mode is restored afterwards.
    """
    was_training, device = network.training, next(network.parameters()).device
    network.eval()
    errors = {}
    for number, side in enumerate(RESOLUTIONS[: len(labels)]):
        own, right = slice(number, None, len(RESOLUTIONS)), 0
        for images, expected in zip(pixels[own].split(_AT_ONCE), labels[own].split(_AT_ONCE), strict=True):
            small = resize(as_images(images.to(device)), (side, side), "ideal")
            right += int((network(small).argmax(1) == expected.to(device)).sum())
        errors[side] = 100 * (1 - right / len(labels[own]))
    network.train(was_training)
    return errors


def mean_error(errors: dict[int, float]) -> float:
    """In %, every size alike."""
    return sum(errors.values()) / len(errors)


def main(arguments: list[str] | None = None, prog: str = "python -m core.training.resolutions") -> int:
    return status_of(partial(_run, _parse(arguments, prog)))


def _run(options: argparse.Namespace) -> int:
    """Raises: MnistMissing, core.files.InUse, ValueError or OSError with what stands in the way."""
    device, out = begun(options)
    training, validation, test = (unscaled(split) for split in ("train", "validation", "test"))
    torch.manual_seed(options.seed)
    network = build("fourier", options.size, points=options.points)
    assert isinstance(network, Fourier)
    recipe = replace(PUBLISHED, epochs=options.epochs or PUBLISHED.epochs)
    folder = Path(options.runs) / f"fourier-{options.size}-{options.points}-resolutions-s{options.seed}"
    fit = ResolutionFit(network, recipe, options.seed, folder, device)
    with fit.alone():
        go_on(fit, options.restart)
        if not train(fit, training, validation, options.max_minutes):
            return 3
        print(f"measuring on {len(test.labels):,} test images …", file=sys.stderr)
        errors = errors_by_resolution(network, test.images, test.labels)
        data = {
            "name": "MNIST, 8 to 28 pixels", "training_images": len(training), "split": "test",
            "errors_by_resolution": [[side, round(error, 3)] for side, error in errors.items()],
        }  # fmt: skip
        card = card_of(
            fit, "fourier", options.size, data=data, test_error=mean_error(errors), test_images=len(test),
            command=_command(options),
        )  # fmt: skip
        path = checkpoints.save(network, card, out)
    print(f"{path.name}: test error {mean_error(errors):.2f} %; " + ", ".join(
        f"{side} pixels {errors[side]:.1f} %" for side in list(errors)[::4]
    ))  # fmt: skip
    return 0


def _parse(arguments: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument("--points", choices=POINTS, default=POINTS[0], help="where the nonlinearity is taken")
    add_usual_options(parser, output_folder(FOLDER))
    return parser.parse_args(arguments)


def _command(options: argparse.Namespace) -> str:
    command = ["python", "-m", "core.training.resolutions", "--size", options.size, "--points", options.points]
    command += ["--seed", str(options.seed)] + (["--epochs", str(options.epochs)] if options.epochs else [])
    return shlex.join(command)


if __name__ == "__main__":
    sys.exit(main())
