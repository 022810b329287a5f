"""Why an uploaded picture may be read wrongly, in sentences; none if nothing speaks against it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from core.data.photographs import FoundDigit

_INK_SHARES = (0.034, 0.25)  # of the canvas, in MNIST: all but 1 test digit in 200 (see the tests)
_WIDEST = 1.45  # times as wide as high, the same
_FAINT = 0.15  # of the light: a pen takes more
_RIVAL = 0.35  # of the digit's ink, in another piece
_PIECES = 3
_CUT = 0.85  # of the outline: what is less seen is no stroke
_SURE = 0.9  # between the first and the second probability; of 3,000 MNIST digits read right, 1.4 % have less


def doubts_about(ink: Float[np.ndarray, "size size"], found: FoundDigit | None) -> tuple[str, ...]:
    """What is unlike a digit of MNIST. Args: ink: on the canvas. found: how a photograph showed it, if it is one."""
    doubts = () if found is None else _doubts_of_photograph(found)
    return doubts + _doubts_of_shape(ink)


def doubt_about_reading(probabilities: Sequence[float], network: str) -> str:
    """A sentence if the two likeliest digits are close, else empty. Args: network: its title."""
    second, first = np.argsort(probabilities)[-2:]
    if probabilities[first] - probabilities[second] >= _SURE:
        return ""
    return (
        f"{network} is not sure: {first} with {100 * probabilities[first]:.0f} %, "
        f"{second} with {100 * probabilities[second]:.0f} %."
    )


def _doubts_of_photograph(found: FoundDigit) -> tuple[str, ...]:
    doubts = {
        "All ink touches the border, so it may be cut off.": not found.clear,
        f"The ink is faint: it changes the light by {100 * found.contrast:.0f} %.": found.contrast < _FAINT,
        "Other ink is as large; crop the picture to the digit.": found.rival > _RIVAL,
        f"The ink falls into {found.parts} pieces.": found.parts > _PIECES,
        "Its outline is not seen all round, so it may be no stroke; crop the picture to the digit.": (
            found.outline < _CUT
        ),
    }
    return tuple(sentence for sentence, holds in doubts.items() if holds)


def _doubts_of_shape(ink: Float[np.ndarray, "size size"]) -> tuple[str, ...]:
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return ("Hardly any ink is seen.",)
    height, width = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    longer = max(height, width) / len(ink) * 28 / 20  # of the canvas that MNIST fills; a kept picture may be smaller
    share, low, high = float(ink.mean()) / longer**2, *_INK_SHARES
    doubts = {
        f"Its strokes cover {100 * share:.0f} % of the canvas, more than those of MNIST.": share > high,
        f"Its strokes cover {100 * share:.1f} % of the canvas, less than those of MNIST.": share < low,
        "It is wider than digits of MNIST are.": width > _WIDEST * height,
    }
    return tuple(sentence for sentence, holds in doubts.items() if holds)
