"""The set of internal scales that suits data best: least KL(mixture ‖ data), by Newton's method within bounds."""

import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from jaxtyping import Float

from core.tolerance.axis import OCTAVES, WEIGHTS, Array, ScaleDensity, Vector, log_density_on_axis
from core.tolerance.mixture import ToleranceModel, check_num_scales, positions

Objective = Callable[[Vector], tuple[float, Vector]]  # value and gradient

MIN_ISR, MIN_TAU_TOL = 1.5, 0.1  # a fit's bounds


def fit(data: ScaleDensity, num_scales: int, tau_tol: float | int | None = None) -> ToleranceModel:
    """The mixture of `num_scales` scales with the least KL(mixture ‖ data); τ_tol is fitted too unless given.

    Raises: ValueError if num_scales or tau_tol is out of range, or most of the data lie outside the cut axis.
    """
    return _fit([data], num_scales, tau_tol)[0]


def fit_jointly(
    data: Sequence[ScaleDensity], num_scales: int = 3, tau_tol: float | int | None = None
) -> list[ToleranceModel]:
    """One mixture for each data distribution, all with one τ_tol, with the least summed KL(mixture ‖ data).

    Bounds as in the paper: reference ≥ 0.5, ISR ≥ 1.5, τ_tol ≥ 0.1; and one of ours, reference · ISR ≤ 17. A
    scale pushed off the cut axis costs nothing, so without it a surplus scale would end up where no data are.
    Raises: ValueError as `fit`, or if there is no data distribution.
    """
    if not data:
        raise ValueError("a joint fit needs at least one data distribution, got none")
    return _fit(data, num_scales, tau_tol)


def _fit(data: Sequence[ScaleDensity], num_scales: int, tau_tol: float | int | None) -> list[ToleranceModel]:
    check_num_scales(num_scales)
    if tau_tol is not None and not (MIN_TAU_TOL <= tau_tol < math.inf):
        raise ValueError(f"tau_tol must be a number of at least {MIN_TAU_TOL} octaves, got {tau_tol}")
    targets = [log_density_on_axis(each) for each in data]
    # Unknowns: for each data distribution log2 reference and the share of the axis above it that the scales
    # span, then the shared τ_tol. So every bound is one on a single unknown.
    least_span = math.log2(MIN_ISR) if num_scales > 1 else 0.0
    highest = OCTAVES[-1] - least_span
    bounds = np.array([(OCTAVES[0], highest), (0.0, 1.0)] * len(data) + [(MIN_TAU_TOL, math.inf)])
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

    def best_of_a_grid(tau: float) -> Vector:
        x = [_best_of_a_grid(log_q, num_scales, tau, least_span) for log_q in targets]
        return np.clip([*(value for pair in x for value in pair), tau], *bounds.T)

    # Two hills of data have several minima: the central shares find one about the middle, the grid the others.
    taus = (0.3, 0.6) if tau_tol is None else (float(tau_tol),)
    starts = [start_from(*each) for each in product((0.98, 0.8, 0.5), taus)] + [best_of_a_grid(tau) for tau in taus]
    _, best = min((_minimise(objective, start, bounds) for start in starts), key=lambda found: found[0])
    models = []
    for low, share in best[:-1].reshape(-1, 2):
        isr = 2 ** (least_span + share * (highest - low))
        models.append(ToleranceModel(float(2**low), float(isr), num_scales, float(best[-1])))
    return models


def _best_of_a_grid(
    log_q: Float[Array, " points"], num_scales: int, tau: float, least_span: float
) -> tuple[float, float]:
    """Log2 reference and share of the axis above it with the least KL, of 13 × 9 at one τ_tol."""
    highest = OCTAVES[-1] - least_span
    shares = np.linspace(0.0, 1.0, 9 if num_scales > 1 else 1)
    starts, shares = (each.ravel() for each in np.meshgrid(np.linspace(OCTAVES[0], highest, 13), shares))
    spans = least_span + shares * (highest - starts)
    mixtures = np.zeros((starts.size, OCTAVES.size))  # (pair, point)
    for place in positions(num_scales):
        mixtures += np.exp(-0.5 * ((OCTAVES - (starts + place * spans)[:, None]) / tau) ** 2)
    mixtures /= (mixtures @ WEIGHTS)[:, None]
    kl = (mixtures * (np.log(mixtures + 1e-300) - log_q)) @ WEIGHTS
    best = kl.argmin()
    return float(starts[best]), float(shares[best])


def _kl_and_gradient(
    log_reference: float, log_isr: float, tau: float, num_scales: int, log_q: Float[Array, " points"]
) -> tuple[float, Float[Array, " 3"]]:
    """KL on the grid and its slope along log2 reference, log2 ISR and τ_tol.

    With p = m/Z, the slope is ∫ ∂m (log p/q − KL) / Z, since ∫ ∂p = 0.
    """
    places = positions(num_scales)
    z = (OCTAVES - (log_reference + places * log_isr)[:, None]) / tau  # (scale, point)
    bumps = np.exp(-0.5 * z * z)
    mixture = bumps.sum(0)
    norm = WEIGHTS @ mixture
    difference = np.log(mixture / norm + 1e-300) - log_q
    kl = WEIGHTS @ (mixture * difference) / norm
    weight = WEIGHTS * (difference - kl) / norm
    along_centre = (bumps * z) @ weight / tau
    along_tau = (bumps * z * z).sum(0) @ weight / tau
    return float(kl), np.array([along_centre.sum(), places @ along_centre, along_tau])


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
    cumulative = np.cumsum(np.exp(log_q) * WEIGHTS)
    low, high = np.interp([(1 - central) / 2, (1 + central) / 2], cumulative, OCTAVES)
    return float(low), float(high)
