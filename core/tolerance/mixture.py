"""What a set of internal scales serves: an equal-weight mixture of Gaussians on the log2 axis of data scale."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from core.tolerance.axis import (
    NARROWEST,
    OCTAVES,
    WEIGHTS,
    Array,
    ScaleDensity,
    Scales,
    Vector,
    log_density_on_axis,
    normalised,
    per_octave,
)


class Mixture(ScaleDensity):
    """Equal-weight mixture of Gaussians of std τ_tol, one for each internal scale."""

    if TYPE_CHECKING:  # a field in one subclass, computed in the other

        @property
        def centres(self) -> tuple[float, ...]: ...

        @property
        def num_scales(self) -> int: ...

        @property
        def tau_tol(self) -> float | int: ...

    def components(self, data_scale: Scales) -> Float[Array, "scale ..."]:
        """The share of each internal scale; their sum is `density`."""
        return per_octave(self._log_components, data_scale)

    def kl(self, data: ScaleDensity) -> float:
        """KL(mixture ‖ data) in nats on the cut axis; 0 only if both are equal there.

        Raises: ValueError if more than half of the data lie outside the cut axis.
        """
        log_p, log_q = normalised(self._log_density(OCTAVES)), log_density_on_axis(data)
        return max(0.0, float(WEIGHTS @ (np.exp(log_p) * (log_p - log_q))))

    def _log_components(self, octaves: Vector) -> Float[Array, "scale n"]:
        centres = np.log2(self.centres)[:, None]
        height = 1 / (self.num_scales * math.sqrt(2 * math.pi) * self.tau_tol)
        return -0.5 * ((octaves - centres) / self.tau_tol) ** 2 + math.log(height)

    def _log_density(self, octaves: Vector) -> Vector:
        return np.logaddexp.reduce(self._log_components(octaves), axis=0)


@dataclass(frozen=True)
class ScaleMixture(Mixture):
    """The mixture at any centres.

    Args: centres: the data scales (×) that the internal scales serve best, in any order; sorted here.
          tau_tol: τ_tol, std of each Gaussian in octaves, at least 0.01.
    Raises: ValueError if there is no centre, or a value is out of range or not finite.
    """

    centres: tuple[float | int, ...]
    tau_tol: float | int

    def __post_init__(self) -> None:
        if not self.centres:
            raise ValueError("a mixture needs at least one internal scale, got none")
        if wrong := [centre for centre in self.centres if not (0 < centre < math.inf)]:
            raise ValueError(f"every centre must be a positive data scale, got {wrong[0]}")
        _check_tau_tol(self.tau_tol)
        object.__setattr__(self, "centres", tuple(sorted(float(centre) for centre in self.centres)))

    @property
    def num_scales(self) -> int:
        return len(self.centres)


@dataclass(frozen=True)
class ToleranceModel(Mixture):
    """The mixture at N_S log-uniform centres.

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
        check_num_scales(self.num_scales)
        if not (0 < self.reference < math.inf):
            raise ValueError(f"reference must be a positive data scale, got {self.reference}")
        if self.num_scales > 1 and not (1 <= self.isr < math.inf):
            raise ValueError(f"isr must be a number of at least 1, got {self.isr}")
        _check_tau_tol(self.tau_tol)

    @property
    def centres(self) -> tuple[float, ...]:
        """The data scales (×) served best: reference · ISR^(i / (N_S − 1)), ascending."""
        return tuple(float(self.reference * self.isr**p) for p in positions(self.num_scales))


def positions(num_scales: int) -> Float[Array, " scale"]:
    """Where the scales lie between the smallest (0) and the largest (1); a single one is the smallest."""
    return np.linspace(0.0, 1.0, num_scales)


def check_num_scales(num_scales: int) -> None:
    if num_scales < 1 or num_scales != int(num_scales):
        raise ValueError(f"num_scales must be a whole number of at least 1, got {num_scales}")


def _check_tau_tol(tau_tol: float | int) -> None:
    if not (NARROWEST <= tau_tol < math.inf):
        raise ValueError(f"tau_tol must be a number of at least {NARROWEST} octaves, got {tau_tol}")
