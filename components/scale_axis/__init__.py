"""The bench of internal scales: a component in the browser that draws the curves under its handles, and its reports.

The browser draws by itself while a handle is held and at once on release; the numbers of `core` follow. Both follow
the same formulas: tests/components compares them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from components.bundle import register
from components.reports import mount
from core.glossary import Term
from core.tolerance import DataScales, LogNormal, LogUniform, Measured, TruncatedNormal

_KEY = "scale_axis"
_PROBLEM = "scale_axis.problem"
WORDS = ("dip", "KL", "σ_basis", "ISR", "τ_tol")  # terms in its labels, from above
POINTS = 1001  # of a measured density; the browser takes its divergence on the same points as core.tolerance
_component = register("scale_axis")


def scale_axis(
    given: Mapping[str, Any],
    answers: str,
    on_report: Callable[[dict[str, Any]], None],
    terms: Sequence[Term] = (),
) -> None:
    """Draws the bench, and a sentence where its last report could not be read.

    Args:
        given: what `bench_data` gives. answers: the id of the report that was taken over last.
        on_report: called with a report before the run that it causes: `id`, `moved` (what of `data`, `scales` was
            moved), `data`, `scales`. What is in the last two it must check; it refuses with ValueError, a sentence.
        terms: those of WORDS that the bench explains.
    """

    def take(report: Any) -> None:
        try:
            on_report(read_report(report))
        except ValueError as problem:
            st.session_state[_PROBLEM] = f"{problem} So the last change was not taken over."
            return
        st.session_state[_PROBLEM] = ""

    told = {"answers": answers, "terms": [{"forms": term.forms, "definition": term.definition} for term in terms]}
    mount(_component, _KEY, {**given, **told}, "bench", take)
    if problem := st.session_state.get(_PROBLEM):
        st.warning(problem)


def bench_data(
    *,
    axis: tuple[float, float],
    sigma_of_one: float,
    data: DataScales,
    scales: Mapping[str, Any],
    limits: Mapping[str, tuple[float, float]],
    network: Sequence[float],
    alt: str,
) -> dict[str, Any]:
    """What the bench is drawn from, as JSON takes it.

    Args:
        axis: data scales (×) at its ends. sigma_of_one: internal scale in pixels that serves data scale 1.
        scales: `reference`, `isr`, `num_scales`, `tau_tol`, and `free`, a list of centres or None.
        limits: of those four. network: data scales (×) that the shown network's internal scales serve.
        alt: the picture in sentences.
    """
    return {
        "axis": axis, "sigma_one": sigma_of_one, "data": handles(data, axis), "scales": dict(scales),
        "limits": dict(limits), "network": list(network), "alt": alt, "answers": "",
    }  # fmt: skip


def read_report(report: Any) -> dict[str, Any]:
    """A report that says what was moved. Raises: ValueError, in one sentence."""
    if not isinstance(report, dict) or "id" not in report or not isinstance(report.get("moved"), list):
        raise ValueError("The browser sent no report that can be read.")
    return {**report, "id": str(report["id"])[:40]}


def handles(data: DataScales, axis: tuple[float, float]) -> dict[str, Any]:
    """A distribution as the browser draws it: the numbers of its handles, or its density.

    Raises: ValueError for a distribution that the browser does not know.
    """
    match data:
        case LogUniform():
            return {"kind": "log-uniform", "low": data.low, "high": data.high}
        case LogNormal():
            return {"kind": "log-normal", "median": data.median, "std": data.std_octaves}
        case TruncatedNormal():
            return {"kind": "normal", "mean": data.mean, "std": data.std}
        case Measured():
            density = data.density(np.geomspace(*axis, POINTS))
            return {"kind": "measured", "density": [float(f"{value:.8g}") for value in density]}
    raise ValueError(f"no handles are known for data that are {data.name}")
