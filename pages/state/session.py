"""What is chosen in this session, for pages to read, and for buttons and handles to set.

Who owns the amount of the transform (the scale factor s, a turn, a shift)? The browser, while a handle is held: the
viewer draws every amount by itself and the server hears nothing. On release the viewer reports it, and from then on
the session owns it: `choose_amount` keeps it under one key for each transform, whichever page it came from, and
nothing else holds a copy that counts. `View.amount` is what the key said when the run began. The address shows it, so
that a link can give it back, and is read only by a session that has no amount yet (pages/state/links.py). On pages
with a viewer the report starts a run of the viewer's fragment alone (pages/panels/following.py), so `current_amount`
there is newer than the view that the page was drawn with. If the browser has moved on before the server answers, the
browser is newer: the viewer takes over the session's amount only if it answers the last report
(components/shared/protocol.js).
"""

import streamlit as st

from core.data.sources import SOURCES
from core.equivariance import Control
from core.scales import ScaleSet
from core.transforms import TRANSFORMS, Transform
from pages.state.links import Parameter, number, publish
from pages.state.view import Digit, View

_DECIMALS = 4  # of an amount in a link

AMOUNTS: dict[str, Parameter] = {
    key: number(t.parameter, t.handle_amounts[0], t.handle_amounts[-1], t.usual, decimals=_DECIMALS)
    for key, t in TRANSFORMS.items()
}


def current_view() -> View:
    """The values of the shared controls, as they were drawn in this run."""
    return st.session_state["view"]


def current_amount(transform: Transform) -> float:
    """How much is transformed at this moment."""
    return float(st.session_state[transform.parameter])


def choose_amount(transform: Transform, amount: float) -> None:
    """Sets the amount; for a callback, or before its slider is drawn."""
    if st.session_state.get(transform.parameter) != amount:
        st.session_state[transform.parameter] = amount


def publish_amount(transform: Transform, *others: Parameter) -> None:
    """Brings the address up to date after a run in which only the amount can have moved, and what else may have."""
    publish([AMOUNTS[transform.key], *others])


def choose_layer(layer: str) -> None:
    """Sets the layer; for a callback."""
    st.session_state["layer"] = layer


def choose_network(key: str) -> None:
    """Sets the network; for a callback."""
    st.session_state["network"] = key


def choose_digit(digit: Digit) -> None:
    """Sets the digit and its size; for a callback."""
    st.session_state["source"], st.session_state["size"] = digit.source, digit.data_scale
    for key, value in SOURCES[digit.source].values_of(digit.name).items():
        st.session_state[key] = value


def choose_control(control: Control) -> None:
    """Sets network, trained scales, transform, amount and resampler as a control has them; for a callback."""
    choose_network(control.network)
    st.session_state["scales"] = "trained"
    st.session_state["transform"], st.session_state["resampler"] = control.transform, control.resampler
    choose_amount(TRANSFORMS[control.transform], control.amount)


def choose_scales(scales: ScaleSet) -> None:
    """Sets the internal scales of the shown network, by three numbers or, in unequal steps, one by one; for a callback.

    Three numbers are rounded as their sliders show them.
    """
    if not scales.is_log_uniform:
        st.session_state["scales"], st.session_state["scale_set"] = "free", scales.to_text()
        return
    st.session_state["scales"] = "chosen"
    st.session_state["sigma"], st.session_state["n_scales"] = round(scales.smallest, 2), len(scales)
    if len(scales) > 1:
        st.session_state["isr"] = round(scales.isr, 2)
