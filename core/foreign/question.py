"""What is asked of a network that somebody sent, and what comes back; both as JSON, between two processes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from core import typed_json
from core.equivariance import EDGES, EquivarianceReport

LARGEST_CANVAS = 256  # pixels of a side
MOST_DIGITS, MOST_AMOUNTS = 20, 32
SHOWN = ("digits", "photographs")


@dataclass(frozen=True)
class Question:
    """How a network is measured.

    Attributes:
        canvas: side of its images in pixels, None for what the file says, or 28, for photographs 96.
        low, high: what it takes for background and for full ink, the same in every channel.
        digits: how many vector digits. data_scale: their size on a canvas of 28 pixels, and as much of any other.
        amounts: scale factors. resampler: of `core.resampling`.
        source: of SHOWN; digits are vector digits, photographs those of `core.data.colour_photographs`.
        edge: of photographs, as `core.equivariance.measure` has it.
    Raises: ValueError for what is out of range.
    """

    canvas: int | None = None
    low: float = 0.0
    high: float = 1.0
    digits: int = 10
    data_scale: float = 0.7
    amounts: tuple[float, ...] = (0.5, 0.63, 0.79, 1.0, 1.26, 1.59, 2.0)
    resampler: str = "bicubic"
    source: str = "digits"
    edge: str = "masked"

    def __post_init__(self) -> None:
        if self.source not in SHOWN or self.edge not in EDGES:
            raise ValueError(f"images are {' or '.join(SHOWN)}, their edge {' or '.join(EDGES)}")
        if self.source == "digits" and self.edge != EDGES[0]:
            raise ValueError("digits end in background: no edge of them is mirrored")
        if self.canvas is not None and not 8 <= self.canvas <= LARGEST_CANVAS:
            raise ValueError(f"a canvas has 8 to {LARGEST_CANVAS} pixels a side, got {self.canvas}")
        if not 1 <= self.digits <= MOST_DIGITS or not 1 <= len(self.amounts) <= MOST_AMOUNTS:
            raise ValueError(f"at most {MOST_DIGITS} digits and {MOST_AMOUNTS} amounts are measured, and one of each")
        if not self.low != self.high:
            raise ValueError("background and ink need two values")


@dataclass(frozen=True)
class Check:
    """One of the five. Attributes: name: what is asked. passed: None where nothing can be said. said: the sentence."""

    name: str
    passed: bool | None
    said: str


@dataclass(frozen=True)
class Findings:
    """What came out.

    Attributes: checks: as `core.foreign.checks.CHECKS`. report: errors of every layer that has a place.
        left_out: other layers, with the reason. canvas: side of the images. operators: how many of each.
    """

    checks: tuple[Check, ...]
    report: EquivarianceReport
    left_out: Mapping[str, str]
    canvas: int
    operators: Mapping[str, int]


@dataclass(frozen=True)
class _Report:
    """An EquivarianceReport as numbers; None for NaN. Flat, with the shape beside it."""

    layers: tuple[str, ...]
    amounts: tuple[float, ...]
    resampler: str
    images: int
    per_image: tuple[float | None, ...]
    image_cost_per_image: tuple[float | None, ...]
    silent: tuple[float | None, ...]
    known: tuple[float | None, ...]
    cost_per_image: tuple[float | None, ...]
    blank_name: str
    blank_share_per_image: tuple[float | None, ...]
    side: int | None
    edge: str


@dataclass(frozen=True)
class _Told:
    checks: tuple[Check, ...]
    report: _Report
    left_out: dict[str, str]
    canvas: int
    operators: dict[str, int]


def to_json(findings: Findings) -> str:
    """One line."""
    report = findings.report
    numbers = {
        name: _flat(getattr(report, name))
        for name in ("per_image", "image_cost_per_image", "silent", "known", "cost_per_image", "blank_share_per_image")
    }
    told = _Report(
        layers=report.layers, amounts=report.amounts, resampler=report.resampler, images=report.num_images,
        blank_name=report.blank_name or "", side=report.side, edge=report.edge, **numbers,
    )  # fmt: skip
    rest = findings.checks, told, dict(findings.left_out), findings.canvas, dict(findings.operators)
    return json.dumps(asdict(_Told(*rest)))


def from_json(text: str) -> Findings:
    """Raises: ValueError, in one sentence, for anything else than what `to_json` gives."""
    told = typed_json.read(_Told, text)
    report = told.report
    layers, amounts, images = len(report.layers), len(report.amounts), report.images
    found = EquivarianceReport(
        report.layers, report.amounts, report.resampler,
        _array(report.per_image, layers, amounts, images), _array(report.image_cost_per_image, amounts, images),
        _array(report.silent, layers, amounts), _array(report.known, layers, amounts),
        cost_per_image=_array(report.cost_per_image, layers, amounts, images), blank_name=report.blank_name,
        blank_share_per_image=_array(report.blank_share_per_image, layers, images),
        side=report.side, edge=report.edge,
    )  # fmt: skip
    return Findings(told.checks, found, told.left_out, told.canvas, told.operators)


def _flat(values: np.ndarray | None) -> tuple[float | None, ...]:
    return () if values is None else tuple(None if np.isnan(each) else float(each) for each in values.ravel())


def _array(values: tuple[float | None, ...], *shape: int) -> np.ndarray:
    if not values:
        return np.full(shape, np.nan)
    if len(values) != np.prod(shape):
        raise ValueError(f"a report of {shape} has {len(values)} numbers")
    return np.array([np.nan if each is None else each for each in values]).reshape(shape)
