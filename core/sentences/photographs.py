"""What a network of photographs showed, in words and as a short table."""

from collections.abc import Iterator, Sequence

from core.results.efficientnet import (
    NORMALISED,
    PUBLISHED,
    RANDOM,
    WEIGHTS,
    PhotographLine,
    difference,
    error_of,
    over_seeds,
    reports,
)
from core.results.statistics import Estimate
from core.sentences.markdown import paragraphs

TITLES = {
    PUBLISHED: "Published weights",
    RANDOM: "Random weights",
    NORMALISED: "Random weights, normalised",
}
"""Of the weights, as charts and tables name them."""
NEAR = 1.25992  # the factor that sentences are about
_SHOWN = ("stem", "block 1", "block 4", "block 8", "block 12", "block 16", "head, read by the classifier")


def explain_photographs(lines: Sequence[PhotographLine], layer: str, s: float = NEAR) -> str:
    """What one layer errs with each kind of weights, and in how many layers training lowers it. In Markdown."""
    told = "; ".join(f"{TITLES[each].lower()} {_interval(error_of(lines, each, layer, s))}" for each in WEIGHTS)
    return paragraphs(
        f"Error in % at {layer}, s = {s:.2f}: {told}.",
        f"Means over {len(lines[0].photographs)} photographs with Student's 95 % interval, of random weights over "
        f"{seeds_of(lines)} seeds too.",
        *tell_training(lines, s),
        f"A photograph's answer is {_blank(lines)} that of mean grey, by layer. That part is taken off.",
    )


def tell_training(lines: Sequence[PhotographLine], s: float = NEAR) -> list[str]:
    """In how many layers the published weights err less, and more, than either kind of random ones."""
    layers = reports(lines)[PUBLISHED].layers
    said = []
    for weights, words in ((NORMALISED, "whose norms have the photographs' statistics"), (RANDOM, "as PyTorch begins")):
        found = [difference(lines, weights, layer, s) for layer in layers]
        less, more = (sum(each.differs_from_zero and sign * each.mean > 0 for each in found) for sign in (-1, 1))
        said.append(
            f"At s = {s:.2f} the published weights err less than random ones {words} in {less} of {len(layers)} "
            f"layers, and more in {more}."
        )
    return [*said, "For the others the interval of the paired difference over photographs holds 0."]


def photograph_rows(lines: Sequence[PhotographLine], s: float = NEAR) -> Iterator[str]:
    """A Markdown table of some layers at one factor."""
    yield f"| layer | {' | '.join(TITLES[each].lower() for each in WEIGHTS)} | published − random, normalised |"
    yield "|---|---:|---:|---:|---:|"
    for layer in _SHOWN:
        cells = [_cell(lines, weights, layer, s) for weights in WEIGHTS]
        points = difference(lines, NORMALISED, layer, s)
        yield f"| {layer} | {' | '.join(cells)} | {_interval(points, '+')} |"


def seeds_of(lines: Sequence[PhotographLine]) -> int:
    """How many random networks were measured."""
    return len({line.seed for line in lines if line.weights == RANDOM})


def _cell(lines: Sequence[PhotographLine], weights: str, layer: str, s: float) -> str:
    told = _interval(error_of(lines, weights, layer, s))
    if weights == PUBLISHED:
        return told
    least, most = over_seeds(lines, weights, layer, s)
    return f"{told}; seeds {least:.1f}–{most:.1f}"


def _interval(found: Estimate, sign: str = "") -> str:
    interval = f" ({found.low:{sign}z.1f} to {found.high:{sign}z.1f})" if found.has_interval else ""
    return f"{found.mean:{sign}z.1f}{interval}".replace("-", "−")


def _blank(lines: Sequence[PhotographLine]) -> str:
    shares = [100 * line.blank_share for line in lines if line.weights == PUBLISHED]
    return f"{min(shares):.0f} to {max(shares):.0f} %"
