"""Thousands of hostile files through the reader of /yours: `python -m benchmarks.hostile`; with `--readers` through all
others too (benchmarks/readers.py): pictures, sizes, cards, grids, tables, links and what browsers report.

Each is read and judged in a process that has given up files, memory and time as `core.foreign.child` does, and in which
Python reports whatever is opened (`sys.addaudithook`). A few networks also go the whole way of a visitor's file. The
status is 1 if an exception came that is not documented, something was opened, or one file took more than 2 s or 500 MB.
"""

import argparse
import codecs
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import torch

from benchmarks.mutants import onnx_mutants, safetensors_mutants, small_classifier
from benchmarks.readers import READERS, changed, is_read
from core import checkpoints, files
from core.foreign import OPERATORS, Judgement, Question, read_weights
from core.foreign.child import give_up
from core.foreign.finding import findings
from core.models import Network, build

KINDS = ("onnx", "safetensors")
KEY = "cnn_small"  # whose weights are changed
QUICK = Question(digits=1, amounts=(0.79,), budget_at=None)
_BATCH, _BATCH_OF_READERS = 200, 5_000  # files of a process, which has the processor time of one visitor's file
_MOST_SECONDS = 60.0  # of one file, before it is given up
_WATCHED = ("open", "os.", "shutil.", "socket.", "subprocess.", "import", "ctypes.", "exec", "pickle.", "tempfile.")
_READY = "ready"
_QUIET = ("os.putenv", "exec")  # code objects of ours, such as a dataclass made late
DOCUMENTED = (ValueError, MemoryError)
MOST = (2.0, 500 * 2**20)  # seconds of the processor, and bytes, of one file
_WARM = 300  # files, after which nothing is loaded for the first time
_CODECS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")  # of Python, which loads each when it is first asked for


@dataclass
class Outcome:
    """Of the files of one kind. Attributes: ends: how they ended. slowest: processor time in s, and place of one file.
    opened: what Python reported. memory: bytes beyond those before the first file."""

    ends: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int, str] = (0.0, 0, "")
    opened: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: int = 0


def is_watched(event: str) -> bool:
    """Whether an event of Python's audit is one that no file may cause."""
    return event.startswith(_WATCHED) and event not in _QUIET


def mutants(kind: str, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Kind of change and bytes of each file."""
    if kind in READERS:
        return changed(READERS[kind].good(), count, seed)
    if kind == "onnx":
        return onnx_mutants(small_classifier(), count, sorted(OPERATORS), seed)
    return safetensors_mutants(checkpoints.read_weights(KEY), count, seed)


def judged(kind: str, content: bytes) -> str:
    """How a file ends: `measured`, `read`, or `refused` in one sentence. Raises: what is not documented."""
    if kind in READERS:
        return "read" if is_read(kind, content) else "refused"
    try:
        if kind == "onnx":
            findings(content, QUICK)
        else:
            network, _ = read_weights(content, KEY, network=_built())
            with torch.no_grad():
                network(torch.zeros(1, 1, 28, 28))
    except DOCUMENTED as error:
        if "\n" in str(error) and isinstance(error, ValueError):
            raise AssertionError(f"a refusal of several lines: {error}") from error
        return "refused"
    return "measured"


@cache
def _built() -> Network:
    return build(KEY)


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Prints what was found. Returns: the exit status."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2_000, help="of each kind, 2000 if not named")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--children", type=int, default=20, help="files of each kind that go the whole way")
    parser.add_argument("--readers", action="store_true", help="all other readers, too")
    parser.add_argument("--kinds", nargs="+", metavar="KIND", choices=(*KINDS, *READERS), default=KINDS)
    parser.add_argument("--part", nargs=3, metavar=("KIND", "FIRST", "LAST"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        kind, first, last = options.part
        return _work(kind, int(first), int(last), options.seed)
    bad = False
    for kind in (*KINDS, *READERS) if options.readers else options.kinds:
        found = _all(kind, options.files, options.seed)
        whole = _whole_way(kind, options.children, options.seed) if kind in KINDS else Counter()
        print(_told(kind, found, whole), flush=True)
        bad = bad or bool(found.wrong or found.opened or whole["undocumented"]) or _took_too_much(found)
    return int(bad)


def _took_too_much(found: Outcome) -> bool:
    seconds, memory = MOST
    return found.ends["ended the process"] > 0 or found.slowest[0] > seconds or found.memory > memory


def _all(kind: str, count: int, seed: int) -> Outcome:
    """In processes that each do a part; where one ends, the next begins behind the file that ended it."""
    found, first = Outcome(), 0
    while first < count:
        first = _one_process(
            kind, first, min(count, first + (_BATCH_OF_READERS if kind in READERS else _BATCH)), seed, found
        )
    return found


def _one_process(kind: str, first: int, last: int, seed: int, found: Outcome) -> int:
    """Returns: the place after the last file that it came to."""
    command = [sys.executable, "-m", "benchmarks.hostile", "--seed", str(seed), "--part", kind, str(first), str(last)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=files.ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != _READY:
            raise RuntimeError("the process of hostile files did not come to the first of them")
        for line in process.stdout:
            _take(json.loads(line), found)
            first += 1
    if process.returncode and first < last:
        found.ends["ended the process"] += 1  # by its limits: memory that C++ could not have, or time
        first += 1
    return first


def _take(told: dict, found: Outcome) -> None:
    found.ends[told["end"]] += 1
    found.slowest = max(found.slowest, (told["seconds"], told["place"], told["change"]))
    found.memory = max(found.memory, told["memory"])
    found.opened += [f"file {told['place']} ({told['change']}): {each}" for each in told["opened"]]
    if told["end"] == "undocumented":
        found.wrong.append(f"file {told['place']} ({told['change']}): {told['why']}")


def _work(kind: str, first: int, last: int, seed: int) -> int:
    """In a process of its own: one line of JSON for each file."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # Pillow warns of damage that it reads over; to show it Python opens the source
    chosen = [each for k, each in enumerate(mutants(kind, last, seed)) if k >= first]
    opened: list[str] = []
    watching = False

    def watch(event: str, given: tuple) -> None:
        if watching and is_watched(event):
            opened.append(f"{event} {str(given[:1])[:100]}")

    _warm_up(kind)
    sys.addaudithook(watch)
    give_up()
    print(_READY, flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for place, (change, content) in enumerate(chosen, start=first):
        opened.clear()
        began, why = time.process_time(), ""
        watching = True
        try:
            end = judged(kind, content)
        except Exception as error:
            end, why = "undocumented", f"{type(error).__name__}: {error}"[:300]
        watching = False
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        told = {
            "place": place, "change": change, "end": end, "why": why, "seconds": time.process_time() - began,
            "memory": 1024 * used, "opened": opened[:3],
        }  # fmt: skip
        print(json.dumps(told), flush=True)
    return 0


def _warm_up(kind: str) -> None:
    """What is loaded at first use is loaded now, as in the child."""
    if kind in READERS:
        for name in _CODECS:
            codecs.lookup(name)
        for _, content in mutants(kind, _WARM, seed=9):
            with suppress(Exception):  # if it is one of those looked for, it comes again
                judged(kind, content)
    elif kind == "onnx":
        findings(small_classifier(), QUICK)
    else:
        build(KEY)
        judged(kind, checkpoints.read_weights(KEY))


def _whole_way(kind: str, count: int, seed: int) -> Counter[str]:
    """A few files as the page takes them: how they ended, and how many took longer than they may."""
    found: Counter[str] = Counter(undocumented=0)
    question = QUICK if kind == "onnx" else Question(digits=1, amounts=(0.79,), budget_at=None, network=KEY)
    for _, content in mutants(kind, count, seed + 1):
        try:
            Judgement(content, question, _MOST_SECONDS).wait()
            found["measured"] += 1
        except ValueError as error:
            found["given up" if "within" in str(error) else "refused"] += 1
        except Exception:
            found["undocumented"] += 1
    return found


def _told(kind: str, found: Outcome, whole: Counter[str]) -> str:
    seconds, place, change = found.slowest
    lines = [
        f"{kind}: {sum(found.ends.values())} files: {_counted(found.ends)}",
        f"  exceptions that are not documented: {len(found.wrong)}; opened or started: {len(found.opened)}",
        f"  slowest: {seconds:.2f} s of processor time (file {place}, {change})",
        f"  memory: {found.memory / 2**20:.0f} MB more at most",
        *([f"  the whole way through a child: {_counted(whole)}"] if whole else []),
        *(f"  {each}" for each in (*found.wrong[:20], *found.opened[:20])),
    ]
    return "\n".join(lines)


def _counted(ends: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in ends.most_common() if count)


if __name__ == "__main__":
    sys.exit(main())
