"""Visitors at once on one server process: nobody sees another's digit, factor or network."""

import asyncio
from functools import partial

import pytest

from benchmarks.heavy import work_after
from benchmarks.visitors import cpu_seconds, started_by
from tests.browser.running import running_app
from tests.browser.sharing import shared_app
from tests.thorough import rest
from tests.visitor import Answer, Visitor, told
from tests.waiting import until

PAGES = ("/", "/errors")  # with maps under the handle, and with bars
SHARES = (0.1, 0.9, 0.4)  # of the way of the handle, one after the other
VISITORS, FIRST_DIGIT = 4, 4  # the usual digit, 3, would not be in the address


@pytest.fixture(scope="module")
def url(root, tmp_path_factory):
    with shared_app(root, tmp_path_factory, "server") as server:
        yield server.url


async def arrive(url: str, path: str) -> list[Visitor]:
    return await asyncio.gather(*(Visitor.arrive(url, path, f"digit={FIRST_DIGIT + i}") for i in range(VISITORS)))


async def move_at_once(visitors: list[Visitor], step: int) -> list[tuple[str, Answer]]:
    """All handles released in the same moment, each at another place."""
    shares = [SHARES[(step + i) % len(SHARES)] for i in range(len(visitors))]
    return await asyncio.gather(*(v.move_factor(share) for v, share in zip(visitors, shares, strict=True)))


@pytest.mark.parametrize("path", rest(PAGES, "/"))
def test_everybody_gets_their_own_answer(url, path):
    async def story():
        visitors = await arrive(url, path)
        for step in range(len(SHARES)):
            for i, (factor, answer) in enumerate(await move_at_once(visitors, step)):
                assert answer.complaints() == []
                assert (answer.scale_factors(), answer.digits()) == ({factor}, {FIRST_DIGIT + i})
                assert f"digit={FIRST_DIGIT + i}" in visitors[i].query_string
        for visitor in visitors:
            await visitor.leave()

    told(story())


def test_a_new_visitor_finds_the_usual_view_while_others_have_moved(url):
    async def story():
        first = await Visitor.arrive(url, "/errors", "digit=8")
        usual = (await Visitor.arrive(url, "/errors")).page
        factor, _ = await first.move_factor(1.0)
        later = (await Visitor.arrive(url, "/errors")).page
        assert factor not in usual.scale_factors()
        assert (later.scale_factors(), later.digits()) == (usual.scale_factors(), usual.digits()) != ({factor}, {8})

    told(story())


def test_the_empty_page_answers_as_the_benchmark_asks(root, tmp_path):
    async def story(url):
        visitor = await Visitor.arrive(url, "/", "digit=4")
        for share in SHARES:
            factor, answer = await visitor.move_factor(share)
            assert (answer.complaints(), answer.scale_factors(), answer.digits()) == ([], {factor}, {4})
        await visitor.leave()

    with running_app(root / "benchmarks" / "empty", tmp_path) as server:
        told(story(server.url))


def test_nothing_goes_on_for_visitors_who_left(root, tmp_path):
    """Sixteen digits at all amounts of a curve take the largest network more than five seconds of the processor."""

    async def story(server):
        tab = await Visitor.connected(server.url, "errors", "network=sesn_antialiased&open_many=1&count=40")
        await tab.ask()
        await tab.hear("Measuring digit")
        await asyncio.to_thread(until, partial(started_by, server.pid))  # what measures is a process of its own
        await tab.leave()
        return await work_after(server.pid)

    with running_app(root, tmp_path) as server:
        if not cpu_seconds(server.pid):
            pytest.skip("this system does not tell the time of another process")
        assert told(story(server)) < 4
