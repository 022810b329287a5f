"""The paper under the ink of a photograph: its tone at every place, whatever the light, and the ink's density on it.

What is wider than a stroke (a shadow, a table, the vignette of a lens) belongs to the paper: a grey closing, the
largest tone and then the smallest of it in a wide window, keeps the hard edges of all these and fills thin dark
strokes. Dividing by it leaves the share of light that the ink takes.
Source: J. Serra, Image Analysis and Mathematical Morphology, Academic Press 1982, on closing and top-hat.
"""

import numpy as np
from jaxtyping import Float

from core.data.windows import largest_in_window, smallest_in_window

Plane = Float[np.ndarray, "h w"]

_WINDOW = 0.25  # of the shorter side: wider than the strokes of a digit that fills the picture
_DARKEST = 0.25  # of the bright paper: light below this is taken as this, or the noise of a dark table becomes ink
_PAPER = 0.5  # of the bright paper: what is darker may be the table


def background(grey: Plane, dark: bool = True) -> Plane:
    """The tone that the picture would have without thin dark (or light) strokes: its closing (opening)."""
    smooth = _smoothed(grey)
    window = max(3, round(min(grey.shape) * _WINDOW)) | 1  # odd, so that what is larger keeps its place
    if dark:
        return smallest_in_window(largest_in_window(smooth, window), window)
    return largest_in_window(smallest_in_window(smooth, window), window)


def density(grey: Plane, paper: Plane, dark: bool = True) -> Plane:
    """|ln| of the ratio of the tone to the paper's, at least 0. Densities of ink over ink add up."""
    lift = np.maximum(max(_DARKEST * float(np.quantile(grey, 0.95)), 1 / 255) - paper, 0)
    ratio = np.maximum(_smoothed(grey) + lift, 1 / 255) / (paper + lift)
    return np.maximum(-np.log(ratio) if dark else np.log(ratio), 0)


def is_bright(paper: Plane) -> np.ndarray:
    """Where the paper is in the light, (h, w): neither a dark table nor deep shadow."""
    return paper >= _PAPER * np.quantile(paper, 0.95)


def noise_floor(values: Float[np.ndarray, " n"]) -> float:
    """Above it a value is no noise, where most pixels are empty: the median and three deviations."""
    middle = float(np.median(values))
    return middle + 3 * 1.4826 * float(np.median(np.abs(values - middle)))


def _smoothed(grey: Plane) -> Plane:
    """Binomial 3×3: a third of the noise, before the largest of it is taken."""
    for axis in (0, 1):
        padded = np.pad(grey, [(1, 1) if axis == each else (0, 0) for each in (0, 1)], mode="edge")
        n = grey.shape[axis]
        before, middle, after = (np.take(padded, range(k, k + n), axis=axis) for k in range(3))
        grey = (before + 2 * middle + after) / 4
    return grey
