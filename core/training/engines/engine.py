"""The interface of all engines."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from core.training.experiment import Experiment

Outcome = tuple[str, str]  # name of the experiment, and what went wrong
Outcomes = Generator[Outcome, None, None]  # closing it ends what runs
Engine = Callable[[Sequence[Experiment], Path], Outcomes]

RETRIES = 2  # of an experiment whose process died: the state it saved makes a second try cheap


class EngineMissing(Exception):
    """What an engine needs is not there: its library, or the cluster."""
