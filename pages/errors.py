"""Page: which layer breaks equivariance, and why? The error of every layer, for one digit and over many."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

import streamlit as st

from core.checkpoints import CheckpointError
from core.equivariance import Budget, EquivarianceReport, LieReport, budget_to_csv, lie_to_csv, to_csv
from core.figures import (
    describe_error,
    explain_argmax_scale,
    explain_budget,
    explain_curves,
    explain_difference,
    explain_heatmap,
    explain_lie_derivative,
    plot_budget,
    plot_error_curves,
    plot_error_difference,
    plot_error_heatmap,
    plot_lie_derivative,
)
from core.models import MODELS, is_ready
from pages.hosting.server import enter_through_app
from pages.laboratory.measuring import Report, measured
from pages.panels import pictures
from pages.panels.charts import FORMATS, Drawn, offer_files, provenance, show_chart
from pages.panels.text import explain
from pages.results import cached
from pages.state.links import choice, nearest, page_parameters
from pages.state.session import choose_factor, choose_layer, choose_network, current_view
from pages.state.view import View

_FACTORS = tuple(round(2 ** (i / 3), 4) for i in range(-3, 4))  # the steps of the trained scales
_TURNS = tuple(22.5 * i for i in range(17))  # the steps of the rotation network and halfway between them
_NEAR = (1.01, 1.26)  # factors beside the Lie derivative
_OF_BUDGET = (0.5, 0.63, 0.7, 0.79, 0.9, 1.12, 1.26, 1.41, 1.59, 2.0)
_TRANSFORMS = {"scale": "Change of size", "rotation": "Rotation"}
_SOURCES = {"this": "This digit", "vector": "Vector digits", "mnist": "MNIST test digits"}
_COUNTS = (8, 16, 40, 64, 256)
_CONTROLS = {
    "identity": "must show 0", "fourier": "shows 0 under `ideal`", "cnn": "shows how large an error is",
    "random_sesn": "is equivariant by construction",
}  # fmt: skip


def open_cell() -> None:
    """A click on a cell of the heat map: the layer and factor to see on Commute."""
    points = st.session_state["heatmap"]["selection"]["points"]
    if points and st.session_state["errors_transform"] == "scale":
        choose_layer(str(points[0]["y"]))
        choose_factor(float(points[0]["x"]))
        st.session_state["errors_open"] = True


def offer_controls(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Controls:", width="content")
        for key, says in _CONTROLS.items():
            st.button(
                MODELS[key].title, key=f"control_{key}", help=f"A control: {MODELS[key].title} {says}.",
                on_click=choose_network, args=(key,), disabled=key == view.network or not is_ready(key),
            )  # fmt: skip


def take_link(view: View) -> tuple[list[str], list[str]]:
    """The page's own controls from the link. Returns: the sources of digits and the networks to compare with."""
    others = [key for key in MODELS if key != view.network and is_ready(key)]
    page_parameters(
        [
            choice("errors_transform", list(_TRANSFORMS), "scale", name="transform"),
            nearest("errors_count", _COUNTS, 16, name="count"),
            choice("errors_other", others, others[0], name="other"),
            nearest("errors_factor", _OF_BUDGET, 0.63, name="budget"),
            choice("errors_format", FORMATS, "png", name="format"),
        ]
    )
    with_mnist = cached.mnist_is_here() and (
        st.session_state["errors_transform"] == "rotation" or view.resampler != "exact"
    )
    sources = [key for key in _SOURCES if key != "mnist" or with_mnist]
    page_parameters([choice("errors_source", sources, "vector", name="digits")])
    return sources, others


def choose_sample(view: View, sources: list[str], others: list[str]) -> tuple[cached.Sample, str]:
    """Draws the controls. Returns: what to measure, and the network to compare with."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Transform of the image", list(_TRANSFORMS), key="errors_transform", required=True,
            format_func=lambda key: _TRANSFORMS[key],
        )  # fmt: skip
        st.segmented_control(
            "Digits", sources, key="errors_source", required=True, format_func=lambda key: _SOURCES[key]
        )
        source, transform = st.session_state["errors_source"], st.session_state["errors_transform"]
        count = st.select_slider("Number of digits", _COUNTS, key="errors_count", disabled=source == "this")
        other = st.selectbox("Compare with", others, key="errors_other", format_func=lambda key: MODELS[key].title)
    sample = cached.Sample(
        source, min(count, {"this": 1, "vector": 40}.get(source, count)), view.digit.data_scale,
        _TURNS if transform == "rotation" else _FACTORS, transform, view.resampler,
        view.digit if source == "this" else None,
    )  # fmt: skip
    return sample, other


def show_digit(view: View) -> None:
    """The error of every layer on this digit at this factor."""
    report = cached.digit_report(view.network, view.settings, view.digit, (view.scale_factor,), view.resampler)
    rows = [(layer, float(error[0]), False) for layer, error in zip(report.layers, report.error, strict=True)]
    st.header(f"{MODELS[view.network].title}: {view.digit.title}, s = {view.scale_factor:.2f}")
    pictures.show(pictures.error_bars([*rows, ("floor (image alone)", float(report.floor[0]), True)]))


def show_many(view: View, sample: cached.Sample, reports: dict[str, Report], layers: dict[str, str]) -> None:
    """Heat map, curves and difference of the two networks."""
    (report, compared), names = reports.values(), [MODELS[key].title for key in reports]
    scales = isinstance(report, EquivarianceReport)
    measured_on = (tuple(reports), view.settings, sample, report.num_images)

    def heatmap() -> Drawn:
        figure = plot_error_heatmap(report, clickable=scales)
        return figure, describe_error(report, names[0]), explain_heatmap(report, names[0])

    show_chart("heatmap", measured_on, heatmap, provenance(view), on_select=open_cell, selection_mode="points")
    st.caption(
        f"Mean over {report.num_images} digits at {view.digit.data_scale:.2f} of their size; resampler "
        f"{report.resampler}; 0 % is perfect. "
        + ("Click a cell to see it on Commute." if scales else "Quarter turns move whole pixels, others are resampled.")
    )
    if scales and report.resampler != "ideal" and cached.network(view.network, view.settings).changes_canvas:
        st.info(
            f"{names[0]} commutes exactly with the `ideal`, band-limited change of size. `{report.resampler}` adds "
            "frequencies beyond the band and weakens others, and that is the error shown here."
        )
    named = dict(zip(names, reports.values(), strict=True))
    both = provenance(view, *list(reports)[1:])
    marker = view.scale_factor if scales else None

    def curves() -> Drawn:
        figure = plot_error_curves(named, layers, marker=marker)
        return figure, describe_error(compared, names[1]), explain_curves(named, layers)

    show_chart("curves", (*measured_on, marker, *layers.values()), curves, both)
    st.caption("Lines: mean; bands: 16 % to 84 % of the digits; dotted: the floor, what the resampler alone costs.")
    if set(report.layers) & set(compared.layers):
        st.header(f"{names[0]} less {names[1]}")

        def difference() -> Drawn:
            said = explain_difference(report, compared, (names[0], names[1]))
            return plot_error_difference(report, compared), said, said + " Blue: the first commutes better."

        show_chart("difference", measured_on, difference, both)


def show_budget(view: View, sample: cached.Sample, layer: str) -> Budget:
    """What makes the error, by runs that leave out one cause after another."""
    st.header("Where the error comes from")
    factor = st.select_slider("Scale factor of the budget", _OF_BUDGET, key="errors_factor")
    with st.spinner("Measuring without one cause after another …"):
        parts = cached.budget_report(view.network, view.settings, sample, factor)

    def drawn() -> Drawn:
        said = explain_budget(parts, layer, MODELS[view.network].title)
        return plot_budget(parts), said, said

    show_chart("budget", (view.network, view.settings, sample, factor, layer), drawn, provenance(view))
    if len(_scales_of(view, layer)) > 1:
        followed = cached.argmax_report(view.network, view.settings, sample, layer)
        st.markdown(explain_argmax_scale(followed, MODELS[view.network].title))
    st.caption(
        f"Measured on {_few(sample)} again and again, each time with one cause fewer: on a larger canvas, then without "
        "the scales that reach beyond the axis, then at the nearest step of the scales. What remains is discretised "
        "kernels, pointwise nonlinearities and pooling. A part can be negative; another order gives other parts."
    )
    return parts


def show_small_changes(view: View, sample: cached.Sample, layer: str) -> LieReport:
    """The Lie derivative beside the finite error, of the same digits and resampler."""
    st.header("Small changes and large ones")
    with st.spinner("Differentiating through all layers …"):
        local = cached.lie_report(view.network, view.settings, sample)
        few = min(sample.count, cached.FEW)
        near = replace(sample, count=few, amounts=_NEAR, resampler=local.resampler)
        finite = cast(EquivarianceReport, cached.part_report(view.network, view.settings, near, 0, few))

    def drawn() -> Drawn:
        said = explain_lie_derivative(local, finite, layer, MODELS[view.network].title)
        return plot_lie_derivative(local, finite), said, said

    show_chart("lie", (view.network, view.settings, sample, layer), drawn, provenance(view))
    st.caption(
        f"On {_few(sample)}. The Lie derivative is the error of an endless small change of size, by differentiating "
        f"through all layers ({local.resampler}). Near s = 1 the bars agree; where they part, the error grows unevenly."
    )
    return local


def _scales_of(view: View, layer: str) -> tuple[float, ...]:
    """The internal scales of a layer's own axis; none if it has no such axis."""
    shown = cached.features(view.network, view.settings, view.digit, 1.0, "bicubic")[layer]
    return shown.internal_scales if shown.group == "scale" else ()


def _few(sample: cached.Sample) -> str:
    return f"the first {cached.FEW} of these digits" if sample.count > cached.FEW else "these digits"


enter_through_app(__file__)
view = current_view()
if st.session_state.pop("errors_open", False):
    st.switch_page("pages/commute.py")
st.title("Which layer breaks equivariance?")
explain("errors")
pictures.style()
offer_controls(view)
sources, others = take_link(view)
try:
    show_digit(view)
    st.header("Over many digits")
    sample, other = choose_sample(view, sources, others)
    reports = measured(sample, [(view.network, view.settings), (other, ())])
    layers = {
        MODELS[key].title: view.layer if view.layer in found.layers else found.layers[-1]
        for key, found in reports.items()
    }
    show_many(view, sample, reports, layers)
    layer = layers[MODELS[view.network].title]
    tables: dict[str, Callable[[], str]] = {
        f"errors of {MODELS[key].title}": partial(to_csv, found) for key, found in reports.items()
    }
    if sample.transform == "scale":
        tables["budget"] = partial(budget_to_csv, show_budget(view, sample, layer))
        tables["Lie derivative"] = partial(lie_to_csv, show_small_changes(view, sample, layer))
    st.header("Take it with you")
    offer_files(view, tables, layer)
except (CheckpointError, ValueError) as error:
    st.error(str(error))
