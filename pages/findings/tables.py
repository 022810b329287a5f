"""The tables that /results reads, each once for all visitors until its file changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.results import dss_residual, efficientnet, isr, learned, means, park, scale_correlation
from core.results import times as times_of
from core.results.by_size import FOLDER
from core.results.dss_residual import ResidualLine
from core.results.efficientnet import PhotographLine
from core.results.findings import Checkpoint, read_checkpoints
from core.results.isr import IsrErrors, read_isr_errors
from core.results.learned import LearnedScales, read_learned_scales
from core.results.means import Standing
from core.results.park import EquivarianceLine, ReadingLine
from core.results.scale_correlation import ScaleCorrelation
from core.results.study import RunLine, read_runs
from core.results.times import NetworkTime

STUDY, RESULTS, TIMES = FOLDER / "study.csv", FOLDER, FOLDER / times_of.NAME
MEANS = "equivariance-small-means.csv"


def study() -> list[RunLine]:
    """Errors: as `read_runs`."""
    return _kept("study", _changed(STUDY), lambda: read_runs(STUDY))


def standings() -> tuple[Standing, ...]:
    """Errors: as `core.results.means.read`."""
    changed = _changed(RESULTS / MEANS)
    return _kept("standings", changed, lambda: means.standings(means.read("small", RESULTS)))


def times() -> list[NetworkTime]:
    """Errors: as `core.results.times.read_times`."""
    return _kept("times", _changed(TIMES), lambda: times_of.read_times(TIMES.parent))


def isr_errors() -> list[IsrErrors]:
    """Errors: as `read_isr_errors`."""
    return _kept("isr", _changed(isr.TABLE), read_isr_errors)


def learned_scales() -> list[LearnedScales]:
    """Errors: as `read_learned_scales`."""
    return _kept("learned", _changed(learned.ERRORS_TABLE, learned.EPOCHS_TABLE), read_learned_scales)


def photographs() -> list[PhotographLine]:
    """Errors: as `core.results.efficientnet.read_lines`."""
    path = RESULTS / efficientnet.NAME
    return _kept("photographs", _changed(path), lambda: efficientnet.read_lines(path.parent))


def shrunk_reading() -> list[ReadingLine]:
    """Errors: as `core.results.park.read_reading`."""
    path = RESULTS / park.READING
    return _kept("shrunk reading", _changed(path), lambda: park.read_reading(path.parent))


def shrunk_errors() -> list[EquivarianceLine]:
    """Errors: as `core.results.park.read_equivariance`."""
    path = RESULTS / park.EQUIVARIANCE
    return _kept("shrunk errors", _changed(path), lambda: park.read_equivariance(path.parent))


def residuals() -> list[ResidualLine]:
    """Errors: as `core.results.dss_residual.read_residuals`."""
    path = RESULTS / dss_residual.NAME
    return _kept("residuals", _changed(path), lambda: dss_residual.read_residuals(path.parent))


def correlation() -> ScaleCorrelation:
    """Errors: as `core.results.scale_correlation.shown_correlation`."""
    return scale_correlation.shown_correlation()


def version() -> tuple[tuple[str, float], ...]:
    """When study, ranking and times were written: what their figures depend on, beside the choices of a visitor."""
    return _changed(*(path for path in (STUDY, RESULTS / MEANS, TIMES) if path.is_file()))


@st.cache_data(ttl=60, show_spinner=False)
def shipped() -> tuple[tuple[Checkpoint, ...], tuple[str, ...]]:
    """As `read_checkpoints`; cards are many files, so they are asked again after a minute."""
    return read_checkpoints()


def _changed(*paths: Path) -> tuple[tuple[str, float], ...]:
    """Which files, and when they were written. Raises: FileNotFoundError."""
    return tuple((str(path), path.stat().st_mtime) for path in paths)


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept(name: str, changed: tuple, _read: Callable[[], Any]) -> Any:
    """All visitors share what is read; nobody changes it."""
    return _read()
