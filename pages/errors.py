"""Page: which layer breaks equivariance, and why? The error of every layer, for one digit and over many."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.checkpoints import CheckpointError
from core.equivariance import EXPLAINED, budget_to_csv, lie_to_csv, to_csv
from core.models import MODELS
from pages.hosting.server import enter_through_app
from pages.laboratory.causes import show_budget, show_small_changes
from pages.laboratory.controls import offer_controls
from pages.laboratory.many import show_many
from pages.laboratory.measuring import measured
from pages.laboratory.sample import choose_sample, take_link
from pages.panels import cell, pictures
from pages.panels.charts import offer_files
from pages.panels.text import explain
from pages.results.equivariance import digit_report
from pages.state.session import current_view
from pages.state.view import View


def show_digit(view: View) -> None:
    """The error of every layer on this digit at this amount, from one report of all amounts."""
    report = digit_report(view.network, view.scales, view.digit, view.amounts, view.resampler, view.key)
    k = report.amounts.index(view.amount)
    names = [f"{each} (read by the classifier)" if each == report.classifier_map else each for each in report.layers]
    rows = [(name, float(error[k]), False) for name, error in zip(names, report.error, strict=True)]
    st.header(f"{MODELS[view.network].title}: {view.digit.title}, {view.told}")
    pictures.show(pictures.error_bars([*rows, ("image, there and back", float(report.image_cost[k]), True)]))


enter_through_app(__file__)
view = current_view()
if cell.was_clicked():
    st.switch_page("pages/commute.py")
st.title("Which layer breaks equivariance?")
explain("errors")
pictures.style()
offer_controls()
sources, others = take_link(view)
try:
    show_digit(view)
    st.header("Over many digits")
    sample, other = choose_sample(view, sources, others)
    reports = measured(sample, [(view.network, view.scales), (other, None)])
    layers = {
        MODELS[key].title: view.layer if view.layer in found.layers else found.layers[-1]
        for key, found in reports.items()
    }
    show_many(view, sample, reports, layers)
    layer = layers[MODELS[view.network].title]
    tables: dict[str, Callable[[], str]] = {
        f"errors of {MODELS[key].title}": partial(to_csv, found) for key, found in reports.items()
    }
    if view.key in EXPLAINED:
        tables["budget"] = partial(budget_to_csv, show_budget(view, sample, layer))
        tables["Lie derivative"] = partial(lie_to_csv, show_small_changes(view, sample, layer))
    st.header("Take it with you")
    offer_files(view, tables, layer)
except (CheckpointError, ValueError) as error:
    st.error(str(error))
