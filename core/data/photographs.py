"""Which ink of a photograph is the digit: what stands out from the paper, is darker than print and touches no border.

Ruled lines end at the border or at what touches it, so a level above theirs frees the digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.data.paper import background, density, is_bright, noise_floor
from core.data.pieces import Box, Piece, box_of, labels_of, parts_of_digit, pieces_of
from core.data.windows import largest_in_window, smallest_in_window

Plane = Float[np.ndarray, "h w"]

_LEVELS = (0.8, 0.6, 0.4, 0.25, 0.15, 0.08)  # of density, from a pen to a hard pencil
_DARK = 0.8  # density: printed lines are lighter
_SOFT = 0.02  # of the shorter side: how far a soft edge goes on
_BETTER = 1.2  # times the weight: so much more ink must a lower level show
_SMALLEST = 8  # pixels of a digit's longer side
_FAINT = 0.3  # of the pen's density: less is paper or print beside the stroke
_EDGE = 0.035  # of the digit's longer side: how wide a soft edge may be
_CUT = 0.1  # of the outline
_PALE = 0.5  # of the other's contrast
_CENTRAL = 0.5  # how much less a piece in a corner counts


@dataclass(frozen=True)
class FoundDigit:
    """The digit of a photograph.

    Attributes:
        ink: strength from 0, paper, to 1, the pen's full tone.
        dark: whether it is dark on light.
        contrast: share of the light that the pen takes (or, light on dark, leaves more of), 0 to 1.
        clear: whether it stands free; False if all ink touches the border.
        rival: the heaviest other piece's share of the digit's weight.
        parts: pieces that it is made of.
        main: the box of the heaviest of them.
        outline: the share of its outline at which the picture's tone changes.
        box: top, bottom, left and right of it in pixels, ends excluded.
    """

    ink: Plane
    dark: bool
    contrast: float
    clear: bool
    rival: float
    parts: int
    box: Box
    main: Box
    outline: float


def find_digit(grey: Plane) -> FoundDigit | None:
    """The digit, dark on light or light on dark; None if nothing stands out. Args: grey: 0 black, 1 white."""
    dark, light = _find(grey, True), _find(grey, False)
    if dark is None or light is None:
        return dark or light
    if min(dark.contrast, light.contrast) < _PALE * max(dark.contrast, light.contrast):
        return max(dark, light, key=lambda found: found.contrast)
    # The window also cuts pieces of paper out between strokes, and these end where nothing is seen to end.
    if abs(dark.outline - light.outline) > _CUT:
        return max(dark, light, key=lambda found: found.outline)
    return light if _holds(light.main, dark.box) else dark  # what strokes enclose stands out as well


def _seen_outline(grey: Plane, ink: Plane, contrast: float, longer: int) -> float:
    """The share of the outline of the ink at which the picture's tone changes by half of its contrast or more."""
    tone = np.log(np.maximum(grey, 1 / 64))
    window = max(5, round(_EDGE * longer))
    change = largest_in_window(tone, window) - smallest_in_window(tone, window)
    marked = ink > 0.5
    outline = marked & _grown(~marked, 1)
    seen = change[outline] > -np.log(1 - contrast / 2)
    return float(seen.sum()) / max(1, seen.size)


def _find(grey: Plane, dark: bool) -> FoundDigit | None:
    paper = background(grey, dark)
    ink = density(grey, paper, dark)
    floor = noise_floor(ink[is_bright(paper)])
    for border in (True, False):  # whether what touches it is left out
        left = _without_border(ink) if border else ink
        level = _best_level(left, floor, border)
        if level is not None:
            return _digit(grey, left, max(floor, level), border, dark)
    return None


def _without_border(ink: Plane) -> Plane:
    """Less what is darker than print and touches the border: strips of table beside the paper, the edge of a shadow."""
    labels = labels_of(ink > _DARK)
    at_border = [piece.label for piece in pieces_of(labels, ink) if not _free(piece, ink.shape)]
    soft = round(min(ink.shape) * _SOFT) + 2
    return np.where(_grown(np.isin(labels, at_border), soft), 0.0, ink)


def _best_level(ink: Plane, floor: float, border: bool) -> float | None:
    """The highest level at which the digit is seen, and no lower one shows much more of it."""
    best, most = None, 0.0
    for level in _LEVELS:
        if level > floor:
            main = next(_candidates(ink, level, border), None)
            if main is not None and _worth(main, ink.shape) > _BETTER * most:
                best, most = level, _worth(main, ink.shape)
    return best


def _candidates(ink: Plane, level: float, border: bool) -> Iterator[Piece]:
    """Pieces above a level that may be the digit, the most likely one first."""
    pieces = pieces_of(labels_of(ink > level), ink)
    free = [piece for piece in pieces if piece.longer >= _SMALLEST and (not border or _free(piece, ink.shape))]
    return iter(sorted(free, key=lambda piece: -_worth(piece, ink.shape)))


def _worth(piece: Piece, shape: tuple[int, ...]) -> float:
    y = (piece.top + piece.bottom) / shape[0] - 1  # from -1, the upper border, to 1
    x = (piece.left + piece.right) / shape[1] - 1
    return piece.weight * (1 - _CENTRAL * (x * x + y * y) / 2)


def _digit(grey: Plane, ink: Plane, level: float, border: bool, dark: bool) -> FoundDigit | None:
    """The digit about the likeliest piece, at a level that fits its own tone."""
    main = next(_candidates(ink, level, border))
    top, bottom, left, right = main.top, main.bottom, main.left, main.right
    inside = ink[top:bottom, left:right]
    tone = float(np.quantile(inside[inside > level], 0.8))
    labels = labels_of(ink > max(level, 0.5 * tone))
    pieces = pieces_of(labels, ink)
    within = [p for p in pieces if p.top < bottom and p.bottom > top and p.left < right and p.right > left]
    main = max(within, key=lambda piece: piece.weight)
    parts = parts_of_digit(main, pieces)
    others = [piece.weight for piece in pieces if piece not in parts and _free(piece, ink.shape)]
    kept = _grown(np.isin(labels, [piece.label for piece in parts]), 2)
    strength = np.clip(1 - np.exp(-ink), 0, 1)
    full = 1 - np.exp(-tone)
    faint = _FAINT * full
    shown = np.where(kept, np.clip((strength - faint) / (full - faint), 0, 1), 0.0)
    return FoundDigit(
        shown, dark, float(full), border, max(others, default=0.0) / main.weight, len(parts), box_of(parts),
        box_of([main]), _seen_outline(grey, shown, float(full), main.longer),
    )  # fmt: skip


def _free(piece: Piece, shape: tuple[int, ...]) -> bool:
    return piece.top >= 2 and piece.left >= 2 and piece.bottom <= shape[0] - 2 and piece.right <= shape[1] - 2


def _grown(marked: np.ndarray, by: int) -> np.ndarray:
    """With the pixels around, (h, w)."""
    return largest_in_window(marked.astype(float), 2 * by + 1) > 0


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[2] <= inner[2] and inner[3] <= outer[3]
