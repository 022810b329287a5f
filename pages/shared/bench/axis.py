"""The bench of internal scales on the page: what it shows, and what becomes of its reports."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import scale_axis as component
from core.tolerance import AXIS, DataScales, dips
from pages.shared.bench.choose import LIMITS, Chosen, take_marks
from pages.shared.bench.data import take_handles


def scale_axis(data: DataScales, chosen: Chosen, sigma_of_one: float, network_scales: Sequence[float]) -> None:
    """Draws the bench. What is moved on it goes into the session before the run that it causes.

    Args: sigma_of_one: internal scale in pixels that serves data scale 1.
          network_scales: data scales (×) that the shown network's internal scales serve.
    """
    component.scale_axis(
        axis=AXIS,
        sigma_of_one=sigma_of_one,
        data=data,
        scales=vars(chosen) | {"free": list(chosen.free) or None},
        limits=LIMITS,
        network=network_scales,
        alt=describe(chosen, data),
        answers=st.session_state.get("tol_answers", ""),
        on_report=take_report,
    )


def describe(chosen: Chosen, data: DataScales) -> str:
    """The picture in sentences, for readers who do not see it."""
    mixture = chosen.mixture
    centres = ", ".join(f"{centre:.2f}" for centre in mixture.centres)
    found = dips(mixture, data)
    low = f"It has {len(found)} dip{'s' * (len(found) > 1)}" if found else "It has no dip"
    return (
        f"Density per octave over data scale: data that are {data.name}, and a mixture of "
        f"{mixture.num_scales} internal scale{'s' * (mixture.num_scales > 1)} centred at {centres} times the size that "
        f"counts as 1, each with a tolerance of {mixture.tau_tol:.3f} octaves. {low}."
    )


def take_report(report: dict[str, Any]) -> None:
    """Takes over what a report says was moved. Raises: ValueError, in one sentence."""
    if "scales" in report["moved"]:
        take_marks(report.get("scales"))
    if "data" in report["moved"]:
        take_handles(report.get("data"))
    st.session_state["tol_answers"] = report["id"]
