"""The process that reads and computes a file that somebody sent: `python -m core.foreign.child`.

It reads one line of JSON (a `Question`), pictures if there are some, and then the file from its standard input, and
writes one line of JSON. Before it looks at the file it gives up what it does not need: memory beyond a limit, processor
time, opening or writing files.
core.foreign.judge is its other end.
"""

import json
import math
import sys
import time
from contextlib import suppress

import torch

from core import typed_json
from core.data.colour_photographs import colour_photographs
from core.equivariance import budget, measure
from core.foreign.finding import findings
from core.foreign.pictures import BYTES, unpack
from core.foreign.question import LARGEST_CANVAS, Question, to_json
from core.models import Network, build, wrap

CPU_SECONDS = 120
MEMORY_BYTES = 3 * 2**30  # of measuring, which keeps the maps of every layer
READING_SECONDS, READING_BYTES = 2, 500 * 2**20  # until one image is computed, and the file is known to be no bomb


def main() -> int:
    """Returns the exit status: 0 with findings, 1 with a sentence."""
    question = typed_json.read(Question, sys.stdin.buffer.readline())
    packed = sys.stdin.buffer.read(question.pictures * BYTES)
    content = sys.stdin.buffer.read()
    built = _warm_up(question)
    photographs = None
    if question.source == "photographs":
        photographs = unpack(packed) if question.pictures else colour_photographs(LARGEST_CANVAS).images
    give_up()
    narrow()
    try:
        told, status = to_json(findings(content, question, built, photographs, probed=widen)), 0
    except (ValueError, MemoryError, RuntimeError) as error:
        first = next(iter(str(error).splitlines()), "") or "it needs more memory than it may have"
        told, status = json.dumps({"refused": first}), 1
    print(told, flush=True)
    return status


def give_up() -> None:
    """From here on: no file is opened or written, and memory and time are limited, as far as the system knows limits.

    Linux knows all of them; macOS does not count memory so, and Windows has none: there the time that
    `core.foreign.judge` waits is what holds.
    """
    try:
        import resource
    except ImportError:
        return
    for name, most in (
        ("RLIMIT_AS", _bytes_in_use() + MEMORY_BYTES), ("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 3),
    ):  # fmt: skip
        what = getattr(resource, name)
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # a limit that this system does not take
            resource.setrlimit(what, (most, most))


def narrow() -> None:
    """Less memory and time than it may ever have, for reading a file and computing one image."""
    with suppress(ImportError):
        import resource

        _, memory = resource.getrlimit(resource.RLIMIT_AS)
        if sys.platform == "linux" and memory != resource.RLIM_INFINITY:  # elsewhere nobody said what is in use
            _set_soft("RLIMIT_AS", max(0, memory - MEMORY_BYTES + READING_BYTES))
        _set_soft("RLIMIT_CPU", math.ceil(time.process_time()) + READING_SECONDS)


def widen() -> None:
    """As `give_up` left it."""
    _set_soft("RLIMIT_AS")
    _set_soft("RLIMIT_CPU")


def _set_soft(name: str, most: int | None = None) -> None:
    """Args: most: None for as much as can be had."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        what = getattr(resource, name)
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (hard if most is None else most, hard))


def _warm_up(question: Question) -> Network | None:
    """Measures a network of one layer, and the one of the registry whose weights are asked for, with random ones: what
    is loaded at first use is loaded now, for later no file can be opened. Returns: the latter."""
    torch.set_num_threads(1)
    one = wrap(torch.nn.Conv2d(1, 1, 3, bias=False), canvas=12)
    measure(one, torch.rand(1, 1, 12, 12), (0.5,), canvas="image")
    budget(one, torch.rand(1, 1, 12, 12), 0.5, canvas="image")
    torch.rand(3).unique()
    if not question.network:
        return None
    own = build(question.network, question.size).eval().requires_grad_(False)
    measure(own, torch.rand(1, 1, own.trained_canvas, own.trained_canvas), (0.5,), canvas="image")
    return own


def _bytes_in_use() -> int:
    """Of address space; 0 where the system does not say."""
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
