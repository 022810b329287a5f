"""Training in the browser: the scales move epoch by epoch, stop and go on, and nobody else waits."""

import json
import re

import pytest

from tests.browser.menu import follow_menu
from tests.visitor import Visitor, told
from tests.waiting import until

pytestmark = pytest.mark.browser


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def block(page):
    """The paragraph that says where the scales are."""
    return page.get_by_text(re.compile(r"digits train and"))


def progress(page) -> str:
    return page.get_by_test_id("stProgress").inner_text()


def epoch(page) -> int:
    """Which epoch goes on, from 1, as the words say; so many points has the chart, the start included."""
    return int(re.search(r"epoch (\d+)", progress(page))[1])


def wait_for_epoch(page, number: int) -> None:
    pattern = re.compile(rf"After epoch ([{number}-9]|\d\d)\b")
    page.get_by_text(pattern).wait_for()


def lines(page) -> list[list[float]]:
    """What the chart of the run draws: one line a scale."""
    return json.loads(
        page.locator(".st-key-live_chart .js-plotly-plot").evaluate(
            "each => JSON.stringify(each.data.map(t => [...t.y]))"
        )
    )


async def another_visitor(url: str) -> None:
    """Moves the handle of the page of errors three times and is answered each time."""
    visitor = await Visitor.arrive(url, "/errors", "digit=8")
    for share in (0.1, 0.9, 0.4):
        factor, answer = await visitor.move_factor(share)
        assert answer.complaints() == []
        assert answer.scale_factors() == {factor}
    await visitor.leave()


def test_scales_move_pause_resume_and_cancel_while_the_visitor_looks_elsewhere_and_another_is_answered(
    visit, server, settle
):
    """One run for all of it: an epoch takes the machine seconds."""
    page = visit("/scales?open_live=1")
    page.get_by_role("radio", name="Each scale").click()
    settle(page)
    button(page, "Train").scroll_into_view_if_needed()
    button(page, "Train").click()
    wait_for_epoch(page, 1)
    button(page, "Pause").click()
    page.get_by_text(re.compile("Paused in epoch")).wait_for()
    until(lambda: len(lines(page)[0]) == epoch(page))  # the chart is drawn a moment after the words
    held, drawn = progress(page), lines(page)
    assert len(drawn) == 3
    assert len(drawn[0]) >= 2  # start, epoch 1
    assert all(len(set(line)) == len(line) for line in drawn)
    assert [line[0] for line in drawn] == pytest.approx([1.0, 1.5**0.5, 1.5], abs=1e-4)
    page.wait_for_timeout(3000)  # a step takes a tenth of it, and the page looks every second
    assert (progress(page), lines(page)) == (held, drawn)
    button(page, "Resume").click()

    follow_menu(page, "About")
    page.get_by_role("heading", name=re.compile("About")).first.wait_for()
    follow_menu(page, "Scales")
    wait_for_epoch(page, len(drawn[0]))
    assert "live_mode=direct" in page.url

    before = len(lines(page)[0])
    told(another_visitor(server.url))
    assert len(lines(page)[0]) - before <= 3  # an epoch takes longer than three answers on an idle machine
    assert button(page, "Cancel").is_visible()  # it trained all the while
    button(page, "Cancel").click()
    page.get_by_text(re.compile("Cancelled in epoch")).wait_for()
    page.get_by_role("button", name="Train again", disabled=False).wait_for()
    assert button(page, "Pause").count() == 0
    assert "The scales went from ISR 1.50 to" in block(page).inner_text()
