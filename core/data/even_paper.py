"""Ink on paper of one tone, or of light that changes evenly: what scans, screenshots and drawings have."""

import math

import numpy as np
from jaxtyping import Bool, Float

from core.data.border import border_of, spread_of
from core.data.picture_files import ImageRefused
from core.data.windows import smallest_in_window

Plane = Float[np.ndarray, "h w"]

_LEAST_CONTRAST = 8 / 255  # between ink and background, of the range from black to white
_SIDES = (np.s_[:, 0], np.s_[:, -1], np.s_[0], np.s_[-1])  # left, right, top, bottom
_SMALL = 48  # pixels: a smaller picture is no photograph
_EVEN = 6 / 255  # by which one border pixel may leave the others
_STRAYS = 0.02  # of the border: more that leave it are a line, a shadow or a table
_STROKE = 0.06  # of the border: what one stroke may take of it
_THICK = 0.3  # of the geometric mean of the sides: no stroke is that wide, but a sheet of paper is
_FULL = 0.6  # of its box; MNIST's digits fill less, but a sheet with a digit on it more


def is_even(grey: Plane, ink: Plane) -> bool:
    """Whether the paper has one tone all round and nothing as wide as a sheet lies on it.

    One stroke may reach over the border; a line, or the edge of a shadow, does so twice or is wider.
    Args: ink: as found here.
    """
    if min(grey.shape) < _SMALL:
        return True
    border = border_of(grey)
    strays = (np.abs(border - np.median(border)) > _EVEN).mean()
    around = np.concatenate([ink[0], ink[1:, -1], ink[-1, -2::-1], ink[-2:0:-1, 0]]) > 0.2  # clockwise
    crossings = (around & ~np.roll(around, 1)).sum()
    return bool((strays < _STRAYS or (crossings == 1 and strays < _STROKE)) and not _has_sheet(ink > 0.5))


def _has_sheet(marked: Bool[np.ndarray, "h w"]) -> bool:
    """Whether something is wider than a stroke, or fills its box as no digit does."""
    thick = round(_THICK * math.sqrt(marked.size))
    if smallest_in_window(marked.astype(float), thick).any():
        return True
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return False
    box = marked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return bool(min(box.shape) > thick and box.mean() > _FULL)


def ink_on_even_paper(grey: Plane, least_floor: float) -> tuple[Plane, tuple[str, ...]]:
    """Ink from 0 to 1: distance from the paper's tone, to the side where the stronger strokes are.

    The paper is the median of the border, tilted from side to side where the light is uneven. What deviates
    from it by up to three times as much as the border does is background.
    """
    tone = np.median(border_of(grey))
    paper, deviation = np.full_like(grey, tone), grey - tone
    noise = spread_of(border_of(deviation))
    if noise > 0:
        left, right, top, bottom = (np.median(deviation[side]) for side in _SIDES)
        across, down = (np.linspace(-0.5, 0.5, n) for n in grey.shape[::-1])
        paper += (right - left) * across + ((bottom - top) * down)[:, None]
        deviation = grey - paper
        noise = spread_of(border_of(deviation))
    inverted = (deviation**3).sum() < 0  # cubes: a few strong strokes outweigh a wide weak shading
    if inverted:
        light = np.maximum(paper, 0.01) / max(tone, 0.01)  # where it is uneven, it falls on the ink as well
        deviation = -deviation / np.maximum(light, 0.25)
    ink = np.clip(deviation, 0, None)
    strongest = ink.max()
    if strongest < _LEAST_CONTRAST:
        raise ImageRefused("The picture is one even tone, so no digit can be seen in it.")
    floor = min(max(3 * noise, least_floor), strongest / 2)
    if noise > 0:  # one hot pixel must not set the scale
        strongest = max(np.quantile(ink[ink > strongest / 2], 0.9), floor + _LEAST_CONTRAST / 2)
    stretched = np.clip((ink - floor) / (strongest - floor), 0, 1)
    notes: tuple[str, ...] = ("Dark on light: inverted.",) if inverted else ()
    if np.abs(stretched - ink).max() > 0.05:
        notes += ("Contrast stretched: background to 0, ink to 1.",)
    return stretched, notes
