"""Data scales in a link: `tol_scales=1.1-2-4.3`."""

import math
from collections.abc import Sequence
from typing import Any

from core.tolerance import AXIS
from pages.state.links import Parameter

DECIMALS = 4  # of every data scale that a link keeps
LIMITS = (0.05, 100.0)  # of a centre: published sets for small digits begin below the axis
_APART = 1.02  # the ends of a range, at least


def centres(key: str, most: int) -> Parameter:
    """Up to so many centres, ascending; none is usual."""

    def parse(asked: str) -> tuple[float, ...]:
        values = _numbers(asked)
        if len(values) > most:
            raise ValueError(asked)
        return values

    def fit(value: Any) -> tuple[float, ...]:
        return tuple(sorted(_within(LIMITS, each) for each in value))[:most] if _is_row(value) else ()

    return Parameter(key, (), parse, _text, fit)


def ends(key: str, usual: tuple[float, float]) -> Parameter:
    """Two data scales on the axis, in order."""

    def parse(asked: str) -> tuple[float, ...]:
        values = _numbers(asked)
        if len(values) != 2:
            raise ValueError(asked)
        return values

    def fit(value: Any) -> tuple[float, ...]:
        if not _is_row(value) or len(value) != 2:
            return usual
        low = min(round(AXIS[1] / _APART, DECIMALS), _within(AXIS, min(value)))
        return low, max(_within(AXIS, max(value)), round(low * _APART, DECIMALS))

    return Parameter(key, usual, parse, _text, fit)


def _numbers(asked: str) -> tuple[float, ...]:
    values = tuple(sorted(round(float(each), DECIMALS) for each in asked.split("-")))
    if not all(0 < value < math.inf for value in values):
        raise ValueError(asked)
    return values


def _is_row(value: Any) -> bool:
    return isinstance(value, Sequence) and all(isinstance(each, int | float) for each in value)


def _within(limits: tuple[float, float], value: float) -> float:
    return round(min(limits[1], max(limits[0], float(value))), DECIMALS)


def _text(values: tuple[float, ...]) -> str:
    return "-".join(f"{value:g}" for value in values)
