"""The folder of one run of a sweep: its result, its log, and who is at it."""

import json
import os
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from core import files, typed_json


@runtime_checkable
class Described(Protocol):
    """What a run was asked for; an `Experiment`."""

    def to_json(self) -> str: ...


def lock_of(folder: Path) -> Path:
    """What `core.files.lock` keeps for the process that does the run in this folder."""
    return folder / "state.safetensors"


def keep(result: Mapping[str, Any], folder: Path) -> None:
    """Writes folder/result.json, complete or not at all."""
    files.write(folder / "result.json", json.dumps(result, indent=1))


def note(folder: Path, text: str) -> None:
    """One more line in folder/log.txt."""
    line = f"{datetime.now():%Y-%m-%d %H:%M:%S} {socket.gethostname()} process {os.getpid()}: {text}"
    files.append(folder / "log.txt", line)


def result_of(experiment: Described, folder: Path) -> dict[str, Any] | None:
    """What `run` measured, or None if that is not finished; a damaged file counts as not finished.

    Raises: ValueError if it is the result of another experiment.
    """
    try:
        result = typed_json.loads((folder / "result.json").read_bytes())
        found = result["experiment"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if found != json.loads(experiment.to_json()):
        raise ValueError(f"{folder} holds the result of another experiment")
    return result
