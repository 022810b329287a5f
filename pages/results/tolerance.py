"""What the page of internal scales computes: fits of the tolerance model, and what a set of scales costs a network."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.cost import Cost, cost_of, measured_ms
from core.models import configuration
from core.tolerance import Candidate, DataScales, Measured, ToleranceModel, choose_num_scales, fit
from pages.results.cached import Settings

_REPEATS = 5  # of a timing, which every new set of scales gets: its median is good to some 10 %
_BY_DIGEST: dict[str | type, Callable] = {Measured: lambda data: data.digest}


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=_BY_DIGEST)
def best_fit(data: DataScales, num_scales: int, tau_tol: float | None = None) -> ToleranceModel:
    """The scales that suit the data best. Raises ValueError as `core.tolerance.fit`."""
    return fit(data, num_scales, tau_tol)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_DIGEST)
def candidates(data: DataScales, tau_tol: float | None = None) -> tuple[Candidate, ...]:
    """The best fit with each number of scales. Raises ValueError as `core.tolerance.choose_num_scales`."""
    return choose_num_scales(data, tau_tol)


@st.cache_data(max_entries=256, show_spinner=False)
def cost(key: str, settings: Settings) -> Cost:
    """Raises ValueError for scales that cannot be built."""
    return cost_of(key, **_values(settings))


@st.cache_data(max_entries=256, show_spinner=False)
def milliseconds(key: str, settings: Settings) -> float:
    """The time of one image on the machine of this server. Raises ValueError for scales that cannot be built."""
    return measured_ms(key, repeats=_REPEATS, **_values(settings))


def network_scales(key: str, settings: Settings) -> tuple[float, ...]:
    """Internal scales in pixels, ascending. Raises ValueError for scales that cannot be built."""
    return configuration(key, "small", **_values(settings)).internal_scales


def _values(settings: Settings) -> dict[str, Any]:
    return {name: int(value) if name == "num_scales" else value for name, value in settings}
