"""What a browser reports: anything may be in it, so nothing is believed."""

import math
from typing import Any, TypeGuard


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a finite number that a float can hold; a truth value is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def id_of(report: Any) -> str:
    """The id of a report, short enough to send back; an empty text if it has none."""
    return str(report["id"])[:40] if isinstance(report, dict) and isinstance(report.get("id"), str) else ""
