"""What training measured of internal scales, beside what the theory says of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.data.dynamic_scale_mnist import ends_of, in_words
from core.results.isr import IsrErrors
from core.results.learned import LearnedScales
from core.sentences.markdown import paragraphs
from core.tolerance import ToleranceModel


def explain_error_against_isr(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> str:
    """Which ISR was best for each range, with its spread, and whether that is what the theory says; in Markdown."""
    told = []
    for each in measured:
        seeds = ", ".join(f"{isr:g}" for isr in each.best_of_each_seed)
        told.append(
            f"- Data scales {in_words(each.data)}: the lowest mean error, {each.mean.min():.2f} %, is at ISR "
            f"**{each.best:g}** (seed by seed: {seeds}; within two standard errors of it: "
            f"{_span(each.as_good)}), the fit says {fits[each.data].isr:.2f}."
        )
    count, images = len(measured[0].seeds), measured[0].images
    said = paragraphs(f"Measured, mean of {count} seeds on {images:,} test digits each:", "\n".join(told))
    return paragraphs(said, _verdict(measured, fits), _limits_of_theory(measured, fits))


def explain_error_over_scale(each: IsrErrors) -> str:
    """What the smallest and the largest ISR cost at the ends of the range, and how far the error rises outside.

    In Markdown, two paragraphs.
    """
    low, high = ends_of(each.data)
    scales = np.array(each.data_scales)
    small, large = (int(np.abs(np.log(scales / end)).argmin()) for end in (low, high))
    mean = each.over_scale.mean(1)
    first, last = each.isrs[0], each.isrs[-1]
    return paragraphs(
        f"At the large end of the range ({scales[large]:.2f}×) ISR {first:g} misreads {mean[0, large]:.1f} % and ISR "
        f"{last:g} {mean[-1, large]:.1f} %; at its small end ({scales[small]:.2f}×) they misread {mean[0, small]:.1f} "
        f"and {mean[-1, small]:.1f} %.",
        f"Outside the range errors rise whatever the ISR: at {scales[0]:.2f}× to "
        f"{mean[:, 0].min():.0f} to {mean[:, 0].max():.0f} %, at {scales[-1]:.2f}× to {mean[:, -1].min():.0f} to "
        f"{mean[:, -1].max():.0f} %.",
    )


def explain_learned_scales(runs: Sequence[LearnedScales]) -> str:
    """Where each way of learning ended from each start, what that cost, and how much of the start is left; in Markdown.

    Args: runs: on one range of data scales, at least one.
    """
    told = []
    for mode in dict.fromkeys(run.mode for run in runs):
        of_mode = sorted((run for run in runs if run.mode == mode), key=lambda run: run.initial_isr)
        ends = ", ".join(f"{run.initial_isr:g} → {run.isr:.2f} ({run.test_error:.2f} %)" for run in of_mode)
        told.append(f"- `{mode}` {ends}")
    starts, ended_at = [run.initial_isr for run in runs], [run.isr for run in runs]
    began, ended = max(starts) / min(starts), max(ended_at) / min(ended_at)
    best = min(runs, key=lambda run: run.test_error)
    verdict = (
        f"The starts differ {began:.1f}-fold in ISR and the ends {ended:.1f}-fold: "
        + ("the start still decides" if ended > began**0.5 else "learning forgets most of its start")
        + f". The lowest test error, {best.test_error:.2f} %, is that of `{best.mode}` from ISR {best.initial_isr:g}."
    )
    return paragraphs("ISR from start to end (test error):", "\n".join(told), verdict)


def _verdict(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> str:
    narrow, wide = measured[0], measured[-1]
    order = (
        f"A wider range of data scales wants a larger ISR, as the theory says: {wide.best:g} for {in_words(wide.data)} "
        f"against {narrow.best:g} for {in_words(narrow.data)}."
        if wide.best > narrow.best
        else f"**Here theory and measurement disagree**: the best ISR for {in_words(wide.data)}, {wide.best:g}, is not "
        f"larger than that for {in_words(narrow.data)}, {narrow.best:g}."
    )
    agree = [each.as_good_range[0] <= fits[each.data].isr <= each.as_good_range[1] for each in measured]
    if all(agree):
        return f"{order} Each fitted ISR lies among those that measurement cannot tell from its best."
    named = ", ".join(
        f"{in_words(each.data)} (fit {fits[each.data].isr:.2f}, measured {_span(each.as_good)})"
        for each, fine in zip(measured, agree, strict=True)
        if not fine
    )
    return f"{order} **Theory and measurement disagree on the value** for {named}."


def _limits_of_theory(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> str:
    """What the tolerance model does not say, or says differently."""
    ratios = [fits[each.data].isr / each.best for each in measured]
    times = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    sides = "more" if min(ratios) > 1 else "less" if max(ratios) < 1 else ""
    lean = (
        f"In every range the fit asks for {sides} than the best measured ISR ({times} times it)."
        if sides
        else f"The fits are {times} times the best measured ISRs."
    )
    worst = max(measured, key=lambda each: each.mean.max() - each.mean.min())
    cost = f"from {worst.mean.min():.1f} to {worst.mean.max():.1f} % only"
    return paragraphs(
        lean,
        f"Nor does the model say what a wrong choice costs: the worst ISR for {in_words(worst.data)} raises the error "
        f"{cost}.",
    )


def _span(isrs: Sequence[float]) -> str:
    return f"{isrs[0]:g}" if len(isrs) == 1 else f"{isrs[0]:g} to {isrs[-1]:g}"
