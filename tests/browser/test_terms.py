"""A term tells its definition by mouse, keyboard and touch, on the page and inside a component."""

from collections.abc import Iterator

import pytest

from core.glossary import define
from tests.browser.tabs import Complaints

pytestmark = pytest.mark.browser

ON_THE_PAGE, IN_A_COMPONENT = ("relative L2", define("relative L2")), ("channel", define("channel"))


@pytest.fixture(scope="module")
def commute(tabs, server, settle) -> Iterator:
    with tabs.open(server, Complaints(), has_touch=True) as page:
        page.goto("/commute")
        settle(page)
        page.locator(".viewer[data-ready=true]").wait_for()
        yield page


def term(page, name: str):
    return page.locator("dfn").filter(has_text=name).last


def told(page):
    return page.get_by_role("tooltip")


def is_beside(page, name: str) -> bool:
    """Whether the definition touches neither its term nor the edge of the window."""
    box, line = told(page).bounding_box(), term(page, name).bounding_box()
    beside = box["y"] >= line["y"] + line["height"] or box["y"] + box["height"] <= line["y"]
    inside = box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    return beside and inside and 0 <= box["y"] <= page.viewport_size["height"] - box["height"]


def away(page) -> None:
    page.mouse.move(2, 2)
    page.mouse.click(2, 2)
    told(page).wait_for(state="hidden")


@pytest.mark.parametrize(("name", "definition"), [ON_THE_PAGE, IN_A_COMPONENT])
def test_under_the_mouse_it_stays_until_the_mouse_leaves_or_escape(commute, name, definition):
    term(commute, name).hover()
    assert told(commute).inner_text() == definition
    assert is_beside(commute, name)
    told(commute).hover()
    away(commute)
    term(commute, name).hover()
    told(commute).wait_for()
    commute.keyboard.press("Escape")
    told(commute).wait_for(state="hidden")  # with the mouse still there
    away(commute)


@pytest.mark.parametrize(("name", "definition"), [ON_THE_PAGE, IN_A_COMPONENT])
def test_the_keyboard_shows_it_with_the_focus_and_describes_it(commute, name, definition):
    assert term(commute, name).get_attribute("aria-description") == definition
    term(commute, name).focus()
    assert told(commute).inner_text() == definition
    for key, state in (("Escape", "hidden"), ("Enter", "visible"), (" ", "hidden"), ("Enter", "visible")):
        commute.keyboard.press(key)
        told(commute).wait_for(state=state)
    commute.keyboard.press("Tab")
    commute.wait_for_function("text => document.querySelector('[data-testid=definition]').shadowRoot"
                              ".querySelector('.tip:not([hidden])')?.textContent !== text", arg=definition)  # fmt: skip
    away(commute)


@pytest.mark.parametrize(("name", "definition"), [ON_THE_PAGE, IN_A_COMPONENT])
def test_a_tap_shows_it_and_another_elsewhere_hides_it(commute, name, definition):
    term(commute, name).tap()
    assert told(commute).inner_text() == definition
    commute.touchscreen.tap(400, 4)
    told(commute).wait_for(state="hidden")
