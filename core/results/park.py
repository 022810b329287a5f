"""A published comparison of networks under a change of size, with the shipped weights: `python -m core.results.park`.

Source: chanhopark00/scale_equivariance on GitHub. It shrinks the MNIST test digits by 1.1, 1.5, 2, 2.5 and 3 on their
canvas, and plots accuracy and equivariance error of a deformable CNN, deep scale-spaces and a rotation group CNN, the
first beside a plain CNN. Here: accuracy on all 10,000 digits, shrunk by the project's bicubic resampler and by the
study's zoom (assets/results/park-reading.csv); the relative L2 error of `measure` and the study's own of
`measure_spectral`, at the last convolution and at the map that the classifier reads (park-equivariance.csv).

The weights are those of size small, trained on realisation 0 of MNIST-Scale, which draws its digits from the whole of
MNIST: the digits of the test file that were among its training and validation digits are counted apart.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from core import files
from core.checkout import git_commit, output_folder
from core.checkpoints import CheckpointError, read_card
from core.data.mnist import LabelledImages, MnistMissing, all_of_mnist, load_mnist
from core.data.mnist_scale import split_indices
from core.equivariance import measure, measure_spectral
from core.equivariance.parts import join
from core.equivariance.spectral import RESAMPLER as ZOOM
from core.models import Network, load
from core.resampling import cubic_zoom, rescale
from core.results import codec
from core.results.by_size import DECIMALS, FOLDER
from core.results.statistics import Estimate, over_hits

READING, EQUIVARIANCE = "park-reading.csv", "park-equivariance.csv"
NETWORKS = ("cnn", "deformable_cnn", "dss", "so2_cnn")
SHRUNK = (1.0, 1.1, 1.5, 2.0, 2.5, 3.0)  # by how much, as the study has it
OURS, THEIRS = ERRORS = ("relative L2", "spectral over Frobenius")
RESAMPLER, RESAMPLERS = "bicubic", ("bicubic", ZOOM)
CONVOLUTION = "conv3"  # the last, whose map the study compares
NUM_IMAGES = 256  # for the errors, the first of the test file
_BATCH, _AT_ONCE = 50, 32


@dataclass(frozen=True)
class ReadingLine:
    """How many of the MNIST test digits one network reads at one size.

    Attributes:
        network: its key in the registry. shrunk: by how much the digits are smaller, 1 for as they are.
        resampler: that made them smaller. images: digits. read: of them, rightly.
        unseen, unseen_read: the same of those that were not among the digits of its training or validation.
        checkpoint: first 12 digits of the SHA-256 of the weights. torch, commit: that computed it.
    Raises: ValueError for counts that contradict each other.
    """

    network: str
    shrunk: float
    resampler: str
    images: int
    read: int
    unseen: int
    unseen_read: int
    checkpoint: str
    torch: str
    commit: str

    def __post_init__(self) -> None:
        if not (0 <= self.unseen_read <= self.unseen <= self.images and self.unseen_read <= self.read <= self.images):
            counts = self.images, self.read, self.unseen, self.unseen_read
            raise ValueError(f"of all digits and of the unseen ones no more can be read than there are, got {counts}")

    @property
    def accuracy(self) -> Estimate:
        """In %, with the binomial interval of these digits."""
        return over_hits(np.arange(self.images) < self.read)

    @property
    def unseen_accuracy(self) -> Estimate:
        """As `accuracy`, of the digits that training and validation did not show."""
        return over_hits(np.arange(self.unseen) < self.unseen_read)


@dataclass(frozen=True)
class EquivarianceLine:
    """The error of one layer of one network at one size.

    Attributes:
        network, shrunk, resampler, checkpoint, torch, commit: as in `ReadingLine`.
        layer: `conv3`, the last convolution, or the map that the classifier reads. error: one of `ERRORS`.
        images: digits. canvas: side in pixels on which they were measured.
        mean, low, high: over the digits, with their 16 % and 84 % quantiles; without unit.
        silent: share that does not answer: of digits, or for the study's error of channels.
    """

    network: str
    layer: str
    shrunk: float
    error: str
    resampler: str
    canvas: int
    images: int
    mean: float
    low: float
    high: float
    silent: float
    checkpoint: str
    torch: str
    commit: str

    def __post_init__(self) -> None:
        if self.error not in ERRORS:
            raise ValueError(f"an error is {' or '.join(ERRORS)}, got {self.error!r}")


def read_reading(folder: Path = FOLDER) -> list[ReadingLine]:
    """The accuracies that are kept. Raises: OSError; ValueError, in one sentence, if they are damaged."""
    return codec.parse(ReadingLine, (folder / READING).read_bytes(), READING)


def read_equivariance(folder: Path = FOLDER) -> list[EquivarianceLine]:
    """The errors that are kept. Raises: as `read_reading`."""
    return codec.parse(EquivarianceLine, (folder / EQUIVARIANCE).read_bytes(), EQUIVARIANCE)


def shrink(images: Float[Tensor, "b 1 h w"], by: float, resampler: str) -> Float[Tensor, "b 1 h w"]:
    """Digits made smaller on their canvas. Raises: ValueError for another resampler than `RESAMPLERS`."""
    if resampler not in RESAMPLERS:
        raise ValueError(f"digits are shrunk by {' or '.join(RESAMPLERS)}, got {resampler!r}")
    return cubic_zoom(images, 1 / by) if resampler == ZOOM else rescale(images, 1 / by, resampler)


def unseen_test_digits(realisation: int = 0) -> Bool[np.ndarray, " n"]:
    """Which digits of the MNIST test file are in neither training nor validation of a realisation of MNIST-Scale.

    Raises: MnistMissing.
    """
    labels = all_of_mnist().labels
    unseen = np.ones(len(labels), dtype=bool)
    splits = split_indices(labels, realisation)
    for name in ("train", "validation"):
        unseen[splits[name].numpy()] = False
    return unseen[len(labels) - len(load_mnist("test")) :]  # the pool has the test file last


@torch.inference_mode()
def reads(network: Network, digits: LabelledImages, by: float, resampler: str) -> Bool[np.ndarray, " n"]:
    """Which digits a network reads rightly when they are that much smaller."""
    batches = zip(digits.images.split(_BATCH), digits.labels.split(_BATCH), strict=True)
    found = [network(shrink(images.float() / 255, by, resampler)).argmax(1) == labels for images, labels in batches]
    return torch.cat(found).numpy()


def reading_lines(
    key: str, digits: LabelledImages, unseen: Bool[np.ndarray, " n"], shrunk: Sequence[float] = SHRUNK
) -> Iterator[ReadingLine]:
    """Of one network, both resamplers. Args: unseen: which of the digits. Raises: CheckpointError."""
    network, about = load(key), _about(key)
    for resampler in RESAMPLERS:
        for by in shrunk:
            right = reads(network, digits, by, resampler)
            counts = len(right), int(right.sum()), int(unseen.sum()), int(right[unseen].sum())
            yield ReadingLine(key, by, resampler, *counts, *about)


def equivariance_lines(
    key: str, images: Float[Tensor, "b 1 h w"], shrunk: Sequence[float] = SHRUNK[1:]
) -> Iterator[EquivarianceLine]:
    """Of one network, both errors at its last convolution and at the map that its classifier reads.

    Raises: CheckpointError; ValueError as `measure`.
    """
    network, about, factors = load(key), _about(key), [1 / by for by in shrunk]
    parts = images.split(_AT_ONCE)
    ours = join([measure(network, part, factors, RESAMPLER, costs=False) for part in parts])
    theirs = measure_spectral(network, images, factors)
    canvas = {OURS: ours.side or images.shape[-1], THEIRS: images.shape[-1]}
    for error, resampler, report in ((OURS, RESAMPLER, ours), (THEIRS, ZOOM, theirs)):
        for layer in dict.fromkeys((CONVOLUTION, network.classifier_map or CONVOLUTION)):
            i = report.layers.index(layer)
            for k, by in enumerate(shrunk):
                low, high = map(_rounded, report.spread[i, k])
                numbers = _rounded(report.error[i, k]), low, high, _rounded(report.silent[i, k])
                what = key, layer, by, error, resampler, canvas[error], report.num_images
                yield EquivarianceLine(*what, *numbers, *about)


def _rounded(number: float) -> float:
    return round(float(number), DECIMALS)


def _about(key: str) -> tuple[str, str, str]:
    return read_card(key).sha256[:12], torch.__version__, git_commit()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.results.park", description=__doc__)
    parser.parse_args(arguments)
    torch.set_num_threads(1)  # sums in a fixed order, so that the same machine gives the same digits
    try:
        for path in _write(load_mnist("test"), unseen_test_digits()):
            print(path, file=sys.stderr)
    except (MnistMissing, CheckpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _write(digits: LabelledImages, unseen: Bool[np.ndarray, " n"]) -> Iterator[Path]:
    images = digits.images[:NUM_IMAGES].float() / 255
    errors = [line for key in _told(NETWORKS) for line in equivariance_lines(key, images)]
    read = [line for key in _told(NETWORKS) for line in reading_lines(key, digits, unseen)]
    folder = output_folder(FOLDER)
    for kind, lines, name in ((EquivarianceLine, errors, EQUIVARIANCE), (ReadingLine, read, READING)):
        files.write(folder / name, codec.to_text(kind, lines))
        yield folder / name


def _told(keys: Sequence[str]) -> Iterator[str]:
    for number, key in enumerate(keys, start=1):
        print(f"{number} of {len(keys)}: {key}", file=sys.stderr, flush=True)
        yield key


if __name__ == "__main__":
    sys.exit(main())
