"""What the scales on the bench cost the shown network: kernels, multiply-adds, and time where it was measured."""

import streamlit as st

from core.cost import Cost
from core.models import MODELS, broken_limit, configuration, has_scales, kernel_sides
from core.scales import ScaleSet
from core.sentences import paragraphs
from core.tolerance import Mixture
from pages.panels.text import note, say
from pages.results.tolerance import compared_milliseconds, cost, milliseconds
from pages.state.session import choose_scales
from pages.state.view import View

_CANVAS = 28  # pixels
_LIVE_AREA = 7000  # pixels of all kernels: up to here a network is built in a tenth of a second, so with every move
_ALIKE = 0.02  # what rounding to hundredths changes in scales that the network took over from here, at most
_WHEN = "measured just now on the machine that serves this page"


def show_cost(mixture: Mixture, sigma_of_one: float, view: View) -> None:
    """Kernels of the chosen network with the scales of the bench and as it is now; a button takes them over."""
    if not has_scales(view.network):
        say("This network has no internal scales; the sidebar offers others that have.")
        return
    say(
        f"In this network the side of a kernel is {configuration(view.network).kernel_rule}. Every weight at every "
        f"position of an image of {_CANVAS}×{_CANVAS} is one multiply-add."
    )
    wanted = carried(mixture, sigma_of_one)
    now = view.scales or configuration(view.network).internal_scales
    timed = {}
    for column, (heading, scales) in zip(
        st.columns(2), {"With the scales above": wanted, "As it is now": now}.items(), strict=True
    ):
        with column:
            st.markdown(f"**{heading}**")
            if _show_kernels(view.network, scales, heading):
                timed[heading.lower()] = scales
    if len(timed) == 2 and _same(wanted, now):
        timed = {"with either set": now}
    if not all(_is_quick(view.network, scales) for scales in timed.values()):
        _offer_times(view.network, timed)
    elif timed:  # last of all that follows a handle, so that it holds up no curve
        say(_tell_times(view.network, timed), place="times")
    broken = broken_limit(view.network, internal_scales=wanted)
    if broken:
        note(f"This network cannot take them over here: {broken}.")
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


def _show_kernels(key: str, scales: ScaleSet, heading: str) -> bool:
    """A table of kernels, and multiply-adds where they are counted quickly. Returns: whether it can be timed."""
    sides = kernel_sides(key, scales)
    try:
        found = cost(key, scales) if _is_quick(key, scales) else None
    except ValueError as error:
        st.warning(f"This network cannot have these scales: {error}.")
        return False
    st.table(
        {
            "σ, pixels": [f"{sigma:.2f}" for sigma in scales],
            "Kernel side, pixels": list(map(str, sides)),
        },
        hide_index=True, alt=f"Kernels of {MODELS[key].title}, {heading.lower()}",
    )  # fmt: skip
    if max(sides) > _CANVAS:
        note(f"Kernels wider than the canvas of {_CANVAS} pixels see mostly background.")
    if broken := broken_limit(key, internal_scales=scales):
        say(f"These scales are beyond what is built here: {broken}.")
        return False
    if found:
        say(f"{_told(found)}.", place=heading)
    return True


def _is_quick(key: str, scales: ScaleSet) -> bool:
    return sum(side**2 for side in kernel_sides(key, scales)) <= _LIVE_AREA


def _same(scales: ScaleSet, others: ScaleSet) -> bool:
    return len(scales) == len(others) and all(abs(a / b - 1) < _ALIKE for a, b in zip(scales, others, strict=True))


@st.fragment
def _offer_times(key: str, timed: dict[str, ScaleSet]) -> None:
    """What takes long to build waits for the visitor."""
    asked = st.session_state.setdefault("tol_timed", set())
    wish = (key, *timed.values())
    st.button(
        "Count and time", "tol_time", "Builds the network with each set of scales and runs it on an image.",
        on_click=asked.add, args=(wish,),
    )  # fmt: skip
    if wish in asked:
        counts = [f"{_told(cost(key, scales))} {name}." for name, scales in timed.items() if not _is_quick(key, scales)]
        say(" ".join([*counts, _tell_times(key, timed)]), place="times")


def _tell_times(key: str, timed: dict[str, ScaleSet]) -> str:
    """The time of one set, or of two and how they compare. Args: timed: sets by what each is called."""
    if len(timed) == 1:
        ((name, scales),) = timed.items()
        return f"**{milliseconds(key, scales):.1f} ms** for one image {name}, {_WHEN}."
    (first, second), (one, other) = timed, timed.values()
    found = compared_milliseconds(key, one, other)
    low, high = found.ratio_spread
    unsure = "; they do not agree on which is slower" if low < 1 < high else ""
    return paragraphs(
        f"**{found.first_ms:.1f} ms** for one image {first}, **{found.second_ms:.1f} ms** {second}, {_WHEN}, in turn.",
        f"With the scales above it takes **{found.ratio:.2f} times** as long as now, {low:.2f} to {high:.2f} times in "
        f"the middle 68 % of the turns{unsure}.",
    )


def _told(found: Cost) -> str:
    return f"**{found.total / 1e6:,.1f} million** multiply-adds an image"
