"""The error of every trained network and control as one table: `python -m core.equivariance.results --size small`.

The images are the first MNIST test digits, shown at 0.7 of their size so that they have room to grow, under bicubic
resampling. The table is kept in `assets/results/equivariance-<size>.csv`; `--draw` draws what is kept there.
"""

import argparse
import csv
import io
import math
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from core.checkpoints import CheckpointError, read_card
from core.data.mnist import MnistMissing, load_mnist
from core.equivariance.measure import measure
from core.equivariance.parts import join
from core.equivariance.report import EquivarianceReport
from core.models import MODELS, Network, is_ready, load
from core.resampling import rescale

ROOT = Path(__file__).resolve().parents[2]
FOLDER, FIGURE = ROOT / "assets" / "results", ROOT / "docs" / "ranking.svg"
FACTORS = tuple(2.0**power for power in (-1, -1 / 2, -1 / 3, 1 / 3, 1 / 2, 1))
NUM_IMAGES, DATA_SCALE, RESAMPLER = 256, 0.7, "bicubic"
_AT_ONCE = 32  # images: what bounds the memory


@dataclass(frozen=True)
class Result:
    """One layer of one network at one scale factor.

    Attributes:
        network: its key in the registry. layer, group: as the network declares them. s: scale factor, without unit.
        mean, low, high: relative L2 error over the images, their 16 % and 84 % quantiles; NaN if there is none.
        floor: mean error of the resampler alone. silent, known: shares, as in `EquivarianceReport`.
        images: how many were measured. checkpoint: first 12 digits of the SHA-256 of the weights, empty for a control.
        torch: the version that computed it.
    """

    network: str
    layer: str
    group: str
    s: float
    mean: float
    low: float
    high: float
    floor: float
    silent: float
    known: float
    images: int
    checkpoint: str
    torch: str


def read(size: str = "small", folder: Path = FOLDER) -> tuple[Result, ...]:
    """The rows of the table that is kept, in the order of the registry and of the layers.

    Raises: FileNotFoundError if none is kept for that size; ValueError if it has other columns or no numbers.
    """
    path = _path(size, folder)
    if not path.is_file():
        raise FileNotFoundError(
            f"There are no results of size {size}; `python -m core.equivariance.results` makes them."
        )
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    names = [field.name for field in fields(Result)]
    if not rows or rows[0] != names:
        raise ValueError(f"{path.name} must have the columns {', '.join(names)}")
    return tuple(_parse(row) for row in rows[1:])


def to_text(results: Iterable[Result]) -> str:
    """The table as CSV; five decimals, and an empty cell where there is no number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Result))
    writer.writerows([_cell(value) for value in astuple(result)] for result in results)
    return out.getvalue()


def sample(num_images: int = NUM_IMAGES) -> Float[Tensor, "b 1 28 28"]:
    """The first MNIST test digits at `DATA_SCALE`. Raises: MnistMissing."""
    return rescale(load_mnist("test").images[:num_images].float() / 255, DATA_SCALE, RESAMPLER)


def measure_in_parts(
    network: Network, images: Float[Tensor, "b 1 h w"], scale_factors: Sequence[float], at_once: int = _AT_ONCE
) -> EquivarianceReport:
    """As `measure`, a few images at a time, so that memory does not grow with their number."""
    return join([measure(network, part, scale_factors, RESAMPLER) for part in images.split(at_once)])


def results_of(
    key: str, size: str, images: Float[Tensor, "b 1 h w"], scale_factors: Sequence[float] = FACTORS
) -> list[Result]:
    """The rows of one network. Raises: as `core.models.load` and `measure`."""
    network = load(key, size)
    report = measure_in_parts(network, images, scale_factors)
    with torch.no_grad():
        groups = {layer: found.group for layer, found in network.features(images[:1]).items()}
    checkpoint = "" if MODELS[key].control else read_card(key, size).sha256[:12]
    mean, spread, floor = report.error, report.spread, report.floor
    found = []
    for i, layer in enumerate(report.layers):
        for k, s in enumerate(report.scale_factors):
            low, high = map(float, spread[i, k])
            numbers = s, float(mean[i, k]), low, high, float(floor[k]), float(report.silent[i, k])
            known, images_seen = float(report.known[i, k]), report.num_images
            found.append(Result(key, layer, groups[layer], *numbers, known, images_seen, checkpoint, torch.__version__))
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.equivariance.results", description=__doc__)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument("--draw", action="store_true", help=f"draw {FIGURE.name} from the table that is kept")
    options = parser.parse_args(arguments)
    try:
        if options.draw:
            _draw(options.size)
        else:
            _measure(options.size)
    except (MnistMissing, CheckpointError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _measure(size: str) -> None:
    torch.set_num_threads(1)  # sums in a fixed order, so that the same machine gives the same digits
    images, found = sample(), []
    keys = [key for key, spec in MODELS.items() if size in spec.sizes and is_ready(key, size)]
    for number, key in enumerate(keys, start=1):
        print(f"{number} of {len(keys)}: {key}", file=sys.stderr, flush=True)
        found += results_of(key, size, images)
    _write(_path(size, FOLDER), to_text(found))


def _draw(size: str) -> None:
    from core.figures.ranking import ranking_svg  # figures rest on measurements; only this command needs one

    _write(FIGURE, ranking_svg(read(size)))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)
    print(path, file=sys.stderr)


def _path(size: str, folder: Path) -> Path:
    return folder / f"equivariance-{size}.csv"


def _cell(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "" if math.isnan(value) else f"{value:.5f}"


def _parse(row: list[str]) -> Result:
    network, layer, group, *numbers, images, checkpoint, version = row
    s, mean, low, high, floor, silent, known = (float(text) if text else math.nan for text in numbers)
    return Result(network, layer, group, s, mean, low, high, floor, silent, known, int(images), checkpoint, version)


if __name__ == "__main__":
    sys.exit(main())
