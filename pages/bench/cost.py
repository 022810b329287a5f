"""What the scales on the bench cost the shown network: kernels, multiply-adds, and time where it was measured."""

from typing import Any

import streamlit as st

from core.cost import Cost
from core.models import MODELS
from core.scales import kernel_size
from core.tolerance import Mixture, ToleranceModel
from pages.results.cached import Settings
from pages.results.tolerance import cost, milliseconds, network_scales
from pages.state.session import SCALE_LIMITS, choose_scales
from pages.state.view import View, has_scales

_CANVAS = 28  # pixels
_SLIDERS = {"sigma_basis": "σ_basis", "isr": "ISR", "num_scales": "number of scales"}
_LIVE_AREA = 7000  # pixels of all kernels: up to here a network is built in a tenth of a second, so with every move
_MOST_SIDE = 129  # pixels: beyond, building it takes many seconds and gigabytes


def show_cost(mixture: Mixture, sigma_of_one: float, view: View) -> None:
    """Kernels of the chosen network with the scales of the bench and as it is now; a button takes them over."""
    title = MODELS[view.network].title
    st.header(f"What they cost in {title}")
    if not has_scales(view.network):
        st.markdown("This network has no internal scales; the sidebar offers others that have.")
        return
    st.markdown(
        "A kernel must hold its scale, so wide scales cost the most: its side is 2⌈4σ⌉ + 1 pixels (Eq. 7 of the "
        "thesis), and every weight at every position of an image of 28×28 is one multiply-add."
    )
    wanted = carried(mixture, sigma_of_one)
    sets = {"With the scales above": view.scales | wanted, "As it is now": view.scales}
    for column, (heading, scales) in zip(st.columns(2), sets.items(), strict=True):
        with column:
            st.markdown(f"**{heading}**")
            _show_one(view.network, tuple(sorted(scales.items())), heading)
    if not isinstance(mixture, ToleranceModel):
        st.caption(
            "These scales keep no equal steps, as every network here does. It gets the smallest, the largest and their "
            "number, and what lies between moves to equal steps."
        )
    reach = "The controls of the network take them over, on every page."
    if beyond := [name for name, value in wanted.items() if not _reached(name, value)]:
        st.caption(f"The sliders of the network do not reach so far: {', '.join(map(_reach, beyond))}.")
    if st.button("Use these scales in the network", "tol_use", reach, on_click=choose_scales, kwargs=wanted):
        st.rerun()  # other parts of the page show the network too


def carried(mixture: Mixture, sigma_of_one: float) -> dict[str, Any]:
    """The scales as every network here takes them: smallest in pixels, range and number."""
    smallest, largest = mixture.centres[0], mixture.centres[-1]
    scales = {"sigma_basis": round(smallest * sigma_of_one, 3), "num_scales": mixture.num_scales}
    return scales | ({"isr": round(largest / smallest, 3)} if mixture.num_scales > 1 else {})


def _reached(name: str, value: float) -> bool:
    low, high = SCALE_LIMITS[name]
    return low <= value <= high


def _reach(name: str) -> str:
    low, high = SCALE_LIMITS[name]
    return f"{_SLIDERS[name]} {low:g} to {high:g}"


def _show_one(key: str, settings: Settings, heading: str) -> None:
    try:
        scales = network_scales(key, settings)
        sides = [kernel_size(sigma) for sigma in scales]
        found = cost(key, settings) if sum(side**2 for side in sides) <= _LIVE_AREA else None
    except ValueError as error:
        st.warning(f"This network cannot have these scales: {error}.")
        return
    st.table(
        {
            "σ, pixels": [f"{sigma:.2f}" for sigma in scales],
            "Kernel side, pixels": [str(side) for side in (found.kernel_sizes if found else sides)],
        },
        hide_index=True, alt=f"Kernels of {MODELS[key].title}, {heading.lower()}",
    )  # fmt: skip
    if max(sides) > _CANVAS:
        st.caption(f"Kernels wider than the canvas of {_CANVAS} pixels see mostly background.")
    if max(sides) > _MOST_SIDE:
        st.markdown(f"With a kernel of {max(sides)} pixels a side the network is too large to be built here.")
        return
    if found:  # last of all that follows a handle, so that it holds up no curve
        st.markdown(f"{_told(found)} {_timed(milliseconds(key, settings))}")
    else:
        _offer_time(key, settings, heading)


@st.fragment
def _offer_time(key: str, settings: Settings, heading: str) -> None:
    """What takes long to build waits for the visitor."""
    timed = st.session_state.setdefault("tol_timed", set())
    st.button(
        "Count and time it", f"tol_time {heading}", "Builds the network and runs it on one image.",
        on_click=timed.add, args=((key, settings),),
    )  # fmt: skip
    if (key, settings) in timed:
        spent = milliseconds(key, settings)
        st.markdown(f"{_told(cost(key, settings))} {_timed(spent)}")


def _timed(spent: float) -> str:
    return f"**{spent:.1f} ms** for one image, measured just now on the machine that serves this page."


def _told(found: Cost) -> str:
    return f"**{found.total / 1e6:,.1f} million** multiply-adds an image."
