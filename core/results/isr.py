"""What the sweep over ISR measured: test error against ISR for each range of data scales, and over data scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from core.results.sweeps import FOLDER, ErrorLine, errors_path, number_of, read_errors

Array = np.ndarray
TABLE = errors_path(FOLDER / "isr")


@dataclass(frozen=True, eq=False)
class IsrErrors:
    """Test errors of networks that differ in their ISR and in their seed only.

    Attributes:
        data: the range of data scales they were trained on.
        isrs: ascending. seeds: ascending.
        images: of the test split, for each network.
        error: in %, on the test split of that range.
        data_scales: at which `over_scale` was measured, ascending, without unit.
        over_scale: error in % on the same test digits at each data scale. images_per_scale: their number.
    """

    data: str
    isrs: tuple[float, ...]
    seeds: tuple[int, ...]
    images: int
    error: Float[Array, "isr seed"]
    data_scales: tuple[float, ...]
    images_per_scale: int
    over_scale: Float[Array, "isr seed scale"]

    @property
    def mean(self) -> Float[Array, " isr"]:
        """Over the seeds."""
        return self.error.mean(1)

    @property
    def best(self) -> float:
        """The ISR of the lowest mean error."""
        return self.isrs[int(self.mean.argmin())]

    @property
    def best_of_each_seed(self) -> tuple[float, ...]:
        """The spread of `best`: where each seed alone has its lowest error."""
        return tuple(self.isrs[int(i)] for i in self.error.argmin(0))

    @property
    def standard_error(self) -> Float[Array, " isr"]:
        """Of the mean, in %, from the number of test images alone; what the seeds add shows in their spread."""
        share = self.mean / 100
        return 100 * np.sqrt(share * (1 - share) / (self.images * len(self.seeds)))

    @property
    def as_good(self) -> tuple[float, ...]:
        """The ISRs whose mean error is within two standard errors of the difference from the lowest."""
        return tuple(self.isrs[i] for i in self._as_good())

    @property
    def as_good_range(self) -> tuple[float, float]:
        """From the smallest to the largest ISR that one of `as_good` stands for: half way to its neighbours (log)."""
        found, last = self._as_good(), len(self.isrs) - 1
        below, above = max(0, found[0] - 1), min(last, found[-1] + 1)
        low, high = (self.isrs[a] * self.isrs[b] for a, b in ((below, found[0]), (found[-1], above)))
        return float(np.sqrt(low)), float(np.sqrt(high))

    def _as_good(self) -> list[int]:
        lowest = int(self.mean.argmin())
        apart = np.hypot(self.standard_error, self.standard_error[lowest])
        return np.flatnonzero(self.mean - self.mean[lowest] <= 2 * apart).tolist()


def read_isr_errors(path: Path = TABLE) -> list[IsrErrors]:
    """One for each range, in the order of the table.

    Raises: OSError; ValueError, in one sentence, if the table is damaged or as `isr_errors`.
    """
    lines = read_errors(path, check=_isr)
    try:
        return isr_errors(lines)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def isr_errors(lines: Sequence[ErrorLine]) -> list[IsrErrors]:
    """One for each range, in the order of the lines.

    Raises: ValueError if a setting has no ISR, if a combination of ISR, seed and data scale is missing or there twice,
        or if there is none.
    """
    if not lines:
        raise ValueError("it holds no runs")
    return [_of_range(data, [line for line in lines if line.data == data]) for data in _ordered(lines)]


def _isr(line: ErrorLine) -> float:
    return number_of(line.setting, "isr")


def _of_range(data: str, lines: Sequence[ErrorLine]) -> IsrErrors:
    values: dict[tuple[float, int, float | None], ErrorLine] = {}
    for line in lines:
        which = (_isr(line), line.seed, line.data_scale)
        if which in values:
            raise ValueError(f"the table of {data} has ISR {which[0]:g}, seed {line.seed} twice")
        values[which] = line
    isrs, seeds = sorted({isr for isr, _, _ in values}), sorted({seed for _, seed, _ in values})
    scales = sorted({scale for _, _, scale in values if scale is not None})
    missing = [(i, s, d) for i in isrs for s in seeds for d in (None, *scales) if (i, s, d) not in values]
    if missing:
        raise ValueError(f"the table of {data} lacks ISR {missing[0][0]:g}, seed {missing[0][1]}")
    return IsrErrors(
        data,
        tuple(isrs),
        tuple(seeds),
        _count(lines, whole=True),
        np.array([[values[i, s, None].error for s in seeds] for i in isrs]),
        tuple(scales),
        _count(lines, whole=False),
        np.array([[[values[i, s, d].error for d in scales] for s in seeds] for i in isrs]),
    )


def _count(lines: Sequence[ErrorLine], whole: bool) -> int:
    return min((line.images for line in lines if (line.data_scale is None) == whole), default=0)


def _ordered(lines: Sequence[ErrorLine]) -> list[str]:
    return list(dict.fromkeys(line.data for line in lines))
