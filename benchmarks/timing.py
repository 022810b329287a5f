"""Timing of short functions."""

import statistics
import time
from collections.abc import Callable


def median_ms(function: Callable[[], object], repeats: int = 15) -> float:
    """Median time of a call in milliseconds, after two calls that do not count."""
    for _ in range(2):
        function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of the sorted values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
