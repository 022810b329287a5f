"""What is measured over many digits: the controls of /errors, and what they choose."""

import streamlit as st

from core.data.sources import SOURCES
from core.equivariance import snippet
from core.models import MODELS, is_ready
from core.transforms import EXACT
from pages.results.digits import source_is_here
from pages.results.equivariance import Sample
from pages.state.links import choice, nearest, page_parameters
from pages.state.view import View

OF_BUDGET = (0.5, 0.63, 0.7, 0.79, 0.9, 1.12, 1.26, 1.41, 1.59, 2.0)  # scale factors that a budget is offered for
_THIS = "this"  # the digit that is shown, beside the sources that have many
_TITLES = {_THIS: "This digit"} | {key: source.title_of_many for key, source in SOURCES.items() if source.count}
_COUNTS = (8, 16, 40, 64, 256)


def take_link(view: View) -> tuple[list[str], list[str]]:
    """The page's own controls from the link. Returns: the sources of digits and the networks to compare with."""
    others = [key for key in MODELS if key != view.network and is_ready(key)]
    page_parameters(
        [
            nearest("errors_count", _COUNTS, 16, name="count"),
            choice("errors_other", others, others[0], name="other"),
            nearest("errors_factor", OF_BUDGET, 0.63, name="budget"),
        ]
    )
    sources = [key for key in _TITLES if key == _THIS or _can_serve(key, view)]
    page_parameters([choice("errors_source", sources, "vector", name="digits")])
    return sources, others


def choose_sample(view: View, sources: list[str], others: list[str]) -> tuple[Sample, str]:
    """Draws the controls. Returns: what to measure, and the network to compare with."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Digits", sources, key="errors_source", required=True, format_func=lambda key: _TITLES[key]
        )
        source = st.session_state["errors_source"]
        count = st.select_slider("Number of digits", _COUNTS, key="errors_count", disabled=source == _THIS)
        other = st.selectbox("Compare with", others, key="errors_other", format_func=lambda key: MODELS[key].title)
    # those that the handle can reach, so that a cell and the page that it opens show the same amount
    amounts = tuple(view.transform.nearest(view.amounts, amount) for amount in view.transform.curve_amounts)
    sample = Sample(
        source, 1 if source == _THIS else min(count, SOURCES[source].count), view.digit.data_scale,
        amounts, view.key, view.resampler, view.digit if source == _THIS else None,
    )  # fmt: skip
    return sample, other


def tell_sample(sample: Sample, count: int) -> str:
    """The digits and the resampler, for the title of a figure. Args: count: of digits that were measured."""
    digits = sample.digit.title if sample.digit else _TITLES[sample.source]
    return f"n = {count}: {digits} at {sample.data_scale:.2f} of their size · resampler {sample.resampler}"


def code_of(view: View, sample: Sample, layer: str, amount: float, count: int) -> str:
    """Python that prints the mean error of a layer over the sample. Args: count: of its digits that were measured."""
    digit = sample.digit
    which = {"source": digit.source, "name": digit.name} if digit else {"source": sample.source, "num_images": count}
    return snippet(
        view.network, layer, amount, data_scale=sample.data_scale, resampler=sample.resampler,
        internal_scales=view.scales, transform=sample.transform, **which,
    )  # fmt: skip


def _can_serve(key: str, view: View) -> bool:
    """Whether a source's digits are here and can be shown as the view wants them."""
    return source_is_here(key) and (view.resampler != EXACT or SOURCES[key].has_strokes)
