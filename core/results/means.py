"""The error of every network as one number with its interval: the mean over scale factors, digit by digit.

Kept in `assets/results/equivariance-<size>-means.csv`, from the same measurements as core.results.equivariance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.equivariance.report import EquivarianceReport, mean_over_images, quantiles_over_images
from core.results.bootstrap import bca_interval
from core.results.by_size import FOLDER, TableBySize

CONVOLUTIONS = "convolutions"  # the name of a row that is no layer: the mean over all of them


@dataclass(frozen=True)
class Mean:
    """One layer of one network, or all its convolutions, over all scale factors.

    Attributes:
        network: its key in the registry. layer: as the network declares it, or `CONVOLUTIONS`.
        classifier: whether the classifier reads this layer.
        mean: relative L2 error, first over the scale factors and then over the digits; NaN if nothing is known.
        ci_low, ci_high: 95 % BCa bootstrap interval of that mean over the digits.
        low, high: 16 % and 84 % quantiles of the digits.
        factors: at how many scale factors something is known. images: digits. checkpoint: first 12 digits of the
            SHA-256 of the weights, empty for a control. torch: the version that computed it.
    """

    network: str
    layer: str
    classifier: bool
    mean: float
    ci_low: float
    ci_high: float
    low: float
    high: float
    factors: int
    images: int
    checkpoint: str
    torch: str


_TABLE = TableBySize(Mean, "-means")


def means_of(key: str, report: EquivarianceReport, checkpoint: str = "") -> list[Mean]:
    """One row for each layer in order, then one for the convolutions if there are any."""
    rows = [_mean(key, layer, report, [i], checkpoint) for i, layer in enumerate(report.layers)]
    convs = [i for i, layer in enumerate(report.layers) if layer.startswith("conv")]
    return [*rows, _mean(key, CONVOLUTIONS, report, convs, checkpoint)] if convs else rows


def _mean(key: str, name: str, report: EquivarianceReport, layers: Sequence[int], checkpoint: str) -> Mean:
    errors = report.per_image[list(layers)]  # (layer, amount, image)
    known = int(np.isfinite(errors).any(axis=(0, 2)).sum())
    by_digit = mean_over_images(errors.reshape(-1, errors.shape[-1]).T)  # of what is known of each
    low, high = (float(end) for end in quantiles_over_images(by_digit))
    numbers = float(mean_over_images(by_digit)), *bca_interval(by_digit), low, high
    read = name == report.classifier_map
    return Mean(key, name, read, *numbers, known, report.num_images, checkpoint, torch.__version__)


@dataclass(frozen=True)
class Standing:
    """One network: the map that its classifier reads, and the mean over its convolutions."""

    network: str
    classifier: Mean
    all: Mean


def standings(means: Sequence[Mean]) -> tuple[Standing, ...]:
    """Every network with convolutions and a map that the classifier reads, from the least mean error there upwards."""
    found = []
    for network in dict.fromkeys(mean.network for mean in means):
        rows = [row for row in means if row.network == network and not np.isnan(row.mean)]
        last, convs = [row for row in rows if row.classifier], [row for row in rows if row.layer == CONVOLUTIONS]
        if last and convs:
            found.append(Standing(network, last[0], convs[0]))
    return tuple(sorted(found, key=lambda standing: standing.classifier.mean))


def read(size: str = "small", folder: Path = FOLDER) -> tuple[Mean, ...]:
    """The rows of the table that is kept. Errors: as `TableBySize.read`."""
    return _TABLE.read(size, folder)


def write(means: Iterable[Mean], size: str, folder: Path = FOLDER) -> Path:
    """Keeps the rows. Raises: OSError."""
    return _TABLE.write(means, size, folder)
