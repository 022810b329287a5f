"""Internal scale tolerance: which range of data scales a set of internal scales serves.

Each internal scale serves the data scales around it, as a Gaussian of std τ_tol on the log2 axis; together
they form an equal-weight mixture, and KL(mixture ‖ data) says how well it matches what the data hold.
Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", tolerance model.

Every density is per octave, that is on the log2 axis. The divergence is taken on that axis cut to
[log2 0.5, log2 17], where both densities are normalised again, in nats. This reading gives τ_tol = 0.459 for
the three published ranges, as printed there.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float

Array = np.ndarray
Scales = float | int | Sequence[float | int] | Array
Vector = Float[Array, " n"]
Objective = Callable[[Vector], tuple[float, Vector]]  # value and gradient

AXIS = (0.5, 17.0)  # densities are compared between these data scales, and a fit keeps its scales there
MIN_ISR, MIN_TAU_TOL = 1.5, 0.1  # a fit's bounds

# The trapezium rule on this grid: forty times as many points change a divergence of 1 nat by less than 1e-4,
# that of a fit by less than 1e-8.
_OCTAVES = np.linspace(math.log2(AXIS[0]), math.log2(AXIS[1]), 1001)
_WEIGHTS = np.full(_OCTAVES.size, _OCTAVES[1] - _OCTAVES[0])
_WEIGHTS[[0, -1]] /= 2


@dataclass(frozen=True)
class DataScales:
    """How often each data scale occurs: a plateau on [log2 low, log2 high] with half-Gaussian tails.

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

    @classmethod
    def log_uniform(cls, low: float | int, high: float | int) -> "DataScales":
        """Data scales drawn log-uniformly from [low, high], with the paper's tails of 0.4 octaves."""
        return cls(low, high)

    @property
    def name(self) -> str:
        return f"log-uniform on [{self.low:g}, {self.high:g}]"

    def density(self, data_scale: Scales) -> Float[Array, "*shape"]:
        """Probability per octave at each data scale."""
        return _per_octave(self._log_density, data_scale)

    def _log_density(self, octaves: Vector) -> Vector:
        outside = np.maximum(0.0, np.maximum(math.log2(self.low) - octaves, octaves - math.log2(self.high)))
        mass = math.log2(self.high / self.low) + math.sqrt(2 * math.pi) * self.tail_std
        return -0.5 * (outside / self.tail_std) ** 2 - math.log(mass)


@dataclass(frozen=True)
class ToleranceModel:
    """Equal-weight mixture of N_S Gaussians on the log2 axis, one for each internal scale.

    Args: reference: data scale (×) that the smallest internal scale serves best.
          isr: internal scale range, largest over smallest scale, at least 1; ignored for a single scale.
          num_scales: N_S, at least 1.
          tau_tol: τ_tol, std of each Gaussian in octaves, at least 0.01.
    Raises: ValueError if a value is out of range or not finite.
    """

    reference: float | int
    isr: float | int
    num_scales: int
    tau_tol: float | int

    def __post_init__(self) -> None:
        _check_num_scales(self.num_scales)
        if not (0 < self.reference < math.inf):
            raise ValueError(f"reference must be a positive data scale, got {self.reference}")
        if self.num_scales > 1 and not (1 <= self.isr < math.inf):
            raise ValueError(f"isr must be a number of at least 1, got {self.isr}")
        if not (0.01 <= self.tau_tol < math.inf):
            raise ValueError(f"tau_tol must be a number of at least 0.01 octaves, got {self.tau_tol}")

    @property
    def centres(self) -> tuple[float, ...]:
        """The data scales (×) served best: reference · ISR^(i / (N_S − 1)), ascending."""
        return tuple(float(self.reference * self.isr**p) for p in _positions(self.num_scales))

    def density(self, data_scale: Scales) -> Float[Array, "*shape"]:
        """Probability per octave of the whole mixture at each data scale."""
        return _per_octave(self._log_density, data_scale)

    def components(self, data_scale: Scales) -> Float[Array, "scale ..."]:
        """The share of each internal scale; their sum is `density`."""
        return _per_octave(self._log_components, data_scale)

    def kl(self, data: "DataScales | ToleranceModel") -> float:
        """KL(mixture ‖ data) in nats on the cut axis; 0 only if both are equal there.

        Raises: ValueError if more than half of the data lie outside the cut axis.
        """
        log_p, log_q = _normalised(self._log_density(_OCTAVES)), _log_density_on_axis(data)
        return max(0.0, float(_WEIGHTS @ (np.exp(log_p) * (log_p - log_q))))

    def _log_components(self, octaves: Vector) -> Float[Array, "scale n"]:
        centres = np.log2(self.centres)[:, None]
        height = 1 / (self.num_scales * math.sqrt(2 * math.pi) * self.tau_tol)
        return -0.5 * ((octaves - centres) / self.tau_tol) ** 2 + math.log(height)

    def _log_density(self, octaves: Vector) -> Vector:
        return np.logaddexp.reduce(self._log_components(octaves), axis=0)


def fit(data: DataScales | ToleranceModel, num_scales: int, tau_tol: float | int | None = None) -> ToleranceModel:
    """The mixture of `num_scales` scales with the least KL(mixture ‖ data); τ_tol is fitted too unless given.

    Raises: ValueError if num_scales or tau_tol is out of range, or most of the data lie outside the cut axis.
    """
    return _fit([data], num_scales, tau_tol)[0]


def fit_jointly(
    data: Sequence[DataScales | ToleranceModel], num_scales: int = 3, tau_tol: float | int | None = None
) -> list[ToleranceModel]:
    """One mixture for each data distribution, all with one τ_tol, with the least summed KL(mixture ‖ data).

    Bounds as in the paper: reference ≥ 0.5, ISR ≥ 1.5, τ_tol ≥ 0.1; and one of ours, reference · ISR ≤ 17. A
    scale pushed off the cut axis costs nothing, so without it a surplus scale would end up where no data are.
    Raises: ValueError as `fit`, or if there is no data distribution.
    """
    if not data:
        raise ValueError("a joint fit needs at least one data distribution, got none")
    return _fit(data, num_scales, tau_tol)


def _fit(
    data: Sequence[DataScales | ToleranceModel], num_scales: int, tau_tol: float | int | None
) -> list[ToleranceModel]:
    _check_num_scales(num_scales)
    if tau_tol is not None and not (MIN_TAU_TOL <= tau_tol < math.inf):
        raise ValueError(f"tau_tol must be a number of at least {MIN_TAU_TOL} octaves, got {tau_tol}")
    targets = [_log_density_on_axis(each) for each in data]
    # Unknowns: for each data distribution log2 reference and the share of the axis above it that the scales
    # span, then the shared τ_tol. So every bound is one on a single unknown.
    least_span = math.log2(MIN_ISR) if num_scales > 1 else 0.0
    highest = _OCTAVES[-1] - least_span
    bounds = np.array([(_OCTAVES[0], highest), (0.0, 1.0)] * len(data) + [(MIN_TAU_TOL, math.inf)])
    if num_scales == 1:
        bounds[1:-1:2] = 0.0
    if tau_tol is not None:
        bounds[-1] = tau_tol

    def objective(x: Vector) -> tuple[float, Vector]:
        total, gradient = 0.0, np.zeros_like(x)
        for i, log_q in enumerate(targets):
            start, share, room = x[2 * i], x[2 * i + 1], highest - x[2 * i]
            kl, slope = _kl_and_gradient(start, least_span + share * room, x[-1], num_scales, log_q)
            total += kl
            gradient[2 * i : 2 * i + 2] += slope[0] - share * slope[1], room * slope[1]
            gradient[-1] += slope[2]
        return total, gradient

    def start_from(central: float, tau: float) -> Vector:
        x = [tau]
        for low, high in (_central_octaves(log_q, central) for log_q in reversed(targets)):
            x = [low, (high - low - least_span) / max(highest - low, 1e-9), *x]
        return np.clip(x, *bounds.T)

    starts = product((0.98, 0.8, 0.5), (0.3, 0.6) if tau_tol is None else (float(tau_tol),))
    _, best = min((_minimise(objective, start_from(*s), bounds) for s in starts), key=lambda found: found[0])
    models = []
    for low, share in best[:-1].reshape(-1, 2):
        isr = 2 ** (least_span + share * (highest - low))
        models.append(ToleranceModel(float(2**low), float(isr), num_scales, float(best[-1])))
    return models


def _kl_and_gradient(
    log_reference: float, log_isr: float, tau: float, num_scales: int, log_q: Float[Array, " points"]
) -> tuple[float, Float[Array, " 3"]]:
    """KL on the grid and its slope along log2 reference, log2 ISR and τ_tol.

    With p = m/Z, the slope is ∫ ∂m (log p/q − KL) / Z, since ∫ ∂p = 0.
    """
    positions = _positions(num_scales)
    z = (_OCTAVES - (log_reference + positions * log_isr)[:, None]) / tau  # (scale, point)
    bumps = np.exp(-0.5 * z * z)
    mixture = bumps.sum(0)
    norm = _WEIGHTS @ mixture
    difference = np.log(mixture / norm + 1e-300) - log_q
    kl = _WEIGHTS @ (mixture * difference) / norm
    weight = _WEIGHTS * (difference - kl) / norm
    along_centre = (bumps * z) @ weight / tau
    along_tau = (bumps * z * z).sum(0) @ weight / tau
    return float(kl), np.array([along_centre.sum(), positions @ along_centre, along_tau])


def _minimise(objective: Objective, x: Vector, bounds: Float[Array, "n 2"]) -> tuple[float, Vector]:
    """Newton's method within bounds; the curvature comes from differences of the exact gradient."""
    lowest, highest = bounds.T
    value, gradient = objective(x)
    for _ in range(60):
        free = ~((x <= lowest) & (gradient >= 0)) & ~((x >= highest) & (gradient <= 0)) & (lowest < highest)
        if np.abs(gradient[free]).max(initial=0.0) < 1e-9:
            break
        nudges = 1e-5 * np.eye(x.size)[free]
        curvature = np.array([(objective(x + n)[1] - objective(x - n)[1])[free] / 2e-5 for n in nudges])
        values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
        step = np.zeros_like(x)  # with |curvature|, so that it goes downhill on a saddle too
        step[free] = -vectors @ ((vectors.T @ gradient[free]) / np.maximum(np.abs(values), 1e-4))
        # Cut by a bound, that direction can fail; the slope itself goes down as far as float precision shows.
        found = _descend(objective, x, value, step, bounds)
        found = found or _descend(objective, x, value, -gradient * free, bounds)
        if not found:
            break
        x, value, gradient = found
    return value, x


def _descend(
    objective: Objective, x: Vector, value: float, step: Vector, bounds: Float[Array, "n 2"]
) -> tuple[Vector, float, Vector] | None:
    """The first lower point along a step that is halved again and again; None if there is none."""
    step = step * min(1.0, 0.5 / np.abs(step).max())  # at most half an octave at a time
    for _ in range(30):
        candidate = np.clip(x + step, *bounds.T)
        lower, gradient = objective(candidate)
        if lower < value:
            return candidate, lower, gradient
        step = step / 2
    return None


def _central_octaves(log_q: Float[Array, " points"], central: float) -> tuple[float, float]:
    """Between which octaves the central share of a density on the grid lies."""
    cumulative = np.cumsum(np.exp(log_q) * _WEIGHTS)
    low, high = np.interp([(1 - central) / 2, (1 + central) / 2], cumulative, _OCTAVES)
    return float(low), float(high)


def _log_density_on_axis(data: DataScales | ToleranceModel) -> Float[Array, " points"]:
    log_density = data._log_density(_OCTAVES)
    inside = _WEIGHTS @ np.exp(log_density)
    if inside < 0.5:
        raise ValueError(
            f"densities are compared between data scales {AXIS[0]:g} and {AXIS[1]:g}, "
            f"but only {100 * inside:.0f} % of {data} lie there"
        )
    return _normalised(log_density)


def _normalised(log_density: Float[Array, " points"]) -> Float[Array, " points"]:
    highest = log_density.max()
    return log_density - highest - math.log(_WEIGHTS @ np.exp(log_density - highest))


def _positions(num_scales: int) -> Float[Array, " scale"]:
    """Where the scales lie between the smallest (0) and the largest (1); a single one is the smallest."""
    return np.linspace(0.0, 1.0, num_scales)


def _per_octave(log_density: Callable[[Vector], Float[Array, "... n"]], data_scale: Scales) -> Array:
    """A density at data scales of any shape, which the result keeps."""
    scales = np.asarray(data_scale, dtype=np.float64)
    if not np.all(scales > 0):
        raise ValueError(f"data scales must be positive, got {scales[~(scales > 0)].flat[0]:g}")
    density = np.exp(log_density(np.log2(scales.ravel())))
    return density.reshape(density.shape[:-1] + scales.shape)


def _check_num_scales(num_scales: int) -> None:
    if num_scales < 1 or num_scales != int(num_scales):
        raise ValueError(f"num_scales must be a whole number of at least 1, got {num_scales}")
