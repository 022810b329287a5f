"""What the scales on the bench cost the shown network: kernels, multiply-adds, and time where it was measured."""

import streamlit as st

from core.cost import Cost
from core.models import MODELS, broken_limit, configuration, has_scales
from core.scales import ScaleSet, kernel_size
from core.tolerance import Mixture
from pages.results.tolerance import cost, milliseconds
from pages.state.session import choose_scales
from pages.state.view import View

_CANVAS = 28  # pixels
_LIVE_AREA = 7000  # pixels of all kernels: up to here a network is built in a tenth of a second, so with every move


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
    now = view.scales or configuration(view.network).internal_scales
    for column, (heading, scales) in zip(
        st.columns(2), {"With the scales above": wanted, "As it is now": now}.items(), strict=True
    ):
        with column:
            st.markdown(f"**{heading}**")
            _show_one(view.network, scales, heading)
    broken = broken_limit(view.network, internal_scales=wanted)
    if broken:
        st.caption(f"This network cannot take them over here: {broken}.")
    reach = "The controls of the network take them over as they are, on every page."
    pressed = st.button(
        "Use these scales in the network", "tol_use", reach, on_click=choose_scales, args=(wanted,),
        disabled=broken is not None,
    )  # fmt: skip
    if pressed:
        st.rerun()  # other parts of the page show the network too


def carried(mixture: Mixture, sigma_of_one: float) -> ScaleSet:
    """The scales of the bench in pixels, in equal steps or not."""
    return ScaleSet(centre * sigma_of_one for centre in mixture.centres)


def _show_one(key: str, scales: ScaleSet, heading: str) -> None:
    sides = [kernel_size(sigma) for sigma in scales]
    try:
        found = cost(key, scales) if sum(side**2 for side in sides) <= _LIVE_AREA else None
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
    if broken := broken_limit(key, internal_scales=scales):
        st.markdown(f"These scales are beyond what is built here: {broken}.")
        return
    if found:  # last of all that follows a handle, so that it holds up no curve
        st.markdown(f"{_told(found)} {_timed(milliseconds(key, scales))}")
    else:
        _offer_time(key, scales, heading)


@st.fragment
def _offer_time(key: str, scales: ScaleSet, heading: str) -> None:
    """What takes long to build waits for the visitor."""
    timed = st.session_state.setdefault("tol_timed", set())
    st.button(
        "Count and time it", f"tol_time {heading}", "Builds the network and runs it on one image.",
        on_click=timed.add, args=((key, scales),),
    )  # fmt: skip
    if (key, scales) in timed:
        spent = milliseconds(key, scales)
        st.markdown(f"{_told(cost(key, scales))} {_timed(spent)}")


def _timed(spent: float) -> str:
    return f"**{spent:.1f} ms** for one image, measured just now on the machine that serves this page."


def _told(found: Cost) -> str:
    return f"**{found.total / 1e6:,.1f} million** multiply-adds an image."
