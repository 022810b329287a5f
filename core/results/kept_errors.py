"""What `/compare` opens with, measured once and kept: `python -m core.results.kept_errors`.

The errors of the first MNIST test digits, digit by digit, of every network with an axis of scales as it was trained, at
the amounts at which it is compared with another one. They are what `measure` gives, to five digits; what is not kept
(other weights, scales, digits, amounts) is measured when it is asked for. The largest of these networks would take
nine seconds of two cores each time; one without such an axis takes one, and is measured.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from core import files
from core.checkpoints import CheckpointError, folder_of, read_card
from core.data.mnist import MnistMissing, load_mnist
from core.equivariance.edge import BACKGROUND
from core.equivariance.measure import measure
from core.equivariance.parts import join
from core.equivariance.report import EquivarianceReport
from core.models import MODELS, Shown, trainings
from core.resampling import rescale
from core.results import codec
from core.results.by_size import FOLDER
from core.results.equivariance import DATA_SCALE, RESAMPLER
from core.results.paired_amounts import paired_amounts
from core.transforms import transform_named

SOURCE, TRANSFORM, NUM_DIGITS = "mnist", "scale", 64
NAME = "kept-errors.csv"
_DIGITS = 5  # of every error
_PART = 16  # digits: what bounds the memory


@dataclass(frozen=True)
class KeptErrors:
    """One layer of one network at one scale factor.

    Attributes:
        network, trained_on: as `Shown`. checkpoint: first 12 digits of the SHA-256 of the weights.
        layer: its name. amount: scale factor, without unit.
        errors: relative L2 error of each digit; None where the layer is silent or nothing is known.
        known: share of positions and scales, 0 to 1. classifier: whether the classifier reads this layer.
        side: of the wide canvas, in pixels; None where there is none. steps: of the network's axis.
        torch: the version that computed it.
    """

    network: str
    trained_on: str
    checkpoint: str
    layer: str
    amount: float
    errors: tuple[float | None, ...]
    known: float
    classifier: bool
    side: int | None
    steps: tuple[float, ...]
    torch: str


def kept_report(shown: Shown, amounts: Sequence[float], start: int, stop: int) -> EquivarianceReport | None:
    """What `measure(…, costs=False)` gives of the digits from `start` to `stop`; None if not all of it is kept."""
    if shown.scales is not None or stop > NUM_DIGITS:
        return None
    rows = _kept(shown.key, shown.trained_on)
    if rows and rows[0].checkpoint != _checkpoint(shown):
        return None
    layers = tuple(dict.fromkeys(row.layer for row in rows))
    cells = {(row.layer, row.amount): row for row in rows}
    if not rows or any((layers[0], amount) not in cells for amount in amounts):
        return None
    grid = [[cells[layer, amount] for amount in amounts] for layer in layers]
    errors = np.array([[each.errors[start:stop] for each in line] for line in grid], dtype=float)  # None is NaN
    known = np.array([[each.known for each in line] for line in grid])
    return EquivarianceReport(
        layers, tuple(amounts), RESAMPLER, errors, np.full(errors.shape[1:], np.nan),
        np.where(known > 0, np.isnan(errors).mean(2), 0.0), known,
        np.zeros((len(layers), errors.shape[2]), dtype=bool), TRANSFORM,
        classifier_map=next((row.layer for row in rows if row.classifier), None), side=rows[0].side,
        steps=rows[0].steps, edge=BACKGROUND if rows[0].side else "",
    )  # fmt: skip


def measured(shown: Shown, amounts: Sequence[float], num_digits: int = NUM_DIGITS) -> list[KeptErrors]:
    """The rows of one network. Raises: MnistMissing, CheckpointError; ValueError for a blank map, as no row says so."""
    network = shown.load()
    digits = rescale(load_mnist("test").images[:num_digits].float() / 255, DATA_SCALE, RESAMPLER)
    report = join([measure(network, part, amounts, RESAMPLER, costs=False) for part in digits.split(_PART)])
    if report.blank is not None and report.blank.any():
        raise ValueError(f"{shown.title} answers a digit with a blank map")
    return [
        KeptErrors(
            shown.key, shown.trained_on, _checkpoint(shown), layer, amount,
            tuple(None if math.isnan(error) else float(f"{error:.{_DIGITS}g}") for error in report.per_image[i, k]),
            float(report.known[i, k]), layer == report.classifier_map, report.side, report.steps, torch.__version__,
        )
        for i, layer in enumerate(report.layers)
        for k, amount in enumerate(amounts)
    ]  # fmt: skip


def amounts_of_pairs() -> dict[Shown, tuple[float, ...]]:
    """Every network that is kept, with all amounts at which it is compared with another one."""
    transform = transform_named(TRANSFORM)
    networks = [Shown(key, trained_on=digits) for key in MODELS for digits in trainings(key)]
    steps = {shown: _steps(shown) for shown in networks}
    found = dict[Shown, tuple[float, ...]]()
    for one in (each for each in networks if steps[each]):
        asked = set[float]()
        for other in networks:
            for a, b in ((one, other), (other, one)):
                asked.update(paired_amounts(transform, transform.handle(steps[a]), steps[a], steps[b]))
        found[one] = tuple(sorted(asked))
    return found


def _steps(shown: Shown) -> tuple[float, ...]:
    with torch.no_grad():
        return transform_named(TRANSFORM).steps(shown.load().features(torch.zeros(1, 1, 28, 28)))


def _checkpoint(shown: Shown) -> str:
    """The first 12 digits of the SHA-256 of the weights; empty where no card can be read."""
    try:
        return read_card(shown.key, folder=folder_of(shown.trained_on)).sha256[:12]
    except CheckpointError:
        return ""


def read(path: Path = FOLDER / NAME) -> list[KeptErrors]:
    """The table; empty where there is none. Raises: ValueError, in one sentence, if it is damaged."""
    return codec.parse(KeptErrors, path.read_bytes(), path.name) if path.is_file() else []


@cache
def _by_network() -> dict[tuple[str, str], list[KeptErrors]]:
    found: dict[tuple[str, str], list[KeptErrors]] = {}
    for row in read():
        found.setdefault((row.network, row.trained_on), []).append(row)
    return found


def _kept(key: str, trained_on: str) -> list[KeptErrors]:
    """The rows of one network; none if the table is damaged, since all of it can be measured again."""
    try:
        return _by_network().get((key, trained_on), [])
    except ValueError:
        return []


def main() -> int:
    found = list[KeptErrors]()
    try:
        for shown, amounts in amounts_of_pairs().items():
            print(f"{shown.title_with_digits}: {', '.join(map(str, amounts))}", file=sys.stderr, flush=True)
            found += measured(shown, amounts)
        files.write(FOLDER / NAME, codec.to_text(KeptErrors, found))
    except (MnistMissing, CheckpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
