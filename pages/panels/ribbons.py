"""What each network takes T x for, as ribbons of its probabilities over the amount."""

from collections.abc import Mapping

from components.stack_viewer import Ribbon, Ribbons
from core.figures import CLASS_COLOURS
from core.models import Shown, titles
from core.sentences import first_errors, tell_first_errors
from pages.results.numbers import Numbers
from pages.state.view import View

_DIGITS = 4  # decimals that are sent; a pixel of the figure is a hundredth


def probability_ribbons(view: View, found: Mapping[Shown, Numbers]) -> Ribbons | None:
    """One figure for all networks; None where none of them is trained. Args: found: by network."""
    ribbons, sentences, names = [], [], titles(found)
    for shown, numbers in found.items():
        if numbers.read is None or numbers.readings is None:
            continue
        read, digits = numbers.read.digit, [each.digit for each in numbers.readings]
        shares = [[round(p, _DIGITS) for p in each.probabilities] for each in numbers.readings]
        pins = [k for k in first_errors(view.transform, view.amounts, digits, read) if k is not None]
        ribbons.append(Ribbon(names[shown], shares, pins))
        sentences.append(tell_first_errors(names[shown], view.transform, view.amounts, digits, read))
    if not ribbons:
        return None
    title = "So what? The digits that T x is taken for, by probability"
    return Ribbons(title, " ".join(sentences), view.transform.axis_title, ribbons, CLASS_COLOURS)
