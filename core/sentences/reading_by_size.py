"""What chosen internal scales do to reading, in words: where they read better or worse, and whether theory says so."""

from collections.abc import Sequence

from core.data.one_size import TRAINED
from core.results.reading_by_size import Agreement, ReadBySize
from core.results.statistics import Estimate
from core.sentences.markdown import paragraphs


def tell_reading(found: ReadBySize) -> str:
    """Where errors are fewer and where more than as trained, the largest difference of each kind with its interval."""
    differs = [k for k, each in enumerate(found.differences) if each.differs_from_zero]
    fewer = [k for k in differs if found.differences[k].mean < 0]
    more = [k for k in differs if found.differences[k].mean > 0]
    same = [k for k in range(len(found.sizes)) if k not in differs]
    count = f"n = {found.count:,} {found.kind} at each of {len(found.sizes)} sizes"
    return paragraphs(
        _tell_kind(found, fewer, "better", "fewer"),
        _tell_kind(found, more, "worse", "more"),
        f"**No difference found** {_where(found, same) if differs else 'at any size'}." if same else "",
        f"Intervals are 95 % of the paired difference at one size; {count}. Trained on size {TRAINED:g} × only.",
    )


def tell_agreement(found: Agreement) -> str:
    """At how many sizes theory and reading agree; where not; and the rank correlation over all sizes."""
    told = len(found.agree) + len(found.against)
    if not told:
        said = "At no size does both the mixture change and the error differ, so theory is not put to the test here."
    elif not found.against:
        where = f"at all {told} sizes" if told > 1 else "at the one size"
        said = f"**Theory and reading agree** {where} with a difference: errors fall where the mixture grows."
    else:
        word = "do not agree" if not found.agree else f"agree at {len(found.agree)} of {told} sizes with a difference"
        but = f" {'at' if not found.agree else 'not at'} {_list(found.against)}"
        said = f"**Theory and reading {word}**,{but}: errors should fall where the mixture grows."
    if found.rho is None:
        return said
    rho = f"{found.rho:z.2f}".replace("-", "−")
    return paragraphs(
        said,
        f"Between both changes the rank correlation is ρ = {rho} over n = {found.n} sizes; −1 would be full agreement. "
        "It has no interval, as all sizes show the same digits.",
    )


def _tell_kind(found: ReadBySize, places: Sequence[int], word: str, direction: str) -> str:
    if not places:
        return ""
    far = max(places, key=lambda k: abs(found.differences[k].mean))
    before, after = (f"{errors[far].mean:.1f} %" for errors in (found.trained_errors, found.chosen_errors))
    at_most = f" at {found.sizes[far]:.2f} ×" if len(places) > 1 else ""
    return (
        f"The chosen scales read **{word}** {_where(found, places)}:{at_most} the error goes from {before} to {after}, "
        f"**{_points(found.differences[far])} {direction}** ({_interval(found.differences[far])})."
    )


def _where(found: ReadBySize, places: Sequence[int]) -> str:
    """Neighbouring sizes as ranges."""
    if len(places) == len(found.sizes):
        return "at every size" if len(places) > 1 else _one(found.sizes[0])
    runs: list[list[int]] = []
    for k in places:
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    ends = [(found.sizes[run[0]], found.sizes[run[-1]]) for run in runs]
    return " and ".join(_one(low) if low == high else f"from {low:.2f} to {high:.2f} ×" for low, high in ends)


def _one(size: float) -> str:
    return f"at {size:.2f} ×"


def _list(sizes: Sequence[float]) -> str:
    return f"{', '.join(f'{size:.2f}' for size in sizes)} ×"


def _points(each: Estimate) -> str:
    return f"{abs(each.mean):.1f} points"


def _interval(each: Estimate) -> str:
    low, high = sorted((abs(each.low), abs(each.high)))
    return f"{low:.1f} to {high:.1f}"
