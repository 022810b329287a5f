"""The outermost pixels of a picture, which mostly show its paper, and how much they vary."""

import numpy as np
from jaxtyping import Float

Plane = Float[np.ndarray, "h w"]


def border_of(plane: Plane) -> Float[np.ndarray, " n"]:
    """The outermost pixels, one fiftieth of the shorter side wide, as one row."""
    w = max(1, round(min(plane.shape) / 50))
    return np.concatenate([plane[:w].ravel(), plane[-w:].ravel(), plane[w:-w, :w].ravel(), plane[w:-w, -w:].ravel()])


def spread_of(values: Float[np.ndarray, " n"]) -> float:
    """Standard deviation as it would be for Gaussian noise, from the median deviation, so outliers do not count."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
