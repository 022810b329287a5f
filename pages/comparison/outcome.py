"""What came out: the difference of every layer with its interval, and of every layer at every amount."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.equivariance import Comparison, EquivarianceReport, compare, comparison_to_csv
from core.figures import NONE_FOUND, plot_cell_differences, plot_differences
from core.models import titles
from core.results.differences import cell_differences, layer_differences, snippet
from core.results.statistics import Estimate
from core.sentences import (
    explain_cells,
    paragraphs,
    plain,
    tell_layers_compared,
    tell_outcome,
    tell_prices,
    tell_read_layer,
)
from pages.comparison.choose import Pair, digit_titles, tell_digits
from pages.panels.charts import Drawn, show_chart, tell_network
from pages.panels.measuring import measured
from pages.panels.text import explain, note, say
from pages.results.comparison import price

_KEPT = 64  # outcomes


def compared(pair: Pair) -> Comparison:
    """Measures both networks, part by part, and says what came out so far. Raises: CheckpointError, ValueError."""

    def so_far(reports: list[EquivarianceReport]) -> str:
        found = compare(*reports)
        return tell_outcome(found, layer_differences(found, pair.amount), pair.names, pair.amount)

    return compare(*measured(pair.sample, [pair.first, pair.second], so_far))


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _differences(pair: Pair, count: int, _found: Comparison) -> dict[str, Estimate]:
    return layer_differences(_found, pair.amount)


def show_outcome(pair: Pair, found: Comparison, first: DeltaGenerator) -> None:
    """The answer in a sentence, and the estimation plot. Args: first: where the sentence stands."""
    count, names = found.num_digits, pair.names
    differences = _differences(pair, count, found)
    outcome = tell_outcome(found, differences, names, pair.amount)
    with first:
        say(outcome, place="outcome")
        say(tell_prices((price(pair.first), price(pair.second)), pair.names_by_key), place="prices")
    if not differences:
        return
    layers = tell_layers_compared(found, differences, names)

    def drawn() -> Drawn:
        figure = plot_differences(found, differences, digit_titles(pair.sample, count), pair.amount)
        return figure, plain(f"{outcome} {layers}"), paragraphs(layers, tell_read_layer(found))

    show_chart(
        "differences", (pair, count), drawn, f"Equivariance error of {names[1]} less that of {names[0]}",
        _rests_on(pair, count), partial(comparison_to_csv, found, digit_titles(pair.sample, count)),
        _code(pair, count),
    )  # fmt: skip
    explain("compare")


def show_cells(pair: Pair, found: Comparison) -> None:
    """Every layer at every amount."""
    count, names = found.num_digits, pair.names

    def drawn() -> Drawn:
        cells = cell_differences(found)
        said = explain_cells(cells, found)
        return plot_cell_differences(found, cells), plain(said), said

    show_chart(
        "cells", (pair.first, pair.second, pair.sample, count), drawn,
        f"Equivariance error of {names[1]} less that of {names[0]}, by layer and amount", _rests_on(pair, count),
    )  # fmt: skip
    note(f"Blue: B commutes better; red: A. {NONE_FOUND}: the 95 % interval over the digits holds 0.")


def _rests_on(pair: Pair, count: int) -> str:
    names = titles((pair.first, pair.second))
    first, second = (tell_network(each, names[each]) for each in (pair.first, pair.second))
    return f"A = {first} · B = {second} · {tell_digits(pair.sample, count)}"


def _code(pair: Pair, count: int) -> str:
    """Python that prints the difference of every layer."""
    sample = pair.sample
    return snippet(
        pair.first, pair.second, sample.source, count, sample.amounts, pair.amount, data_scale=sample.data_scale,
        resampler=sample.resampler, transform=sample.transform,
    )  # fmt: skip
