"""A network beside that of the view: which there are, and which digits its weights were trained on."""

import streamlit as st

from core.checkpoints import ALL_SIZES
from core.models import MODELS, Shown, is_ready, trainings
from pages.panels.segments import segments
from pages.panels.trained import HELP, LABEL, TITLES
from pages.state.links import Parameter
from pages.state.trained import trained_parameter
from pages.state.view import View

_NAME = "other_trained"  # in the URL


def others(view: View) -> list[str]:
    """Networks that can stand beside that of the view: all others, and its own if there are weights of other digits."""
    return [key for key in MODELS if is_ready(key) and (key != view.network or len(trainings(key)) > 1)]


def training(page: str, view: View, other: str | None, differs: bool = False) -> Parameter:
    """The digits that the other network was trained on; usually those of the view.

    The key in the session names what the usual value depends on: what was chosen by hand comes along in the URL, and
    what was not follows the view.

    Args: other: None for no other network. differs: whether a network beside itself usually has other weights.
    """
    if other is None:
        return Parameter(f"{page}_{_NAME}", ALL_SIZES, lambda _: ALL_SIZES, fit=lambda _: ALL_SIZES, name=_NAME)
    same, found, itself = view.shown().trained_on, trainings(other), other == view.network
    usual = same if same in found else ALL_SIZES
    if differs and itself:
        usual = next((digits for digits in found if digits != same), same)
    return trained_parameter(f"{page}_{_NAME}.{other}.{same}.{itself}", usual, _NAME, found)


def offer_training(parameter: Parameter, other: str | None, label: str = LABEL) -> None:
    """The control, once restored; none for a network without the choice."""
    if other and len(trainings(other)) > 1:
        segments(label, TITLES, parameter.key, help=HELP)


def beside(parameter: Parameter, other: str) -> Shown:
    """The other network with the weights that were chosen."""
    return Shown(other, None, st.session_state[parameter.key])
