"""Errors of one digit and of many, and what makes them: each computed once, with keys of names and numbers."""

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
import torch

from core.apart import Asked
from core.checkpoints import CheckpointError
from core.data.sources import SOURCES
from core.data.sources import Pictures as Digits
from core.equivariance import (
    CONTROLS,
    EDGES,
    ArgmaxScale,
    Budget,
    EquivarianceReport,
    LieReport,
    Pictures,
    Verdict,
    budget,
    measure,
)
from core.equivariance.controls import verdict_on
from core.freed_memory import giving_back
from core.models import MODELS, Features, Shown
from core.results import kept_errors
from core.results.equivariance import DATA_SCALE, RESAMPLER
from core.results.kept_errors import kept_report
from core.transforms import EXACT
from pages.hosting.aside import measured_aside
from pages.results.digits import edge_of, pictures
from pages.results.networks import network
from pages.state.view import Digit, View

NUM_OF_CONTROLS = 8  # vector digits on which the controls are checked
FEW = 8  # digits of the reports that take a run for every cause


@st.cache_resource(max_entries=64, show_spinner=False)
@giving_back
def digit_report(
    shown: Shown, digit: Digit, amounts: tuple[float, ...], resampler: str, transform: str
) -> EquivarianceReport:
    """The error of every layer on the digit that is shown. Raises: CheckpointError, ValueError."""
    return measure(
        network(shown), pictures(shown, digit, resampler), amounts, resampler, transform, edge=edge_of(digit)
    )  # fmt: skip


def shown_maps(view: View) -> Features:
    """Φ(T x): every layer's feature map of the digit that is shown, at the present amount."""
    shown, amounts = view.shown(), (view.amount,)
    found, digits = network(shown), pictures(shown, view.digit, view.resampler)
    how = {"transform": view.key, "edge": edge_of(view.digit)}
    seen = Pictures(found, digits, view.resampler, amounts=amounts, **how)  # type: ignore[arg-type]
    with torch.inference_mode():
        return found.features(seen.at(view.amount))


@dataclass(frozen=True)
class Sample:
    """Many digits and what is done to them.

    Attributes:
        source: of core.data.sources, whose first digits are meant, or `this`, the digit that is shown.
        count: of digits. data_scale: their size before T.
        amounts: of the transform. transform: its key. resampler: of the images.
        digit: for `this`. costs: whether the cost of resampling is measured too.
    """

    source: str
    count: int
    data_scale: float
    amounts: tuple[float, ...]
    transform: str
    resampler: str
    digit: Digit | None = None
    costs: bool = True


@st.cache_data(max_entries=512, show_spinner=False)
def part_report(shown: Shown, sample: Sample, start: int, stop: int) -> EquivarianceReport:
    """The error of every layer on the digits from `start` to `stop` of a sample."""
    kept = kept_report(shown, sample.amounts, start, stop) if _is_kept(sample) else None
    if kept is not None:
        return kept
    edge = edge_of(sample.digit) if sample.digit else EDGES[0]
    return _measured(_asked("errors", shown, sample, edge=edge), shown, digits_of(shown, sample, start, stop))


@st.cache_data(max_entries=1, show_spinner=False)
def control_verdicts() -> tuple[Verdict, ...]:
    """What every control says of the networks as they are; none of one whose weights cannot be read."""
    of = Sample("vector", NUM_OF_CONTROLS, 0.7, (), "scale", "bicubic")
    verdicts = []
    for control in CONTROLS:
        shown = Shown(control.network)
        sample = replace(of, amounts=(control.amount,), transform=control.transform)
        asked = _asked("errors", shown, sample, resampler=control.resampler)
        with suppress(CheckpointError):
            report = _measured(asked, shown, digits_of(shown, of, 0, NUM_OF_CONTROLS))
            verdicts.append(verdict_on(control, report))
    return tuple(verdicts)


@st.cache_data(max_entries=64, show_spinner=False)
def budget_report(shown: Shown, sample: Sample, scale_factor: float) -> Budget:
    """What makes the error of every layer at one factor, on the first digits of a sample.

    Raises: ValueError for a photograph.
    """
    if sample.digit is not None and SOURCES[sample.digit.source].in_colour:
        raise ValueError("A budget is measured of digits alone: beyond the edge of a photograph is no background.")
    digits = digits_of(shown, sample, 0, FEW)
    if MODELS[shown.key].is_own:
        how = network(shown), digits, scale_factor, sample.resampler
        with suppress(ValueError):
            return budget(*how)
        return budget(*how, larger=1.0)  # it may take images of one size alone
    return _measured(_asked("budget", shown, sample, amounts=(scale_factor,)), shown, digits)


@st.cache_data(max_entries=64, show_spinner=False)
def argmax_report(shown: Shown, sample: Sample, layer: str) -> ArgmaxScale:
    """How the winning internal scale of a layer moves with the size of the first digits of a sample."""
    return _measured(_asked("argmax", shown, sample, layer=layer), shown, digits_of(shown, sample, 0, FEW))


@st.cache_data(max_entries=64, show_spinner=False)
def lie_report(shown: Shown, sample: Sample) -> LieReport:
    """The Lie derivative of every layer on the first digits of a sample; bicubic where the resampler has no slope.

    Raises: ValueError for a photograph that is mirrored.
    """
    if sample.digit is not None and edge_of(sample.digit) != EDGES[0]:
        raise ValueError("Small changes are measured with a masked edge alone: choose it for the photograph.")
    resampler = "ideal" if sample.resampler == "ideal" else "bicubic"
    digits = digits_of(shown, replace(sample, resampler=resampler), 0, FEW)  # these draw nothing again
    return _measured(_asked("lie", shown, sample, amounts=(), resampler=resampler), shown, digits)


def _asked(kind: str, shown: Shown, sample: Sample, **more: Any) -> Asked:
    named = shown.key, shown.scales, shown.trained_on
    asked = Asked(kind, *named, sample.amounts, sample.resampler, sample.transform, sample.costs)
    return replace(asked, **more)


def _measured(asked: Asked, shown: Shown, digits: Digits) -> Any:
    return measured_aside(asked, partial(network, shown), digits)


def _is_kept(sample: Sample) -> bool:
    """Whether a sample is of the kind that core.results.kept_errors measures."""
    usual = kept_errors.SOURCE, DATA_SCALE, kept_errors.TRANSFORM, RESAMPLER, None, False
    asked = sample.source, sample.data_scale, sample.transform, sample.resampler, sample.digit, sample.costs
    return asked == usual


def digits_of(shown: Shown, sample: Sample, start: int, stop: int) -> Digits:
    """Those of a sample from `start` to before `stop`, as images or, for `exact`, as what draws them again.

    They are on the canvas of a network. Raises: ValueError as `pictures`.
    """
    if sample.digit is not None:
        return pictures(shown, sample.digit, sample.resampler)
    drawn, count = sample.resampler == EXACT, min(stop, sample.count)
    side = MODELS[shown.key].canvas
    return SOURCES[sample.source].first_on_canvas(side, count, sample.data_scale, drawn, start)
