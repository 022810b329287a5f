"""Page: which layer breaks equivariance? The error of every layer over scale, for one digit and over many."""

import streamlit as st

from core.checkpoints import CheckpointError
from core.equivariance import LayerErrors
from core.figures import describe_error, plot_error_curves, plot_error_heatmap
from core.models import MODELS, is_ready
from pages.shared import cached, viewer
from pages.shared.controls import current_view
from pages.shared.links import choice, nearest, page_parameters
from pages.shared.server import enter_through_app
from pages.shared.text import explain
from pages.shared.view import View

_FACTORS = tuple(round(2 ** (i / 3), 4) for i in range(-3, 4))  # the steps of the trained scales
_TURNS = tuple(22.5 * i for i in range(17))  # the steps of the rotation network and halfway between them
_TRANSFORMS = {"scale": "Change of size", "rotation": "Rotation"}
_COUNTS = (8, 16, 40, 64)


def bars(view: View) -> str:
    """The error of every layer on this digit at this factor."""
    report = cached.digit_report(view.network, view.settings, view.digit, (view.scale_factor,), view.resampler)
    rows = [(layer, float(error[0]), False) for layer, error in zip(report.layers, report.error, strict=True)]
    return viewer.error_bars([*rows, ("floor (image alone)", float(report.floor[0]), True)])


def over_digits(key: str, settings: cached.Settings, view: View, source: str, count: int, turns: bool) -> LayerErrors:
    """The error of every layer of one network over many digits."""
    sample = (source, count, view.digit.data_scale)
    if turns:
        return cached.rotation_report(key, settings, *sample, _TURNS)
    return cached.sample_report(key, settings, *sample, _FACTORS, view.resampler)


enter_through_app(__file__)
view = current_view()
st.title("Which layer breaks equivariance?")
explain("errors")
viewer.style()
others = [key for key in MODELS if key != view.network and is_ready(key)]
page_parameters(
    [
        choice("errors_transform", list(_TRANSFORMS), "scale", name="transform"),
        nearest("errors_count", _COUNTS, 16, name="count"),
        choice("errors_other", others, others[0], name="other"),
    ]
)
turns = st.session_state["errors_transform"] == "rotation"
sources = ["vector", "mnist"] if cached.mnist_is_here() and (turns or view.resampler != "exact") else ["vector"]
page_parameters([choice("errors_source", sources, "vector", name="digits")])
source = st.session_state["errors_source"]
try:
    st.header(f"{MODELS[view.network].title}: {view.digit.title}, s = {view.scale_factor:.2f}")
    viewer.show(bars(view))
    st.header("Over many digits")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Transform of the image", list(_TRANSFORMS), key="errors_transform", required=True,
            format_func=lambda key: _TRANSFORMS[key],
        )  # fmt: skip
        st.segmented_control("Digits", sources, key="errors_source", required=True)
        count = st.select_slider("Number of digits", _COUNTS, key="errors_count")
        other = st.selectbox("Compare with", others, key="errors_other", format_func=lambda key: MODELS[key].title)
    with st.spinner(f"Measuring every layer at {len(_TURNS if turns else _FACTORS)} changes of every digit …"):
        report = over_digits(view.network, view.settings, view, source, count, turns)
        compared = over_digits(other, (), view, source, count, turns)
except (CheckpointError, ValueError) as error:
    st.error(str(error))
    st.stop()

titles = {view.network: MODELS[view.network].title, other: MODELS[other].title}
st.plotly_chart(plot_error_heatmap(report), key="heatmap", alt=describe_error(report, titles[view.network]))
st.caption(
    f"{titles[view.network]}: mean over {report.num_images} digits at {view.digit.data_scale:.2f} of their size; "
    f"resampler {report.resampler}; 0 % is perfect."
)
if turns:
    st.caption(
        "Quarter turns move whole pixels; all others are resampled. Only the rotation network is built for turns."
    )
layers = {
    titles[key]: view.layer if view.layer in found.layers else found.layers[-1]
    for key, found in ((view.network, report), (other, compared))
}
marker = None if turns else view.scale_factor
curves = plot_error_curves({titles[view.network]: report, titles[other]: compared}, layers, marker=marker)
st.plotly_chart(curves, key="curves", alt=describe_error(compared, titles[other]))
st.caption("Lines: mean; bands: 16 % to 84 % of the digits; dotted: the floor, what the resampler alone costs.")
