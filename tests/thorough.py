"""Cases of which a few stand for all: `make test` runs these, `make thorough`, and so CI, every one.

A whole run is only run before each change if it takes minutes. What is given up there is the same assertion on the
next network, page, screen or lesson, never a kind of assertion: at least one case of each stays.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def rest(cases: Iterable[Any], *daily: Any, of: Callable[[Any], Any] = lambda case: case) -> list[Any]:
    """All cases, in their order, those marked `thorough` that do not stand for the others.

    Args: daily: what `of` says of the cases that `make test` runs too.
    Raises: ValueError if one of them is no case, since a case that is renamed must not leave the daily run unseen.
    """
    cases = list(cases)
    missing = [each for each in daily if each not in [of(case) for case in cases]]
    if missing or not daily:
        raise ValueError(f"no case {missing}, or none to run daily, of {[of(case) for case in cases]}")
    return [case if of(case) in daily else pytest.param(case, marks=pytest.mark.thorough) for case in cases]
