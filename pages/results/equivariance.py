"""Errors of one digit and of many, and what makes them: each computed once, with keys of names and numbers."""

from dataclasses import dataclass

import streamlit as st
import torch

from core.data.glyphs import GLYPHS, SizedGlyph
from core.data.mnist import load_mnist
from core.equivariance import (
    ArgmaxScale,
    Budget,
    EquivarianceReport,
    LieReport,
    Pictures,
    argmax_scale,
    budget,
    lie_derivative,
    measure,
)
from core.models import Features
from core.resampling import rescale
from core.scales import ScaleSet
from core.transforms import EXACT
from pages.results.digits import digit_image, picture, strokes
from pages.results.networks import network
from pages.state.view import Digit, View

FEW = 16  # digits of the reports that take a run for every cause


@st.cache_resource(max_entries=64, show_spinner=False)
def digit_report(
    key: str, scales: ScaleSet | None, digit: Digit, amounts: tuple[float, ...], resampler: str, transform: str
) -> EquivarianceReport:
    """The error of every layer on the digit that is shown. Raises: CheckpointError, ValueError."""
    shown = picture(digit, resampler)
    images = shown if isinstance(shown, torch.Tensor) else [shown]
    return measure(network(key, scales), images, amounts, resampler, transform)


def shown_maps(view: View) -> Features:
    """Φ(T x): every layer's feature map of the digit that is shown, at the present amount."""
    shown, found = picture(view.digit, view.resampler), network(view.network, view.scales)
    images = shown if isinstance(shown, torch.Tensor) else [shown]
    with torch.inference_mode():
        return found.features(Pictures(found, images, view.resampler, transform=view.key).at(view.amount))


@dataclass(frozen=True)
class Sample:
    """Many digits and what is done to them.

    Attributes:
        source: `vector`, the hands in turn, `mnist`, the first test digits, or `this`, the digit that is shown.
        count: of digits. data_scale: their size before T.
        amounts: of the transform. transform: its key. resampler: of the images.
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
def part_report(key: str, scales: ScaleSet | None, sample: Sample, start: int, stop: int) -> EquivarianceReport:
    """The error of every layer on the digits from `start` to `stop` of a sample."""
    pictures = _pictures(sample, start, stop)
    return measure(network(key, scales), pictures, sample.amounts, sample.resampler, sample.transform)


@st.cache_data(max_entries=64, show_spinner=False)
def budget_report(key: str, scales: ScaleSet | None, sample: Sample, scale_factor: float) -> Budget:
    """What makes the error of every layer at one factor, on the first digits of a sample."""
    return budget(network(key, scales), _pictures(sample, 0, FEW), scale_factor, sample.resampler)


@st.cache_data(max_entries=64, show_spinner=False)
def argmax_report(key: str, scales: ScaleSet | None, sample: Sample, layer: str) -> ArgmaxScale:
    """How the winning internal scale of a layer moves with the size of the first digits of a sample."""
    return argmax_scale(network(key, scales), _pictures(sample, 0, FEW), sample.amounts, layer, sample.resampler)


@st.cache_data(max_entries=64, show_spinner=False)
def lie_report(key: str, scales: ScaleSet | None, sample: Sample) -> LieReport:
    """The Lie derivative of every layer on the first digits of a sample; bicubic where the resampler has no slope."""
    resampler = "ideal" if sample.resampler == "ideal" else "bicubic"
    return lie_derivative(network(key, scales), _images(sample, 0, FEW), resampler, side="enlarging")


def _pictures(sample: Sample, start: int, stop: int) -> torch.Tensor | list[SizedGlyph]:
    return _drawables(sample)[start:stop] if sample.resampler == EXACT else _images(sample, start, stop)


def _drawables(sample: Sample) -> list[SizedGlyph]:
    scenes = [strokes(sample.digit)] if sample.digit else GLYPHS[: sample.count]
    return [SizedGlyph(scene, sample.data_scale) for scene in scenes]


def _images(sample: Sample, start: int, stop: int) -> torch.Tensor:
    if sample.digit:
        return digit_image(sample.digit)
    if sample.source == "vector":
        return torch.cat([each.render() for each in _drawables(sample)[start:stop]])
    return rescale(load_mnist("test").images[start:stop].float() / 255, sample.data_scale)
