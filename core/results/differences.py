"""How far two networks differ on the same digits, as numbers with intervals."""

import numpy as np

from core.equivariance.comparison import Comparison
from core.results.statistics import Estimate, paired_difference

_OF_A_CELL = 2000  # resamples: its interval is only asked whether it holds 0, for dozens of cells at once


def layer_differences(found: Comparison, amount: float | None = None) -> dict[str, Estimate]:
    """B − A of the equivariance error of every layer, in percentage points, over the digits that both answer.

    Args: amount: None for the mean over `Comparison.averaged`. A layer that cannot be compared there is left out.
    """
    pairs = zip(found.layers, *found.at(amount), strict=True)
    return {
        layer: paired_difference(100 * first, 100 * second)
        for layer, first, second in pairs
        if not np.isnan(second - first).all()
    }


def cell_differences(found: Comparison) -> dict[tuple[str, float], Estimate]:
    """The same for every layer at every amount, by both."""
    cells = {}
    for k, amount in enumerate(found.amounts):
        for layer, first, second in zip(found.layers, found.first[:, k], found.second[:, k], strict=True):
            if not np.isnan(second - first).all():
                cells[layer, amount] = paired_difference(100 * first, 100 * second, resamples=_OF_A_CELL)
    return cells
