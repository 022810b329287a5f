"""Findings as tables to share, and what each rests on."""

from collections.abc import Iterable, Mapping, Sequence

from core.models import MODELS
from core.results import efficientnet
from core.results.efficientnet import PhotographLine
from core.results.equivariance import DATA_SCALE, RESAMPLER
from core.results.findings import ALL_SIZES, ONE_SIZE, Checkpoint, Payoff, Reading, SizeCurve
from core.results.isr import IsrErrors
from core.results.learned import LearnedScales
from core.results.means import Mean, Standing
from core.results.shared_tables import Cell, Column, SharedTable
from core.results.statistics import Estimate
from core.results.study import RunLine
from core.tolerance import ToleranceModel

Sources = Mapping[str, str]  # what a view rests on: name → what is said of it

_NETWORK, _PARAMETERS = (Column("Network"), Column("Group")), Column("Parameters", 0)
_ENDS = (Column("95 % from", 2), Column("95 % to", 2))
RESAMPLED = {
    ALL_SIZES: "bicubic without anti-aliasing, as published",
    ONE_SIZE: "bicubic, widened where a digit shrinks",
}
"""How the digits of a part of the study were resized."""
_ONE_RECIPE = "every network by one recipe, so none is trained as its publication does"


def reading_table(read: Sequence[Reading]) -> SharedTable:
    """Test error of each network, with every realisation."""
    seeds = sorted({run.seed for each in read for run in each.runs})
    columns = (*_NETWORK, Column("Test error, %", 2), *_ENDS, Column("Realisations", 0), _PARAMETERS)
    rows = []
    for each in read:
        by_seed: dict[int, Cell] = {run.seed: run.test_error for run in each.runs}
        numbers = (*_estimate(each.error), each.error.n, each.parameters)
        rows.append((*_names(each.network), *numbers, *(by_seed.get(seed) for seed in seeds)))
    caption = "Test error on MNIST-Scale, mean over realisations with Student's 95 % interval."
    of_seeds = tuple(Column(f"Realisation {seed}, %", 2) for seed in seeds)
    return SharedTable("reading", caption, (*columns, *of_seeds), tuple(rows), _views(read, "commute"))


def ranking_table(ranked: Sequence[Standing]) -> SharedTable:
    """Equivariance error of each network, at the map that the classifier reads and over its convolutions."""
    columns = [*_NETWORK]
    for which in ("Classifier's map", "Convolutions"):
        columns += [Column(f"{which}, %", 1), Column(f"{which}, 95 % from", 1), Column(f"{which}, 95 % to", 1)]
    rows = tuple(
        (*_names(each.network), *_percent(each.classifier), *_percent(each.all), each.classifier.factors)
        for each in ranked
    )
    caption = "Relative L2 equivariance error under a change of size, with 95 % BCa bootstrap intervals over digits."
    return SharedTable("equivariance", caption, (*columns, Column("Factors", 0)), rows, _views(ranked, "errors"))


def payoff_table(paid: Sequence[Payoff]) -> SharedTable:
    """Test error beside equivariance error, time and parameters."""
    columns = (
        *_NETWORK, Column("Test error, %", 2), *_ENDS, Column("Realisations", 0),
        Column("Equivariance error, %", 1), Column("Equivariance, 95 % from", 1), Column("Equivariance, 95 % to", 1),
        Column("Time, ms", 2), Column("Time, 16 % from", 2), Column("Time, 84 % to", 2), _PARAMETERS,
    )  # fmt: skip
    rows = tuple(
        (
            *_names(each.network), *_estimate(each.reading.error), each.reading.error.n, *_percent(each.equivariance),
            each.time.ms, each.time.low, each.time.high, each.reading.parameters,
        )
        for each in paid
    )  # fmt: skip
    caption = (
        "Test error on MNIST-Scale beside the equivariance error at the map that the classifier reads, and the time of "
        "a forward pass for one digit."
    )
    return SharedTable("payoff", caption, columns, rows, _views(paid, "errors"))


def size_table(curves: Sequence[SizeCurve], part: str) -> SharedTable:
    """Test error at each size of the test digits, one row for each network and size."""
    columns = (*_NETWORK, Column("Data scale, ×", 2), Column("Test error, %", 2), *_ENDS, Column("Realisations", 0))
    rows, views = [], []
    weights = "&trained=one-size" if part == ONE_SIZE else ""
    for curve in curves:
        for scale, error in zip(curve.data_scales, curve.errors, strict=True):
            rows.append((*_names(curve.network), scale, *_estimate(error), error.n))
            size = f"&size={scale:.2f}" if 0.3 <= scale <= 1 else ""
            views.append(f"/commute?network={curve.network}{weights}{size}")
    caption = f"Test error over the size of the test digits, trained on {part}; Student's 95 % interval."
    return SharedTable(f"sizes-{part.replace(' ', '-')}", caption, columns, tuple(rows), tuple(views))


def isr_table(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> SharedTable:
    """Test error of the toy network at each ISR, beside the ISR that the theory fits to its range."""
    columns = (
        Column("Data scales, ×"), Column("ISR", 2), Column("Test error, %", 2), Column("Standard error", 2),
        Column("Seeds", 0), Column("ISR of the joint fit", 2),
    )  # fmt: skip
    rows, views = [], []
    for each in measured:
        for isr, mean, error in zip(each.isrs, each.mean, each.standard_error, strict=True):
            rows.append((each.data, isr, float(mean), float(error), len(each.seeds), fits[each.data].isr))
            views.append(f"/scales?open_theory=1&measured_range={each.data}")
    caption = "Test error of the toy network on Dynamic Scale MNIST, mean over seeds with its binomial standard error."
    return SharedTable("isr", caption, columns, tuple(rows), tuple(views))


def learned_table(runs: Sequence[LearnedScales]) -> SharedTable:
    """Where each run of scale learning began and ended."""
    columns = (
        Column("Data scales, ×"), Column("Learned"), Column("Seed", 0), Column("ISR at first", 2),
        Column("ISR at last", 2), Column("Test error, %", 2),
    )  # fmt: skip
    rows = tuple((run.data, run.mode, run.seed, run.initial_isr, run.isr, run.test_error) for run in runs)
    caption = "Internal scale range of the toy network before and after its scales were learned."
    return SharedTable("learned", caption, columns, rows, ("/scales?open_learned=1",) * len(rows))


def checkpoint_table(rows: Sequence[Checkpoint]) -> SharedTable:
    """Test error of the shipped weights, with its binomial standard error."""
    columns = (
        *_NETWORK, Column("Size"), Column("Test error, %", 2), Column("Standard error", 2), Column("Test images", 0),
        _PARAMETERS, Column("Epochs", 0), Column("SHA-256"), Column("Commit"),
    )  # fmt: skip
    cards = [row.card for row in rows]
    cells = tuple(
        (
            *_names(card.key), card.size, card.test_error, card.standard_error, card.test_images, card.parameters,
            card.epochs, card.sha256[:12], card.git_commit[:9],
        )
        for card in cards
    )  # fmt: skip
    caption = "Test error of the shipped weights on MNIST-Scale, realisation 0, with its binomial standard error."
    views = tuple(f"/maps?network={card.key}" if card.size == "small" else "" for card in cards)  # which pages show
    return SharedTable("checkpoints", caption, columns, cells, views)


def published_table(errors: Mapping[str, float]) -> SharedTable:
    """What a publication prints."""
    columns = (*_NETWORK, Column("Test error as published, %", 2))
    rows = tuple((*_names(key), error) for key, error in sorted(errors.items(), key=lambda pair: pair[1]))
    views = tuple(f"/commute?network={key}" for key, _ in sorted(errors.items(), key=lambda pair: pair[1]))
    return SharedTable("published", "Test error on MNIST-Scale as published: Basting, Table 5.", columns, rows, views)


def sources_of_runs(runs: Sequence[RunLine], resampler: str, differs: str = _ONE_RECIPE) -> Sources:
    """What rows of the study rest on. Args: runs: at least one. resampler: of their digits."""
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.network] = counts.get(run.network, 0) + 1
    least, most = min(counts.values()), max(counts.values())
    n = f"{least} to {most} realisations" if least != most else f"{most} realisation{'s' * (most > 1)}"
    recipes = _each(", ".join(f"{name} = {value}" for name, value in run.recipe.items()) for run in runs)
    return {
        "File": "assets/results/study.csv, one row a run; assets/sweeps/study.json does them again",
        "Part": _each(run.part for run in runs),
        "n": f"{n} a network, {_each(f'{run.test_images:,}' for run in runs)} test images",
        "Recipe": f"that of size {_each(run.size for run in runs)} with {recipes}",
        "Resampler": resampler,
        "Commit": _each(run.commit[:9] for run in runs),
        "torch": _each(run.torch for run in runs),
        "What differs": differs,
    }


def sources_of_means(ranked: Sequence[Standing]) -> Sources:
    """What the ranking rests on. Args: ranked: at least one."""
    means = [each.classifier for each in ranked]
    return {
        "File": "assets/results/equivariance-small-means.csv; `python -m core.results.equivariance` measures it again",
        "Factors": "assets/results/equivariance-small.csv has a row for each of them",
        "n": f"{_each(str(mean.images) for mean in means)} MNIST test digits at {DATA_SCALE} of their size",
        "Recipe": "that of the shipped weights, see the section on checkpoints",
        "Resampler": RESAMPLER,
        "Weights": f"first digits of SHA-256: {_each(mean.checkpoint[:8] for mean in means if mean.checkpoint)}",
        "torch": _each(mean.torch for mean in means),
        "What differs": "the interval is over digits, of one training; another training moves the number by more",
    }


def sources_of_payoff(paid: Sequence[Payoff]) -> Sources:
    """What test error beside equivariance error rests on. Args: paid: at least one."""
    of_runs = sources_of_runs([run for each in paid for run in each.reading.runs], "bicubic")
    differs = "test error of the study's trainings, equivariance of the shipped weights: one network, other trainings"
    files = "assets/results/study.csv, equivariance-small-means.csv and times-small.csv"
    times = [each.time for each in paid]
    where = _each(f"{time.threads} thread of {time.processor}, torch {time.torch}" for time in times)
    turns = _each(str(time.turns) for time in times)
    timed = f"{where}; medians of {turns} turns, one pass of each network in turn; `python -m core.results.times` again"
    return {**of_runs, "File": files, "Time": timed, "What differs": differs}


def sources_of_checkpoints(rows: Sequence[Checkpoint]) -> Sources:
    """What the table of cards rests on. Args: rows: at least one."""
    cards = [row.card for row in rows]
    sizes = ", ".join(
        f"{size} for {_each(str(c.epochs) for c in cards if c.size == size)} epochs" for size in _sizes(cards)
    )
    return {
        "File": "assets/checkpoints/*.json, the card beside each file of weights",
        "n": f"one training each, {_each(f'{card.test_images:,}' for card in cards)} test images",
        "Recipe": f"one for each size: {sizes}",
        "Resampler": "bicubic, as MNIST-Scale is made",
        "Commit": _each(card.git_commit[:9] for card in cards),
        "torch": _each(card.versions.get("torch", "?") for card in cards),
        "What differs": "the standard error is of other images; another seed of the training moves the error by more",
    }


def sources_of_toy(file: str, n: str) -> Sources:
    """What a sweep of the toy network rests on."""
    return {
        "File": f"assets/results/{file}.csv and {file}-epochs.csv; assets/sweeps/{file}.json does the runs again",
        "n": n,
        "Recipe": "10 epochs on 5,000 digits",
        "Resampler": "bicubic",
        "What differs": "the thesis has twice the resolution, 10,000 digits and 60 epochs; so errors here are higher",
    }


PUBLISHED_SOURCES: Sources = {
    "File": "core/results/published.py",
    "Source": "Basting, Scale Learning in Scale-Equivariant Convolutional Networks, Table 5",
    "n": "mean over six realisations of the published files",
    "Recipe": "as published: 60 epochs without scale augmentation, 10,000 images",
    "What differs": (
        "about 495,000 parameters on 56×56 pixels, other files of MNIST-Scale; ours of size paper have one realisation"
    ),
}


def photograph_table(lines: Sequence[PhotographLine]) -> SharedTable:
    """Error of every layer of EfficientNet-Lite0 at each factor, by weights."""
    columns = (
        Column("Weights"), Column("Layer"), Column("s", 2), Column("Error, %", 1), Column("95 % from", 1),
        Column("95 % to", 1), Column("Least seed, %", 1), Column("Most seed, %", 1), Column("Known, %", 0),
        Column("Mean grey, %", 0),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for line in {(each.weights, each.layer, each.s): each for each in lines}.values():
        key = line.weights, line.layer, line.s
        seeds = efficientnet.over_seeds(lines, *key) if line.weights != efficientnet.PUBLISHED else (None, None)
        ends = *_estimate(efficientnet.error_of(lines, *key)), *seeds
        rows.append((*key, *ends, 100 * line.known, 100 * line.blank_share))
    caption = (
        "Relative L2 equivariance error of EfficientNet-Lite0 under a change of size, mean over photographs with "
        "Student's 95 % interval, of random weights the mean over seeds."
    )
    return SharedTable("photographs", caption, columns, tuple(rows))


def sources_of_photographs(lines: Sequence[PhotographLine]) -> Sources:
    """What they rest on. Args: lines: at least one."""
    first = lines[0]
    return {
        "File": f"assets/results/{efficientnet.NAME}; `python -m core.results.efficientnet` measures it again",
        "n": f"{len(first.photographs)} photographs: {', '.join(first.photographs)}; {first.side}×{first.side} pixels",
        "Weights": (
            f"published: first digits of SHA-256 {first.checkpoint}; random: seeds "
            f"{_each(str(line.seed) for line in lines if line.weights == efficientnet.RANDOM)}"
        ),
        "Resampler": _each(line.resampler for line in lines),
        "torch": _each(line.torch for line in lines),
        "Commit": _each(line.commit for line in lines),
        "What differs": "photographs fill their canvas: errors are those of the positions that both sides know",
    }


def _sizes(cards: Iterable) -> list[str]:
    return list(dict.fromkeys(card.size for card in cards))


def _names(key: str) -> tuple[str, str]:
    return MODELS[key].title if key in MODELS else key, MODELS[key].group if key in MODELS else ""


def _estimate(error: Estimate) -> tuple[float, float, float]:
    return error.mean, error.low, error.high


def _percent(mean: Mean) -> tuple[float, float, float]:
    return 100 * mean.mean, 100 * mean.ci_low, 100 * mean.ci_high


def _views(rows: Iterable[Reading | Standing | Payoff], page: str) -> tuple[str, ...]:
    return tuple(f"/{page}?network={row.network}" for row in rows)


def _each(values: Iterable[str]) -> str:
    """Those that differ, in the order in which they come."""
    return ", ".join(dict.fromkeys(values))
