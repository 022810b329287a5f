"""The commuting square in a browser: its size, the corner where both ways meet, and what follows a held handle."""

from collections.abc import Callable, Iterator

import pytest

from tests.browser.tabs import Complaints
from tests.waiting import until

pytestmark = pytest.mark.browser

BOTH = "/commute?network=sesn_vector&other=cnn&s=0.7937"
PLACES = ("x", "tx", "before", "moved")
DESK, PHONE = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
LEAST_SIDE, LEAST_LETTERS = 300, 16  # CSS pixels at 1920 × 1080: readable from the last row
STILL_MS = 3000  # four flicks
SMALLEST_LETTERS = """() => {
    const everything = root => [...root.querySelectorAll('*')]
        .flatMap(each => each.shadowRoot ? everything(each.shadowRoot) : [each]);
    const own = each => [...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const inside = each => each.getRootNode().host?.shadowRoot.querySelector('.viewer')
        || each.closest('[data-testid=stMain] [data-testid=stCaptionContainer]');
    const sizes = everything(document).filter(each => !each.matches('style') && inside(each) && own(each))
        .filter(each => each.checkVisibility())
        .map(each => [parseFloat(getComputedStyle(each).fontSize), each.textContent]);
    return sizes.sort(([one], [other]) => one - other)[0];
}"""


@pytest.fixture
def opened(tabs, server, settle) -> Iterator[Callable]:
    """opened(path, viewport=…) is a page whose viewer has drawn its maps; it must end without complaints."""
    contexts = []

    def opened(path: str, **options):
        context = tabs.open(server, Complaints(), **options)
        page = context.__enter__()
        contexts.append(context)
        page.goto(path)
        settle(page)
        page.locator(".viewer[data-ready=true]").wait_for()
        return page

    yield opened
    for context in contexts:
        context.__exit__(None, None, None)


def handle(page):
    return page.get_by_role("slider", name="Scale factor s")


def divider(page):
    return page.get_by_role("slider", name="Divider").first


def corner(page):
    return page.locator(".corner").first


def picture(page) -> bytes:
    """What the screen shows where both ways meet, without divider and crosshair."""
    page.mouse.move(0, 0)
    style = ".divider, .overlay { visibility: hidden }"
    corner(page).evaluate(
        "(each, text) => each.append(Object.assign(document.createElement('style'), {textContent: text}))", style
    )
    taken = page.locator(".stage").first.screenshot()
    corner(page).evaluate("each => each.querySelector('style').remove()")
    return taken


def shown(page) -> set[str]:
    """The maps of the corner that are to be seen."""
    return flicked(page)[1]


def flicked(page) -> tuple[str, set[str]]:
    """The side that the corner says it shows, and the maps that are to be seen, at one moment."""
    side, maps = page.locator(".corner").first.evaluate("""corner => [
        corner.dataset.shown,
        [...corner.querySelectorAll('.layer')].filter(each => getComputedStyle(each).visibility === 'visible')
            .map(each => each.querySelector('canvas').dataset.panel),
    ]""")
    return side, set(maps)


def at(page, frame_share: float) -> tuple[float, float]:
    rail = page.locator(".rail").bounding_box()
    return rail["x"] + frame_share * rail["width"], rail["y"] + rail["height"] / 2


def marks(page) -> list[float]:
    return [float(each.get_attribute("x1")) for each in page.locator(".ribbons .mark").all()]


@pytest.mark.parametrize("path", ["/commute", BOTH])
def test_on_a_projector_panels_and_letters_are_large(opened, path):
    page = opened(path, viewport=DESK)
    for place in PLACES:
        boxes = [each.bounding_box() for each in page.locator(f".square canvas[data-panel={place}]").all()]
        assert len(boxes) == (2 if path == BOTH else 1)
        assert min(box["width"] for box in boxes) >= LEAST_SIDE
        assert min(box["height"] for box in boxes) >= LEAST_SIDE
    size, text = page.evaluate(SMALLEST_LETTERS)
    assert size >= LEAST_LETTERS, text
    bar = page.locator(".bar").bounding_box()
    figure = page.locator(".corner .figure").last.bounding_box()
    assert figure["y"] + figure["height"] <= bar["y"] < bar["y"] + bar["height"] <= DESK["height"] + 1


def test_a_phone_shows_both_corners_while_a_finger_holds_the_handle(opened):
    page = opened(BOTH, viewport=PHONE, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    bar = page.locator(".bar").bounding_box()
    assert bar["y"] + bar["height"] == pytest.approx(PHONE["height"], abs=1)  # before anything is scrolled
    page.locator(".viewer").evaluate("each => each.scrollIntoView()")
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    before, stood = page.locator(".viewer").get_attribute("data-s"), marks(page)
    thumb = at(page, float(handle(page).input_value()) / float(handle(page).get_attribute("max")))
    touch("touchStart", thumb)
    for step in range(1, 9):
        touch("touchMove", (thumb[0] + 8 * step, thumb[1]))
    until(lambda: page.locator(".viewer").get_attribute("data-s") != before)
    assert page.locator(".viewer").get_attribute("data-settled") == "false"
    assert marks(page) != stood
    bar = page.locator(".bar").bounding_box()
    seen = [*page.locator(".corner .stage").all(), *page.locator(".corner .figure").all()]
    assert len(seen) == 4
    for box in (each.bounding_box() for each in seen):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bar["y"]
    touch("touchEnd")
    page.locator(".viewer[data-settled=true]").wait_for()


def test_the_divider_moves_by_keys_and_not_the_handle(opened):
    page = opened(BOTH)
    factor = page.locator(".viewer").get_attribute("data-s")
    assert shown(page) == {"moved", "after"}
    pictures = {}
    for key, share in (("Home", "0"), ("PageUp", "25"), ("ArrowRight", "30"), ("End", "100")):
        divider(page).focus()
        page.keyboard.press(key)
        assert divider(page).get_attribute("aria-valuenow") == share
        pictures[key] = picture(page)
    assert pictures["Home"] != pictures["End"]
    assert len(set(pictures.values())) >= 3  # 25 and 30 % may lie in one column of the map
    assert page.locator(".viewer").get_attribute("data-s") == factor
    assert page.get_by_role("slider", name="Divider").last.get_attribute("aria-valuenow") == "100"  # both corners


def test_the_divider_follows_the_mouse(opened):
    page = opened(BOTH)
    before = picture(page)
    box, stage = divider(page).bounding_box(), page.locator(".stage").first.bounding_box()
    y = stage["y"] + stage["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    for share in (0.4, 0.2, 0.1):
        page.mouse.move(stage["x"] + share * stage["width"], y)
    assert float(divider(page).get_attribute("aria-valuenow")) == pytest.approx(10, abs=1)
    page.mouse.up()
    page.mouse.move(stage["x"] + 0.9 * stage["width"], y)
    assert float(divider(page).get_attribute("aria-valuenow")) == pytest.approx(10, abs=1)
    assert picture(page) != before
    assert page.locator(".panel.large").count() == 0  # to let go is not to click


def test_the_flick_alternates_until_it_is_stopped(opened):
    page = opened(f"{BOTH}&corner=flick")
    for side in ("second", "first", "second"):
        until(lambda: flicked(page)[0] == side)  # noqa: B023 (called within this turn)
    for _ in range(10):
        page.wait_for_timeout(STILL_MS / 10)
        assert flicked(page) in (("first", {"moved"}), ("second", {"after"}))
    page.get_by_role("button", name="Stop the flicking").first.click()
    stands = shown(page)
    page.wait_for_timeout(STILL_MS)
    assert shown(page) == stands


def test_under_less_motion_the_flick_waits_to_be_asked(opened):
    page = opened(f"{BOTH}&corner=flick", reduced_motion="reduce")
    assert shown(page) == {"moved"}
    page.wait_for_timeout(STILL_MS)
    assert shown(page) == {"moved"}
    page.get_by_role("button", name="Flick between the two").first.click()
    until(lambda: shown(page) == {"after"})
    until(lambda: shown(page) == {"moved"})


def test_the_corner_is_in_the_link(opened, settle):
    page = opened(BOTH)
    assert "corner=" not in page.url
    wiped = picture(page)
    page.get_by_role("radio", name="difference").click()
    settle(page)
    page.locator(".corner[data-mode=difference]").first.wait_for()
    assert "corner=difference" in page.url
    assert shown(page) == {"difference"}
    subtracted = picture(page)
    assert subtracted != wiped
    again = opened(page.url.split("/", 3)[3].join(("/", "")))
    assert again.get_by_role("radio", name="difference").get_attribute("aria-checked") == "true"
    assert shown(again) == {"difference"}
    assert picture(again) == subtracted


def test_the_marks_of_the_ribbons_follow_a_held_handle(opened):
    page = opened(BOTH)
    ribbons = page.locator(".ribbons")
    assert page.get_by_role("img", name="SESN, vector reads x as").count() == 1
    assert ribbons.locator("path.band").count() == 2 * 10
    page.mouse.move(*at(page, 0.5))
    page.mouse.down()
    stood = marks(page)
    for share in (0.6, 0.8, 1):
        page.mouse.move(*at(page, share))
        assert marks(page)[0] == marks(page)[1] > stood[0]
        assert ribbons.get_attribute("data-frame") == page.locator(".viewer").get_attribute("data-frame")
        stood = marks(page)
    assert page.locator(".viewer").get_attribute("data-settled") == "false"
    page.mouse.up()


def test_a_click_enlarges_the_corner_and_escape_brings_it_back(opened):
    page = opened("/commute?s=0.7937")
    stage = page.locator(".stage").first
    before = stage.bounding_box()["width"]
    stage.locator("button").click(position={"x": 12, "y": 12})
    assert stage.bounding_box()["width"] > 1.8 * before
    page.keyboard.press("Escape")
    assert stage.bounding_box()["width"] == before


def test_untransform_brings_the_corner_to_the_left(opened):
    page = opened("/commute?s=0.7937&untransform=1")
    assert shown(page) == {"before", "undone"}
    left, right = (page.locator(f"canvas[data-panel={name}]").bounding_box()["x"] for name in ("before", "after"))
    assert left < right
    assert page.locator(".arrow.left").inner_text().startswith("T′⁻¹")
