"""Numbers that whoever starts a server may set by a variable of the environment; docs/deploy.md has the table."""

import math
import os


def positive(name: str, usual: float) -> float:
    """The number of a variable, or the usual one. Raises: ValueError, in one sentence, if it is no positive number."""
    text = os.environ.get(name, "").strip()
    try:
        value = float(text) if text else usual
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive number, got {text!r}")
    return value
