"""What each of two networks costs: parameters, multiply-adds and, on demand, time."""

import streamlit as st

from core.sentences import tell_times
from pages.comparison.choose import Pair
from pages.panels.text import note, say
from pages.results.comparison import price, time_both

_TIMED = "compare_timed"  # in the session: the times of every two networks; None for those that are asked for


def show_price(pair: Pair) -> None:
    """Counts of both, and a button that times them. Raises: CheckpointError, ValueError."""
    first, second = (price(each) for each in (pair.first, pair.second))
    counted = [
        "not counted" if each.multiply_adds is None else f"{each.multiply_adds / 1e6:,.1f} million"
        for each in (first, second)
    ]
    rows = {
        "Network": [f"{mark}: {name}" for mark, name in zip("AB", pair.names, strict=True)],
        "Parameters": [f"{each.parameters:,}" for each in (first, second)],
        "Multiply-adds an image": counted,
    }
    st.table(rows, hide_index=True, alt=f"What {' and '.join(pair.names)} cost")
    note("Multiply-adds of the convolutions for one image of 28×28 pixels, by the direct method.")
    _offer_times(pair)


@st.fragment
def _offer_times(pair: Pair) -> None:
    both = pair.first, pair.second
    timed = st.session_state.setdefault(_TIMED, {})
    st.button(
        "Time both", key="compare_time", help="Runs both networks in turn on one image, here and now.",
        on_click=timed.update, args=({both: None},),
    )  # fmt: skip
    if both not in timed:
        return
    if timed[both] is None:
        with st.spinner("Timing A, B, A, B …"):
            timed[both] = time_both(*both)
    say(tell_times(timed[both], pair.names), place="times")
