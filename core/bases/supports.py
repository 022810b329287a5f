"""How many pixels a kernel covers, and what a set of internal scales must be."""

import math
from collections.abc import Sequence
from itertools import pairwise


def check_scales(internal_scales: Sequence[float]) -> None:
    """Raises ValueError unless the scales are positive and ascending."""
    if not internal_scales or any(a >= b for a, b in pairwise((0.0, *internal_scales))):
        raise ValueError(f"internal scales must be positive and ascending, got {tuple(internal_scales)}")


def odd_size(extent: float) -> int:
    """The smallest odd number of pixels that covers `extent` pixels about the middle of one."""
    return 2 * max(0, math.ceil(round(extent / 2 - 0.5, 4))) + 1
