"""What a choice of internal scales does to reading: the same digits at many sizes, as trained and as chosen.

The weights were trained on digits of one size, so every other size is unseen; they stay as they are on other scales.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool

from core.data.any_size import ANY_SIZE, COUNT, AnySize
from core.data.mnist import LabelledImages
from core.data.one_size import SIZES
from core.equivariance.exports import as_cell, as_csv
from core.models import Network, load
from core.results.findings import rank_correlation
from core.results.statistics import Estimate, over_hits, paired_difference
from core.tolerance import Mixture

TRAINED_ON = "one size"
PART = 250  # digits read between two looks at who waits
_BATCH = 50  # the fastest on a processor: the maps stay in its cache
_RESAMPLES = 2_000  # of each of 13 intervals, which a visitor waits for
_UNMOVED = 1e-6  # per octave: changes of a density that are none

Flags = Bool[np.ndarray, " _"]
Misread = Callable[[float, int, int], Flags]  # size, and the digits from `start` to before `stop`


@dataclass(frozen=True)
class Stage:
    """A whole answer: so many digits at each of these sizes, × MNIST."""

    sizes: tuple[float, ...]
    count: int


STAGES = (Stage(SIZES[::2], 100), Stage(SIZES, 100), Stage(SIZES, 400), Stage(SIZES, COUNT))


@dataclass(frozen=True, eq=False)
class ReadBySize:
    """Which of the same digits a network misreads at each size, on the scales it was trained on and on chosen ones.

    Attributes: sizes: × MNIST, ascending. kind: of the digits, in the plural.
    """

    sizes: tuple[float, ...]
    trained: Bool[np.ndarray, "size n"]
    chosen: Bool[np.ndarray, "size n"]
    kind: str

    @property
    def count(self) -> int:
        """Digits at each size."""
        return self.trained.shape[1]

    @cached_property
    def trained_errors(self) -> tuple[Estimate, ...]:
        """In %, with the binomial interval of these digits."""
        return tuple(over_hits(each, self.kind) for each in self.trained)

    @cached_property
    def chosen_errors(self) -> tuple[Estimate, ...]:
        """As `trained_errors`."""
        return tuple(over_hits(each, self.kind) for each in self.chosen)

    @cached_property
    def differences(self) -> tuple[Estimate, ...]:
        """As chosen − as trained at each size in percentage points, over the pairs."""
        pairs = zip(self.trained, self.chosen, strict=True)
        return tuple(paired_difference(100.0 * one, 100.0 * two, self.kind, _RESAMPLES) for one, two in pairs)


@dataclass(frozen=True)
class Progress:
    """How far reading is. Attributes: share: from 0 to 1. found: the last whole stage; None before the first."""

    share: float
    found: ReadBySize | None


NOTHING = Progress(0.0, None)


@dataclass(frozen=True)
class Agreement:
    """Whether reading follows the tolerance mixture: where that grows denser, errors should fall.

    Attributes:
        agree, against: sizes at which the error differs and the mixture changes as it should, or the other way.
        rho: Spearman's rank correlation between the changes of density and of error over all sizes, without an
            interval, as sizes share their digits; None where one of them changes nowhere.
        n: sizes.
    """

    agree: tuple[float, ...]
    against: tuple[float, ...]
    rho: float | None
    n: int


def read_scales(
    key: str, scales: Sequence[float], source: str = "mnist", count: int = COUNT, sizes: Sequence[float] = SIZES
) -> ReadBySize:
    """The weights of one size of a network, on its own scales and on others.

    Args: scales: σ in pixels, ascending. source: `mnist`, or `vector` for those that are drawn. count: at most so many.
    Raises: as `core.models.load`; KeyError for another source; MnistMissing.
    """
    digits = ANY_SIZE[source]()
    trained = load(key, trained_on=TRAINED_ON)
    chosen = load(key, trained_on=TRAINED_ON, internal_scales=tuple(scales))
    *_, last = read_in_stages(reader(trained, digits), reader(chosen, digits), digits, [Stage(tuple(sizes), count)])
    assert last.found is not None
    return last.found


def reader(network: Network, digits: AnySize) -> Misread:
    """Reads digits when they are asked for."""
    return lambda size, start, stop: misread(network, digits.at(size, start, stop))


@torch.inference_mode()
def misread(network: Network, digits: LabelledImages) -> Flags:
    """Which digits a network in eval mode takes for another."""
    batches = zip(digits.images.split(_BATCH), digits.labels.split(_BATCH), strict=True)
    return torch.cat([network(images.float() / 255).argmax(1) != labels for images, labels in batches]).numpy()


def read_in_stages(
    trained: Misread, chosen: Misread, digits: AnySize, stages: Sequence[Stage] = STAGES
) -> Iterator[Progress]:
    """Reads part by part, first a few digits at few sizes, then more; who stops asking has cancelled.

    Args: stages: each with all sizes and digits of the one before. Of fewer digits, all are read.
    """
    read: dict[float, list[tuple[Flags, Flags]]] = {size: [] for size in stages[-1].sizes}
    wanted, found = len(read) * min(stages[-1].count, digits.count), None
    for stage in stages:
        count = min(stage.count, digits.count)
        starts = [(size, start) for size in stage.sizes for start in range(_length(read[size]), count, PART)]
        for place, (size, start) in enumerate(starts, start=1):
            stop = min(start + PART, count)
            read[size].append((trained(size, start, stop), chosen(size, start, stop)))
            if place == len(starts):
                found = _joined(stage.sizes, read, digits.kind)
            yield Progress(sum(map(_length, read.values())) / wanted, found)


def agreement(found: ReadBySize, trained: Mixture, chosen: Mixture) -> Agreement:
    """Of reading with the mixtures of both sets, over sizes × MNIST."""
    denser = chosen.density(found.sizes) - trained.density(found.sizes)
    told = [
        (size, bool(change * each.mean < 0))
        for size, change, each in zip(found.sizes, denser, found.differences, strict=True)
        if each.differs_from_zero and abs(change) > _UNMOVED
    ]
    try:
        rho = rank_correlation(denser.tolist(), [each.mean for each in found.differences]).rho
    except ValueError:
        rho = None
    agree, against = (tuple(size for size, does in told if does == wanted) for wanted in (True, False))
    return Agreement(agree, against, rho, len(found.sizes))


def reading_to_csv(found: ReadBySize, trained: Mixture, chosen: Mixture) -> str:
    """One line for each size: both densities per octave, both errors and their difference with intervals."""
    head = ["size", "density as trained", "density as chosen"]
    for name in ("error as trained, %", "error as chosen, %", "difference, points"):
        head += [name, "low", "high"]
    densities = zip(trained.density(found.sizes), chosen.density(found.sizes), strict=True)
    estimates = zip(found.trained_errors, found.chosen_errors, found.differences, strict=True)
    rows = [
        [as_cell(float(value)) for value in (size, *both, *(end for e in three for end in (e.mean, e.low, e.high)))]
        for size, both, three in zip(found.sizes, densities, estimates, strict=True)
    ]
    return as_csv([*head, f"n = {found.kind}"], [[*row, found.count] for row in rows])


def _joined(sizes: tuple[float, ...], read: Mapping[float, Sequence[tuple[Flags, Flags]]], kind: str) -> ReadBySize:
    flags = [np.stack([np.concatenate([part[k] for part in read[size]]) for size in sizes]) for k in (0, 1)]
    return ReadBySize(sizes, flags[0], flags[1], kind)


def _length(parts: Sequence[tuple[Flags, Flags]]) -> int:
    return sum(len(one) for one, _ in parts)
