"""The largest and the smallest value near each pixel, in square windows of any size: grey morphology."""

import numpy as np
from jaxtyping import Float

Plane = Float[np.ndarray, "h w"]


def largest_in_window(plane: Plane, window: int) -> Plane:
    """The largest value in a square window about each pixel; beyond the border the outermost pixels go on.

    Windows of 1, 2, 4, … pixels are made of two halves each, and the last of two that overlap.
    """
    for axis in (0, 1):
        before = (window - 1) // 2
        plane = np.pad(plane, [(before, window - 1 - before) if axis == each else (0, 0) for each in (0, 1)], "edge")
        width = 1
        while width < window:
            step = min(width, window - width)
            n = plane.shape[axis] - step
            plane = np.maximum(plane.take(range(n), axis), plane.take(range(step, n + step), axis))
            width += step
    return plane


def smallest_in_window(plane: Plane, window: int) -> Plane:
    """As `largest_in_window`."""
    return -largest_in_window(-plane, window)
