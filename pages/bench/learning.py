"""Internal scales that training moved: the committed runs of scale learning."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from core.data.dynamic_scale_mnist import CANVAS, RANGES
from core.figures import Trajectory, plot_trajectories
from core.models.toy import SIZES
from core.results.learned import EPOCHS_TABLE, ERRORS_TABLE, LearnedScales, read_learned_scales
from core.sentences import explain_learned_scales, plain
from core.tolerance import sigma_of_unit
from pages.panels.charts import Drawn, show_chart
from pages.panels.sections import section
from pages.panels.text import explain
from pages.state.links import choice, page_parameters

_TITLE = "Scale learning · toy network at half resolution · Dynamic Scale MNIST"
HEADING = "Internal scales while they are learned"
CODE = """from core.results.learned import read_learned_scales

for run in read_learned_scales():
    print(run.data, run.mode, run.initial_isr, run.scales[-1])
"""
_DIGIT = 20.0  # pixels: longer side of a digit at data scale 1, on the canvas of 168 pixels


@st.cache_resource(max_entries=1, show_spinner=False)
def _runs(errors: str, epochs: str, changed: float) -> list[LearnedScales]:
    """All visitors share the runs; nobody changes them. Args: changed: when the files were written."""
    return read_learned_scales(Path(errors), Path(epochs))


@st.fragment
def show_learned() -> None:
    """The folded part about learned scales."""
    with section("Can a network learn its scales?", "learned") as is_open:
        if is_open:
            _show()


def _show() -> None:
    """One chart of all runs on a range of data scales; tables that cannot be read become one sentence."""
    explain("learning")
    try:
        changed = EPOCHS_TABLE.stat().st_mtime
        runs = _runs(str(ERRORS_TABLE), str(EPOCHS_TABLE), changed)
    except FileNotFoundError as missing:
        st.warning(f"The learned scales cannot be shown: {Path(str(missing.filename)).name} is missing.")
        return
    except (OSError, ValueError) as error:
        st.warning(f"The learned scales cannot be shown: {error}.")
        return
    names = [name for name in RANGES if any(run.data == name for run in runs)]
    data = names[-1]
    if len(names) > 1:
        page_parameters([choice("learned_range", names, data)])
        chosen = st.segmented_control(
            "Learned from data scales, ×", names, key="learned_range", required=True,
            format_func=lambda name: name.replace("-", " to "),
        )  # fmt: skip
        data = str(chosen)
    shown = [run for run in runs if run.data == data]
    show_chart(
        "learned", (changed, data), partial(draw_learned, shown), HEADING, rests_on(shown), code=CODE,
    )  # fmt: skip


def draw_learned(shown: Sequence[LearnedScales]) -> Drawn:
    """The way of the internal scales, epoch by epoch. Args: shown: runs on one range of data scales."""
    canvas, data = SIZES["small"].canvas, shown[0].data
    lines = [Trajectory(f"from ISR {run.initial_isr:g}", run.scales, run.mode) for run in shown]
    per_unit = sigma_of_unit(_DIGIT * canvas / CANVAS)
    figure = plot_trajectories(lines, RANGES[data], per_unit, canvas=canvas, panels=True)
    said = explain_learned_scales(shown)
    return figure, plain(f"Internal scales over epochs. {said}"), said


def rests_on(shown: Sequence[LearnedScales]) -> str:
    """For the title of a figure."""
    return f"{_TITLE} · {shown[0].data} × · n = {len(shown)} runs"
