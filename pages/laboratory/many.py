"""Errors over many digits: heat map, curves and difference of two networks."""

from functools import partial

import streamlit as st

from core.equivariance import EquivarianceReport, to_csv
from core.figures import plot_error_curves, plot_error_difference, plot_error_heatmap
from core.models import Shown
from core.sentences import (
    describe_error,
    explain_curves,
    explain_difference,
    explain_heatmap,
    paragraphs,
    plain,
    tell_network,
)
from pages.laboratory.sample import Choices, choose_sample, chosen_sample, code_of, tell_sample
from pages.panels import cell
from pages.panels.charts import Drawn, provenance, show_chart
from pages.panels.measuring import measured
from pages.panels.pictures import percent
from pages.panels.text import note
from pages.results.equivariance import Sample, digit_report
from pages.state.view import View


def show_many(view: View, choices: Choices) -> None:
    """The controls of the sample, and what is measured on it. Raises: CheckpointError, ValueError."""
    choose_sample(choices)
    sample = chosen_sample(view)
    networks = [view.shown(), view.shown(st.session_state["errors_other"])]
    reports = dict(zip(networks, measured(sample, networks), strict=True))
    (report, compared), names = reports.values(), [shown.title for shown in reports]
    measured_on = (tuple(reports), sample, report.num_images)
    named = dict(zip(names, reports.values(), strict=True))
    layers = {name: view.layer if view.layer in found.layers else found.layers[-1] for name, found in named.items()}
    layer = layers[names[0]]
    _show_heatmap(view, sample, report, networks[1], layer)
    both = provenance(*reports, data=tell_sample(sample, report.num_images))
    code = code_of(view, sample, layer, view.transform.nearest(sample.amounts, view.amount), report.num_images)

    def curves() -> Drawn:
        figure = plot_error_curves(named, layers, marker=view.amount)
        return figure, describe_error(compared, names[1]), explain_curves(named, layers)

    shown = " and ".join(f"{each} of {name}" for name, each in layers.items())
    show_chart(
        "curves", (*measured_on, view.amount, *layers.values()), curves, f"Equivariance error of {shown}", both,
        code=code,
    )  # fmt: skip
    note("Lines: mean; bands: 16 % to 84 % of the digits; dotted: what resampling the map there and back costs.")
    if set(report.layers) & set(compared.layers):

        def difference() -> Drawn:
            said = explain_difference(report, compared, (names[0], names[1]))
            figure = plot_error_difference(report, compared)
            return figure, plain(said), paragraphs("Blue: the first commutes better.", said)

        heading = f"Equivariance error of {names[0]} less that of {names[1]}"
        show_chart("difference", measured_on, difference, heading, both)


def _show_heatmap(view: View, sample: Sample, report: EquivarianceReport, other: Shown, layer: str) -> None:
    """The error of every layer at every amount; a click on a cell opens it on /commute, beside the other network."""
    title = view.shown().title
    opened = digit_report(view.shown(), view.digit, view.amounts, view.resampler, view.key)

    def heatmap() -> Drawn:
        figure = plot_error_heatmap(report, on_click=lambda *at: _what_opens(view, sample, opened, *at))
        return figure, describe_error(report, title), explain_heatmap(report, title)

    def open_cell() -> None:
        cell.open_clicked(view, st.session_state["heatmap"], None if sample.digit else report, other)

    rests_on = (view.shown(), sample, report.num_images, view.digit, view.amounts)
    amount = view.transform.nearest(sample.amounts, view.amount)
    show_chart(
        "heatmap", rests_on, heatmap, f"Equivariance error of every layer of {title}",
        provenance(view.shown(), data=tell_sample(sample, report.num_images)), partial(to_csv, report),
        code_of(view, sample, layer, amount, report.num_images), on_select=open_cell, selection_mode="points",
    )  # fmt: skip
    alone = "" if sample.digit else f", with one digit alone, {view.digit.title}"
    note(
        f"Mean over {report.num_images} digit{'s' * (report.num_images > 1)} at {view.digit.data_scale:.2f} of their "
        f"size; resampler {report.resampler}; 0 % is perfect. {tell_network(report)}\n\nA click on a cell shows it on "
        f"Commute beside {other.title}{alone}."
    )


def _what_opens(view: View, sample: Sample, opened: EquivarianceReport, layer: str, amount: float) -> str:
    """What a click on a cell does, and the number that is seen then, for its hover."""
    if sample.digit:
        return "click to see it on Commute"
    own = opened.error[opened.layers.index(layer), opened.amounts.index(amount)]
    return f"click to see one digit on Commute,<br>{view.digit.title}: {percent(float(own))}"
