"""The error of every trained network and control as two tables: `python -m core.results.equivariance --size small`.

The images are the first MNIST test digits, shown at 0.7 of their size so that they have room to grow, under bicubic
resampling. Every factor has its row in `assets/results/equivariance-<size>.csv`; their means with an interval stand in
core.results.means, which `python -m core.figures.ranking` draws.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from core.results import means
from core.results.by_size import DECIMALS, FOLDER, TableBySize
from core.results.means import Mean

FACTORS = tuple(2.0 ** (power / 3) for power in (-3, -2, -1, 1, 2, 3))  # the steps of four scales over an octave
NUM_IMAGES, DATA_SCALE, RESAMPLER = 256, 0.7, "bicubic"
_AT_ONCE = 32  # images: what bounds the memory


@dataclass(frozen=True)
class Result:
    """One layer of one network at one scale factor.

    Attributes:
        network: its key in the registry. layer, group: as the network declares them. s: scale factor, without unit.
        mean, low, high: relative L2 error over the images, their 16 % and 84 % quantiles; NaN if there is none.
        cost, image_cost: what resampling there and back costs the map, and the image; mean, relative L2.
        silent, known: shares, as in `EquivarianceReport`. classifier: whether the classifier reads this layer.
        on_grid: whether s is a power of the network's own step between scales; true for one without scales.
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
    cost: float
    image_cost: float
    silent: float
    known: float
    classifier: bool
    on_grid: bool
    images: int
    checkpoint: str
    torch: str


_TABLE = TableBySize(Result)


def read(size: str = "small", folder: Path = FOLDER) -> tuple[Result, ...]:
    """The rows of the table that is kept, in the order of the registry and of the layers.

    Errors: as `TableBySize.read`.
    """
    return _TABLE.read(size, folder)


def write(results: Iterable[Result], size: str, folder: Path = FOLDER) -> Path:
    """Keeps the rows. Raises: OSError."""
    return _TABLE.write(results, size, folder)


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
) -> tuple[list[Result], list[Mean]]:
    """The rows of one network, factor by factor and over all of them. Raises: as `core.models.load` and `measure`."""
    network = load(key, size)
    report = measure_in_parts(network, images, scale_factors)
    with torch.no_grad():
        groups = {layer: found.group for layer, found in network.features(images[:1]).items()}
    checkpoint = _checkpoint(key, size)
    mean, spread, cost, on_grid = report.error, report.spread, report.cost, report.on_grid
    found = []
    for i, layer in enumerate(report.layers):
        for k, s in enumerate(report.scale_factors):
            low, high = map(float, spread[i, k])
            costs = float(cost[i, k]), float(report.image_cost[k])
            numbers = s, float(mean[i, k]), low, high, *costs, float(report.silent[i, k]), float(report.known[i, k])
            told = layer == report.classifier_map, bool(on_grid[k]), report.num_images, checkpoint, torch.__version__
            found.append(Result(key, layer, groups[layer], *numbers, *told))
    return found, means.means_of(key, report, checkpoint)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.results.equivariance", description=__doc__)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    parser.add_argument(
        "--missing", action="store_true", help="keep what is there of the present weights, if the measure is the same"
    )
    options = parser.parse_args(arguments)
    try:
        for path in _measure(options.size, options.missing):
            print(path, file=sys.stderr)
    except (MnistMissing, CheckpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _measure(size: str, missing: bool) -> tuple[Path, Path]:
    torch.set_num_threads(1)  # sums in a fixed order, so that the same machine gives the same digits
    images = sample()
    found: list[Result] = []
    over_all: list[Mean] = []
    keys = [key for key, spec in MODELS.items() if size in spec.sizes and is_ready(key, size)]
    kept = _kept(size) if missing else {}
    for number, key in enumerate(keys, start=1):
        print(f"{number} of {len(keys)}: {key}", file=sys.stderr, flush=True)
        rows, of_network = kept.get((key, _checkpoint(key, size))) or results_of(key, size, images)
        found, over_all = [*found, *rows], [*over_all, *of_network]
    return write(found, size, FOLDER), means.write(over_all, size, FOLDER)


def _kept(size: str) -> dict[tuple[str, str], tuple[list[Result], list[Mean]]]:
    """The rows of both tables by network and checkpoint; none if they are missing, damaged or of other factors."""
    try:
        rows, over_all = read(size, FOLDER), means.read(size, FOLDER)
    except (FileNotFoundError, ValueError):
        return {}
    if {row.s for row in rows} != {round(s, DECIMALS) for s in FACTORS}:
        return {}
    found: dict[tuple[str, str], tuple[list[Result], list[Mean]]] = {}
    for row in rows:
        found.setdefault((row.network, row.checkpoint), ([], []))[0].append(row)
    for mean in over_all:
        if (mean.network, mean.checkpoint) in found:
            found[mean.network, mean.checkpoint][1].append(mean)
    return {which: both for which, both in found.items() if both[1]}


def _checkpoint(key: str, size: str) -> str:
    """The first 12 digits of the SHA-256 of the weights; empty for a control."""
    return "" if MODELS[key].control else read_card(key, size).sha256[:12]


if __name__ == "__main__":
    sys.exit(main())
