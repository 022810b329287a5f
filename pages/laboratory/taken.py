"""What is taken away of the bars of one digit: a file that works by itself, the report, the maps, and code."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from components.stack_viewer import Handle, Row, viewer_data
from components.standalone import viewer_file
from core.equivariance import EquivarianceReport, to_csv
from core.models import MODELS
from pages.panels.charts import provenance
from pages.panels.take_away import interactive, signed, table, take_away
from pages.panels.taken_view import code_of, maps_file, tell_digit
from pages.state.view import View


def take_bars_away(view: View, handle: Handle, rows: Sequence[Row], report: EquivarianceReport) -> None:
    """The button of the bars. Args: handle, rows: as shown. report: of the digit that is shown, at all amounts."""
    layer = view.layer if view.layer in report.layers else report.layers[-1]
    heading, theme = f"Equivariance error of every layer of {MODELS[view.network].title}", st.context.theme.type
    rests_on, name = provenance(view, view.network, data=tell_digit(view)), f"digit-{view.network}"

    def alone() -> str:
        data = viewer_data(handle, rows)
        return viewer_file(data, [], heading, signed(rests_on), "dark" if theme == "dark" else "light")

    files = [interactive(name, alone), table(name, partial(to_csv, report)), maps_file(view)]
    take_away("viewer", heading, rests_on, files, code_of(view, layer))
