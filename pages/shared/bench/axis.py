"""The axis on the page: a component in the browser that draws the curves under its handles, and its reports.

The browser draws by itself while a handle is held and at once on release; the numbers of `core` follow. Both follow
the same formulas, which a test compares.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.tolerance import AXIS, DataScales, LogNormal, LogUniform, Measured, TruncatedNormal, dips
from pages.bench.choose import LIMITS, Chosen, take_marks
from pages.bench.data import take_handles

_ASSETS = Path(__file__).resolve().parents[3] / "assets"
_KEY = "scale_axis"
_POINTS = 1001  # of a measured density; the browser takes its divergence on the same points as core.tolerance
_component = st.components.v2.component(
    "equiscope_scale_axis",
    js=(_ASSETS / "js" / "scale_axis.js").read_text(encoding="utf-8"),
    css=(_ASSETS / "style" / "scale_axis.css").read_text(encoding="utf-8"),
)


def scale_axis(data: DataScales, chosen: Chosen, sigma_of_one: float, network_scales: Sequence[float]) -> None:
    """Draws the bench. What is moved on it goes into the session before the run that it causes.

    Args: sigma_of_one: internal scale in pixels that serves data scale 1.
          network_scales: data scales (×) that the shown network's internal scales serve.
    """
    _component(
        key=_KEY,
        data={
            "axis": AXIS,
            "sigma_one": sigma_of_one,
            "data": _handles(data),
            "scales": vars(chosen) | {"free": list(chosen.free) or None},
            "limits": LIMITS,
            "network": list(network_scales),
            "alt": describe(chosen, data),
            "answers": st.session_state.get("tol_answers", ""),
        },
        on_bench_change=_take_report,
    )
    if problem := st.session_state.get("tol_problem"):
        st.warning(problem)


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


def _handles(data: DataScales) -> dict[str, Any]:
    """A distribution as the browser draws it: the numbers of its handles, or its density."""
    match data:
        case LogUniform():
            return {"kind": "log-uniform", "low": data.low, "high": data.high}
        case LogNormal():
            return {"kind": "log-normal", "median": data.median, "std": data.std_octaves}
        case TruncatedNormal():
            return {"kind": "normal", "mean": data.mean, "std": data.std}
        case Measured():
            density = data.density(np.geomspace(*AXIS, _POINTS))
            return {"kind": "measured", "density": [float(f"{value:.6g}") for value in density]}
    raise ValueError(f"no handles are known for data that are {data.name}")


def _take_report() -> None:
    """Called by Streamlit before the run that a report causes."""
    report = st.session_state[_KEY].get("bench")
    try:
        read_report(report)
    except ValueError as problem:
        st.session_state["tol_problem"] = f"{problem} So the last change was not taken over."
        return
    st.session_state["tol_problem"] = ""
    st.session_state["tol_answers"] = str(report["id"])[:40]


def read_report(report: Any) -> None:
    """Takes over what a report says was moved. Raises: ValueError, in one sentence."""
    if not isinstance(report, dict) or "id" not in report or not isinstance(report.get("moved"), list):
        raise ValueError("The browser sent no report that can be read.")
    if "scales" in report["moved"]:
        take_marks(report.get("scales"))
    if "data" in report["moved"]:
        take_handles(report.get("data"))
