"""The digit that is shown, as an image or as what draws it again, and this visitor's uploads."""

import hashlib

import streamlit as st
import torch

from core.data.drawing import Drawing
from core.data.glyphs import Glyph, SizedGlyph, glyph
from core.data.images import DecodedImage, decode_image
from core.data.mnist import is_available, load_mnist
from core.resampling import rescale
from core.transforms import EXACT
from pages.state.view import Digit


@st.cache_data(max_entries=256, show_spinner=False)
def digit_image(digit: Digit) -> torch.Tensor:
    """x: the digit at its data scale before T, (1, 1, 28, 28). Raises ValueError if it is not there (any more)."""
    if digit.has_strokes:
        return strokes(digit).render(digit.data_scale)
    if digit.source == "mnist":
        return rescale(load_mnist("test").images[int(digit.name)][None].float() / 255, digit.data_scale)
    if digit.name not in uploads():
        raise ValueError("The uploaded picture is gone; please upload it again.")
    return rescale(uploads()[digit.name].image, digit.data_scale)


def strokes(digit: Digit) -> Glyph | Drawing:
    """What draws a vector digit, or the visitor's own, at any scale. Raises ValueError if there is no such digit."""
    return Drawing.from_text(digit.name) if digit.source == "draw" else glyph(digit.name)


def picture(digit: Digit, resampler: str) -> torch.Tensor | SizedGlyph:
    """The digit as `core.equivariance` takes it: an image or, for `exact`, what draws it again."""
    return SizedGlyph(strokes(digit), digit.data_scale) if resampler == EXACT else digit_image(digit)


@st.cache_data(max_entries=1, ttl=5, show_spinner=False)
def mnist_is_here() -> bool:
    return is_available()


def uploads() -> dict[str, DecodedImage]:
    """This visitor's pictures, by the hash of the file."""
    return st.session_state.setdefault("uploads", {})


def keep_upload(data: bytes) -> str:
    """Decodes a file and keeps the picture; returns its name. Raises ImageRefused."""
    name = hashlib.sha256(data).hexdigest()[:12]
    if name not in uploads():
        uploads()[name] = decode_image(data)
    return name
