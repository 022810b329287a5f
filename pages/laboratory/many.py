"""Errors over many digits: heat map, curves and difference of two networks."""

from functools import partial

import numpy as np
import streamlit as st

from core.equivariance import EquivarianceReport, to_csv
from core.figures import plot_error_curves, plot_error_difference, plot_error_heatmap
from core.models import MODELS
from core.sentences import describe_error, explain_curves, explain_difference, explain_heatmap
from pages.laboratory.sample import code_of, tell_sample
from pages.panels import cell
from pages.panels.charts import Drawn, provenance, show_chart
from pages.panels.pictures import percent
from pages.results.equivariance import Sample, digit_report
from pages.results.networks import network
from pages.state.view import View


def show_many(view: View, sample: Sample, reports: dict[str, EquivarianceReport], layers: dict[str, str]) -> None:
    """Args: reports: of the two networks, by key. layers: to draw as curves, by title."""
    (report, compared), names = reports.values(), [MODELS[key].title for key in reports]
    measured_on = (tuple(reports), view.scales, sample, report.num_images)
    _show_heatmap(view, sample, report, list(reports)[1], layers[names[0]])
    changes = network(view.network, view.scales).changes_canvas and view.transform.draws
    if changes and report.resampler != "ideal":
        st.info(
            f"{names[0]} commutes exactly with the `ideal`, band-limited change of size. `{report.resampler}` adds "
            "frequencies beyond the band and weakens others, and that is the error shown here."
        )
    named = dict(zip(names, reports.values(), strict=True))
    both = provenance(view, *reports, data=tell_sample(sample, report.num_images))
    layer = layers[names[0]]
    code = code_of(view, sample, layer, view.transform.nearest(sample.amounts, view.amount), report.num_images)

    def curves() -> Drawn:
        figure = plot_error_curves(named, layers, marker=view.amount)
        return figure, describe_error(compared, names[1]), explain_curves(named, layers)

    shown = " and ".join(f"{each} of {name}" for name, each in layers.items())
    show_chart(
        "curves", (*measured_on, view.amount, *layers.values()), curves, f"Equivariance error of {shown}", both,
        code=code,
    )  # fmt: skip
    st.caption("Lines: mean; bands: 16 % to 84 % of the digits; dotted: what resampling the map there and back costs.")
    if set(report.layers) & set(compared.layers):
        st.header(f"{names[0]} less {names[1]}")

        def difference() -> Drawn:
            said = explain_difference(report, compared, (names[0], names[1]))
            return plot_error_difference(report, compared), said, said + " Blue: the first commutes better."

        heading = f"Equivariance error of {names[0]} less that of {names[1]}"
        show_chart("difference", measured_on, difference, heading, both)


def _show_heatmap(view: View, sample: Sample, report: EquivarianceReport, other: str, layer: str) -> None:
    """The error of every layer at every amount; a click on a cell opens it on /commute, beside the other network."""
    title = MODELS[view.network].title
    opened = digit_report(view.network, view.scales, view.digit, view.amounts, view.resampler, view.key)

    def heatmap() -> Drawn:
        figure = plot_error_heatmap(report, on_click=lambda *at: _what_opens(view, sample, opened, *at))
        return figure, describe_error(report, title), explain_heatmap(report, title)

    def open_cell() -> None:
        cell.open_clicked(view, st.session_state["heatmap"], None if sample.digit else report, other)

    rests_on = (view.network, view.scales, sample, report.num_images, view.digit, view.amounts)
    amount = view.transform.nearest(sample.amounts, view.amount)
    show_chart(
        "heatmap", rests_on, heatmap, f"Equivariance error of every layer of {title}",
        provenance(view, view.network, data=tell_sample(sample, report.num_images)), partial(to_csv, report),
        code_of(view, sample, layer, amount, report.num_images), on_select=open_cell, selection_mode="points",
    )  # fmt: skip
    alone = "" if sample.digit else f", with one digit alone, {view.digit.title}"
    st.caption(
        f"Mean over {report.num_images} digit{'s' * (report.num_images > 1)} at {view.digit.data_scale:.2f} of their "
        f"size; resampler {report.resampler}; 0 % is perfect. A click on a cell shows it on Commute beside "
        f"{MODELS[other].title}{alone}.{_network_of(report)}"
    )


def _what_opens(view: View, sample: Sample, opened: EquivarianceReport, layer: str, amount: float) -> str:
    """What a click on a cell does, and the number that is seen then, for its hover."""
    if sample.digit:
        return "click to see it on Commute"
    own = opened.error[opened.layers.index(layer), opened.amounts.index(amount)]
    return f"click to see one digit on Commute,<br>{view.digit.title}: {percent(float(own))}"


def _network_of(report: EquivarianceReport) -> str:
    """What to know of the network: the map that its classifier reads, and the amounts off its own grid."""
    read = f" The classifier reads {report.classifier_map}." if report.classifier_map else ""
    on, off = ([report.name_amount(int(k)) for k in np.flatnonzero(part)] for part in (report.on_grid, ~report.on_grid))
    if not off:
        return read
    told = ", ".join(off) if len(off) <= len(on) else f"all but {', '.join(on)}"
    return f"{read} Between or beyond the steps of the network's own grid: {told}."
