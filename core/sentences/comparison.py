"""Two networks A and B in words: is B better, in which layers, and at what price."""

from collections.abc import Mapping, Sequence

from core.cost import Price, TimeComparison
from core.equivariance.comparison import READ, Comparison
from core.results.statistics import Estimate, over_realisations
from core.results.study import RunLine
from core.sentences.markdown import paragraphs
from core.transforms import TRANSFORMS


def tell_outcome(
    found: Comparison, differences: Mapping[str, Estimate], names: tuple[str, str], amount: float | None = None
) -> str:
    """Whether B commutes better, at the map that the classifier reads where both say which that is.

    Args: differences: by layer, as `core.results.differences.layer_differences` at that amount. names: of A and B.
    """
    if not differences:
        return f"{names[0]} and {names[1]} have no layer in which both can be measured there."
    layer = found.read if found.read is not None and found.read in differences else list(differences)[-1]
    where = "in the map that the classifier reads" if layer == found.read else f"in {layer}"
    each, (first, second) = differences[layer], names
    where += f", {_tell_amounts(found, amount)}"
    if not each.differs_from_zero:
        return (
            f"**No difference found** {where}: the error of {second} less that of {first} is "
            f"{_points(each.mean, True)} ({_interval(each, 1)})."
        )
    better, worse, sign = (second, first, -1) if each.mean < 0 else (first, second, 1)
    return (
        f"**{better} commutes better** {where}: its error is **{_points(sign * each.mean)}** lower than that of "
        f"{worse} ({_interval(each, sign)})."
    )


def tell_layers_compared(found: Comparison, differences: Mapping[str, Estimate], names: tuple[str, str]) -> str:
    """In how many layers which network is better, and which layers have no partner; one paragraph."""
    first, second = names
    lower = [layer for layer, each in differences.items() if each.differs_from_zero and each.mean < 0]
    higher = [layer for layer, each in differences.items() if each.differs_from_zero and each.mean > 0]
    equal = len(differences) - len(lower) - len(higher)
    maps = f"{len(differences)} map{'s' * (len(differences) > 1)}"
    told = f"Of {maps} B ({second}) is better in {len(lower)}, A ({first}) in {len(higher)}"
    told += f"; no difference found in {equal}." if equal else "."
    for name, layers in zip(names, found.alone, strict=True):
        if layers:
            told += f" Only {name} has {', '.join(layers)}."
    return told


def explain_cells(cells: Mapping[tuple[str, float], Estimate], found: Comparison) -> str:
    """In how many cells which network is better, and where the two are furthest apart."""
    changing = {cell: each for cell, each in cells.items() if cell[1] in _counted(found)}
    if not changing:
        return "There is no layer and amount at which both can be measured."
    lower = sum(each.differs_from_zero and each.mean < 0 for each in changing.values())
    higher = sum(each.differs_from_zero and each.mean > 0 for each in changing.values())
    (layer, amount), far = max(changing.items(), key=lambda each: abs(each[1].mean))
    return (
        f"B is better in {lower} of {len(changing)} cells, A in {higher}; they are furthest apart in {layer} at "
        f"{TRANSFORMS[found.transform].name(amount)}, by {far.mean:+.1f} points ({_interval(far, 1)})."
    )


def explain_test_errors(runs: Mapping[str, Sequence[RunLine]]) -> str:
    """The test error of each network over its realisations, and where their curves lie furthest apart."""
    (one, of), (other, _) = runs.items()
    told = [
        f"{name} {over_realisations([run.test_error for run in of], least=0.0).told()}" for name, of in runs.items()
    ]
    first, second = (
        [sum(each) / len(each) for each in zip(*(run.errors for run in each_of), strict=True)]
        for each_of in runs.values()
    )
    far = max(range(len(first)), key=lambda k: abs(first[k] - second[k]))
    alike = len({run.part for each_of in runs.values() for run in each_of}) == 1
    tested = f"of {of[0].test_images:,} images" if alike else "each of digits as it was trained on"
    return paragraphs(
        f"Test error in %, {tested}: {'; '.join(told)}.",
        f"They are furthest apart at size {of[0].data_scales[far]:g}: {one} {first[far]:.2f} %, {other} "
        f"{second[far]:.2f} %, of {of[0].images_per_scale:,} digits.",
    )


def tell_prices(prices: tuple[Price, Price], names: tuple[str, str]) -> str:
    """What B takes beside what A takes."""
    (a, b), (first, second) = prices, names
    if not (a.parameters and b.parameters):
        told = f"{first} has {a.parameters:,} parameters and {second} {b.parameters:,}"
    else:
        ratio = _times(b.parameters, a.parameters)
        told = f"{second} has " + (f"{ratio} the parameters of {first}" if ratio else f"as many parameters as {first}")
    if a.multiply_adds and b.multiply_adds:
        times = _times(b.multiply_adds, a.multiply_adds)
        return f"{told} and takes {f'{times} its multiply-adds' if times else 'as many multiply-adds'}."
    without = first if not a.multiply_adds else second
    return f"{told}; the multiply-adds of {without} are not counted, as none of its kernels slides."


def tell_times(found: TimeComparison, names: tuple[str, str]) -> str:
    """Milliseconds of A and B and how they compare. Args: found: of A, then of B."""
    a, b = found.first_spread, found.second_spread
    low, high = (1 / each for each in reversed(found.ratio_spread))
    unsure = "; the turns do not agree on which is slower" if low < 1 < high else ""
    return paragraphs(
        f"**{found.first_ms:.1f} ms** for one image with {names[0]} ({a[0]:.1f} to {a[1]:.1f}), "
        f"**{found.second_ms:.1f} ms** with {names[1]} ({b[0]:.1f} to {b[1]:.1f}), measured just now on the machine "
        f"that serves this page: medians of n = {found.turns} turns A, B, A, B …",
        f"B takes **{1 / found.ratio:.2f} times** as long as A, {low:.2f} to {high:.2f} times in the middle 68 % of "
        f"the turns{unsure}.",
    )


def tell_read_layer(found: Comparison) -> str:
    """What the row of the classifiers is, where it bears a name of its own."""
    return "The last row pairs the maps that the two classifiers read." if READ in found.layers else ""


def _counted(found: Comparison) -> set[float]:
    transform = TRANSFORMS[found.transform]
    return {amount for amount in found.amounts if transform.distance(amount, transform.identity) > 0}


def _tell_amounts(found: Comparison, amount: float | None) -> str:
    transform = TRANSFORMS[found.transform]
    if amount is not None:
        return f"at {transform.told(amount)}"
    chosen = [transform.number(each) for each, of in zip(found.amounts, found.averaged, strict=True) if of]
    return f"mean over {transform.symbol} = {', '.join(chosen)}{transform.unit}"


def _times(one: int, other: int) -> str:
    """How many times as much, or which part of it, with two digits; an empty text for as much."""
    more, less = max(one, other) / min(one, other), one < other
    told = f"{more:.0f}" if more >= 10 else f"{more:.2g}"
    if told == "1":
        return ""
    return f"**1/{told}** of" if less else f"**{told} times**"


def _points(mean: float, signed: bool = False) -> str:
    return f"{mean:+.1f} percentage points" if signed else f"{mean:.1f} percentage points"


def _interval(each: Estimate, sign: int) -> str:
    low, high = sorted((sign * each.low, sign * each.high))
    return f"95 % interval {low:.1f} to {high:.1f}; n = {each.n} {each.kind}"
