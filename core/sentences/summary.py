"""What the study found in five sentences, the surprises first."""

from collections.abc import Sequence

from core.models import MODELS
from core.results.findings import (
    BASELINE,
    EQUIVARIANT,
    ONE_SIZE,
    Reading,
    SizeCurve,
    gain_over_baseline,
    in_groups,
    payoffs,
    readings,
    size_curves,
)
from core.results.means import Standing
from core.results.study import RunLine
from core.results.times import NetworkTime
from core.sentences.findings import explain_payoff, explain_sizes


def summarise(runs: Sequence[RunLine], ranked: Sequence[Standing], times: Sequence[NetworkTime]) -> tuple[str, ...]:
    """In Markdown. Raises: ValueError if the study has no finished run of one of its two parts."""
    read, curves = readings(runs), size_curves(runs, ONE_SIZE)
    if not (read and curves):
        raise ValueError("the study has too few finished runs to say what it found")
    gain = gain_over_baseline(runs, ONE_SIZE)
    return (
        f"Where all sizes were trained on: {explain_payoff(payoffs(read, ranked, times), 'equivariance')}",
        _tell_training(ranked),
        _tell_all_sizes(read),
        explain_sizes(gain, ONE_SIZE).replace("\n\n", " "),
        _tell_best_reader(in_groups(curves, EQUIVARIANT), ranked),
    )


def _tell_training(ranked: Sequence[Standing]) -> str:
    """What training does to SESN, whose control is SESN with random weights."""
    errors = {each.network: 100 * each.classifier.mean for each in ranked}
    untrained, trained = errors["random_sesn"], errors["sesn_vector"]
    way = "less well" if trained > untrained else "better"
    return (
        f"A trained SESN commutes **{way}** than one with random weights, since nothing in the loss asks for it: "
        f"at the map that the classifier reads it errs {trained:.1f} %, the other {untrained:.1f} %."
    )


def _tell_all_sizes(read: Sequence[Reading]) -> str:
    """Who is first and last where every size was trained on, and the place of the plain CNN with as many weights."""
    first, last = read[0], read[-1]
    apart = last.error.mean - first.error.mean
    place = 1 + [each.network for each in read].index(BASELINE)
    return (
        f"Networks that saw all sizes differ by {apart:.2f} points: {_title(first.network)} misreads "
        f"{first.error.told()} % of the test digits, {_title(last.network)} {last.error.told()} %; the plain CNN with "
        f"as many weights as SESN is number {place} of {len(read)}."
    )


def _tell_best_reader(curves: Sequence[SizeCurve], ranked: Sequence[Standing]) -> str:
    """Whether the network that commutes best of those is also the one that reads unseen sizes best."""
    errors = {curve.network: curve.unseen_error for curve in curves}
    reader = min(errors, key=errors.__getitem__)
    commuter = next(each.network for each in ranked if each.network in errors)
    if reader == commuter:
        return f"{_title(reader)}, which commutes best of them, also misreads fewest there, {errors[reader]:.1f} %."
    return (
        f"Of these {_title(reader)} misreads fewest there, {errors[reader]:.1f} %, and not the one that commutes best, "
        f"{_title(commuter)}, {errors[commuter]:.1f} %."
    )


def _title(key: str) -> str:
    return MODELS[key].title
