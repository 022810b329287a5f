"""How tests wait: for a condition, and so long that a machine with much other work does not break them."""

import os
import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

# Seconds. The one limit of every wait in the tests: far above what any takes beside eight busy processes, so that
# reaching it means that what is waited for never comes. No test asserts that something was quick. Beside such eight and
# two more workers on two cores, a Ray cluster, and a live run at its low priority, have taken more than 300.
PATIENCE = float(os.environ.get("EQUISCOPE_PATIENCE", "900"))  # who looks for what never comes sets it lower

Value = TypeVar("Value")


def until(holds: Callable[[], Value], seconds: float = PATIENCE) -> Value:
    """Waits for a condition and returns its value. Raises: TimeoutError if it never held."""
    end = time.monotonic() + seconds
    while not (value := holds()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} seconds in vain")
        time.sleep(0.02)
    return value


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended, but that its parent has not yet asked about, does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(shown) and not shown.startswith("Z")
