"""What the page of internal scales computes: fits of the tolerance model, and what a set of scales costs a network."""

from collections.abc import Callable

import streamlit as st

from core.cost import Cost, TimeComparison, compare_ms, cost_of, measured_ms
from core.scales import ScaleSet
from core.tolerance import Candidate, DataScales, Measured, ToleranceModel, choose_num_scales, fit

_REPEATS = 5  # of a timing, which every new set of scales gets: its median is good to some 10 %
_BY_DIGEST: dict[str | type, Callable] = {Measured: lambda data: data.digest}


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=_BY_DIGEST)
def best_fit(data: DataScales, num_scales: int, tau_tol: float | None = None) -> ToleranceModel:
    """The scales that suit the data best. Raises ValueError as `core.tolerance.fit`."""
    return fit(data, num_scales, tau_tol)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_DIGEST)
def candidates(data: DataScales, tau_tol: float) -> tuple[Candidate, ...]:
    """The best fit with each number of scales at one τ_tol. Raises ValueError as `core.tolerance.choose_num_scales`."""
    return choose_num_scales(data, tau_tol)


@st.cache_data(max_entries=256, show_spinner=False)
def cost(key: str, scales: ScaleSet) -> Cost:
    """Raises ValueError for scales that cannot be built."""
    return cost_of(key, internal_scales=scales)


@st.cache_data(max_entries=256, show_spinner=False)
def milliseconds(key: str, scales: ScaleSet) -> float:
    """The time of one image on the machine of this server. Raises ValueError for scales that cannot be built."""
    return measured_ms(key, repeats=_REPEATS, internal_scales=scales)


@st.cache_data(max_entries=256, show_spinner=False)
def compared_milliseconds(key: str, first: ScaleSet, second: ScaleSet) -> TimeComparison:
    """Both times of one image on the machine of this server, measured in turn. Raises ValueError as `milliseconds`."""
    return compare_ms(key, first, second, repeats=_REPEATS)
