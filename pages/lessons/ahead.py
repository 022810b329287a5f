"""What the browser can load while a visitor reads: Streamlit's charts are 4.7 MB of script."""

from functools import cache
from pathlib import Path

import streamlit as st

from core.lessons.lesson import CURVE
from pages.lessons.place import Place, places

CHARTS = (CURVE, "sizes")  # figures that are charts
_STEPS = 2  # ahead


def script_ahead(place: Place) -> str:
    """The file that draws charts, if this step or one of the next two has one; empty if not, or if there is no such."""
    every = places()
    at = every.index(place)
    near = every[at : at + 1 + _STEPS]
    return _chart_script() if any(each.step.figure in CHARTS for each in near) else ""


@cache
def _chart_script() -> str:
    """Its name has a hash, so it is looked for; without it the chart comes a second later, as on the other pages."""
    found = (Path(st.__file__).parent / "static" / "static" / "js").glob("PlotlyChart.*.js")
    return next((path.name for path in found), "")
