"""One visitor moves a handle while eight tabs measure 256 digits each: `python -m benchmarks.heavy`.

Then the eight leave: how much computing still goes on for nobody?
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.timing import quantile
from benchmarks.visitors import ROOT, Tally, cpu_seconds, cpu_seconds_of_all, keep_moving
from tests.browser.running import running_app
from tests.visitor import Visitor

TABS, MOVES = 8, 40
PAGE, QUERY = ("errors", "network=sesn_vector&open_many=1&digits=mnist&count=256&size={size}")
_MNIST = {name: value for name, value in os.environ.items() if name == "EQUISCOPE_MNIST"}  # without it, 40 digits
_OPENED = 0.2  # of a core: what a server needs at most once no page is drawn any more
_AT_ONCE, _MOST_MOVES = 5, 60  # moves while pages open
_QUIET_S = 0.5  # without work of the processor: then it has ended
_IDLE = 0.1  # seconds of the processor in that time that count as none


def report(tabs: int = TABS, moves: int = MOVES) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, running_app(ROOT, Path(folder), None, **_MNIST) as server:
        tallies, after = asyncio.run(_story(server.url, server.pid, tabs, moves))
    yield f"A visitor moves the handle of /maps, {moves} times; milliseconds      p50     p95     max   errors"
    names = "alone", f"while {tabs} tabs open", f"beside {tabs} tabs that measure 256 digits each"
    for name, tally in zip(names, tallies, strict=True):
        times = [1000 * quantile(tally.seconds, q) for q in (0.5, 0.95, 1.0)]
        yield f"  {name:<58}{times[0]:>8.0f}{times[1]:>8.0f}{times[2]:>8.0f}{len(tally.complaints):>9}"
    quiet, _, busy = (quantile(tally.seconds, 0.95) for tally in tallies)
    ratio = busy / quiet
    yield f"  p95 beside them ÷ alone: {ratio:.2f}. After they left, {after:.1f} s of the processor went on."


async def _story(url: str, pid: int, tabs: int, moves: int) -> tuple[tuple[Tally, Tally, Tally], float]:
    quiet, opening, busy = Tally(), Tally(), Tally()
    visitor = await Visitor.arrive(url, "/maps", "digit=0")
    await keep_moving(visitor, 0, moves // 2, Tally(), start=0.0)  # warm
    await keep_moving(visitor, 0, moves, quiet, start=0.0)
    crowd = [await heavy(url, PAGE, QUERY.format(size=0.5 + 0.05 * i)) for i in range(tabs)]
    await _while_pages_open(visitor, pid, opening)
    await keep_moving(visitor, 0, moves, busy, start=0.0)
    for tab, waiting in crowd:
        await leave(tab, waiting)
    after = await work_after(pid)
    await visitor.leave()
    return (quiet, opening, busy), after


async def _while_pages_open(visitor: Visitor, pid: int, tally: Tally) -> None:
    """Until pages are drawn and wait for their measurements, which other processes make."""
    while len(tally.seconds) < _MOST_MOVES:
        before = cpu_seconds(pid)
        await keep_moving(visitor, 0, _AT_ONCE, tally, start=0.0)
        if cpu_seconds(pid) - before < _OPENED * _AT_ONCE:
            break


async def heavy(url: str, page: str, query: str) -> tuple[Visitor, asyncio.Task]:
    """A tab whose page measures for minutes, and what waits for its end."""
    tab = await Visitor.connected(url, page, query)
    return tab, asyncio.create_task(tab.send())


async def leave(tab: Visitor, waiting: asyncio.Task) -> None:
    """As a tab that is closed while its page is at work."""
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await tab.leave()


async def work_after(pid: int, most: float = 120.0) -> float:
    """Seconds of the processor that a server and what it started still use until they rest, or `most`."""
    start = before = cpu_seconds_of_all(pid)
    while before - start < most:
        await asyncio.sleep(_QUIET_S)
        now = cpu_seconds_of_all(pid)
        if now - before < _IDLE:
            return now - start
        before = now
    return before - start


def main() -> int:
    for line in report():
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
