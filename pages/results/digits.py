"""The digit that is shown, as an image or as what draws it again, and this visitor's uploads."""

import streamlit as st
import torch

from core.data.doubts import doubt_about_reading
from core.data.images import DecodedImage
from core.data.sources import SOURCES, Pictures
from core.models import MODELS, Shown
from core.transforms import EXACT
from pages.results.networks import network
from pages.state.view import Digit


@st.cache_data(max_entries=256, show_spinner=False)
def digit_image(digit: Digit) -> torch.Tensor:
    """x: the digit at its data scale before T, (1, 1, 28, 28). Raises ValueError if it is not there (any more)."""
    return SOURCES[digit.source].image(digit.name, digit.data_scale, uploads())


def pictures(digit: Digit, resampler: str) -> Pictures:
    """The digit as `core.equivariance` takes it: an image or, for `exact`, what draws it again."""
    if resampler != EXACT:
        return digit_image(digit)
    return SOURCES[digit.source].pictures(digit.name, digit.data_scale, drawn=True)


@st.cache_data(max_entries=256, show_spinner=False)
def doubt_of_reading(shown: Shown, digit: Digit) -> str:
    """A sentence if the network can hardly tell which digit it is; empty else, and of one that reads no digits."""
    if not MODELS[shown.key].reads_digits:
        return ""
    with torch.inference_mode():
        probabilities = network(shown)(digit_image(digit)).softmax(dim=1)[0].tolist()
    return doubt_about_reading(probabilities, shown.title)


@st.cache_data(max_entries=8, ttl=5, show_spinner=False)
def source_is_here(key: str) -> bool:
    """Whether a source has its digits on this machine; asked anew every few seconds."""
    return SOURCES[key].is_available()


def uploads() -> dict[str, DecodedImage]:
    """This visitor's pictures, by the hash of the file."""
    return st.session_state.setdefault("uploads", {})
