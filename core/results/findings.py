"""What was found, as typed rows, one for each network: from the tables that are kept, and from the cards of weights."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from core import checkpoints
from core.checkpoints import ALL_SIZES, ONE_SIZE, Card, CheckpointError
from core.data.mnist_scale import SCALE_RANGE
from core.data.one_size import TRAINED
from core.models import MODELS
from core.results.means import Mean, Standing
from core.results.statistics import Estimate, over_realisations
from core.results.study import RunLine
from core.results.times import NetworkTime

BASELINE = "cnn_small"  # as many weights as SESN
AGAINST = ("equivariance", "parameters", "milliseconds")  # what a test error may stand beside
EQUIVARIANT = ("scale-equivariant", "learned scales", "ours")  # groups of networks that are made for changes of size


@runtime_checkable
class OfNetwork(Protocol):
    """Anything that one network of the registry has."""

    @property
    def network(self) -> str: ...


Row = TypeVar("Row", bound=OfNetwork)


@dataclass(frozen=True)
class Reading:
    """How a network reads the test split of its part of the study.

    Attributes: error: test error in %, over realisations. runs: that it is of, by their seed.
    """

    network: str
    error: Estimate
    runs: tuple[RunLine, ...]

    @property
    def parameters(self) -> int:
        return self.runs[0].parameters


@dataclass(frozen=True)
class Payoff:
    """A network's test error beside how far it commutes, and how long it takes.

    Attributes:
        reading: over realisations of the study. equivariance: mean error at the map that the classifier reads, of the
            weights that are shipped, without unit. time: of one forward pass.
    """

    reading: Reading
    equivariance: Mean
    time: NetworkTime

    @property
    def network(self) -> str:
        return self.reading.network

    def beside(self, against: str) -> tuple[float, float, float]:
        """A number of `AGAINST` with its lower and upper end: error in %, a count, or ms.

        Raises: ValueError for another one.
        """
        if against == "equivariance":
            mean = self.equivariance
            return 100 * mean.mean, 100 * mean.ci_low, 100 * mean.ci_high
        if against == "parameters":
            return (float(self.reading.parameters),) * 3
        if against == "milliseconds":
            return self.time.ms, self.time.low, self.time.high
        raise ValueError(f"expected {', '.join(AGAINST)}, got {against!r}")


@dataclass(frozen=True)
class SizeCurve:
    """Test error over the size of the digits.

    Attributes:
        data_scales: × MNIST, ascending. errors: in %, over realisations, at each. seen: the sizes that were trained
            on, from the first to the second. images: read at each size.
    """

    network: str
    data_scales: tuple[float, ...]
    errors: tuple[Estimate, ...]
    seen: tuple[float, float]
    images: int

    @property
    def unseen_error(self) -> float:
        """Mean over the sizes that training never showed, in %; NaN if it showed all of them."""
        pairs = zip(self.data_scales, self.errors, strict=True)
        unseen = [error.mean for scale, error in pairs if not self.is_seen(scale)]
        return math.fsum(unseen) / len(unseen) if unseen else math.nan

    def is_seen(self, data_scale: float) -> bool:
        return self.seen[0] <= data_scale <= self.seen[1]

    def only_seen(self) -> "SizeCurve":
        """At the sizes that training showed alone."""
        pairs = [(scale, e) for scale, e in zip(self.data_scales, self.errors, strict=True) if self.is_seen(scale)]
        return replace(self, data_scales=tuple(scale for scale, _ in pairs), errors=tuple(error for _, error in pairs))


@dataclass(frozen=True)
class Gain:
    """Points of test error by which networks read unseen sizes better than the baseline, over realisations.

    Attributes: networks: of which it is the mean. overall: of all unseen sizes. at_sizes: of each, by data scale.
    """

    networks: tuple[str, ...]
    overall: Estimate
    at_sizes: Mapping[float, Estimate]


@dataclass(frozen=True)
class Relation:
    """Spearman's rank correlation with its 95 % interval (Fieller, Hartley and Pearson, Biometrika 44, 1957).

    Attributes: rho: between −1 and 1. low, high: NaN for fewer than five pairs. n: pairs.
    """

    rho: float
    low: float
    high: float
    n: int

    @property
    def is_found(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def in_groups(rows: Iterable[Row], groups: Collection[str]) -> tuple[Row, ...]:
    """The rows of networks of these groups of the registry; all of them without a group."""
    return tuple(row for row in rows if not groups or MODELS[row.network].group in groups)


def readings(runs: Sequence[RunLine], part: str = ALL_SIZES) -> tuple[Reading, ...]:
    """Every network of a part, from the least mean error upwards.

    Raises: ValueError for a network that is not in the registry, or a run that is there twice.
    """
    found = [
        Reading(key, over_realisations([run.test_error for run in of_one], least=0.0), of_one)
        for key, of_one in _by_network(runs, part).items()
    ]
    return tuple(sorted(found, key=lambda reading: reading.error.mean))


def payoffs(read: Sequence[Reading], ranked: Sequence[Standing], times: Sequence[NetworkTime]) -> tuple[Payoff, ...]:
    """The networks that all three have, in the order of `read`."""
    at_classifier = {standing.network: standing.classifier for standing in ranked}
    taking = {time.network: time for time in times}
    return tuple(
        Payoff(each, at_classifier[each.network], taking[each.network])
        for each in read
        if each.network in at_classifier and each.network in taking
    )


def size_curves(runs: Sequence[RunLine], part: str) -> tuple[SizeCurve, ...]:
    """Every network of a part whose runs were read at several sizes, in the order of the table.

    Raises: ValueError as `readings`, or if the runs of a network have different sizes.
    """
    found = []
    for key, of_one in _by_network([run for run in runs if run.data_scales], part).items():
        first = of_one[0]
        if any(run.data_scales != first.data_scales for run in of_one):
            raise ValueError(f"the realisations of {key} ({part}) were read at different sizes")
        at_each = zip(*(run.errors for run in of_one), strict=True)
        errors = tuple(over_realisations(values, least=0.0) for values in at_each)
        found.append(SizeCurve(key, first.data_scales, errors, seen_sizes(part), first.images_per_scale))
    return tuple(found)


def seen_sizes(part: str) -> tuple[float, float]:
    """The smallest and the largest size that a part of the study trains on, × MNIST."""
    return (TRAINED, TRAINED) if part == ONE_SIZE else SCALE_RANGE


def gain_over_baseline(runs: Sequence[RunLine], part: str, groups: Collection[str] = EQUIVARIANT) -> Gain | None:
    """How much better networks of these groups read unseen sizes than the plain CNN with as many weights.

    Pairs are of one realisation. Only realisations count that all of the networks have, so that the mean over networks
    is always of the same ones. None where there is no such pair.
    """
    by_network = _by_network([run for run in runs if run.data_scales], part)
    baseline = {run.seed: run for run in by_network.pop(BASELINE, ())}
    chosen = {key: {run.seed: run for run in of_one} for key, of_one in by_network.items()}
    chosen = {key: by_seed for key, by_seed in chosen.items() if MODELS[key].group in groups}
    seeds = [seed for seed in baseline if chosen and all(seed in by_seed for by_seed in chosen.values())]
    if not seeds:
        return None
    scales, (low, high) = baseline[seeds[0]].data_scales, seen_sizes(part)
    unseen = [k for k, scale in enumerate(scales) if not low <= scale <= high]
    gains = np.array(
        [[np.subtract(baseline[s].errors, each[s].errors)[unseen] for each in chosen.values()] for s in seeds]
    ).mean(1)  # (seed, size)
    at_sizes = {scales[k]: over_realisations(gains[:, i].tolist()) for i, k in enumerate(unseen)}
    return Gain(tuple(chosen), over_realisations(gains.mean(1).tolist()), at_sizes)


def rank_correlation(first: Sequence[float | int], second: Sequence[float | int]) -> Relation:
    """Of two numbers that each network has. Raises: ValueError for fewer than three, or where all are equal."""
    ranks = np.stack([_ranks(np.asarray(values, dtype=float)) for values in (first, second)])
    n = ranks.shape[1]
    if n < 3 or not ranks.std(1).all():
        raise ValueError(f"a rank correlation needs three networks that differ, got {n}")
    rho = float(np.corrcoef(ranks)[0, 1])
    if n < 5:
        return Relation(rho, math.nan, math.nan, n)
    if abs(rho) > 1 - 1e-12:  # where z is infinite the interval shrinks to its middle
        return Relation(rho, rho, rho, n)
    z, half = math.atanh(rho), 1.96 * math.sqrt(1.06 / (n - 3))
    return Relation(rho, math.tanh(z - half), math.tanh(z + half), n)


@dataclass(frozen=True)
class Checkpoint:
    """Shipped weights and their card."""

    card: Card

    @property
    def network(self) -> str:
        return self.card.key


def read_checkpoints(folder: Path = checkpoints.FOLDER) -> tuple[tuple[Checkpoint, ...], tuple[str, ...]]:
    """Every network's, from the least test error upwards within a size, and a sentence for each that cannot be read."""
    rows, complaints = [], []
    for key, size in ((key, size) for key, spec in MODELS.items() for size in spec.sizes):
        if not checkpoints.available(key, size, folder):
            continue
        try:
            rows.append(Checkpoint(checkpoints.read_card(key, size, folder)))
        except CheckpointError as error:
            complaints.append(str(error))
    rows.sort(key=lambda row: (row.card.size != "small", row.card.test_error))
    return tuple(rows), tuple(complaints)


def _by_network(runs: Iterable[RunLine], part: str) -> dict[str, tuple[RunLine, ...]]:
    found: dict[str, dict[int, RunLine]] = {}
    for run in (run for run in runs if run.part == part):
        if run.network not in MODELS:
            raise ValueError(f"the study has a network {run.network!r} that is not in the registry")
        if run.seed in found.setdefault(run.network, {}):
            raise ValueError(f"the study has realisation {run.seed} of {run.network} ({part}) twice")
        found[run.network][run.seed] = run
    return {key: tuple(by_seed[seed] for seed in sorted(by_seed)) for key, by_seed in found.items()}


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1; equal values share the mean of their ranks."""
    below = (values[:, None] > values).sum(1)
    return below + (1 + (values[:, None] == values).sum(1)) / 2
