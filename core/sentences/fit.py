"""What a fit of internal scales found, how it compares with the thesis, and where scales serve the data too little."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

from core.data.dynamic_scale_mnist import in_words
from core.sentences.markdown import paragraphs
from core.tolerance import PUBLISHED_TAU_TOL, DataScales, Dip, Mixture, ToleranceModel, dips

_MIDDLE = 0.9  # of the data: how wide they are, without the few smallest and largest
_WIDE = 1.0  # octaves: a range of sizes of 1 to 2, beyond which one scale has to be justified
_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def explain_fit(model: Mixture, data: DataScales, fitted_tau: bool) -> str:
    """What was found and what it means, in Markdown: paragraphs, one more where a single scale leaves data out.

    Args: fitted_tau: whether τ_tol was fitted too.
    Raises: ValueError as `Mixture.kl`.
    """
    smallest, largest = model.centres[0], model.centres[-1]
    if model.num_scales == 1:
        scales = f"One scale at **{smallest:.2f}×**"
    else:
        count = _WORDS[model.num_scales] if model.num_scales < len(_WORDS) else str(model.num_scales)
        scales = f"{count} scales from **{smallest:.2f}×** to **{largest:.2f}×** (ISR {largest / smallest:.2f})"
    origin = "as the fit found it" if fitted_tau else "as given"
    found = (
        f"{scales}, each with a tolerance of {model.tau_tol:.3f} octaves {origin}, "
        f"reach a KL of **{model.kl(data):.4f}** nats."
    )
    return paragraphs(
        found, _explain_dips(dips(model, data), model), _explain_single_scale(model, data, fitted_tau)
    )  # fmt: skip


def _explain_single_scale(model: Mixture, data: DataScales, fitted_tau: bool) -> str:
    """What one scale leaves out of data wider than an octave; empty for all else."""
    low, high = (data.quantile(p) for p in ((1 - _MIDDLE) / 2, (1 + _MIDDLE) / 2))
    if model.num_scales > 1 or math.log2(high / low) <= _WIDE:
        return ""
    tau = PUBLISHED_TAU_TOL if fitted_tau else model.tau_tol  # a fitted one says nothing of what a network tolerates
    whose = "the tolerance of the thesis' network" if fitted_tau else "its tolerance"
    (centre,) = model.centres
    outside = 1 - data.share_between(centre * 2**-tau, centre * 2**tau)
    usual = 2 * NormalDist().cdf(-1)
    return paragraphs(
        f"**What one scale leaves out:** the middle {100 * _MIDDLE:.0f} % of the data span {math.log2(high / low):.1f} "
        f"octaves, and {100 * outside:.0f} % of the data lie more than {tau:.3f} octaves from it, {whose}.",
        f"Of data that are just as wide as this tolerance, {100 * usual:.0f} % would.",
    )


def compare_isrs(fits: Mapping[str, ToleranceModel], published: Sequence[float]) -> str:
    """That the thesis prints other ISRs than our fits have, and by how much they differ at most: one sentence.

    Args: fits: by the name of their range of data scales. published: ISRs of the same ranges, without unit.
    """
    pairs = {name: (fit.isr, isr) for (name, fit), isr in zip(fits.items(), published, strict=True)}
    name, (ours, theirs) = max(pairs.items(), key=lambda pair: abs(pair[1][0] / pair[1][1] - 1))
    return (
        f"The thesis prints other ISRs for these ranges than our fit finds: ours differ by up to "
        f"{100 * abs(ours / theirs - 1):.0f} % (for {in_words(name)}×, {ours:.2f} instead of {theirs:.2f})."
    )


def _explain_dips(found: tuple[Dip, ...], model: Mixture) -> str:
    if not found:
        return "They leave no dip: everywhere they are at least half as dense as the data."
    places = [f"{dip.low:.2f}× to {dip.high:.2f}× ({_where(dip, model)})" for dip in found]
    if len(found) == 1:
        return f"They leave a dip, where they are less than half as dense as the data: {places[0]}."
    start = f"They leave {len(found)} dips, where they are less than half as dense as the data:"
    return paragraphs(start, "\n".join(f"- {place}" for place in places))


def _where(dip: Dip, model: Mixture) -> str:
    if dip.between:
        return "between two scales"
    if dip.deepest < model.centres[0]:
        return "below the smallest scale"
    return "above the largest scale" if dip.deepest > model.centres[-1] else "at the scale itself"


def tell_dips(found: tuple[Dip, ...]) -> str:
    """Where the data are served too little, in Markdown, a paragraph a dip."""
    if not found:
        return "There is **no dip**: nowhere is the blue curve less than half as high as the data."
    return paragraphs(*map(_tell_dip, found))


def _tell_dip(dip: Dip) -> str:
    where = "between two scales" if dip.between else "beyond the scales"
    return (
        f"**Dip from {dip.low:.2f}× to {dip.high:.2f}×**, {where}: at {dip.deepest:.2f}× the blue curve has "
        f"{100 * dip.share:.0f} % of the height of the data."
    )


def describe_bench(mixture: Mixture, data: DataScales) -> str:
    """Mixture and data in sentences, for readers who do not see it."""
    centres = ", ".join(f"{centre:.2f}" for centre in mixture.centres)
    found = dips(mixture, data)
    low = f"It has {len(found)} dip{'s' * (len(found) > 1)}" if found else "It has no dip"
    return (
        f"Density per octave over data scale: data that are {data.name}, and a mixture of "
        f"{mixture.num_scales} internal scale{'s' * (mixture.num_scales > 1)} centred at {centres} times the size that "
        f"counts as 1, each with a tolerance of {mixture.tau_tol:.3f} octaves. {low}."
    )
