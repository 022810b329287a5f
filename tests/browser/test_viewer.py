"""The handle of the stack viewer by itself: what follows at once, what waits for the release, and who hears of it."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(page, mounting_server):
    """The viewer with five factors, at s = 1."""
    page.goto(mounting_server.url)
    page.locator(".viewer[data-ready=true]").wait_for()
    return page.locator(".viewer")


def told(viewer) -> dict[str, str]:
    """What each part says."""
    return {
        "handle": viewer.locator(".reading").inner_text(),
        "number": viewer.locator(".figure").inner_text(),
        "live": viewer.locator(".note").inner_text(),
        "data": viewer.locator(".note").get_attribute("data-error"),
    }


def at(handle, frame: int) -> tuple[float, float]:
    """Where on the screen the handle stands at a frame, of 0 to 4."""
    rail = handle.page.locator(".rail").bounding_box()
    return rail["x"] + frame / 4 * rail["width"], rail["y"] + rail["height"] / 2


def test_numbers_follow_at_once_and_live_sentences_on_release(page, viewer):
    handle = page.get_by_role("slider", name="Scale factor s")
    assert told(viewer) == {"handle": "s = 1.00", "number": "1", "live": "at 1.0", "data": "1"}
    assert viewer.locator(".note").get_attribute("aria-live") == "polite"
    page.mouse.move(*at(handle, 2))
    page.mouse.down()
    for frame, s in ((3, "1.4142"), (4, "2"), (1, "0.7071")):
        page.mouse.move(*at(handle, frame))
        assert told(viewer)["number"] == s
        assert told(viewer)["live"] == "at 1.0"
    assert page.get_by_text("moved to None").count() == 1
    page.mouse.up()
    assert told(viewer) == {"handle": "s = 0.71", "number": "0.7071", "live": "at 0.7071", "data": "0.7071"}
    page.get_by_text("moved to 0.7071").wait_for()


def test_keys_report_once_they_rest(page, viewer):
    handle = page.get_by_role("slider", name="Scale factor s")
    handle.focus()
    step = "1.41, a step of the internal scales"
    for key, text in (
        ("ArrowRight", step), ("End", "2.00"), ("PageDown", step), ("Shift+ArrowLeft", "1.00"), ("Home", "0.50"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert handle.get_attribute("aria-valuetext") == text
    page.get_by_text("moved to 0.5").wait_for()
    assert told(viewer) == {"handle": "s = 0.50", "number": "0.5", "live": "at 0.5", "data": "0.5"}


def test_a_reader_that_sets_the_value_is_heard(page, viewer):
    """A screen reader on a phone moves the native range without pointer and keys."""
    handle = page.get_by_role("slider", name="Scale factor s")
    assert handle.evaluate("each => [each.min, each.max, each.step, each.value]") == ["0", "4", "1", "2"]
    handle.evaluate("each => { each.value = 4; each.dispatchEvent(new Event('input', { bubbles: true })); }")
    assert told(viewer)["number"] == "2"
    page.get_by_text("moved to 2.0").wait_for()


def test_ticks_stand_where_the_handle_does(page, viewer):
    handle = page.get_by_role("slider", name="Scale factor s")
    labels = page.locator(".ticks .label")
    assert labels.all_inner_texts() == ["0.5", "1", "2"]
    for label, frame in zip(labels.all(), (0, 2, 4), strict=True):
        box = label.bounding_box()
        assert box["x"] + box["width"] / 2 == pytest.approx(at(handle, frame)[0], abs=1)
    handle_box, rail = handle.bounding_box(), page.locator(".rail").bounding_box()
    assert handle_box["height"] >= 24  # WCAG 2.2, target size
    overhang = handle_box["width"] - rail["width"]
    assert overhang == pytest.approx(2 * (rail["x"] - handle_box["x"]), abs=0.5)
