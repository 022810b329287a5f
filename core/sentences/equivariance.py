"""How far networks are from commuting with a transform, in words for this very report, never written by hand."""

from collections.abc import Mapping

import numpy as np

from core.equivariance import ArgmaxScale, EquivarianceReport
from core.transforms import TRANSFORMS


def describe_error(report: EquivarianceReport, network: str) -> str:
    """The heat map in a few sentences, for readers who do not see it."""
    percent = 100 * report.error
    order = sorted(range(len(report.amounts)), key=report.amounts.__getitem__)
    noun = TRANSFORMS[report.transform].noun
    text = (
        f"Relative L2 error of {network} in {_count(len(report.layers), 'layer')} at "
        f"{_count(len(order), noun)} from {report.name_amount(order[0])} to {report.name_amount(order[-1])}, "
        f"over {_count(report.num_images, 'image')}, resampled by {report.resampler}. "
    )
    if np.isnan(percent).all():
        return text + "Nothing could be measured."
    row, k = np.unravel_index(np.nanargmax(percent), percent.shape)
    largest, where = percent[row, k], f"{report.layers[row]} at {report.name_amount(int(k))}"
    text += f"The largest mean error is {largest:.0f} %, in {where}"
    means = [float(row[~np.isnan(row)].mean()) for row in percent if not np.isnan(row).all()]
    text += f"; the means of the layers run from {min(means):.0f} to {max(means):.0f} %."
    missing = int(np.isnan(percent).sum())
    return text + (f" {_count(missing, 'cell')} without a number." if missing else "")


def explain_heatmap(report: EquivarianceReport, network: str) -> str:
    """Which layer breaks equivariance most, where, and what resampling costs there."""
    percent = 100 * report.error
    if np.isnan(percent).all():
        return f"Nothing of {network} could be measured on these images."
    if np.nanmax(percent) < 1e-3:
        return f"{network} commutes: no layer differs by more than {np.nanmax(percent):.1g} %."
    changed = np.nanmax(percent, axis=0, initial=0) > 1e-4  # leaves out what changes nothing, as s = 1
    means = np.array([np.nanmean(row) if not np.isnan(row).all() else np.nan for row in percent[:, changed]])
    worst, best = int(np.nanargmax(means)), int(np.nanargmin(means))
    k = int(np.nanargmax(percent[worst]))
    text = f"{network}'s {report.layers[worst]} commutes least: it differs by {means[worst]:.0f} % on average"
    text += f", by {percent[worst, k]:.0f} % at {report.name_amount(k)}"
    if best != worst:
        text += f"; {report.layers[best]} commutes best, with {means[best]:.0f} %"
    if not np.isnan(report.cost[worst]).all():
        cost = 100 * float(np.nanmax(report.cost[worst]))
        text += f". Resampling {report.layers[worst]} there and back costs up to {cost:.0f} %"
    return text + "."


def explain_curves(reports: Mapping[str, EquivarianceReport], layers: Mapping[str, str]) -> str:
    """Which of two networks commutes better in the layers shown, and at how many amounts the bands part."""
    (one, a), (other, b) = reports.items()
    x, y = a.error[a.layers.index(layers[one])], b.error[b.layers.index(layers[other])]
    compared = ~(np.isnan(x) | np.isnan(y)) & (np.maximum(x, y) > 1e-6)
    if not compared.any():
        return "There is no amount at which both layers can be measured and differ from 0."
    wins = int((x < y)[compared].sum())
    first, second = a.spread[a.layers.index(layers[one])], b.spread[b.layers.index(layers[other])]
    apart = int(((first[:, 1] < second[:, 0]) | (second[:, 1] < first[:, 0]))[compared].sum())
    noun = TRANSFORMS[a.transform].noun + "s"
    mean = 100 * np.array([x[compared].mean(), y[compared].mean()])
    return (
        f"{layers[one]} of {one} differs by {mean[0]:.0f} % on average, {layers[other]} of {other} by {mean[1]:.0f} %; "
        f"{one} is lower at {wins} of {int(compared.sum())} {noun} and the bands part at {apart} of them."
    )


def explain_argmax_scale(found: ArgmaxScale, network: str) -> str:
    """How far the winning internal scale follows the size of the image."""
    start = f"In {found.layer} of {network} the winning internal scale"
    if np.isnan(found.slope):
        return f"{start} cannot be followed: no scale that wins at s = 1 stays inside the axis."
    return (
        f"{start} moves by {found.slope:.2f} octaves for each octave of s, where 1 is ideal and 0 ignores the size; "
        f"this rests on {int(found.used.sum())} factors and {100 * found.share:.0f} % of the response."
    )


def explain_difference(one: EquivarianceReport, other: EquivarianceReport, names: tuple[str, str]) -> str:
    """In how many cells the first network commutes better, and where the difference is largest."""
    layers = [layer for layer in one.layers if layer in other.layers]
    points = np.array([100 * (one.error[one.layers.index(x)] - other.error[other.layers.index(x)]) for x in layers])
    told = ~np.isnan(points)
    if not told.any():
        return "There is no layer that both networks have and that can be measured in both."
    row, k = np.unravel_index(np.nanargmax(np.abs(points)), points.shape)
    better = int((points < 0)[told].sum())
    return (
        f"{names[0]} commutes better than {names[1]} in {better} of {int(told.sum())} cells; they are furthest apart "
        f"in {layers[row]} at {one.name_amount(int(k))}, by {points[row, k]:+.0f} points."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
