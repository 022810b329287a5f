"""What makes the error of a change of size: the budget, the winning scale, and the Lie derivative."""

from dataclasses import replace
from functools import partial

import streamlit as st

from core.equivariance import budget_to_csv, lie_to_csv
from core.figures import plot_budget, plot_lie_derivative
from core.sentences import explain_argmax_scale, explain_budget, explain_lie_derivative
from pages.hosting.aside import aside
from pages.laboratory.sample import OF_BUDGET, code_of, tell_sample
from pages.panels.charts import Drawn, provenance, show_chart
from pages.panels.text import note, say
from pages.results.equivariance import FEW, Sample, argmax_report, budget_report, lie_report, part_report
from pages.results.networks import blank_maps
from pages.state.view import View

_NEAR = (1.01, 1.26)  # factors beside the Lie derivative


def show_budget(view: View, sample: Sample, layer: str) -> None:
    """What makes the error, by runs that leave out one cause after another."""
    factor = st.select_slider("Scale factor of the budget", OF_BUDGET, key="errors_factor")
    with st.spinner("Measuring without one cause after another …"):
        parts = aside(budget_report, view.shown(), sample, factor)

    def drawn() -> Drawn:
        said = explain_budget(parts, layer, view.shown().title)
        return plot_budget(parts), said, said

    few = min(sample.count, FEW)
    show_chart(
        "budget", (view.shown(), sample, factor, layer), drawn,
        f"Where the error of {view.shown().title} comes from, at s = {factor:g}",
        provenance(view.shown(), data=tell_sample(sample, few)), partial(budget_to_csv, parts),
        code_of(view, sample, layer, factor, few),
    )  # fmt: skip
    if blank_maps(view.shown())[layer].group == "scale":
        followed = aside(argmax_report, view.shown(), sample, layer)
        say(explain_argmax_scale(followed, view.shown().title))
    wider = "on a larger canvas, then " if parts.applies[1].any() else ""
    note(
        f"Measured on {_few(sample)}, each time with one cause fewer: {wider}with the projection over the scales that "
        "both sides know, without scales that reach beyond the axis, at the nearest step of the scales.\n\n"
        "What remains is discretised kernels, pointwise nonlinearities and pooling. A part can be negative; another "
        "order gives other parts."
    )


def show_small_changes(view: View, sample: Sample, layer: str) -> None:
    """The Lie derivative beside the finite error, of the same digits and resampler."""
    with st.spinner("Differentiating through all layers …"):
        local = aside(lie_report, view.shown(), sample)
        few = min(sample.count, FEW)
        near = replace(sample, count=few, amounts=_NEAR, resampler=local.resampler)
        finite = aside(part_report, view.shown(), near, 0, few)

    def drawn() -> Drawn:
        said = explain_lie_derivative(local, finite, layer, view.shown().title)
        return plot_lie_derivative(local, finite), said, said

    show_chart(
        "lie", (view.shown(), sample, layer), drawn,
        f"Small changes of size and large ones: {view.shown().title}",
        provenance(view.shown(), data=tell_sample(near, few)), partial(lie_to_csv, local),
    )  # fmt: skip
    note(
        f"On {_few(sample)}. The Lie derivative is the error of an endless small change of size, by differentiating "
        f"through all layers ({local.resampler}).\n\n"
        "Near s = 1 the bars agree; where they part, the error grows unevenly."
    )


def _few(sample: Sample) -> str:
    return f"the first {FEW} of these digits" if sample.count > FEW else "these digits"
