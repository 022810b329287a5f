"""What a class at a public address does to the app: `python -m benchmarks.load [STORY ...]`, each bounded in time.

`one`: how many visitors a process serves at a p95 of 150 ms. `three`: three processes behind nginx against one.
`class`: sixty visitors over three processes. `killed`: a process killed under ten visitors. `half-open`: 500
connections that never say what they want. `soak`: memory, descriptors and threads over minutes.
Visitors are WebSockets that move the handle of /maps once a second (tests/visitor.py), each with a digit of their own.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from benchmarks.timing import quantile
from benchmarks.visitors import ROOT, Tally, keep_moving, memory
from tests.browser.running import Server, end, free_port, start_app
from tests.proxying import NGINX, proxy
from tests.visitor import Visitor

PAGE = "/maps"
AT_MOST_MS = 150
CROWDS = (5, 10, 15, 20, 30, 40)
SECONDS = 60.0
HALF_OPEN = 500
SOAK_MINUTES = 10.0
_ARRIVING = 6  # at a time, as a class opens a page
_PATIENCE = 60  # seconds until a visitor that comes back counts as lost


@dataclass(frozen=True)
class Place:
    """Where visitors go, and what serves them. Attributes: kill: the process of that number."""

    url: str
    servers: list[Server]
    kill: Callable[[int], None]


@contextmanager
def place(processes: int, behind: bool) -> Iterator[Place]:
    """Args: behind: whether nginx stands before them, with deploy/nginx.conf as it is."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        ports, running = [free_port() for _ in range(processes)], {}

        def start(i: int) -> Server:
            own = folder / f"{i}-{len(list(folder.iterdir()))}"
            own.mkdir()
            server, running[i] = start_app(ROOT, own, ports[i])
            stack.callback(end, running[i])
            return server

        def kill(i: int) -> None:
            running[i].send_signal(signal.SIGKILL)
            running[i].wait()

        servers = [start(i) for i in range(processes)]
        url = servers[0].url
        if behind:
            (folder / "proxy").mkdir()
            conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
            url = f"http://127.0.0.1:{stack.enter_context(proxy(conf, folder / 'proxy', ports))}"
        yield Place(url, servers, kill)


@asynccontextmanager
async def crowd(url: str, count: int, query: str = "digit={digit}") -> AsyncIterator[list[Visitor]]:
    """So many visitors, whose page is there."""
    door = asyncio.Semaphore(_ARRIVING)

    async def arrive(i: int) -> Visitor:
        async with door:
            return await Visitor.arrive(url, PAGE, query.format(digit=i % 10), agent=f"visitor {i}")

    visitors = await asyncio.gather(*(arrive(i) for i in range(count)))
    try:
        yield visitors
    finally:
        await asyncio.gather(*(visitor.leave() for visitor in visitors))


async def moving(visitors: list[Visitor], seconds: float, tally: Tally | None = None) -> Tally:
    """A move a second of each, spread over the second."""
    tally = tally or Tally()
    moves = max(1, round(seconds))
    await asyncio.gather(
        *(keep_moving(each, i, moves, tally, start=i / len(visitors)) for i, each in enumerate(visitors))
    )
    return tally


def told(name: str, tally: Tally) -> str:
    """One line: milliseconds, and what went wrong."""
    times = "".join(f"{1000 * quantile(tally.seconds, q):>8.0f}" for q in (0.5, 0.95, 1.0))
    return f"  {name:<44}{len(tally.seconds):>7}{times}{len(tally.mixed_up):>10}{len(tally.complaints):>8}"


HEADS = f"  {'':<44}{'moves':>7}{'p50':>8}{'p95':>8}{'max':>8}{'mixed up':>10}{'errors':>8}"


async def _served(url: str, crowds: tuple[int, ...], seconds: float) -> list[tuple[int, Tally]]:
    """Crowds one larger than the other, until one waits too long."""
    found = []
    for count in crowds:
        async with crowd(url, count) as visitors:
            await moving(visitors, 3)  # warm
            found.append((count, await moving(visitors, seconds)))
        if 1000 * quantile(found[-1][1].seconds, 0.95) > AT_MOST_MS:
            break
    return found


def one(seconds: float = SECONDS, processes: int = 1, behind: bool = False) -> Iterator[str]:
    where = f"{processes} processes behind nginx" if behind else "one process"
    yield f"Visitors of {where} at a p95 of at most {AT_MOST_MS} ms; milliseconds"
    yield HEADS
    with place(processes, behind) as at:
        found = asyncio.run(_served(at.url, CROWDS, min(seconds, 20)))
    yield from (told(f"{count} visitors", tally) for count, tally in found)
    served = [count for count, tally in found if 1000 * quantile(tally.seconds, 0.95) <= AT_MOST_MS]
    yield f"  served: {max(served, default=0)} visitors, on {os.cpu_count()} cores that visitors and proxy share"


def three(seconds: float = SECONDS) -> Iterator[str]:
    yield from one(seconds, 3, behind=True)


def a_class(seconds: float = SECONDS) -> Iterator[str]:
    yield f"Sixty visitors over three processes behind nginx, a move a second each for {seconds:g} s; milliseconds"
    yield HEADS
    with place(3, behind=True) as at:

        async def story() -> Tally:
            async with crowd(at.url, 60) as visitors:
                await moving(visitors, 3)
                return await moving(visitors, seconds)

        tally = asyncio.run(story())
    yield told("60 visitors", tally)
    yield from (f"    {each}" for each in [*tally.complaints, *tally.mixed_up][:5])


def killed(seconds: float = SECONDS) -> Iterator[str]:
    """A process is killed while ten visitors move; whoever was there opens the address again, as the browser does."""
    with place(2, behind=True) as at:
        back, lost, times = asyncio.run(_killed(at, min(seconds, 10)))
    yield f"One of two processes killed under ten visitors: {back} had it, {lost} did not come back as they were"
    if times:
        yield f"  back after {1000 * quantile(times, 0.5):.0f} ms, at most {1000 * max(times):.0f} ms"


async def _killed(at: Place, seconds: float) -> tuple[int, int, list[float]]:
    async with crowd(at.url, 10) as visitors:
        await moving(visitors, seconds)
        stood = [(visitor.page.scale_factors(), visitor.page.digits()) for visitor in visitors]
        at.kill(0)
        clock, had, lost, times = asyncio.get_running_loop().time, 0, 0, []
        for i, visitor in enumerate(visitors):
            began = clock()
            try:
                await visitor.move_factor(0.5)
                continue  # of the other process
            except (ConnectionClosed, OSError):
                had += 1
            try:
                async with asyncio.timeout(_PATIENCE):
                    again = await Visitor.arrive(at.url, PAGE, visitor.query_string, agent=f"visitor {i}")
                times.append(clock() - began)
                lost += (again.page.scale_factors(), again.page.digits()) != stood[i] or bool(again.page.complaints())
                visitors[i] = again
            except (TimeoutError, OSError):
                lost += 1
        return had, lost, times


def half_open(seconds: float = SECONDS, count: int = HALF_OPEN) -> Iterator[str]:
    """Connections that never say what they want, at nginx: a visitor is answered, and then they are gone."""
    with place(1, behind=True) as at:
        pid = at.servers[0].pid
        before, answered, open_there, left = asyncio.run(_half_open(at.url, pid, count))
    yield f"{count} half-open connections at nginx: a new visitor is answered after {answered:.1f} s"
    yield f"  descriptors of the app: {before} before, {open_there} meanwhile, {left} ten seconds after they ended"


async def _half_open(url: str, pid: int, count: int) -> tuple[int, float, int, int]:
    host, port = url.removeprefix("http://").split(":")
    clock = asyncio.get_running_loop().time
    await (await Visitor.arrive(url, PAGE, "digit=2")).leave()  # the first, for whom networks are loaded
    await asyncio.sleep(2)
    before = descriptors(pid)
    with ExitStack() as stack:
        for k in range(count):
            sock = stack.enter_context(socket.create_connection((host, int(port)), timeout=10))
            sock.sendall(b"GET / HTTP/1.1\r\nHost: localh"[: k % 20])
        began = clock()
        visitor = await Visitor.arrive(url, PAGE, "digit=3")
        answered, meanwhile = clock() - began, descriptors(pid)
        await visitor.leave()
    await asyncio.sleep(10)
    return before, answered, meanwhile, descriptors(pid)


def soak(seconds: float = SECONDS, minutes: float = SOAK_MINUTES) -> Iterator[str]:
    """Ten visitors, who leave and come again every half minute."""
    yield f"Ten visitors for {minutes:g} minutes on one process, who leave and come again every half minute"
    yield f"  {'minute':>8}{'memory MB':>12}{'descriptors':>13}{'threads':>9}{'p95 ms':>8}{'errors':>8}"
    with place(1, behind=False) as at:
        pid = at.servers[0].pid
        for k in range(max(1, round(2 * minutes))):
            tally = asyncio.run(_half_a_minute(at.url))
            p95 = 1000 * quantile(tally.seconds, 0.95)
            wrong = len(tally.complaints) + len(tally.mixed_up)
            yield (
                f"  {(k + 1) / 2:>8.1f}{memory(pid):>12.0f}{descriptors(pid):>13}{threads(pid):>9}{p95:>8.0f}{wrong:>8}"
            )


async def _half_a_minute(url: str) -> Tally:
    async with crowd(url, 10) as visitors:
        return await moving(visitors, 25)


def descriptors(pid: int) -> int:
    """Open ones of a process; 0 where the system does not tell (no /proc)."""
    folder = Path(f"/proc/{pid}/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def threads(pid: int) -> int:
    folder = Path(f"/proc/{pid}/task")
    return len(list(folder.iterdir())) if folder.exists() else 0


STORIES: dict[str, Callable[..., Iterator[str]]] = {
    "one": one, "three": three, "class": a_class, "killed": killed, "half-open": half_open, "soak": soak,
}  # fmt: skip
_BEHIND = ("three", "class", "killed", "half-open")


def report(
    stories: tuple[str, ...] = tuple(STORIES), seconds: float = SECONDS, minutes: float = SOAK_MINUTES
) -> Iterator[str]:
    for name in stories:
        if name in _BEHIND and NGINX is None:
            yield f"{name}: nginx is not here; on Debian: apt-get install nginx-light"
            continue
        yield f"[load {os.getloadavg()[0]:.1f}]"
        yield from soak(minutes=minutes) if name == "soak" else STORIES[name](seconds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.splitlines()[0])
    parser.add_argument("stories", nargs="*", metavar="STORY", help=f"of {', '.join(STORIES)}; without any, all")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of moving, 60 if not named")
    parser.add_argument("--minutes", type=float, default=SOAK_MINUTES, help="of the soak, 10 if not named")
    chosen = parser.parse_args()
    if unknown := set(chosen.stories) - set(STORIES):
        parser.error(f"no story {', '.join(sorted(unknown))}")
    for line in report(tuple(chosen.stories) or tuple(STORIES), chosen.seconds, chosen.minutes):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
