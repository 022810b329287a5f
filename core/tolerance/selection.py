"""How many internal scales data need: a fit for each number, and a criterion that charges for every scale."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.tolerance.axis import OCTAVES, WEIGHTS, ScaleDensity, log_density_on_axis
from core.tolerance.data_scales import DataScales, Measured
from core.tolerance.fitting import fit
from core.tolerance.mixture import ToleranceModel
from core.tolerance.published import PUBLISHED_TAU_TOL

CRITERIA = ("bic", "aic")


@dataclass(frozen=True)
class Candidate:
    """The fit with one number of scales, and its score: the lower the better."""

    model: ToleranceModel
    score: float


def choose_num_scales(
    data: DataScales,
    tau_tol: float | int | None = PUBLISHED_TAU_TOL,
    counts: Iterable[int] = range(1, 9),
    criterion: str = "bic",
    num_objects: int = 1000,
) -> tuple[Candidate, ...]:
    """A candidate for each number of scales, in the order of `counts`; the best has the lowest score.

        score = 2 n H(data, model) + k ln n (bic) or + 2 k (aic)

    H is the cross-entropy of the data under the model in nats, on the cut axis; n H is the negative log likelihood
    of n objects. n is the number of measured sizes, or `num_objects` for a described distribution: more
    objects tell finer structure from chance. k counts each internal scale, and τ_tol if it is fitted. With one
    shared ISR a further scale adds no free number to the mixture; but it adds kernels to the network, which is what
    a choice of N_S has to pay for, so each counts as if it were one.

    τ_tol is a property of the network: unless one is given, every count is fitted at the published τ_tol. With None it
    is fitted to the data, as by `fit`, and that is a trap here: it grows as wide as they are, so one scale wins for any
    data with one hump.

    Source of the criteria: Schwarz (1978), "Estimating the Dimension of a Model"; Akaike (1974).
    Raises: ValueError as `fit`, for an unknown criterion, no count, or fewer than 2 objects.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"the criterion must be one of {CRITERIA}, got {criterion!r}")
    n = data.count if isinstance(data, Measured) else num_objects
    if n < 2:
        raise ValueError(f"a choice needs at least 2 objects, got {n}")
    models = [fit(data, count, tau_tol) for count in counts]
    if not models:
        raise ValueError("a choice needs at least one number of scales, got none")
    price = math.log(n) if criterion == "bic" else 2.0
    parameters = [model.num_scales + (tau_tol is None) for model in models]
    return tuple(
        Candidate(model, 2 * n * _cross_entropy(data, model) + price * k)
        for model, k in zip(models, parameters, strict=True)
    )


def _cross_entropy(data: DataScales, model: ScaleDensity) -> float:
    """−∫ data · ln model on the cut axis, where both are normalised, in nats; of measured sizes their own mean.

    The density of measured sizes is smoothed, which would ask for more scales than the sizes themselves do.
    """
    on_axis = model._log_density(OCTAVES)
    mass = math.log(WEIGHTS @ np.exp(on_axis))
    if not isinstance(data, Measured):
        return mass - float((WEIGHTS * np.exp(log_density_on_axis(data))) @ on_axis)
    inside = (data.bins > 0) & (data.octaves >= OCTAVES[0]) & (data.octaves <= OCTAVES[-1])
    return mass - float(np.average(model._log_density(data.octaves[inside]), weights=data.bins[inside]))
