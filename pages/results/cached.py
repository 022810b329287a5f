"""What pages compute, each result once: keys are names and numbers, never modules or tensors.

Networks are shared by all visitors, in eval mode and never changed; a report depends on its arguments alone.
"""

import hashlib
from dataclasses import dataclass

import streamlit as st
import torch

from core.checkpoints import CheckpointError
from core.data.drawing import Drawing
from core.data.glyphs import GLYPHS, Glyph, SizedGlyph, glyph
from core.data.images import DecodedImage, ImageRefused, decode_image
from core.data.mnist import is_available, load_mnist
from core.equivariance import (
    ArgmaxScale,
    Budget,
    EquivarianceReport,
    LieReport,
    RotationReport,
    argmax_scale,
    budget,
    drawing,
    lie_derivative,
    measure,
    measure_rotation,
    scale_images,
)
from core.models import Features, Network, build, load
from core.resampling import rescale
from pages.state.view import Digit

Settings = tuple[tuple[str, float], ...]
FEW = 16  # digits of the reports that take a run for every cause

# More threads make single images no faster, and several visitors slower.
torch.set_num_threads(1)


@st.cache_resource(max_entries=64, show_spinner=False)
def network(key: str, settings: Settings = ()) -> Network:
    """A pretrained network on its own or on chosen internal scales. Raises CheckpointError, ValueError."""
    values = {name: int(value) if name == "num_scales" else value for name, value in settings}
    return load(key, "small", **values)


def internal_scales(key: str, settings: Settings = ()) -> tuple[float, ...]:
    """In pixels of a map's own grid, ascending; none if a network has none or no weights that can be read."""
    try:
        return getattr(network(key, settings), "internal_scales", ())
    except (CheckpointError, ValueError):
        return ()


@st.cache_data(max_entries=256, show_spinner=False)
def digit_image(digit: Digit) -> torch.Tensor:
    """x: the digit at its data scale before T_s, (1, 1, 28, 28). Raises ValueError if it is not there (any more)."""
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


def scaled_digit(digit: Digit, scale_factor: float, resampler: str) -> torch.Tensor:
    """T_s x, by resampling or, for `exact`, by drawing the digit again."""
    if resampler == "exact":
        return strokes(digit).render(digit.data_scale * scale_factor)
    return rescale(digit_image(digit), scale_factor, resampler)


def seen_digit(key: str, settings: Settings, digit: Digit, scale_factor: float, resampler: str) -> torch.Tensor:
    """T_s x as a network takes it: one whose unit is the canvas sees it with more or fewer pixels."""
    shown = network(key, settings)
    if resampler == "exact":
        scale_factor, canvas = drawing(shown, scale_factor)
        return strokes(digit).render(digit.data_scale * scale_factor, canvas)
    return scale_images(shown, digit_image(digit), scale_factor, resampler)


@st.cache_data(show_spinner=False)
def layer_names(key: str) -> list[str]:
    """The layers of a network, in order; they do not depend on its weights or scales."""
    return list(build(key).eval().features(torch.zeros(1, 1, 28, 28)))


@st.cache_resource(max_entries=64, show_spinner=False)
def kernels(key: str, settings: Settings) -> dict[str, list[torch.Tensor]]:
    """The first input channel's kernels of every convolution at each internal scale."""
    with torch.inference_mode():
        return network(key, settings).kernels(slice(0, 1))


@st.cache_resource(max_entries=128, show_spinner=False)
def features(key: str, settings: Settings, digit: Digit, scale_factor: float, resampler: str) -> Features:
    """Φ(T_s x): every layer's feature map of the digit that is shown."""
    with torch.inference_mode():
        return network(key, settings).features(seen_digit(key, settings, digit, scale_factor, resampler))


def reading(key: str, settings: Settings, digit: Digit, scale_factor: float, resampler: str) -> tuple[int, float]:
    """Which digit the network reads in T_s x, and its probability (softmax)."""
    with torch.inference_mode():
        logits = network(key, settings).classify(features(key, settings, digit, scale_factor, resampler))
    probability, label = logits[0].softmax(0).max(0)
    return int(label), float(probability)


@st.cache_data(max_entries=128, show_spinner=False)
def digit_report(
    key: str, settings: Settings, digit: Digit, scale_factors: tuple[float, ...], resampler: str
) -> EquivarianceReport:
    """The error of every layer on the digit that is shown."""
    images = [SizedGlyph(strokes(digit), digit.data_scale)] if resampler == "exact" else digit_image(digit)
    return measure(network(key, settings), images, scale_factors, resampler)


@dataclass(frozen=True)
class Sample:
    """Many digits and what is done to them.

    Attributes:
        source: `vector`, the hands in turn, `mnist`, the first test digits, or `this`, the digit that is shown.
        count: of digits. data_scale: their size before T_s.
        amounts: scale factors, or degrees. transform: `scale` or `rotation`. resampler: of the images under scale.
        digit: for `this`.
    """

    source: str
    count: int
    data_scale: float
    amounts: tuple[float, ...]
    transform: str
    resampler: str
    digit: Digit | None = None


@st.cache_data(max_entries=512, show_spinner=False)
def part_report(
    key: str, settings: Settings, sample: Sample, start: int, stop: int
) -> EquivarianceReport | RotationReport:
    """The error of every layer on the digits from `start` to `stop` of a sample."""
    if sample.transform == "rotation":
        return measure_rotation(network(key, settings), _images(sample, start, stop), sample.amounts)
    exact = sample.resampler == "exact" and sample.source != "mnist"
    pictures = _drawables(sample)[start:stop] if exact else _images(sample, start, stop)
    return measure(network(key, settings), pictures, sample.amounts, sample.resampler)


@st.cache_data(max_entries=64, show_spinner=False)
def budget_report(key: str, settings: Settings, sample: Sample, scale_factor: float) -> Budget:
    """What makes the error of every layer at one factor, on the first digits of a sample."""
    exact = sample.resampler == "exact" and sample.source != "mnist"
    pictures = _drawables(sample)[:FEW] if exact else _images(sample, 0, FEW)
    return budget(network(key, settings), pictures, scale_factor, sample.resampler)


@st.cache_data(max_entries=64, show_spinner=False)
def argmax_report(key: str, settings: Settings, sample: Sample, layer: str) -> ArgmaxScale:
    """How the winning internal scale of a layer moves with the size of the first digits of a sample."""
    exact = sample.resampler == "exact" and sample.source != "mnist"
    pictures = _drawables(sample)[:FEW] if exact else _images(sample, 0, FEW)
    return argmax_scale(network(key, settings), pictures, sample.amounts, layer, sample.resampler)


@st.cache_data(max_entries=64, show_spinner=False)
def lie_report(key: str, settings: Settings, sample: Sample) -> LieReport:
    """The Lie derivative of every layer on the first digits of a sample; bicubic where the resampler has no slope."""
    resampler = "ideal" if sample.resampler == "ideal" else "bicubic"
    return lie_derivative(network(key, settings), _images(sample, 0, FEW), resampler, side="enlarging")


def _drawables(sample: Sample) -> list[SizedGlyph]:
    scenes = [strokes(sample.digit)] if sample.digit else GLYPHS[: sample.count]
    return [SizedGlyph(scene, sample.data_scale) for scene in scenes]


def _images(sample: Sample, start: int, stop: int) -> torch.Tensor:
    if sample.digit:
        return digit_image(sample.digit)
    if sample.source == "vector":
        return torch.cat([each.render() for each in _drawables(sample)[start:stop]])
    return rescale(load_mnist("test").images[start:stop].float() / 255, sample.data_scale)


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


__all__ = [
    "ImageRefused", "Sample", "argmax_report", "budget_report", "digit_image", "digit_report", "keep_upload",
    "lie_report", "mnist_is_here", "network", "part_report", "scaled_digit", "seen_digit", "strokes", "uploads",
]  # fmt: skip
