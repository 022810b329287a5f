"""The interface of all engines."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.training.experiment import Experiment

Outcome = tuple[str, str]  # name of the experiment, and what went wrong
Engine = Callable[[Sequence[Experiment], Path], Iterator[Outcome]]

RETRIES = 2  # of an experiment whose process died: the state it saved makes a second try cheap


class EngineMissing(Exception):
    """A library that an engine needs is not installed."""
