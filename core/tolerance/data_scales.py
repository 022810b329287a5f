"""How often each data scale occurs: described by a range, a log-normal or a normal distribution, or measured."""

import hashlib
import math
from abc import abstractmethod
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from core.tolerance.axis import AXIS, NARROWEST, STEP, ScaleDensity, Scales, Vector

_NORMAL = NormalDist()
_TWO_PI_ROOT = math.sqrt(2 * math.pi)

# Of a measured density, spread evenly over the axis: no data scale is impossible only because none was seen.
_UNSEEN = 1e-6
# A whole-pixel step is smoothed over up to this std: steps of up to 15 %, those from 7 pixels on.
_WIDEST_ROUNDING = 0.1  # octaves


class DataScales(ScaleDensity):
    """How often each data scale (×, without unit) occurs. Equal descriptions are equal and have one hash.

    The four ways to make one are the class methods; each refuses with ValueError what is not positive and finite.
    """

    @staticmethod
    def log_uniform(low: float | int, high: float | int, tail_std: float | int = 0.4) -> "LogUniform":
        """Data scales drawn log-uniformly from [low, high], by default with the paper's tails of 0.4 octaves."""
        return LogUniform(low, high, tail_std)

    @staticmethod
    def log_normal(median: float | int, std_octaves: float | int) -> "LogNormal":
        """Data scales that are normal on the log2 axis."""
        return LogNormal(median, std_octaves)

    @staticmethod
    def normal(mean: float | int, std: float | int) -> "TruncatedNormal":
        """Data scales that are normal in ×, where they are positive."""
        return TruncatedNormal(mean, std)

    @staticmethod
    def measured(data_scales: Scales) -> "Measured":
        """The density of measured data scales; see `Measured`."""
        return Measured.of(data_scales)

    @property
    @abstractmethod
    def name(self) -> str:
        """What a legend calls it."""

    def quantile(self, p: float) -> float:
        """The data scale below which the share p of the data lies.

        Raises: ValueError unless 0 < p < 1.
        """
        if not 0 < p < 1:
            raise ValueError(f"a quantile needs a share between 0 and 1, got {p}")
        return float(2 ** self._quantile(p))

    def share_between(self, low: float | int, high: float | int) -> float:
        """The share of the data between two data scales (×), from 0 to 1, exact to about 1e-4.

        Raises: ValueError unless 0 < low < high.
        """
        if not 0 < low < high < math.inf:
            raise ValueError(f"a share needs 0 < low < high, got {low} and {high}")
        first, last = math.log2(low), math.log2(high)
        octaves = np.linspace(first, last, math.ceil((last - first) / STEP) + 1)
        return min(1.0, float(np.trapezoid(np.exp(self._log_density(octaves)), octaves)))

    @abstractmethod
    def _quantile(self, p: float) -> float:
        """In octaves."""


@dataclass(frozen=True)
class LogUniform(DataScales):
    """A plateau on [log2 low, log2 high] with half-Gaussian tails.

    The tails have the height of the plateau where they join it, so the density is continuous.

    Args: low, high: ends of the plateau, data scales without unit (×), 0 < low < high.
          tail_std: std of both tails in octaves.
    Raises: ValueError if the range is empty or a value is not positive and finite.
    """

    low: float | int
    high: float | int
    tail_std: float | int = 0.4

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high < math.inf):
            raise ValueError(f"a range of data scales needs 0 < low < high, got {self.low} and {self.high}")
        if not (0 < self.tail_std < math.inf):
            raise ValueError(f"tail_std must be a positive number of octaves, got {self.tail_std}")

    @property
    def name(self) -> str:
        return f"log-uniform on [{self.low:g}, {self.high:g}]"

    @property
    def _mass(self) -> float:
        """Under a plateau of height 1."""
        return math.log2(self.high / self.low) + _TWO_PI_ROOT * self.tail_std

    def _log_density(self, octaves: Vector) -> Vector:
        outside = np.maximum(0.0, np.maximum(math.log2(self.low) - octaves, octaves - math.log2(self.high)))
        return -0.5 * (outside / self.tail_std) ** 2 - math.log(self._mass)

    def _quantile(self, p: float) -> float:
        tail = _TWO_PI_ROOT * self.tail_std / self._mass / 2  # share of one of them
        if p < tail:
            return math.log2(self.low) + self.tail_std * _NORMAL.inv_cdf(p / tail / 2)
        if p > 1 - tail:
            return math.log2(self.high) - self.tail_std * _NORMAL.inv_cdf((1 - p) / tail / 2)
        return math.log2(self.low) + (p - tail) * self._mass


@dataclass(frozen=True)
class LogNormal(DataScales):
    """Normal on the log2 axis.

    Args: median: data scale (×), positive. std_octaves: at least 0.01.
    Raises: ValueError if a value is out of range or not finite.
    """

    median: float | int
    std_octaves: float | int

    def __post_init__(self) -> None:
        if not (0 < self.median < math.inf):
            raise ValueError(f"the median must be a positive data scale, got {self.median}")
        if not (NARROWEST <= self.std_octaves < math.inf):
            raise ValueError(f"std_octaves must be a number of at least {NARROWEST}, got {self.std_octaves}")

    @property
    def name(self) -> str:
        return f"log-normal, median {self.median:g}, {self.std_octaves:g} octaves"

    def _log_density(self, octaves: Vector) -> Vector:
        z = (octaves - math.log2(self.median)) / self.std_octaves
        return -0.5 * z**2 - math.log(_TWO_PI_ROOT * self.std_octaves)

    def _quantile(self, p: float) -> float:
        return math.log2(self.median) + self.std_octaves * _NORMAL.inv_cdf(p)


@dataclass(frozen=True)
class TruncatedNormal(DataScales):
    """Normal in ×, cut to positive data scales.

    On the log2 axis, with u = log2 s, its density is s ln 2 · N(s; mean, std) / P(s > 0).

    Args: mean: data scale (×) before the cut, positive. std: in ×, at least 1 % of the mean.
    Raises: ValueError if a value is out of range or not finite.
    """

    mean: float | int
    std: float | int

    def __post_init__(self) -> None:
        if not (0 < self.mean < math.inf):
            raise ValueError(f"the mean must be a positive data scale, got {self.mean}")
        if not (0.01 * self.mean <= self.std < math.inf):
            raise ValueError(f"std must be at least 1 % of the mean of {self.mean}, got {self.std}")

    @property
    def name(self) -> str:
        return f"normal, mean {self.mean:g}, std {self.std:g}"

    @property
    def _cut(self) -> float:
        """The share of the whole normal distribution that lies below 0."""
        return _NORMAL.cdf(-self.mean / self.std)

    def _log_density(self, octaves: Vector) -> Vector:
        z = (np.exp2(octaves) - self.mean) / self.std
        jacobian = octaves * math.log(2) + math.log(math.log(2))
        return jacobian - 0.5 * z**2 - math.log(_TWO_PI_ROOT * self.std * (1 - self._cut))

    def _quantile(self, p: float) -> float:
        return math.log2(self.mean + self.std * _NORMAL.inv_cdf(self._cut + p * (1 - self._cut)))


@dataclass(frozen=True)
class Measured(DataScales):
    """Kernel density estimate on the log2 axis, made by `Measured.of`.

    Attributes:
        count: how many data scales were measured.
        digest: SHA-256 of what follows, which stands for it in comparisons.
        octaves, bins: how many of them fall on each point of a grid with the steps of the common axis.
        log_density_per_octave: the estimate on that grid.
    """

    count: int
    digest: str
    octaves: Vector = field(compare=False, repr=False)
    bins: Vector = field(compare=False, repr=False)
    log_density_per_octave: Vector = field(compare=False, repr=False)

    @classmethod
    def of(cls, data_scales: Scales) -> "Measured":
        """Binned first, then smoothed by a Gaussian of Silverman's width, 0.9 min(std, IQR / 1.34) n^(−1/5) octaves.

        It is never narrower than the step of the grid, nor than half the step at which the sizes come (whole
        pixels, say). Order does not matter.
        Args: data_scales: positive, at least one.
        Source of the width: Silverman, "Density Estimation for Statistics and Data Analysis" (1986), Eq. 3.31.
        Raises: ValueError if there is none, or one is not positive and finite.
        """
        values = np.asarray(data_scales, dtype=np.float64)
        if values.ndim != 1 or values.size == 0:
            raise ValueError(f"measured data scales must be a row of at least one number, got shape {values.shape}")
        if not np.all((values > 0) & np.isfinite(values)):
            raise ValueError(f"data scales must be positive, got {values[~((values > 0) & np.isfinite(values))][0]:g}")
        measured = np.sort(np.log2(values))
        width = _width(measured)
        first = min(measured[0] - 6 * width, math.log2(AXIS[0]))
        last = max(measured[-1] + 6 * width, math.log2(AXIS[1]))
        octaves = first + STEP * np.arange(math.ceil((last - first) / STEP) + 1)
        nearest = np.rint((measured - first) / STEP).astype(np.int64)
        bins = np.bincount(nearest, minlength=octaves.size).astype(np.float64)
        density = _smoothed(bins / (values.size * STEP), width / STEP)
        on_axis = (octaves >= math.log2(AXIS[0]) - STEP) & (octaves <= math.log2(AXIS[1]) + STEP)
        density = (1 - _UNSEEN) * density + _UNSEEN * on_axis / (on_axis.sum() * STEP)
        with np.errstate(divide="ignore"):  # between data far off the axis and the axis itself
            log_density = np.log(density)
        digest = hashlib.sha256()
        for array in (octaves, bins, log_density):
            array.flags.writeable = False
            digest.update(array.tobytes())
        return cls(values.size, digest.hexdigest(), octaves, bins, log_density)

    @property
    def name(self) -> str:
        return f"{self.count:,} measured size{'s' * (self.count > 1)}"

    def _log_density(self, octaves: Vector) -> Vector:
        return np.interp(octaves, self.octaves, self.log_density_per_octave, left=-math.inf, right=-math.inf)

    def _quantile(self, p: float) -> float:
        density = np.exp(self.log_density_per_octave)
        below = np.cumsum(density) - density / 2
        return float(np.interp(p * density.sum(), below, self.octaves))


def _width(measured: Vector) -> float:
    """Std in octaves of the Gaussian that smooths measured octaves, which are ascending."""
    quarter, three_quarters = np.percentile(measured, [25, 75])
    spread = [s for s in (float(measured.std()), float(three_quarters - quarter) / 1.34) if s > 0]
    silverman = 0.9 * min(spread, default=0.0) * measured.size ** (-1 / 5)
    # The step at which the sizes come: the gap above the median one of them, if many share a value.
    distinct, counts = np.unique(measured, return_counts=True)
    rounding = 0.0
    if 2 <= distinct.size <= measured.size / 2:
        middle = int(np.searchsorted(np.cumsum(counts), measured.size / 2))
        rounding = float(np.diff(distinct)[min(middle, distinct.size - 2)]) / 2
    return max(silverman, STEP, min(rounding, _WIDEST_ROUNDING))


def _smoothed(density: Vector, std: float) -> Vector:
    """Convolved with a Gaussian of a std in samples, by its transfer function; both ends must be empty for 6 of it."""
    frequencies = np.fft.rfftfreq(density.size)
    transfer = np.exp(-2 * (np.pi * std * frequencies) ** 2)
    return np.maximum(np.fft.irfft(np.fft.rfft(density) * transfer, n=density.size), 0.0)
