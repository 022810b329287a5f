"""The error of every layer on one digit, under the handle: all amounts come with one report, so a move asks nobody."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st
from jaxtyping import Float

from components.stack_viewer import Bar, Bars, Note, Row, captions, show_viewer
from core.equivariance import EquivarianceReport
from core.glossary import Term
from core.sentences import tell_layers
from pages.laboratory.taken import bars_taken
from pages.panels.handle import handle_at, take_over
from pages.panels.pictures import percent
from pages.panels.sections import is_open
from pages.panels.take_away import take_away
from pages.panels.terms import unexplained
from pages.results.networks import network
from pages.state.session import current_amount, publish_amount
from pages.state.view import View

_DECIMALS = 5  # that are sent; a pixel of the figure is a thousandth
_STEPS, _MOST_STEPS = (0.25, 0.5, 1.0, 2.5, 5.0), 5  # between two ticks of the axis, and how many
Curve = Float[np.ndarray, " amount"]


def show_layers(view: View, report: EquivarianceReport, follows: Sequence[str]) -> None:
    """Bars of all layers that follow the handle, a sentence that follows its release, and a button to take them away.

    Args: report: of the digit that is shown, at all amounts of the view. follows: the sections that show the
              amount too, so that with one of them open the page is drawn again after a move.
    """
    rows = [Row([layer_bars(view, report)]), Row([told_layers(view, report)])]
    terms = unexplained([view.transform.symbol, *captions(rows)], "viewer")  # once, not at every release
    _show(view, rows, follows, terms)
    take_away("viewer", partial(bars_taken, view, rows, report))


@st.fragment
def _show(view: View, rows: Sequence[Row], follows: Sequence[str], terms: Sequence[Term]) -> None:
    amount = view.transform.nearest(view.amounts, current_amount(view.transform))
    if amount != view.amount and any(map(is_open, follows)):
        st.rerun()
    show_viewer(handle_at(view, amount), rows, partial(take_over, view), terms=terms)
    publish_amount(view.transform)


def told_layers(view: View, report: EquivarianceReport) -> Note:
    """Which layer differs most, at the amount where the handle rests."""
    title = view.shown().title
    said = [
        f"At {view.transform.told(amount)}, on {view.digit.title}: {tell_layers(report, k, title)}"
        for k, amount in enumerate(report.amounts)
    ]
    return Note(said, live=True, data=[{"amount": f"{amount:g}"} for amount in report.amounts])


def tell_ideal(view: View) -> None:
    """Why a network that commutes exactly with another resampling has an error here; nothing for all others."""
    changes = network(view.shown()).changes_canvas and view.transform.draws
    if changes and view.resampler != "ideal":
        st.info(
            f"{view.shown().title} commutes exactly with the `ideal`, band-limited change of size. "
            f"`{view.resampler}` adds frequencies beyond the band and weakens others: that is the error shown here."
        )


def layer_bars(view: View, report: EquivarianceReport) -> Bars:
    """A bar for each layer, in the order of the network, and one for the image."""
    bars = [
        _bar(name, errors, costs, "(read by the classifier)" if name == report.classifier_map else "")
        for name, errors, costs in zip(report.layers, report.error, report.cost, strict=True)
    ]
    costs, nothing = report.image_cost, np.full(len(report.amounts), np.nan)
    bars.append(Bar("image", _rounded(nothing), _told(costs), _rounded(costs), "(there and back)"))
    top = _top(report.error, report.cost, costs)
    step = next((each for each in _STEPS if top / each <= _MOST_STEPS), top)
    ticks = [(k * step, f"{100 * k * step:.0f} %") for k in range(int(top / step) + 1)]
    return Bars(
        bars, top, ticks, "equivariance error, relative L2", "error of the layer",
        "cost of resampling there and back, no bound", f"over all {view.transform.noun}s",
    )  # fmt: skip


def _bar(name: str, errors: Curve, costs: Curve, note: str) -> Bar:
    return Bar(name, _rounded(errors), _told(errors), _rounded(costs), note)


def _told(errors: Curve) -> list[str]:
    return [percent(float(each)) for each in errors]


def _rounded(errors: Curve) -> list[float]:
    return [round(float(each), _DECIMALS) for each in errors]


def _top(*errors: np.ndarray) -> float:
    """The end of the axis: 100 %, or as many quarters more as it takes."""
    known = np.concatenate([each.ravel() for each in errors])
    return max(1.0, float(np.ceil(4 * np.max(known, where=~np.isnan(known), initial=0.0)) / 4))
