"""Visitors at once on one server process: `python -m benchmarks.visitors`. Time from a move to its answer, and memory.

Every visitor has a digit of their own and moves the scale factor once a second. An answer must show the factor that was
asked for and no digit of another visitor's; whatever does not is counted.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.timing import quantile
from tests.browser.running import running_app
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("/", "/commute", "/maps", "/errors")
EMPTY = "empty page"  # benchmarks/empty: what Streamlit itself costs, to compare the others with
VISITORS, SECONDS = 10, 60
INTERACTIONS = 1000  # over which memory is measured
PATIENCE = 30  # seconds until an answer counts as lost
GOLDEN = 0.618034  # steps by it visit every part of the slider, and none twice soon


@dataclass
class Tally:
    """What all visitors of one page met."""

    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0  # seconds of the server's processor; unlike the times, hardly moved by what else runs
    complaints: list[str] = field(default_factory=list)
    mixed_up: list[str] = field(default_factory=list)

    def report(self, page: str, grown: str) -> str:
        times = f"{1000 * quantile(self.seconds, 0.5):>8.0f}{1000 * quantile(self.seconds, 0.95):>8.0f}"
        times += f"{1000 * max(self.seconds):>8.0f}"
        times += f"{1000 * self.cpu / len(self.seconds):>8.0f}"
        return f"  {page:<12}{len(self.seconds):>8}{times}{len(self.mixed_up):>10}{len(self.complaints):>8}{grown:>12}"


def report(pages: tuple[str, ...] = PAGES, visitors: int = VISITORS, seconds: float = SECONDS) -> Iterator[str]:
    yield f"{visitors} visitors at once, each moving the scale factor every second for {seconds:g} s; milliseconds"
    heads = f"{'p50':>8}{'p95':>8}{'max':>8}{'cpu':>8}{'mixed up':>10}{'errors':>8}{'memory':>12}"
    yield f"  {'page':<12}{'moves':>8}{heads} of {INTERACTIONS} moves"
    for page in (*pages, EMPTY):
        root, path = (ROOT / "benchmarks" / "empty", "/") if page == EMPTY else (ROOT, page)
        with tempfile.TemporaryDirectory() as folder, running_app(root, Path(folder)) as server:
            tally, grown = asyncio.run(_visit(server.url, path, visitors, seconds, server.pid))
        yield tally.report(page, grown)
        yield from (f"    {each}" for each in [*tally.complaints, *tally.mixed_up][:5])


async def _visit(url: str, page: str, visitors: int, seconds: float, pid: int) -> tuple[Tally, str]:
    crowd = [await Visitor.arrive(url, page, f"digit={i % 10}") for i in range(visitors)]
    before, paced, hurried = memory(pid), Tally(cpu=-cpu_seconds(pid)), Tally()
    moves = max(1, round(seconds))
    async with asyncio.TaskGroup() as group:
        for i, visitor in enumerate(crowd):
            group.create_task(keep_moving(visitor, i, moves, paced, start=i / visitors))
    paced.cpu += cpu_seconds(pid)
    rest = -(-max(0, INTERACTIONS - visitors * moves) // visitors)
    async with asyncio.TaskGroup() as group:
        for i, visitor in enumerate(crowd):
            group.create_task(keep_moving(visitor, i, rest, hurried))
    after = memory(pid)
    for visitor in crowd:
        await visitor.leave()
    paced.complaints += hurried.complaints
    paced.mixed_up += hurried.mixed_up
    return paced, f"{after - before:+.0f} MB" if before and after else "unknown"


async def keep_moving(visitor: Visitor, i: int, moves: int, tally: Tally, start: float | None = None) -> None:
    """`moves` moves, one each second from `start` on, or one after the other."""
    clock = asyncio.get_running_loop().time
    begin = clock()
    for n in range(moves):
        if start is not None:
            await asyncio.sleep(max(0.0, begin + start + n - clock()))
        try:
            async with asyncio.timeout(PATIENCE):
                factor, answer = await visitor.move_factor((i * 0.1 + (n + 1) * GOLDEN) % 1)
        except TimeoutError:
            tally.complaints.append(f"visitor {i}: no answer in {PATIENCE} s")
            return
        tally.seconds.append(answer.seconds)
        tally.complaints += answer.complaints()
        if answer.scale_factors() != {factor} or answer.digits() != {i % 10}:
            shown = f"s = {answer.scale_factors()}, digits {answer.digits()}"
            tally.mixed_up.append(f"visitor {i} asked for s = {factor} and digit {i % 10}, got {shown}")


def memory(pid: int, kind: str = "VmRSS") -> float:
    """Resident memory of a process in MB, now or (`VmHWM`) at its peak; 0 where the system does not tell (no /proc)."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{kind}:")), 0.0)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used; 0 where the system does not tell (no /proc)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_of_all(pid: int) -> float:
    """The same of a process and of those that it has started and that still run."""
    return cpu_seconds(pid) + sum(map(cpu_seconds_of_all, started_by(pid)))


def started_by(pid: int) -> list[int]:
    """Processes that a process has started, and which still run."""
    shown = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(each) for each in shown.split()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visitors", description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, help="addresses; without any, all that have a scale factor")
    parser.add_argument("--visitors", type=int, default=VISITORS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    chosen = parser.parse_args()
    for line in report(tuple(chosen.pages), chosen.visitors, chosen.seconds):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
