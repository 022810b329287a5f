"""Every page for a visitor who sees little, uses no mouse, or holds a phone: axe-core, the Tab key, narrow screens."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_pages_open import OVERFLOW, PATHS

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
STATES = (*PATHS, "/maps?scales=chosen&source=upload", "/about?source=draw", "/scales?source=mnist&network=cnn")
GRAVE = {"serious", "critical"}
AXE_OPTIONS = {"resultTypes": ["violations"], "iframes": False}
RING = 16  # pixels around a control in which its focus may show: the ring of a slider is around its thumb
# The smallest sign of focus here is the ring around the thumb of a slider, 132 pixels; Streamlit's shade of grey
# behind a focused link reaches none. A caret does not count: a screenshot hides it.
SEEN_PIXELS, SEEN_DIFFERENCE = 60, 48  # of 255, in the channel that differs most

# Everything a visitor can operate and see, in the order of the document and through shadow roots. A radio group is
# one stop of Tab; the arrows of a menu or of a number belong to their field, the input of an upload to its button.
COLLECT_CONTROLS = """() => {
    const roles = ['button', 'checkbox', 'combobox', 'link', 'radio', 'slider', 'spinbutton', 'switch', 'tab'];
    const kinds = 'a[href], button, input, select, textarea, summary, canvas[tabindex], '
        + roles.map(role => `[role=${role}]`).join(', ');
    const parts = '[data-testid=stSelectbox] button, [data-testid=stNumberInput] button, input[type=file], canvas *, '
        + '[aria-hidden=true]';
    const found = new Set();
    const walk = root => root.querySelectorAll('*').forEach(element => {
        const shown = element.checkVisibility({visibilityProperty: true}) && !element.disabled;
        if (shown && element.matches(kinds) && !element.closest(parts)) {
            found.add(element.closest('[role=radiogroup]') ?? element);
        }
        if (element.shadowRoot) walk(element.shadowRoot);
    });
    walk(document);
    window.controls = [...found];
    window.stops = [];
    const name = element => element.ariaLabel || element.innerText || element.dataset.testid || element.tagName;
    return window.controls.map(control => name(control).trim().replace(/\\s+/g, ' ').slice(0, 40));
}"""
# Where Tab has come to: the number of the control, −1 for a region that only scrolls, null at the end of the page.
TAB_STOP = """() => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === document.body) return null;
    const control = window.controls.indexOf(element.closest('[role=radiogroup]') ?? element);
    if (control >= 0) window.stops[control] ??= element;
    const {left, right, top, bottom} = element.getBoundingClientRect();
    const onScreen = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
    return {control, onScreen};
}"""
FOCUS = """control => {
    window.stops[control].scrollIntoView({block: 'center', behavior: 'instant'});
    window.stops[control].focus({preventScroll: true});
    const {x, y, width, height} = window.stops[control].getBoundingClientRect();
    return {x, y, width, height};
}"""


@pytest.fixture
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def grave_findings(axe, page) -> list[str]:
    """Rule, help and place of every finding that keeps somebody out."""
    violations = axe.run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{found['id']} ({found['help']}): {node['html'][:200]}"
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


def drawn(page) -> None:
    """Charts come after the run that sends them."""
    for chart in page.get_by_test_id("stPlotlyChart").all():
        chart.locator(".main-svg").first.wait_for()


def press_tab_to_the_end(page) -> list[dict]:
    """Every stop of the Tab key, from the top of the page until it leaves the page."""
    stops: list[dict] = []
    for _ in range(300):
        page.keyboard.press("Tab")
        stop = page.evaluate(TAB_STOP)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"Tab never leaves the page; its last stops are {stops[-3:]}")


def picture(page, box: dict) -> np.ndarray:
    """What the screen shows around a control, (h, w, 3)."""
    left, top = max(0, box["x"] - RING), max(0, box["y"] - RING)
    right = min(page.viewport_size["width"], box["x"] + box["width"] + RING)
    bottom = min(page.viewport_size["height"], box["y"] + box["height"] + RING)
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    png = page.screenshot(clip=clip, animations="disabled")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def pixels_that_show_focus(page, control: int) -> int:
    box = page.evaluate(FOCUS, control)
    focused = picture(page, box)
    page.evaluate("control => window.stops[control].blur()", control)
    difference = np.abs(focused - picture(page, box)).max(axis=2)
    return int((difference >= SEEN_DIFFERENCE).sum())


@pytest.mark.parametrize(
    ("path", "scheme"), [*((path, "light") for path in STATES), *((path, "dark") for path in PATHS)]
)
def test_axe_finds_nothing_serious(page, visit, axe, path, scheme):
    page.emulate_media(color_scheme=scheme)
    for size in (WIDE, NARROW) if scheme == "light" else (WIDE,):  # colours do not depend on the width
        page.set_viewport_size(size)
        visit(path)
        drawn(page)
        assert grave_findings(axe, page) == [], f"{size['width']} pixels wide"


def test_axe_sees_a_picture_without_a_text(page, visit, axe):
    visit("/about")
    page.evaluate("document.querySelector('h1').append(Object.assign(new Image(), {src: 'data:,'}))")
    assert [found.split()[0] for found in grave_findings(axe, page)] == ["image-alt"]


# The order is that of the page in any colours; what shows the focus may not.
@pytest.mark.parametrize(("path", "scheme"), [*((path, "light") for path in PATHS), ("/", "dark"), ("/errors", "dark")])
def test_tab_reaches_every_control_in_order_and_shows_where_it_is(page, visit, path, scheme):
    page.emulate_media(color_scheme=scheme)
    visit(path)
    drawn(page)
    names = page.evaluate(COLLECT_CONTROLS)
    stops = [stop["control"] for stop in press_tab_to_the_end(page) if stop["control"] >= 0]
    reached = [names[control] for control in dict.fromkeys(stops)]
    assert reached == names
    assert stops == sorted(stops)
    unseen = [name for i, name in enumerate(names) if pixels_that_show_focus(page, i) < SEEN_PIXELS]
    assert unseen == []


@pytest.mark.parametrize("path", PATHS)
def test_on_a_phone_tab_stays_on_the_screen(page, visit, path):
    page.set_viewport_size(NARROW)
    visit(path)
    drawn(page)
    names = page.evaluate(COLLECT_CONTROLS)
    stops = press_tab_to_the_end(page)
    assert [names[stop["control"]] for stop in stops if not stop["onScreen"]] == []
    assert {stop["control"] for stop in stops} >= set(range(len(names)))


def test_on_a_phone_the_sidebar_opens_by_keyboard(page, visit, settle):
    page.set_viewport_size(NARROW)
    visit("/")
    page.get_by_test_id("stExpandSidebarButton").focus()
    page.keyboard.press("Enter")
    network = page.get_by_role("combobox", name="Network")
    network.wait_for()
    settle(page)
    network.focus()
    assert page.evaluate("document.activeElement.ariaLabel") == network.get_attribute("aria-label")
    page.wait_for_function(f"() => Math.max(...({OVERFLOW})()) <= 0")  # while it slides in, it pushes the page
