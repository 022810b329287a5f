"""How far two networks differ on the same digits, as numbers with intervals."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from core.checkpoints import ALL_SIZES
from core.data.sources import source_named
from core.equivariance.comparison import Comparison
from core.models import MODELS, Shown
from core.results.statistics import Estimate, paired_difference

_LOAD = ("from core.models import load",)
_TIE = 1e-5  # relative L2: what sums in float32 leave, so that of two errors neither is lower


def layer_differences(found: Comparison, amount: float | None = None) -> dict[str, Estimate]:
    """B − A of the equivariance error of every layer, in percentage points, over the digits that both answer.

    Args: amount: None for the mean over `Comparison.averaged`. A layer that cannot be compared there is left out.
    """
    pairs = zip(found.layers, *found.at(amount), strict=True)
    return {layer: _in_points(first, second) for layer, first, second in pairs if not np.isnan(second - first).all()}


def cell_differences(found: Comparison) -> dict[tuple[str, float], Estimate]:
    """The same for every layer at every amount, by both."""
    cells = {}
    for k, amount in enumerate(found.amounts):
        for layer, first, second in zip(found.layers, found.first[:, k], found.second[:, k], strict=True):
            if not np.isnan(second - first).all():
                cells[layer, amount] = _in_points(first, second)
    return cells


def _in_points(first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"]) -> Estimate:
    """In percentage points; what sums in float32 leave is no difference."""
    tied = np.where(np.abs(second - first) <= _TIE, first, second)
    return paired_difference(100 * first, 100 * tied)


def snippet(
    first: Shown,
    second: Shown,
    source: str,
    num_images: int,
    amounts: Sequence[float],
    amount: float | None = None,
    *,
    data_scale: float = 1.0,
    resampler: str = "bicubic",
    transform: str = "scale",
) -> str:
    """Python that prints `layer_differences` of two networks on the first digits of a source.

    Args: first, second: A and B. amount: as `layer_differences`.
    Raises: ValueError for an unknown source, or one that has no sample.
    """
    sides = [MODELS[each.key].canvas for each in (first, second)]
    code, again = (source_named(source).code("", num_images, float(data_scale), side) for side in sides)
    scaled = any(each.scales is not None for each in (first, second))
    loads = [each for shown in (first, second) for each in MODELS[shown.key].code[:-1] or _LOAD]
    modules = {
        *code.imports, *again.imports, "from core.equivariance import compare, measure", *loads,
        "from core.results.differences import layer_differences",
        *(["from core.scales import ScaleSet"] if scaled else []),
    }  # fmt: skip
    how = f"{[float(each) for each in amounts]}, {resampler!r}, {transform!r}, costs=False"
    return "\n".join(
        [
            *sorted(modules),
            "",
            *code.lines,
            f"first = measure({_loaded(first)}, digits, {how})",
            *(again.lines if sides[0] != sides[1] else ()),
            f"second = measure({_loaded(second)}, digits, {how})",
            f"for layer, found in layer_differences(compare(first, second), {amount}).items():",
            "    print(layer, found.told())",
            "",
        ]
    )


def _loaded(shown: Shown) -> str:
    if own := MODELS[shown.key].code:
        return own[-1]
    digits = "" if shown.trained_on == ALL_SIZES else f", trained_on={shown.trained_on!r}"
    scales = "" if shown.scales is None else f", internal_scales={shown.scales!r}"
    return f"load({shown.key!r}{digits}{scales})"
