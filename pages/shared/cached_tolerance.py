"""What the page of internal scales computes: fits of the tolerance model, and what a set of scales costs a network."""

from typing import Any

import streamlit as st

from core.models import build, configuration
from core.tolerance import DataScales, ToleranceModel, fit, fit_jointly
from pages.shared.cached import Settings

PUBLISHED = {"1 to 2.83": (1.0, 2.83), "1 to 4.76": (1.0, 4.76), "1 to 8": (1.0, 8.0)}


@st.cache_data(max_entries=256, show_spinner=False)
def best_fit(low: float, high: float, num_scales: int, tau_tol: float | None = None) -> ToleranceModel:
    """The scales that suit data of [low, high] best. Raises ValueError as `core.tolerance.fit`."""
    return fit(DataScales.log_uniform(low, high), num_scales, tau_tol)


@st.cache_data(max_entries=1, show_spinner=False)
def published_fit() -> dict[str, ToleranceModel]:
    """The joint fit of three scales to each published range, with one τ_tol."""
    models = fit_jointly([DataScales.log_uniform(*ends) for ends in PUBLISHED.values()], num_scales=3)
    return dict(zip(PUBLISHED, models, strict=True))


@st.cache_data(max_entries=256, show_spinner=False)
def kernel_table(key: str, settings: Settings) -> dict[str, list[str]]:
    """Each internal scale of a network by the heading of the column; the cost is that of a direct convolution.

    Raises: ValueError for scales that cannot be built.
    """
    scales = _configuration(key, settings).internal_scales
    table = {"σ, pixels": [f"{scale:.2f}" for scale in scales]}
    first = next(iter(build(key, "small", **_values(settings)).kernels(slice(0, 1)).values()), [])
    if len(first) != len(scales):  # a network that resamples its maps has one kernel for all scales
        return table
    sides = [kernel.shape[-1] for kernel in first]
    return table | {
        "Kernel side, pixels": [str(side) for side in sides],
        "Multiply-adds per position, × first": [f"{(side / sides[0]) ** 2:.2f}" for side in sides],
    }


def served_scales(key: str, settings: Settings, reference: float) -> list[float]:
    """The data scales (×) that a network's internal scales serve, if the smallest serves `reference`."""
    scales = _configuration(key, settings).internal_scales
    return [reference * scale / scales[0] for scale in scales]


def _configuration(key: str, settings: Settings) -> Any:
    return configuration(key, "small", **_values(settings))


def _values(settings: Settings) -> dict[str, Any]:
    return {name: int(value) if name == "num_scales" else value for name, value in settings}
