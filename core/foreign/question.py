"""What is asked of a network that somebody sent, and what comes back; both as JSON, between two processes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from core import typed_json
from core.data.own_pictures import MOST_PICTURES
from core.equivariance import EDGES, Budget, EquivarianceReport
from core.equivariance.budget import RUNS
from core.models import MODELS

LARGEST_CANVAS = 256  # pixels of a side
LARGEST_CHANNELS = 64  # of an image
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
        source: of SHOWN; digits are vector digits, photographs those of `core.data.colour_photographs`, for a file
            that is a network itself.
        pictures: how many of one's own are shown instead of these photographs.
        edge: of photographs, as `core.equivariance.measure` has it.
        network, size: of the registry, where the file holds its weights; empty for a file that is a network itself.
        budget_at: the scale factor of the error budget of digits; None for none.
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
    pictures: int = 0
    network: str = ""
    size: str = "small"
    budget_at: float | None = 0.63

    def __post_init__(self) -> None:
        if self.source not in SHOWN or self.edge not in EDGES:
            raise ValueError(f"images are {' or '.join(SHOWN)}, their edge {' or '.join(EDGES)}")
        if not 0 <= self.pictures <= MOST_PICTURES or (self.pictures and self.source == "digits"):
            raise ValueError(f"at most {MOST_PICTURES} pictures of one's own are measured, as photographs")
        if self.source == "digits" and self.edge != EDGES[0]:
            raise ValueError("digits end in background: no edge of them is mirrored")
        if self.canvas is not None and not 8 <= self.canvas <= LARGEST_CANVAS:
            raise ValueError(f"a canvas has 8 to {LARGEST_CANVAS} pixels a side, got {self.canvas}")
        if not 1 <= self.digits <= MOST_DIGITS or not 1 <= len(self.amounts) <= MOST_AMOUNTS:
            raise ValueError(f"at most {MOST_DIGITS} digits and {MOST_AMOUNTS} amounts are measured, and one of each")
        if not self.low != self.high:
            raise ValueError("background and ink need two values")
        if self.network:
            if self.source != "digits":
                raise ValueError("networks of the registry read digits, and are measured on no photographs")
            spec = MODELS.get(self.network)
            if spec is None or not spec.has_checkpoints or self.size not in spec.sizes:
                raise ValueError(f"the registry has no network {self.network!r} of size {self.size!r} with weights")


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
        left_out: other layers, with the reason. canvas: side of the images. operators: how many of each, if it has.
        budget: of every layer at one scale factor. notes: what else there is to know, in sentences.
    """

    checks: tuple[Check, ...]
    report: EquivarianceReport
    left_out: Mapping[str, str]
    canvas: int
    operators: Mapping[str, int]
    budget: Budget | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Report:
    """An EquivarianceReport as numbers; None for NaN. Flat, with the shape beside it; `blank` as 0 and 1."""

    layers: tuple[str, ...]
    amounts: tuple[float, ...]
    resampler: str
    images: int
    per_image: tuple[float | None, ...]
    image_cost_per_image: tuple[float | None, ...]
    silent: tuple[float | None, ...]
    known: tuple[float | None, ...]
    cost_per_image: tuple[float | None, ...]
    blank: tuple[float | None, ...]
    blank_name: str | None
    blank_share_per_image: tuple[float | None, ...]
    classifier_map: str | None
    side: int | None
    edge: str
    steps: tuple[float, ...]


@dataclass(frozen=True)
class _Budget:
    """A Budget as numbers, likewise."""

    layers: tuple[str, ...]
    scale_factor: float
    on_grid_factor: float
    resampler: str
    images: int
    per_image: tuple[float | None, ...]
    known: tuple[float | None, ...]
    applies: tuple[bool, ...]


@dataclass(frozen=True)
class _Told:
    checks: tuple[Check, ...]
    report: _Report
    left_out: dict[str, str]
    canvas: int
    operators: dict[str, int]
    budget: _Budget | None
    notes: tuple[str, ...]


_NUMBERS = (
    "per_image", "image_cost_per_image", "silent", "known", "cost_per_image", "blank", "blank_share_per_image",
)  # fmt: skip


def to_json(findings: Findings) -> str:
    """One line."""
    report, parts = findings.report, findings.budget
    told = _Report(
        layers=report.layers, amounts=report.amounts, resampler=report.resampler, images=report.num_images,
        blank_name=report.blank_name, classifier_map=report.classifier_map, side=report.side, edge=report.edge,
        steps=report.steps, **{name: _flat(getattr(report, name)) for name in _NUMBERS},
    )  # fmt: skip
    rest = findings.checks, told, dict(findings.left_out), findings.canvas, dict(findings.operators)
    return json.dumps(asdict(_Told(*rest, None if parts is None else _told_budget(parts), findings.notes)))


def from_json(text: str) -> Findings:
    """Raises: ValueError, in one sentence, for anything else than what `to_json` gives."""
    told = typed_json.read(_Told, text)
    parts = None if told.budget is None else _budget(told.budget)
    return Findings(
        told.checks, _report(told.report), told.left_out, told.canvas, told.operators, parts, told.notes
    )  # fmt: skip


def _report(told: _Report) -> EquivarianceReport:
    layers, amounts, images = len(told.layers), len(told.amounts), told.images
    share = _array(told.blank_share_per_image, layers, images) if told.blank_share_per_image else None
    return EquivarianceReport(
        told.layers, told.amounts, told.resampler,
        _array(told.per_image, layers, amounts, images), _array(told.image_cost_per_image, amounts, images),
        _array(told.silent, layers, amounts), _array(told.known, layers, amounts),
        _array(told.blank, layers, images) > 0.5 if told.blank else None,
        cost_per_image=_array(told.cost_per_image, layers, amounts, images), classifier_map=told.classifier_map,
        side=told.side, steps=told.steps, blank_name=told.blank_name, blank_share_per_image=share, edge=told.edge,
    )  # fmt: skip


def _told_budget(found: Budget) -> _Budget:
    return _Budget(
        found.layers, found.scale_factor, found.on_grid_factor, found.resampler, found.per_image.shape[2],
        _flat(found.per_image), _flat(found.known), tuple(found.applies.ravel().tolist()),
    )  # fmt: skip


def _budget(told: _Budget) -> Budget:
    shape = len(RUNS), len(told.layers)
    return Budget(
        told.layers, told.scale_factor, told.on_grid_factor, told.resampler,
        _array(told.per_image, *shape, told.images), _array(told.known, *shape),
        _array(tuple(map(float, told.applies)), *shape) > 0.5,
    )  # fmt: skip


def _flat(values: np.ndarray | None) -> tuple[float | None, ...]:
    return () if values is None else tuple(float(each) if np.isfinite(each) else None for each in values.ravel())


def _array(values: tuple[float | None, ...], *shape: int) -> np.ndarray:
    if not values:
        return np.full(shape, np.nan)
    if len(values) != np.prod(shape):
        raise ValueError(f"a report of {shape} has {len(values)} numbers")
    return np.array([np.nan if each is None else each for each in values], dtype=float).reshape(shape)
