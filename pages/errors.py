"""Page: which layer breaks equivariance, and why? The error of every layer, for one digit and over many."""

import streamlit as st

from core.checkpoints import CheckpointError
from core.equivariance import EXPLAINED
from core.models import MODELS
from pages.hosting.server import enter_through_app
from pages.laboratory.causes import show_budget, show_small_changes
from pages.laboratory.controls import offer_controls
from pages.laboratory.many import show_many
from pages.laboratory.measuring import measured
from pages.laboratory.sample import choose_sample, take_link
from pages.laboratory.taken import BARS, take_bars_away
from pages.panels import cell, pictures
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
    with st.container(key=BARS):
        pictures.show(pictures.error_bars([*rows, ("image, there and back", float(report.image_cost[k]), True)]))
    take_bars_away(view, report)


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
    if view.key in EXPLAINED:
        show_budget(view, sample, layer)
        show_small_changes(view, sample, layer)
except (CheckpointError, ValueError) as error:
    st.error(str(error))
