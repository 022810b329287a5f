"""A click that leads to /commute; for a cell of the heat map on /errors, why one digit differs from what is a mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Float

from core.equivariance import EquivarianceReport
from core.models import Shown
from core.sentences.equivariance import explain_cell
from pages.panels.beside import training
from pages.state.session import choose_amount, choose_layer
from pages.state.view import View

OTHER = "commute_other"  # key of the network beside the chosen one on /commute
COMMUTE = "commute"  # the page, in keys
_LEAVE = "cell_leave"  # whether something was clicked, and /commute is still to be opened
_CLICKED = "cell_clicked"


@dataclass(frozen=True)
class Cell:
    """What was clicked.

    Attributes:
        view: with the layer and the amount of the cell.
        errors: of every digit that the cell is the mean of, relative L2 without unit; NaN where there is none.
    """

    view: View
    errors: Float[np.ndarray, " image"]

    def shows(self, view: View) -> bool:
        """Whether a view is still that of the cell, at whatever amount and in whatever colours."""
        return replace(view, amount=self.view.amount, colour_range=self.view.colour_range) == self.view


def open_clicked(view: View, chart: Mapping[str, Any], report: EquivarianceReport | None, other: Shown) -> None:
    """For the callback of a click: chooses layer, amount and both networks as in the cell, to be shown on /commute.

    Args: chart: what Streamlit says of the click. report: that the heat map shows; None if it is of the shown digit
              alone, so that there is nothing to explain. other: the network that is compared.
    """
    points = chart["selection"]["points"]
    if not points:
        return
    layer, amount = str(points[0]["y"]), view.transform.nearest(view.amounts, float(points[0]["x"]))
    choose_layer(layer)
    choose_amount(view.transform, amount)
    leave_for(view, other)
    if report is not None:
        errors = report.per_image[report.layers.index(layer), report.amounts.index(amount)]
        st.session_state[_CLICKED] = Cell(replace(view, layer=layer, amount=amount), errors)


def leave_for(view: View, other: Shown | None) -> None:
    """For a callback: what is chosen is to be shown on /commute, beside another network or none."""
    st.session_state[OTHER], st.session_state[_LEAVE] = other and other.key, True
    if other:
        st.session_state[training(COMMUTE, view, other.key, differs=True).key] = other.trained_on


def was_clicked() -> bool:
    """Whether a click asked for /commute before this run; asked once. If none did, an earlier cell is forgotten."""
    clicked = bool(st.session_state.pop(_LEAVE, False))
    if not clicked:
        st.session_state.pop(_CLICKED, None)
    return clicked


def tell_clicked(view: View, errors: tuple[float, ...]) -> str:
    """How the clicked cell and the digit of this view differ; empty if none was clicked or something else is shown.

    Args: errors: of the view's layer at each of its amounts, relative L2, as the page shows them.
    """
    found: Cell | None = st.session_state.get(_CLICKED)
    if found is None or not found.shows(view):
        return ""
    own = errors[view.amounts.index(found.view.amount)]
    at = (view.layer, found.view.told)
    return explain_cell(at, view.shown().title, found.errors, view.digit.title, own)
