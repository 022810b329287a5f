"""How far networks are from commuting with a transform, in words for this very report, never written by hand.

What is counted or averaged leaves out the amount that changes nothing, where every error is 0 whatever the network.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from core.equivariance import ArgmaxScale, EquivarianceReport
from core.sentences.markdown import paragraphs
from core.transforms import TRANSFORMS

_SAME = 1e-9  # amounts closer than this are one, as `Transform.distance` measures
_NOTHING = 1e-3  # %: what is lower is what sums in float32 leave
_TIE = 1e-6  # relative L2: what sums in float32 leave, so of two such errors neither is lower


def counted_amounts(transform: str, amounts: Sequence[float]) -> Bool[np.ndarray, " amount"]:
    """Which amounts a count or a mean rests on: those that change the image, each once (−180° is 180°).

    Args: transform: its key in core.transforms.
    """
    distance, met = TRANSFORMS[transform].distance, [TRANSFORMS[transform].identity]
    counted = []
    for amount in amounts:
        counted.append(all(distance(amount, other) > _SAME for other in met))
        met.append(amount)
    return np.array(counted, dtype=bool)


def describe_error(report: EquivarianceReport, network: str) -> str:
    """The heat map in a few sentences, for readers who do not see it."""
    percent = _counted_percent(report)
    told = ~np.isnan(percent).all(axis=0)
    order = sorted(np.flatnonzero(told).tolist(), key=report.amounts.__getitem__)
    text = f"Relative L2 error of {network} in {_count(len(report.layers), 'layer')}"
    how = f"over {_count(report.num_images, 'image')}, resampled by {report.resampler}. "
    if not order:
        return f"{text}, {how}Nothing could be measured."
    amounts = _count(len(order), TRANSFORMS[report.transform].noun)
    text += f" at {amounts} from {report.name_amount(order[0])} to {report.name_amount(order[-1])}, {how}"
    row, k = np.unravel_index(np.nanargmax(percent), percent.shape)
    largest, where = percent[row, k], f"{report.layers[row]} at {report.name_amount(int(k))}"
    text += f"The largest mean error is {largest:.0f} %, in {where}"
    means = [float(row[~np.isnan(row)].mean()) for row in percent if not np.isnan(row).all()]
    text += f"; the means of the layers run from {min(means):.0f} to {max(means):.0f} %."
    missing = int(np.isnan(percent[:, told]).sum())
    text += f" {_count(missing, 'cell')} without a number." if missing else ""
    return f"{text} {_not_counted(report, told, 'nothing could be measured')}".rstrip()


def explain_heatmap(report: EquivarianceReport, network: str) -> str:
    """Which layer breaks equivariance most, where, and what resampling costs there."""
    percent = _counted_percent(report)
    if np.isnan(percent).all():
        return f"Nothing of {network} could be measured on these images."
    if np.nanmax(percent) < _NOTHING:
        return f"{network} commutes: no layer differs by more than {np.nanmax(percent):.1g} %."
    means = np.array([np.nanmean(row) if not np.isnan(row).all() else np.nan for row in percent])
    worst, best = int(np.nanargmax(means)), int(np.nanargmin(means))
    k = int(np.nanargmax(percent[worst]))
    text = f"{network}'s {report.layers[worst]} commutes least: it differs by {means[worst]:.0f} % on average"
    text += f", by {percent[worst, k]:.0f} % at {report.name_amount(k)}"
    if best != worst:
        text += f"; {report.layers[best]} commutes best, with {means[best]:.0f} %"
    costs = report.cost[worst, counted_amounts(report.transform, report.amounts)]
    if not np.isnan(costs).all():
        text += f". Resampling {report.layers[worst]} there and back costs up to {100 * float(np.nanmax(costs)):.0f} %"
    return text + "."


def tell_layers(report: EquivarianceReport, k: int, network: str) -> str:
    """Which layer differs most at the k-th amount, and by how much the one that the classifier reads does."""
    percent = 100 * report.error[:, k]
    if np.isnan(percent).all():
        return f"no layer of {network} can be measured."
    worst, read = int(np.nanargmax(percent)), report.classifier_map
    if percent[worst] < _NOTHING:
        return f"no layer of {network} differs."
    text = f"{report.layers[worst]} of {network} differs most, by {percent[worst]:.1f} %"
    if read is None:
        return f"{text}."
    if report.layers[worst] == read:
        return f"{text}, and the classifier reads it."
    share = percent[report.layers.index(read)]
    told = "cannot be measured" if np.isnan(share) else f"by {share:.1f} %"
    return f"{text}; {read}, which the classifier reads, {told}."


def tell_network(report: EquivarianceReport) -> str:
    """What to know of the network: the map that its classifier reads, and the amounts off its own grid; or nothing."""
    read = f"The classifier reads {report.classifier_map}." if report.classifier_map else ""
    on, off = ([report.name_amount(int(k)) for k in np.flatnonzero(part)] for part in (report.on_grid, ~report.on_grid))
    if not off:
        return read
    told = ", ".join(off) if len(off) <= len(on) else f"all but {', '.join(on)}"
    return f"{read} Between or beyond the steps of the network's own grid: {told}.".lstrip()


def explain_curves(reports: Mapping[str, EquivarianceReport], layers: Mapping[str, str]) -> str:
    """Which of two networks commutes better in the layers shown, and at how many amounts the bands part: paragraphs."""
    (one, a), (other, b) = reports.items()
    i, j = a.layers.index(layers[one]), b.layers.index(layers[other])
    x, y = a.error[i], b.error[j]
    told = ~np.isnan(x - y)
    compared = told & counted_amounts(a.transform, a.amounts)
    if not compared.any():
        return "There is no amount at which both layers can be compared."
    tied = np.abs(x - y) <= _TIE
    wins, equal = int((x < y)[compared & ~tied].sum()), int(tied[compared].sum())
    first, second = a.spread[i], b.spread[j]
    part = (first[:, 1] < second[:, 0]) | (second[:, 1] < first[:, 0])
    mean = 100 * np.array([x[compared].mean(), y[compared].mean()])
    said = (
        f"{layers[one]} of {one} differs by {mean[0]:.0f} % on average, {layers[other]} of {other} by {mean[1]:.0f} %; "
        f"{one} is lower at {wins} of {_count(int(compared.sum()), TRANSFORMS[a.transform].noun)}"
        f"{f', both are equal at {equal}' if equal else ''} and the bands part at "
        f"{int(part[compared & ~tied].sum())} of them."
    )
    return paragraphs(said, _not_counted(a, told, "nothing to compare"))


def explain_cell(
    cell: tuple[str, str], network: str, errors: Float[np.ndarray, " image"], digit: str, own: float
) -> str:
    """Why a cell of the heat map and what a click on it opens show two numbers.

    Args: cell: layer and amount, for a reader. errors: that the cell is the mean of, relative L2 without unit, NaN
              where there is none. digit: that is opened, for a reader. own: its error, in the same unit.
    """
    layer, amount = cell
    known = errors[~np.isnan(errors)]
    many = _count(len(errors), "digit") if len(known) == len(errors) else f"{len(known)} of {len(errors)} digits"
    mean = f"is the mean of {many}, {100 * float(known.mean()):.1f} %" if len(known) else "has no number"
    alone = "cannot be measured there" if np.isnan(own) else f"has {100 * own:.1f} % there"
    return (
        f"You clicked {layer} of {network} at {amount}. Its cell {mean}; this page shows one digit alone, {digit}, "
        f"which {alone}."
    )


def explain_argmax_scale(found: ArgmaxScale, network: str) -> str:
    """How far the winning internal scale follows the size of the image, in two paragraphs."""
    start = f"In {found.layer} of {network} the winning internal scale"
    if np.isnan(found.slope):
        return f"{start} cannot be followed: no scale that wins at s = 1 stays inside the axis."
    used, changes = found.used & np.isfinite(found.mean_log2_scale), counted_amounts("scale", found.scale_factors)
    factors = _count(int((used & changes).sum()), "scale factor") + (" beside s = 1" if (used & ~changes).any() else "")
    return paragraphs(
        f"{start} moves by {found.slope:.2f} octaves for each octave of s, where 1 is ideal and 0 ignores the size.",
        f"This rests on {factors} and {100 * found.share:.0f} % of the response.",
    )


def explain_difference(one: EquivarianceReport, other: EquivarianceReport, names: tuple[str, str]) -> str:
    """In how many cells the first network commutes better, and where the difference is largest: paragraphs."""
    layers = [layer for layer in one.layers if layer in other.layers]
    points = np.array([100 * (one.error[one.layers.index(x)] - other.error[other.layers.index(x)]) for x in layers])
    told = ~np.isnan(points) & counted_amounts(one.transform, one.amounts)
    if not told.any():
        return "There is no layer that both networks have and that can be measured in both."
    row, k = np.unravel_index(np.where(told, np.abs(points), -1.0).argmax(), points.shape)
    better, equal = (int((found & told).sum()) for found in (points < -100 * _TIE, np.abs(points) <= 100 * _TIE))
    said = (
        f"{names[0]} commutes better than {names[1]} in {better} of {_count(int(told.sum()), 'cell')}"
        f"{f', as well in {equal}' if equal else ''}; they are furthest apart "
        f"in {layers[row]} at {one.name_amount(int(k))}, by {points[row, k]:+.0f} points."
    )
    return paragraphs(said, _not_counted(one, ~np.isnan(points).all(axis=0), "nothing to compare"))


def _counted_percent(report: EquivarianceReport) -> Float[np.ndarray, "layer amount"]:
    """The mean errors in %, NaN at amounts that are not counted."""
    return np.where(counted_amounts(report.transform, report.amounts), 100 * report.error, np.nan)


def _not_counted(report: EquivarianceReport, told: Bool[np.ndarray, " amount"], missing: str) -> str:
    """A sentence that names the amounts which a chart shows and a count leaves out; empty if there is none.

    Args: told: which amounts have numbers. missing: why the others have none, in a few words.
    """
    transform = TRANSFORMS[report.transform]
    left_out: dict[str, list[str]] = {}
    for k, counted in enumerate(counted_amounts(report.transform, report.amounts)):
        if counted and told[k]:
            continue
        idle = transform.distance(report.amounts[k], transform.identity) <= _SAME
        reason = missing if counted else "nothing changes" if idle else f"this {transform.noun} is counted already"
        left_out.setdefault(reason, []).append(report.name_amount(k))
    why = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in left_out.items())
    return f"Not counted: {why}." if why else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
