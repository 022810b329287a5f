"""What the system says of the processor."""

import platform
from pathlib import Path


def description() -> str:
    """Its maker and name among much else; on Linux every line that there is, elsewhere what Python knows."""
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()


def name() -> str:
    """As its maker calls it."""
    lines = description().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
