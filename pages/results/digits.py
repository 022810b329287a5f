"""The digit that is shown, as an image or as what draws it again, and this visitor's uploads."""

import streamlit as st
import torch

from core.data.doubts import doubt_about_reading
from core.data.images import DecodedImage
from core.data.sources import SIDE, SOURCES, Pictures
from core.models import MODELS, Shown
from core.transforms import EXACT
from pages.results.networks import network
from pages.state.view import Digit, View

_APART = {64: 1, 128: 2, 224: 4}  # amounts, by the side in pixels up to which they lie so far apart
_FARTHEST = 8
_MIRRORED = 3  # times the side of a picture is that of the canvas on which it is mirrored


@st.cache_data(max_entries=256, show_spinner=False)
def digit_image(digit: Digit, side: int = SIDE) -> torch.Tensor:
    """x: the digit at its data scale before T, (1, c, side, side). Raises ValueError if it is not there (any more)."""
    return SOURCES[digit.source].on_canvas(digit.name, side, digit.data_scale, uploads())


def pictures(shown: Shown, digit: Digit, resampler: str) -> Pictures:
    """The digit as `core.equivariance` takes it for a network: an image or, for `exact`, what draws it again.

    Raises: ValueError if it is not there (any more), or in colours that the network does not take.
    """
    source, spec = SOURCES[digit.source], MODELS[shown.key]
    if source.in_colour and not spec.takes_colour:
        raise ValueError(f"{spec.title} takes grey images, and {digit.title} is in colour: choose a digit for it.")
    if resampler != EXACT:
        return digit_image(digit, spec.canvas)
    return source.pictures(digit.name, digit.data_scale, drawn=True, side=spec.canvas)


def amounts_apart(view: View) -> int:
    """One of how many amounts of a handle is computed: fewer of large images, of which each takes longer."""
    side = MODELS[view.network].canvas * (_MIRRORED if edge_of(view.digit) == "mirrored" else 1)
    return next((every for most, every in _APART.items() if side <= most), _FARTHEST)


def edge_of(digit: Digit) -> str:
    """What is taken for what lies beyond its edge, as `core.equivariance.measure`."""
    return SOURCES[digit.source].edge_of(digit.name)


@st.cache_data(max_entries=256, show_spinner=False)
def doubt_of_reading(shown: Shown, digit: Digit) -> str:
    """A sentence if the network can hardly tell which digit it is; empty else, and of one that reads no digits."""
    if not MODELS[shown.key].reads_digits:
        return ""
    with torch.inference_mode():
        probabilities = network(shown)(digit_image(digit, MODELS[shown.key].canvas)).softmax(dim=1)[0].tolist()
    return doubt_about_reading(probabilities, shown.title)


@st.cache_data(max_entries=8, ttl=5, show_spinner=False)
def source_is_here(key: str) -> bool:
    """Whether a source has its digits on this machine; asked anew every few seconds."""
    return SOURCES[key].is_available()


def uploads() -> dict[str, DecodedImage]:
    """This visitor's pictures, by the hash of the file."""
    return st.session_state.setdefault("uploads", {})
