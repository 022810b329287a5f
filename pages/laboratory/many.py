"""Errors over many digits: heat map, curves and difference of two networks."""

import numpy as np
import streamlit as st

from core.equivariance import EquivarianceReport
from core.figures import plot_error_curves, plot_error_difference, plot_error_heatmap
from core.models import MODELS
from core.sentences import describe_error, explain_curves, explain_difference, explain_heatmap
from pages.panels.charts import Drawn, provenance, show_chart
from pages.results.equivariance import Sample
from pages.results.networks import network
from pages.state.session import choose_amount, choose_layer
from pages.state.view import View

_OPEN = "errors_open"  # whether the visitor clicked a cell, to see it on another page


def show_many(view: View, sample: Sample, reports: dict[str, EquivarianceReport], layers: dict[str, str]) -> None:
    """Args: reports: of the two networks, by key. layers: to draw as curves, by title."""
    (report, compared), names = reports.values(), [MODELS[key].title for key in reports]
    measured_on = (tuple(reports), view.scales, sample, report.num_images)

    def heatmap() -> Drawn:
        figure = plot_error_heatmap(report, clickable=True)
        return figure, describe_error(report, names[0]), explain_heatmap(report, names[0])

    def open_cell() -> None:
        _open_cell(view)

    show_chart("heatmap", measured_on, heatmap, provenance(view), on_select=open_cell, selection_mode="points")
    st.caption(
        f"Mean over {report.num_images} digits at {view.digit.data_scale:.2f} of their size; resampler "
        f"{report.resampler}; 0 % is perfect. Click a cell to see it on Commute.{_network_of(report)}"
    )
    changes = network(view.network, view.scales).changes_canvas and view.transform.draws
    if changes and report.resampler != "ideal":
        st.info(
            f"{names[0]} commutes exactly with the `ideal`, band-limited change of size. `{report.resampler}` adds "
            "frequencies beyond the band and weakens others, and that is the error shown here."
        )
    named = dict(zip(names, reports.values(), strict=True))
    both = provenance(view, *list(reports)[1:])

    def curves() -> Drawn:
        figure = plot_error_curves(named, layers, marker=view.amount)
        return figure, describe_error(compared, names[1]), explain_curves(named, layers)

    show_chart("curves", (*measured_on, view.amount, *layers.values()), curves, both)
    st.caption("Lines: mean; bands: 16 % to 84 % of the digits; dotted: what resampling the map there and back costs.")
    if set(report.layers) & set(compared.layers):
        st.header(f"{names[0]} less {names[1]}")

        def difference() -> Drawn:
            said = explain_difference(report, compared, (names[0], names[1]))
            return plot_error_difference(report, compared), said, said + " Blue: the first commutes better."

        show_chart("difference", measured_on, difference, both)


def _network_of(report: EquivarianceReport) -> str:
    """What to know of the network: the map that its classifier reads, and the amounts off its own grid."""
    read = f" The classifier reads {report.classifier_map}." if report.classifier_map else ""
    on, off = ([report.name_amount(int(k)) for k in np.flatnonzero(part)] for part in (report.on_grid, ~report.on_grid))
    if not off:
        return read
    told = ", ".join(off) if len(off) <= len(on) else f"all but {', '.join(on)}"
    return f"{read} Between or beyond the steps of the network's own grid: {told}."


def cell_was_opened() -> bool:
    """Whether a cell was clicked before this run; asked once."""
    return bool(st.session_state.pop(_OPEN, False))


def _open_cell(view: View) -> None:
    """A click on a cell of the heat map: the layer and amount to see on Commute."""
    points = st.session_state["heatmap"]["selection"]["points"]
    if points:
        choose_layer(str(points[0]["y"]))
        choose_amount(view.transform, float(points[0]["x"]))
        st.session_state[_OPEN] = True
