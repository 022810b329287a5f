"""What is measured over many digits: the controls of /errors, and what they choose."""

from dataclasses import dataclass

import streamlit as st

from core.data.sources import SOURCES
from core.equivariance import snippet
from core.models import MODELS, is_ready
from core.transforms import EXACT
from pages.results.digits import source_is_here
from pages.results.equivariance import Sample
from pages.state.links import Parameter, choice, nearest, page_parameters
from pages.state.view import View

OF_BUDGET = (0.5, 0.63, 0.7, 0.79, 0.9, 1.12, 1.26, 1.41, 1.59, 2.0)  # scale factors that a budget is offered for
_THIS = "this"  # the digit that is shown, beside the sources that have many
_TITLES = {_THIS: "This digit"} | {key: source.title_of_many for key, source in SOURCES.items() if source.count}
_COUNTS = (8, 16, 40, 64, 256)


@dataclass(frozen=True)
class Choices:
    """What the page's own controls offer.

    Attributes:
        sources: of digits. others: networks to compare with.
        of_sample, of_budget: the controls by where they stand.
    """

    sources: list[str]
    others: list[str]
    of_sample: list[Parameter]
    of_budget: list[Parameter]


def take_link(view: View) -> Choices:
    """The page's own controls from the link, drawn or not."""
    others = [key for key in MODELS if key != view.network and is_ready(key)]
    if SOURCES[view.digit.source].in_colour:  # first those that take it
        others.sort(key=lambda key: not MODELS[key].takes_colour)
    of_sample = [
        nearest("errors_count", _COUNTS, 16, name="count"),
        choice("errors_other", others, others[0], name="other"),
    ]
    of_budget = [nearest("errors_factor", OF_BUDGET, 0.63, name="budget")]
    page_parameters([*of_sample, *of_budget])
    sources = [key for key in _TITLES if key == _THIS or _can_serve(key, view)]
    source = choice("errors_source", sources, "vector", name="digits")
    page_parameters([source])
    return Choices(sources, others, [*of_sample, source], of_budget)


def choose_sample(choices: Choices) -> None:
    """Draws the controls of the sample."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Digits", choices.sources, key="errors_source", required=True, format_func=lambda key: _TITLES[key]
        )
        alone = st.session_state["errors_source"] == _THIS
        st.select_slider("Number of digits", _COUNTS, key="errors_count", disabled=alone)
        st.selectbox("Compare with", choices.others, key="errors_other", format_func=lambda key: MODELS[key].title)


def chosen_sample(view: View) -> Sample:
    """What the controls say to measure, drawn or not."""
    source, count = st.session_state["errors_source"], st.session_state["errors_count"]
    # those that the handle can reach, so that a cell and the page that it opens show the same amount
    amounts = tuple(view.transform.nearest(view.amounts, amount) for amount in view.transform.curve_amounts)
    return Sample(
        source, 1 if source == _THIS else min(count, SOURCES[source].count), view.digit.data_scale,
        amounts, view.key, view.resampler, view.digit if source == _THIS else None,
    )  # fmt: skip


def tell_sample(sample: Sample, count: int) -> str:
    """The digits and the resampler, for the title of a figure. Args: count: of digits that were measured."""
    of_many = f"{_TITLES[sample.source]} at {sample.data_scale:.2f} of their size"
    return f"n = {count}: {sample.digit.told if sample.digit else of_many} · resampler {sample.resampler}"


def code_of(view: View, sample: Sample, layer: str, amount: float, count: int) -> str:
    """Python that prints the mean error of a layer over the sample. Args: count: of its digits that were measured."""
    digit = sample.digit
    which = {"source": digit.source, "name": digit.name} if digit else {"source": sample.source, "num_images": count}
    return snippet(
        view.shown(), layer, amount, data_scale=sample.data_scale, resampler=sample.resampler,
        transform=sample.transform, side=MODELS[view.network].canvas, **which,
    )  # fmt: skip


def _can_serve(key: str, view: View) -> bool:
    """Whether a source's digits are here and can be shown as the view wants them."""
    return source_is_here(key) and (view.resampler != EXACT or SOURCES[key].has_strokes)
