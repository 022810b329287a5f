"""Controls: networks whose answer is known, what was measured of them, and a button that shows each."""

import streamlit as st

from core.equivariance import Verdict
from core.models import MODELS, is_ready
from pages.hosting.aside import aside
from pages.panels.pictures import percent
from pages.panels.text import note, say
from pages.results.equivariance import NUM_OF_CONTROLS, control_verdicts
from pages.state.session import choose_control


def offer_controls() -> None:
    """A button for each control, with what it should say and what it says."""
    verdicts = [verdict for verdict in aside(control_verdicts) if is_ready(verdict.control.network)]
    with st.container(horizontal=True, vertical_alignment="center"):
        say("Controls:", width="content")
        for number, verdict in enumerate(verdicts):
            st.button(_label(verdict), key=f"control_{number}", help=_help(verdict), on_click=choose_control,
                      args=(verdict.control,))  # fmt: skip
    failed = [MODELS[verdict.control.network].title for verdict in verdicts if not verdict.holds]
    told = f"do not hold for {', '.join(failed)}" if failed else f"hold, all {len(verdicts)} of them"
    note(
        f"Controls say whether the measure can be trusted: on {NUM_OF_CONTROLS} vector digits they {told}. "
        "A button shows one."
    )


def _label(verdict: Verdict) -> str:
    mark, control = "✓" if verdict.holds else "✗", verdict.control
    said = f"{percent(verdict.measured)}, expected {control.expected}"
    return f"{mark} {MODELS[control.network].title}, {control.told}: {said}"


def _help(verdict: Verdict) -> str:
    control, passed = verdict.control, "holds" if verdict.holds else "fails"
    return (
        f"Expected {control.expected}, since {control.why}; measured {percent(verdict.measured)}, the largest mean "
        f"error of a layer ({verdict.layer}): the control {passed}. Resampler {control.resampler}."
    )
