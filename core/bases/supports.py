"""How many pixels a kernel covers."""

import math


def odd_size(extent: float) -> int:
    """The smallest odd number of pixels that covers `extent` pixels about the middle of one."""
    return 2 * max(0, math.ceil(round(extent / 2 - 0.5, 4))) + 1
