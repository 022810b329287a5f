"""The tables of `core.figures.as_published`, and what each rests on."""

from collections.abc import Iterable, Sequence

import numpy as np

from core.data.mnist_scale import SPLITS
from core.models import MODELS
from core.results import dss_residual, park, published, scale_correlation
from core.results.dss_residual import ResidualLine
from core.results.finding_tables import Sources
from core.results.park import OURS, EquivarianceLine, ReadingLine
from core.results.scale_correlation import ScaleCorrelation
from core.results.shared_tables import Cell, Column, SharedTable

_NETWORK = (Column("Network"), Column("Shrunk by, ×", 2))
_STUDY_DIFFERS = (
    "other networks, trained by one recipe of this project; the study's have 3×3 kernels, 7,000 to 132,000 parameters"
)


def shrunk_reading_table(lines: Sequence[ReadingLine]) -> SharedTable:
    """Accuracy of each network at each size, with and without the digits that training showed."""
    unseen = (Column("Unseen digits", 0), Column("Accuracy on unseen, %", 2))
    columns = (
        *_NETWORK, Column("Resampler"), Column("Accuracy, %", 2), Column("95 % from", 2), Column("95 % to", 2),
        Column("Digits", 0), *unseen,
    )  # fmt: skip
    rows = []
    for line in lines:
        found, apart = line.accuracy, line.unseen_accuracy
        numbers = found.mean, found.low, found.high, line.images, line.unseen, apart.mean
        rows.append((_title(line.network), line.shrunk, line.resampler, *numbers))
    caption = "Accuracy on the MNIST test digits, made smaller, with Wilson's 95 % interval over digits."
    return SharedTable("shrunk-reading", caption, columns, tuple(rows))


def shrunk_error_table(lines: Sequence[EquivarianceLine]) -> SharedTable:
    """Error of each network at each size. Args: lines: of one error."""
    ours = lines[0].error == OURS
    name, factor, decimals = ("Error, %", 100, 1) if ours else ("Spectral over Frobenius", 1, 3)
    columns = (
        *_NETWORK, Column("Layer"), Column(name, decimals), Column("16 % from", decimals), Column("84 % to", decimals),
        Column("Canvas, px", 0), Column("Digits", 0),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for x in lines:
        numbers = (factor * each for each in (x.mean, x.low, x.high))
        rows.append((_title(x.network), x.shrunk, x.layer, *numbers, x.canvas, x.images))
    caption = f"{_error_title(lines[0].error)} when MNIST test digits shrink: mean, and 16 to 84 % of the digits."
    return SharedTable(f"shrunk-{'relative-l2' if ours else 'spectral'}", caption, columns, tuple(rows))


def _error_title(error: str) -> str:
    """Of an error, for a caption."""
    return "Relative L2 equivariance error" if error == OURS else "The study's own error, spectral over Frobenius norm,"


def residual_table(lines: Sequence[ResidualLine]) -> SharedTable:
    """Every point of every curve."""
    columns = (
        Column("Scale correlations", 0), Column("Level k", 0), Column("Halvings", 0), Column("Positions"),
        Column("Residual", 4), Column("16 % from", 4), Column("84 % to", 4), Column("Lacks input"),
    )  # fmt: skip
    rows = tuple(
        (
            x.correlations, x.level, x.halvings, x.positions, x.mean, x.low, x.high, "yes" if x.lacks_input else "no"
        )
        for x in lines
    )  # fmt: skip
    caption = "Residual of deep scale-spaces with random weights, relative L2, mean over photographs and seeds."
    return SharedTable("dss-residual", caption, columns, rows)


def correlation_table(found: ScaleCorrelation) -> SharedTable:
    """What each level reads, and how much it adds."""
    columns = (
        Column("Output level", 0), Column("Reads level"), Column("Taps apart, px", 0), Column("Kernel, px", 0),
        Column("Norm of what it adds", 2), Column("Norm of the response", 2),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for k, kernels in enumerate(found.kernels):
        for j, kernel in enumerate(kernels):
            norms = (float(np.linalg.norm(each)) for each in (found.added[k, j], found.response[k]))
            reads = str(k + j) if found.reads(k, j) else "none"
            rows.append((k, reads, found.dilations[k], kernel.shape[-1], *norms))
    caption = (
        f"A scale correlation level by level: output channel {found.channel + 1}, input channel {found.read + 1} of "
        f"{scale_correlation.LAYER}."
    )
    return SharedTable("scale-correlation", caption, columns, tuple(rows))


def dss_published_table() -> SharedTable:
    """Table 1 of the poster."""
    columns = (Column("Data"), Column("Network"), Column("As published, %", 2))
    parts = published.DSS_TABLE.items()
    rows = tuple((data, name, value) for data, numbers in parts for name, value in numbers.items())
    return SharedTable("published-dss", "Deep scale-spaces as published: Table 1 of the poster.", columns, rows)


def park_published_table() -> SharedTable:
    """What the study prints, and what is read off its plots."""
    columns = (
        Column("Network, as named there"), Column("Quantity"), Column("Shrunk by, ×", 2), Column("From", 6),
        Column("To", 6), Column("How it is known"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for name, counts in published.PARK_READ.items():
        for by, count in zip(published.PARK_SHRUNK, counts, strict=True):
            rows.append((name, "accuracy, %, trained on one size", by, count / 100, count / 100, "printed in its log"))
    for name, accuracy in published.PARK_AT_3.items():
        rows.append((name, "accuracy, %, trained on many sizes", 3.0, accuracy, accuracy, "read off a plot"))
    for name, (least, most) in published.PARK_ERRORS.items():
        rows.append((name, "its own equivariance error, 1.1 to 3", None, least, most, "read off a plot"))
    caption = f"As published: {published.PARK}. Errors of different networks there have different norms and divisors."
    return SharedTable("published-park", caption, columns, tuple(rows))


def sources_of_shrunk_reading(lines: Sequence[ReadingLine]) -> Sources:
    """What accuracies rest on."""
    first = lines[0]
    return {
        "File": f"assets/results/{park.READING}; `python -m core.results.park` measures it again",
        "n": f"all {first.images:,} digits of the MNIST test file; {first.unseen:,} of them in neither training nor "
        "validation",
        "Recipe": f"that of the shipped weights: {SPLITS['train']:,} digits of MNIST-Scale, realisation 0, size small",
        "Resampler": _each(line.resampler for line in lines),
        "Weights": f"first digits of SHA-256: {_each(line.checkpoint[:8] for line in lines)}",
        "Commit": _each(line.commit[:9] for line in lines),
        "torch": _each(line.torch for line in lines),
        "What differs": _STUDY_DIFFERS,
    }


def sources_of_shrunk_errors(lines: Sequence[EquivarianceLine]) -> Sources:
    """What errors rest on."""
    measured = "core.equivariance.measure" if lines[0].error == OURS else "core.equivariance.measure_spectral"
    return {
        "File": f"assets/results/{park.EQUIVARIANCE}; `python -m core.results.park` measures it again",
        "n": f"the first {lines[0].images} digits of the MNIST test file; {measured}",
        "Canvas": f"{_each(f'{line.canvas} px' for line in lines)}",
        "Resampler": _each(line.resampler for line in lines),
        "Weights": f"first digits of SHA-256: {_each(line.checkpoint[:8] for line in lines)}",
        "Commit": _each(line.commit[:9] for line in lines),
        "torch": _each(line.torch for line in lines),
        "What differs": _STUDY_DIFFERS,
    }


def sources_of_residuals(lines: Sequence[ResidualLine]) -> Sources:
    """What the residuals rest on."""
    first = lines[0]
    return {
        "File": f"assets/results/{dss_residual.NAME}; `python -m core.results.dss_residual` measures it again",
        "n": f"{first.photographs} photographs of {first.side}×{first.side} pixels, {first.seeds} seeds",
        "Weights": f"random (He), {dss_residual.CHANNELS} channels, {dss_residual.KERNEL}×{dss_residual.KERNEL} taps, "
        f"{dss_residual.INTERACTION} levels a filter",
        "Resampler": "the papers' own: discrete Gaussian, then every 2^ℓ-th pixel",
        "Commit": _each(line.commit[:9] for line in lines),
        "torch": _each(line.torch for line in lines),
        "Published": published.DSS_POSTER,
        "What differs": "the poster names neither images, channels nor border",
    }


def sources_of_correlation(found: ScaleCorrelation) -> Sources:
    """What the level-by-level figure rests on."""
    return {
        "File": "assets/checkpoints/interaction/dss-small.safetensors; assets/sweeps/interaction.json trains it again",
        "n": f"one {found.digit}",
        "Weights": f"first digits of SHA-256: {found.checkpoint[:8]}",
        "Published": published.DSS_POSTER,
        "What differs": "the poster draws three levels a filter and no numbers; here two, of a trained network",
    }


def sources_of_published(name: str) -> Sources:
    """Args: name: of a publication."""
    return {
        "File": "core/results/published.py",
        "Source": name,
        "What differs": "**not measured here**: other data, or other networks and trainings",
    }


def _each(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def _title(key: str) -> str:
    return MODELS[key].title
