"""Which digits the weights of the shown network were trained on: the control in the sidebar, and words for it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.checkpoints import ALL_SIZES, FOLDERS, ONE_SIZE
from core.data.one_size import TRAINED as SIZE
from core.models import MODELS, trainings
from pages.panels.segments import segments
from pages.panels.terms import SIDEBAR
from pages.panels.text import note
from pages.state.trained import TRAINED

LABEL = "Trained on"
TITLES = {digits: digits.capitalize() for digits in FOLDERS}
HELP = (
    f"The digits that its weights were trained on: of all sizes from 0.3 to 1 of MNIST's, or of {SIZE:g} alone, so "
    "that every other size is new to it."
)


def offer_training(network: str, below: DeltaGenerator) -> str:
    """Draws the control, or says why there is none. Returns: the digits that are wished, weights or not.

    Args: below: where it is told that others than the wished weights are shown.
    """
    wished = str(st.session_state[TRAINED.key])
    if ONE_SIZE in trainings(network):
        return str(segments(LABEL, TITLES, TRAINED.key, help=HELP))
    missing = _missing(network)
    if wished == ALL_SIZES:
        note(missing, part=SIDEBAR)
    else:
        as_what = "as trained on all sizes" if MODELS[network].has_checkpoints else "as it is"
        below.warning(f"{missing} It is shown {as_what}.")
    return wished


def _missing(network: str) -> str:
    title = MODELS[network].title
    if MODELS[network].control:
        return f"{title} is never trained."
    if MODELS[network].is_own:
        return f"{title} is as its file made it."
    return f"{title} has no weights trained on one size."
