"""Which two networks are compared, on what: the controls of /compare and what they choose."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data.sources import SOURCES
from core.models import MODELS, Shown, is_ready, titles
from core.results.paired_amounts import paired_amounts
from core.transforms import EXACT
from pages.panels.beside import beside, offer_training, training
from pages.results.digits import source_is_here
from pages.results.equivariance import Sample
from pages.results.networks import steps
from pages.state.links import Parameter, choice, nearest, page_parameters
from pages.state.view import View

MEAN = "mean"
_PLAIN, _COMMUTES = "cnn", "sesn_antialiased"
_COUNTS = (8, 16, 40, 64, 256)
_USUAL_COUNT = 64


@dataclass(frozen=True)
class Pair:
    """What is compared.

    Attributes:
        first, second: A and B.
        sample: of digits. amount: of those of the sample; None for the mean over them.
    """

    first: Shown
    second: Shown
    sample: Sample
    amount: float | None

    @property
    def names(self) -> tuple[str, str]:
        """Of A and B, for a reader; one network in two ways bears what differs."""
        one, other = self.first, self.second
        names = titles((one, other))
        first, second = names[one], names[other]
        if first != second and not (one.key == other.key and one.scales):
            return first, second
        return (f"{first}, chosen scales" if one.scales else first), f"{second}, as trained"

    @property
    def names_by_key(self) -> tuple[str, str]:
        """The same for what does not depend on the digits of training, such as a price."""
        one, other = self.first.key, self.second.key
        return self.names if one == other else (MODELS[one].title, MODELS[other].title)


def choose_pair(view: View) -> Pair:
    """The page's own controls, from the link and on the page. A is the view's network."""
    others, sources = [key for key in MODELS if is_ready(key)], _sources(view)
    page_parameters([choice("compare_other", others, _usual_other(view.network, others), name="other")])
    other = st.session_state["compare_other"]
    trained = training("compare", view, other)
    page_parameters([trained])
    amounts = measured_amounts(view, beside(trained, other))
    page_parameters([
        choice("compare_source", sources, "mnist" if "mnist" in sources else "vector", name="digits"),
        nearest("compare_count", _COUNTS, _USUAL_COUNT, name="count"),
        _amount_parameter(amounts),
    ])  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"B, beside A = {view.shown().title}", others, key="compare_other",
            format_func=lambda key: MODELS[key].title, help="A is the network of the sidebar.",
        )  # fmt: skip
        offer_training(trained, other, "B trained on")
        st.selectbox(
            view.transform.label, [MEAN, *amounts], key="compare_amount",
            format_func=lambda each: "mean" if each == MEAN else view.transform.told(each),
            help="The mean is over the steps that both networks share, or over all where they share none.",
        )  # fmt: skip
        with st.popover("Digits"):
            st.segmented_control(
                "Digits", sources, key="compare_source", required=True,
                format_func=lambda key: SOURCES[key].title_of_many,
            )  # fmt: skip
            st.select_slider("Number of digits", _COUNTS, key="compare_count")
    state = st.session_state
    source, amount = state["compare_source"], state["compare_amount"]
    count = min(state["compare_count"], SOURCES[source].count)
    sample = Sample(source, count, view.digit.data_scale, amounts, view.key, view.resampler, costs=False)
    return Pair(view.shown(), beside(trained, other), sample, None if amount == MEAN else amount)


def measured_amounts(view: View, other: Shown) -> tuple[float, ...]:
    """Those of `paired_amounts` for the view's network beside another one."""
    return paired_amounts(view.transform, view.amounts, view.steps, steps(other, view.key))


def _amount_parameter(amounts: tuple[float, ...]) -> Parameter:
    def parse(asked: str) -> float | str:
        amount = asked if asked == MEAN else float(asked)
        if isinstance(amount, float) and not np.isfinite(amount):
            raise ValueError(asked)
        return amount

    def fit(value: float | str) -> float | str:
        return value if isinstance(value, str) else min(amounts, key=lambda amount: abs(amount - value))

    def text(value: float | str) -> str:
        return value if isinstance(value, str) else f"{value:g}"

    return Parameter("compare_amount", MEAN, parse, text, fit, name="amount")


def _usual_other(network: str, others: list[str]) -> str:
    usual = _COMMUTES if network == _PLAIN else _PLAIN
    return usual if usual in others else others[0]


def _sources(view: View) -> list[str]:
    """The sources whose digits are here and can be changed as the view wants them."""
    drawn = view.resampler == EXACT
    return [
        key for key, source in SOURCES.items()
        if source.count and source_is_here(key) and (source.has_strokes or not drawn)
    ]  # fmt: skip


def tell_digits(sample: Sample, count: int) -> str:
    """The digits and the resampler, for the title of a figure. Args: count: of digits that were measured."""
    of_many = SOURCES[sample.source].title_of_many
    return f"n = {count}: {of_many} at {sample.data_scale:.2f} of their size · resampler {sample.resampler}"


def digit_titles(sample: Sample, count: int) -> list[str]:
    """What each digit of a sample is called."""
    source = SOURCES[sample.source]
    return [source.title_of(source.name_at(place)) for place in range(count)]
