"""What is chosen in this session, for pages to read, and for buttons and handles to set.

Who owns the amount of the transform (the scale factor s)? The browser, while a handle is held: the viewer draws every
amount by itself and the server hears nothing. On release the viewer reports it, and from then on the session owns it:
`choose_factor` keeps it under one key, whichever page it came from, and nothing else holds a copy that counts.
`View.scale_factor` is what the key said when the run began. The address shows it, so that a link can give it back, and
is read only by a session that has no amount yet (pages/state/links.py). On pages with a viewer the report starts a run
of the viewer's fragment alone (pages/panels/following.py), so `current_factor` there is newer than the view that the
page was drawn with. If the browser has moved on before the server answers, the browser is newer: the viewer takes over
the session's amount only if it answers the last report.
"""

from typing import Final

import streamlit as st

from pages.state.links import number, publish
from pages.state.view import SCALE_FACTORS, View

SCALE_LIMITS: Final = {"sigma_basis": (0.5, 2.5), "isr": (1.1, 8.0), "num_scales": (1, 6)}  # of the three sliders
USUAL_FACTOR = SCALE_FACTORS[8]  # 0.63, two steps of the trained scales down
FACTOR = number("s", SCALE_FACTORS[0], SCALE_FACTORS[-1], USUAL_FACTOR, decimals=4)


def current_view() -> View:
    """The values of the shared controls, as they were drawn in this run."""
    return st.session_state["view"]


def current_factor() -> float:
    """The scale factor of this moment."""
    return float(st.session_state["s"])


def choose_factor(scale_factor: float) -> None:
    """Sets the scale factor; for a callback, or before its slider is drawn."""
    if st.session_state.get("s") != scale_factor:
        st.session_state["s"] = scale_factor


def publish_factor() -> None:
    """Brings the address up to date after a run in which only the scale factor can have moved."""
    publish([FACTOR])


def choose_layer(layer: str) -> None:
    """Sets the layer; for a callback."""
    st.session_state["layer"] = layer


def choose_network(key: str) -> None:
    """Sets the network; for a callback."""
    st.session_state["network"] = key


def choose_scales(sigma_basis: float | None = None, isr: float | None = None, num_scales: int | None = None) -> None:
    """Sets the internal scales of the shown network, within `SCALE_LIMITS`; for the callback of a button."""
    st.session_state["scales"] = "chosen"
    wanted = {"sigma_basis": sigma_basis, "isr": isr, "num_scales": num_scales}
    for (name, value), key in zip(wanted.items(), ("sigma", "isr", "n_scales"), strict=True):
        if value is not None:
            low, high = SCALE_LIMITS[name]
            st.session_state[key] = min(high, max(low, round(value, 2)))
