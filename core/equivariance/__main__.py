"""Prints the equivariance error of networks as a Markdown table: of pretrained ones, or of a module of one's own.

Those of the published layout, by their published names, have random weights.
A registered network is measured on the first MNIST test digits, shown at a share of their size so that they have room
to grow. `my_module:network` is an nn.Module, or a function that returns one, of a file in the current folder or on the
PYTHONPATH, which is run; it is measured on the pictures of a folder.
"""

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import torch
from jaxtyping import Float
from torch import Tensor

from core import files
from core.checkpoints import CheckpointError
from core.data.mnist import MnistMissing, load_mnist
from core.data.picture_folder import read_folder
from core.equivariance.edge import EDGES
from core.equivariance.measure import EquivarianceReport, measure
from core.equivariance.own import VALUES, Measured, measure_own, tell_edge, wrapped
from core.models import AS_PUBLISHED, MODELS, Network, configuration, has_scales, load, published
from core.models.imported import imported, is_import_name
from core.models.measurable import trained_canvas
from core.resampling import RESAMPLERS, rescale, resize
from core.scales import ScaleSet
from core.transforms import TRANSFORMS, transform_named

_READ = "classifier"
_DIGITS = 28  # pixels of a side of MNIST
_PICTURES = 224  # pixels: what networks for photographs are trained on, and strides of up to 32 divide it
_MOST = 64
Writers = Mapping[str, Callable[[Sequence[Measured]], str]]


def main(
    arguments: list[str] | None = None,
    prog: str = "python -m core.equivariance",
    writers: Writers = MappingProxyType({}),
) -> int:
    """Args: writers: of the files that `--out` can write, by their ending. Returns: 0, or 2 with a sentence."""
    options = _parse(arguments, prog, writers)
    try:
        found = _measured(options)
    except (MnistMissing, CheckpointError, KeyError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(_told(found, options.layers)))
    if options.out is None:
        return 0
    try:
        files.write(options.out, writers[_ending(options.out)](found))
    except OSError as error:
        print(f"{options.out} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 2
    print(options.out, file=sys.stderr)
    return 0


def _parse(arguments: list[str] | None, prog: str, writers: Writers) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument(
        "networks", nargs="*", default=["sesn_vector", "cnn"], metavar="network",
        help=f"my_module:network, or one of {', '.join(MODELS)}; with random weights {', '.join(AS_PUBLISHED)}",
    )  # fmt: skip
    parser.add_argument(
        "--images", type=_images, default=_MOST, metavar="N or FOLDER",
        help=f"the first N MNIST test digits, {_MOST} if not named, or the pictures of a folder",
    )  # fmt: skip
    parser.add_argument("--most", type=_at_least_one, default=_MOST, help=f"pictures of the folder, {_MOST} at most")
    parser.add_argument("--data-scale", type=float, default=0.7, help="size of the digits, × MNIST")
    parser.add_argument(
        "--canvas", type=_at_least_one,
        help=f"side of the images in pixels; if not named {_PICTURES} for pictures, on which networks for photographs "
        f"are trained, {_DIGITS} for digits and for registered networks what they were trained on",
    )  # fmt: skip
    parser.add_argument("--values", choices=VALUES, default="unit", help="of a pixel, as your module takes it")
    parser.add_argument("--transform", choices=TRANSFORMS, default="scale")
    parser.add_argument("--amounts", type=_amounts, help="of the transform, such as 0.5,0.71,1.41,2")
    parser.add_argument(
        "--edge", choices=EDGES, default=EDGES[0],
        help="of pictures: positions that would be read from beyond it are masked, or the picture is mirrored there",
    )  # fmt: skip
    parser.add_argument("--resampler", choices=RESAMPLERS, default="bicubic")
    parser.add_argument(
        "--layers", type=lambda text: text.split(","),
        help=f"of the networks that have them, conv1,conv2,conv3,{_READ} if not named; {_READ}: the map that it reads; "
        "of a module of one's own all that have a place on the image",
    )  # fmt: skip
    if writers:
        endings = " or ".join(f".{ending}" for ending in writers)
        parser.add_argument("--out", type=Path, metavar="FILE", help=f"write it to a file, {endings}, too")
    else:
        parser.set_defaults(out=None)
    options = parser.parse_args(arguments)
    if options.out is not None and (_ending(options.out) not in writers or options.out.is_dir()):
        parser.error(f"--out must name a file that ends in {endings}, got {str(options.out)!r}")
    return options


def _measured(options: argparse.Namespace) -> list[Measured]:
    """Raises: MnistMissing, CheckpointError, KeyError or ValueError with what stands in the way."""
    transform, own = transform_named(options.transform), [is_import_name(name) for name in options.networks]
    amounts = options.amounts or transform.curve_amounts
    if options.amounts is None and not all(own) and transform.key == "scale":
        registered = [key for key in options.networks if not is_import_name(key)]
        scales = next(found for found in map(_scales, (*registered, "sesn_vector")) if found)
        amounts = scales.steps_between(0.5, 2.0)
    how = {
        "amounts": transform.check_all(amounts), "resampler": options.resampler, "transform": transform.key,
        "edge": options.edge,
    }  # fmt: skip
    transform.check_resampler(options.resampler)
    return [_of_one(name, options, how) for name in options.networks]


def _of_one(name: str, options: argparse.Namespace, how: Mapping[str, object]) -> Measured:
    if not is_import_name(name):
        network = _network(name)
        images, shown = _images_for(options, options.canvas or trained_canvas(network), 1)
        return Measured(name, measure(network, images, **how), shown)  # type: ignore[arg-type]
    usual = _PICTURES if isinstance(options.images, Path) else _DIGITS
    values, canvas = VALUES[options.values], options.canvas or usual
    own = wrapped(name, imported(name), canvas, values, options.layers)
    images, shown = _images_for(options, canvas, own.channels)
    return measure_own(name, own, images, values, shown, **how)


def _network(name: str) -> Network:
    """Raises: KeyError for an unknown name; CheckpointError."""
    if name not in AS_PUBLISHED:
        return load(name)
    torch.manual_seed(0)
    return published(name)


def _scales(name: str) -> ScaleSet | None:
    if name in AS_PUBLISHED:
        return getattr(AS_PUBLISHED[name].config, "internal_scales", None)
    return configuration(name).internal_scales if has_scales(name) else None


def _images_for(options: argparse.Namespace, canvas: int, channels: int) -> tuple[Float[Tensor, "b c h w"], str]:
    """Images in [0, 1], and what they are for a reader. Raises: MnistMissing; ValueError as `read_folder`."""
    size = f"{canvas}×{canvas} px"
    if isinstance(options.images, Path):
        found = read_folder(options.images, canvas, channels, options.most)
        kind = "colour" if channels == 3 else "grey"
        return found.images, f"{_count(len(found.names), 'picture')} of {options.images.name}, {kind}, {size}"
    images = rescale(load_mnist("test").images[: options.images].float() / 255, options.data_scale)
    images = images if canvas == _DIGITS else resize(images, (canvas, canvas)).clamp(0, 1)
    return images, f"{_count(len(images), 'MNIST test digit')} at {options.data_scale:g} of their size, {size}"


def _told(found: Sequence[Measured], layers: list[str] | None) -> list[str]:
    """The table, and below it what could not be placed and what to know of the numbers."""
    reports = {each.name: each.report for each in found}
    own = [layer for each in found if is_import_name(each.name) for layer in each.report.layers]
    usual = [] if all(is_import_name(name) for name in reports) else ["conv1", "conv2", "conv3", _READ]
    lines = table(reports, layers or [*dict.fromkeys([*own, *usual])])
    for each in found:
        if not is_import_name(each.name):
            continue
        lines += ["", f"{each.name}: {each.shown}, {each.report.resampler}; {tell_edge(each.report)}."]
        lines += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in each.report.warnings]
        lines += ["Not placed:", *(f"- {name}: {why}" for name, why in each.left_out.items())] if each.left_out else []
    return lines


def table(reports: dict[str, EquivarianceReport], layers: list[str]) -> list[str]:
    """One row for each layer and network, a column for each amount; % with the 16–84 % band."""
    first = next(iter(reports.values()))
    told = transform_named(first.transform).told
    lines = ["| layer | network | " + " | ".join(map(told, first.amounts)) + " |"]
    lines.append("|---" * (len(first.amounts) + 2) + "|")
    for layer in layers:
        for key, report in reports.items():
            shown = report.classifier_map if layer == _READ else layer
            if shown in report.layers:
                i = report.layers.index(shown)
                cells = [
                    "–" if math.isnan(mean) else f"{100 * mean:.1f} ({100 * low:.1f}–{100 * high:.1f})"
                    for mean, (low, high) in zip(report.error[i], report.spread[i], strict=True)
                ]
                name = f"{shown}, read by the classifier" if layer == _READ else layer
                lines.append(f"| {name} | {key} | " + " | ".join(cells) + " |")
    lines.append("| image | there and back | " + " | ".join(f"{100 * value:.1f}" for value in first.image_cost) + " |")
    return lines


def _ending(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _images(text: str) -> int | Path:
    return _at_least_one(text) if text.lstrip("+-").isdecimal() else Path(text)


def _at_least_one(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number < 2**31:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return number


def _amounts(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers with commas between, such as 0.5,2, got {text!r}") from None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


if __name__ == "__main__":
    sys.exit(main())
