"""The bench of internal scales on the page: what it shows, and what becomes of its reports."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from components import scale_axis as component
from core.sentences import describe_bench
from core.tolerance import AXIS, DataScales
from pages.bench.choose import LIMITS, Chosen, take_marks
from pages.bench.data import take_handles
from pages.bench.taken import bench_taken
from pages.panels.take_away import take_away
from pages.panels.terms import unexplained


def scale_axis(data: DataScales, chosen: Chosen, sigma_of_one: float, network_scales: Sequence[float]) -> None:
    """Draws the bench. What is moved on it goes into the session before the run that it causes.

    Args: sigma_of_one: internal scale in pixels that serves data scale 1.
          network_scales: data scales (×) that the shown network's internal scales serve.
    """
    given = component.bench_data(
        axis=AXIS,
        sigma_of_one=sigma_of_one,
        data=data,
        scales=vars(chosen) | {"free": list(chosen.free) or None},
        limits=LIMITS,
        network=network_scales,
        alt=describe_bench(chosen.mixture, data),
    )
    answers, terms = st.session_state.get("tol_answers", ""), unexplained(component.WORDS, "bench")
    component.scale_axis(given, answers, take_report, terms)
    take_away("scale_axis", partial(bench_taken, chosen.mixture, data, given))


def take_report(report: dict[str, Any]) -> None:
    """Takes over what a report says was moved. Raises: ValueError, in one sentence."""
    if "scales" in report["moved"]:
        take_marks(report.get("scales"))
    if "data" in report["moved"]:
        take_handles(report.get("data"))
    st.session_state["tol_answers"] = report["id"]
