"""The log2 axis of data scale: densities on it, and the grid on which they are compared."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

Array = np.ndarray
Scales = float | int | Sequence[float | int] | Array
Vector = Float[Array, " n"]

AXIS = (0.5, 17.0)  # densities are compared between these data scales, and a fit keeps its scales there

# The trapezium rule on this grid: forty times as many points change a divergence of 1 nat by less than 1e-4,
# that of a fit by less than 1e-8.
OCTAVES = np.linspace(math.log2(AXIS[0]), math.log2(AXIS[1]), 1001)
STEP = float(OCTAVES[1] - OCTAVES[0])
WEIGHTS = np.full(OCTAVES.size, STEP)
WEIGHTS[[0, -1]] /= 2

NARROWEST = 0.01  # std in octaves: two steps of the grid, below which its sums lose a density


class ScaleDensity(ABC):
    """A probability density over data scale, on the log2 axis."""

    def density(self, data_scale: Scales) -> Float[Array, "*shape"]:
        """Probability per octave at each data scale."""
        return per_octave(self._log_density, data_scale)

    @abstractmethod
    def _log_density(self, octaves: Vector) -> Vector:
        """Its natural logarithm at log2 of data scales."""


def log_density_on_axis(distribution: ScaleDensity) -> Float[Array, " points"]:
    """Log density on the grid, normalised there.

    Raises: ValueError if more than half of it lies outside.
    """
    log_density = distribution._log_density(OCTAVES)
    inside = WEIGHTS @ np.exp(log_density)
    if inside < 0.5:
        raise ValueError(
            f"densities are compared between data scales {AXIS[0]:g} and {AXIS[1]:g}, "
            f"but only {100 * inside:.0f} % of {getattr(distribution, 'name', distribution)} lie there"
        )
    return normalised(log_density)


def normalised(log_density: Float[Array, " points"]) -> Float[Array, " points"]:
    """A log density on the grid, shifted so that it integrates to 1 there."""
    highest = log_density.max()
    return log_density - highest - math.log(WEIGHTS @ np.exp(log_density - highest))


def per_octave(log_density: Callable[[Vector], Float[Array, "... n"]], data_scale: Scales) -> Array:
    """A density at data scales of any shape, which the result keeps."""
    scales = np.asarray(data_scale, dtype=np.float64)
    if not np.all(scales > 0):
        raise ValueError(f"data scales must be positive, got {scales[~(scales > 0)].flat[0]:g}")
    density = np.exp(log_density(np.log2(scales.ravel())))
    return density.reshape(density.shape[:-1] + scales.shape)
