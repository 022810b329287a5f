"""What was found, in words: who reads best and by how much, whether commuting pays, and what unseen sizes cost."""

from collections.abc import Sequence
from itertools import groupby

from core.models import MODELS
from core.results.findings import (
    BASELINE,
    ONE_SIZE,
    Checkpoint,
    Gain,
    Payoff,
    Reading,
    rank_correlation,
    seen_sizes,
)
from core.results.means import Standing
from core.results.statistics import Estimate
from core.sentences.markdown import paragraphs

_BESIDE = {
    "equivariance": "equivariance error",
    "parameters": "the number of parameters",
    "milliseconds": "the time of a forward pass",
}


def explain_readings(read: Sequence[Reading]) -> str:
    """The first and the last, the spread of realisations beside that of networks, and who has no interval yet.

    In Markdown. Args: read: at least one, from the least error upwards.
    """
    first, last = read[0], read[-1]
    said = f"In % of the test digits, **{_title(first.network)}** misreads fewest, {first.error.told()}"
    if len(read) > 1:
        said += f", and {_title(last.network)} most, {last.error.told()}"
    return paragraphs(f"{said}.", _overlaps(read), _without_interval(read))


def explain_standings(ranked: Sequence[Standing]) -> str:
    """Who commutes best at the map that the classifier reads, and where the convolutions would rank others."""
    first, last = ranked[0], ranked[-1]
    by_convolutions = min(ranked, key=lambda each: each.all.mean)
    said = (
        f"At the map that the classifier reads, **{_title(first.network)}** errs least, "
        f"{_percent(first)}, and {_title(last.network)} most, {_percent(last)} (95 % BCa intervals over "
        f"{first.classifier.images} digits)."
    )
    mean = by_convolutions.all
    over = (
        f"Over its convolutions {_title(by_convolutions.network)} errs least, {100 * mean.mean:.1f} % "
        f"({100 * mean.ci_low:.1f} to {100 * mean.ci_high:.1f})."
    )
    return paragraphs(said, over, "Places with overlapping intervals say little.")


def explain_payoff(paid: Sequence[Payoff], against: str) -> str:
    """Whether networks that commute better, or cost more, read better; an interval that holds 0 finds nothing."""
    what = _BESIDE[against]
    if len(paid) < 5:
        return f"{len(paid)} networks are too few to say whether test error follows {what}."
    values = [each.beside(against)[0] for each in paid]
    found = rank_correlation(values, [each.reading.error.mean for each in paid])
    rho, low, high = (f"{value:z.2f}".replace("-", "−") for value in (found.rho, found.low, found.high))
    numbers = f"rank correlation ρ = {rho}, {low} to {high}; n = {found.n} networks"
    if not found.is_found:
        return f"**No relation found** between test error and {what} ({numbers})."
    way = "rises" if found.rho > 0 else "falls"
    return f"Test error **{way}** with {what} ({numbers}); that it follows from it is not said."


def explain_sizes(gain: Gain | None, part: str) -> str:
    """Whether scale-equivariant networks read unseen sizes better than the plain CNN with as many weights, and where.

    In Markdown.
    """
    low, high = seen_sizes(part)
    trained = f"Trained on size {low:g} × only" if part == ONE_SIZE else f"Trained on sizes from {low:g} to {high:g} ×"
    if gain is None:
        return f"{trained}: no realisation has both {_title(BASELINE)} and scale-equivariant networks yet."
    count = len(gain.networks)
    who = f"{count} scale-equivariant networks" if count > 1 else _title(gain.networks[0])
    points = f"{abs(gain.overall.mean):.2f} points {'fewer' if gain.overall.mean >= 0 else 'more'}"
    said = f"{trained}, {who} misread **{points}** of the digits of unseen sizes than {_title(BASELINE)}, on average"
    if not gain.overall.has_interval:
        return f"{said}: n = 1 realisation, so without an interval, and no answer yet."
    found = "" if gain.overall.differs_from_zero else ", so no difference was found"
    told = f"{said} ({_interval(gain.overall)}){found}."
    return paragraphs(told, _where(gain))


def explain_checkpoints(rows: Sequence[Checkpoint]) -> str:
    """The best of each size."""
    told = []
    for size, cards in groupby((row.card for row in rows), key=lambda card: card.size):
        best = next(cards)
        told.append(
            f"Of size *{size}*, {_title(best.key)} misreads fewest: {best.test_error:.2f} ± "
            f"{best.standard_error:.2f} % of {best.test_images:,} images."
        )
    return paragraphs(*told, "One training each: another seed moves an error by more than its standard error.")


def _overlaps(read: Sequence[Reading]) -> str:
    first = read[0].error
    if len(read) < 2 or not first.has_interval:
        return ""
    same = [each for each in read[1:] if each.error.has_interval and each.error.low <= first.high]
    return (
        f"The intervals of {len(same)} of the other {len(read) - 1} networks overlap with its own: "
        "this figure shows no difference between those and it."
    )


def _without_interval(read: Sequence[Reading]) -> str:
    alone = sum(not each.error.has_interval for each in read)
    if not alone:
        return ""
    whose = "All networks have" if alone == len(read) else f"{alone} of {len(read)} networks have"
    return f"{whose} one realisation so far, and so no interval: their order may be chance."


def _where(gain: Gain) -> str:
    better = [scale for scale, error in gain.at_sizes.items() if error.differs_from_zero and error.mean > 0]
    worse = [scale for scale, error in gain.at_sizes.items() if error.differs_from_zero and error.mean < 0]
    open_ = [scale for scale, error in gain.at_sizes.items() if not error.differs_from_zero]
    told = [
        f"{word} at {', '.join(f'{scale:.2f}' for scale in scales)} ×"
        for word, scales in (("better", better), ("worse", worse), ("no difference found", open_))
        if scales
    ]
    return f"Size by size, each with its own interval: {'; '.join(told)}."


def _interval(error: Estimate) -> str:
    low, high = (f"{end:z.2f}".replace("-", "−") for end in (error.low, error.high))
    return f"{low} to {high} fewer; n = {error.n} {error.kind}"


def _percent(each: Standing) -> str:
    mean = each.classifier
    return f"{100 * mean.mean:.1f} % ({100 * mean.ci_low:.1f} to {100 * mean.ci_high:.1f})"


def _title(key: str) -> str:
    return MODELS[key].title
