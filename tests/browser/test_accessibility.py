"""Every page for a visitor who sees little, uses no mouse, or holds a phone: axe-core, the Tab key, narrow screens.

Opening a page costs more than looking at it, so each is opened once on a desk by day and once on a phone in the dark.
"""

import io
from collections.abc import Iterator, Set

import numpy as np
import pytest
from PIL import Image

from pages import PAGES
from tests.browser.conftest import OPEN
from tests.browser.tabs import Complaints
from tests.thorough import rest

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATHS = [path + OPEN.get(path, "").replace("&", "?", 1) for path in ("/" + page.url_path for page in PAGES)]
STATES = (
    *PATHS, "/commute?other=cnn&corner=flick", "/maps?scales=chosen&source=upload&map=3.2", "/about?source=draw",
    "/scales?source=mnist&network=cnn", "/learn?test=1", "/learn?for=teachers",
)  # fmt: skip
FEW = (PATHS[0], *(path for path in STATES if path.startswith(("/scales?open", "/learn", "/yours", "/results"))))
DARK = [PATHS[0], *(path for path in PATHS if path.startswith(("/errors", "/scales")))]  # the rest is on the phone
GRAVE = {"serious", "critical"}
MAIN = "[data-testid=stMain]"
EXCEPTION = "[data-testid=stException]"
# Streamlit scrolls inside its main section, so that one is asked as well as the document.
OVERFLOW = """() => ['html', '[data-testid=stMain]'].map(selector => {
    const element = document.querySelector(selector);
    return element.scrollWidth - element.clientWidth;
})"""
CUT = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
    const { left, right } = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll('text')];
    return texts.map(text => ({ text: text.textContent, at: text.getBoundingClientRect() }))
        .filter(({ at }) => at.width && (at.left < left - 1 || at.right > right + 1)).map(({ text }) => text);
})"""
AXE_OPTIONS = {"resultTypes": ["violations"], "iframes": False}
RING = 16  # pixels around a control in which its focus may show: the ring of a slider is around its thumb
# The smallest sign of focus here is the ring around the thumb of a slider, 132 pixels; Streamlit's shade of grey
# behind a focused link reaches none. A caret does not count: a screenshot hides it.
SEEN_PIXELS, SEEN_DIFFERENCE = 60, 48  # of 255, in the channel that differs most

# Everything a visitor can operate and see, in the order of the document and through shadow roots. A radio group and a
# row of pills are one stop of Tab each; the arrows of a menu or of a number belong to their field, the input of an
# upload to its button.
COLLECT_CONTROLS = """() => {
    const roles = ['button', 'checkbox', 'combobox', 'link', 'radio', 'slider', 'spinbutton', 'switch', 'tab'];
    const kinds = 'a[href], button, input, select, textarea, summary, canvas[tabindex], '
        + roles.map(role => `[role=${role}]`).join(', ');
    const parts = '[data-testid=stSelectbox] button, [data-testid=stNumberInput] button, input[type=file], canvas *, '
        + '[aria-hidden=true]';
    const found = new Set();
    window.oneStop = '[role=radiogroup], [data-testid=stButtonGroup] [role=toolbar]';
    const walk = root => root.querySelectorAll('*').forEach(element => {
        const shown = element.checkVisibility({visibilityProperty: true}) && !element.disabled;
        if (shown && element.matches(kinds) && !element.closest(parts)) {
            found.add(element.closest(window.oneStop) ?? element);
        }
        if (element.shadowRoot) walk(element.shadowRoot);
    });
    walk(document);
    window.controls = [...found];
    window.stops = [];
    const kind = element => [element.tagName, element.role, element.className, element.dataset.testid].join();
    const name = element => element.ariaLabel || element.innerText || element.dataset.testid || element.tagName;
    const named = control => name(control).trim().replace(/\\s+/g, ' ').slice(0, 40);
    return window.controls.map(control => [named(control), kind(control)]);
}"""
# Where Tab has come to: the number of the control, −1 for a region that only scrolls, null at the end of the page.
# A busy machine scrolls there some frames later.
TAB_STOP = """async () => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === document.body) return null;
    const control = window.controls.indexOf(element.closest(window.oneStop) ?? element);
    if (control >= 0) window.stops[control] ??= element;
    const onScreen = () => {
        const {left, right, top, bottom} = element.getBoundingClientRect();
        return right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
    };
    const end = performance.now() + 5000;
    while (!onScreen() && performance.now() < end) await new Promise(requestAnimationFrame);
    return {control, onScreen: onScreen()};
}"""
FOCUS = """control => {
    window.stops[control].scrollIntoView({block: 'center', behavior: 'instant'});
    window.stops[control].focus({preventScroll: true});
    const {x, y, width, height} = window.stops[control].getBoundingClientRect();
    return {x, y, width, height};
}"""


def grave_findings(axe, page, within: str | None = None) -> list[str]:
    """Rule, help and place of every finding that keeps somebody out.

    Args: within: a selector of the part to look at, where the rest is known; else the whole page.
    """
    violations = axe.run(page, context=within, options=AXE_OPTIONS).response["violations"]
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


def unseen(page, controls: list[tuple[str, str]], known: Set[tuple[str, str]]) -> list[str]:
    """Controls on which the focus does not show, of those whose name and kind are not known."""
    asked = [control for control, each in enumerate(controls) if each not in known]
    return [controls[control][0] for control in asked if pixels_that_show_focus(page, control) < SEEN_PIXELS]


def collect_controls(page) -> list[tuple[str, str]]:
    """Name and kind of every control, in the order of the document."""
    return [(name, kind) for name, kind in page.evaluate(COLLECT_CONTROLS)]


def opened(tabs, server, settle, path: str, **options) -> Iterator:
    """The page at rest; errors in the console and foreign requests fail at its end."""
    with tabs.open(server, Complaints(), **options) as page:
        page.goto(path)
        settle(page)
        drawn(page)
        yield page


@pytest.fixture(scope="module", params=rest(STATES, *FEW))
def desk(tabs, server, settle, request):
    yield from opened(tabs, server, settle, request.param, viewport=WIDE)


@pytest.fixture(scope="module", params=rest(STATES, *FEW))
def phone(tabs, server, settle, request):
    yield from opened(tabs, server, settle, request.param, viewport=NARROW, color_scheme="dark")


@pytest.fixture(scope="module", params=rest(DARK, DARK[0]))
def dark(tabs, server, settle, request):
    yield from opened(tabs, server, settle, request.param, viewport=WIDE, color_scheme="dark")


def test_it_opens_without_a_complaint(desk):
    desk.locator("h1").first.wait_for()
    assert desk.locator(EXCEPTION).count() == 0


def test_axe_finds_nothing_serious(desk, axe):
    assert grave_findings(axe, desk) == []


def test_axe_finds_nothing_serious_on_a_phone_in_the_dark(phone, axe):
    assert grave_findings(axe, phone) == []


def test_axe_finds_nothing_serious_in_the_dark(dark, axe):
    """With the sidebar, which a phone folds away."""
    assert grave_findings(axe, dark) == []


def test_axe_sees_a_picture_without_a_text(page, visit, axe):
    visit("/about")
    page.evaluate("document.querySelector('h1').append(Object.assign(new Image(), {src: 'data:,'}))")
    for part in (None, MAIN):
        assert [found.split()[0] for found in grave_findings(axe, page, part)] == ["image-alt"]


@pytest.fixture(scope="module")
def shown_focus() -> set[tuple[str, str]]:
    """The controls whose focus has shown on a page: the menu and most of the sidebar are on every page."""
    return set()


@pytest.fixture(scope="module")
def shown_focus_in_the_dark() -> set[tuple[str, str]]:
    return set()


@pytest.mark.parametrize("desk", rest(PATHS, PATHS[0], *set(FEW[1:3]) & set(PATHS)), indirect=True)
def test_tab_reaches_every_control_in_order_and_shows_where_it_is(desk, shown_focus):
    controls = collect_controls(desk)
    names = [name for name, _ in controls]
    stops = [stop["control"] for stop in press_tab_to_the_end(desk) if stop["control"] >= 0]
    reached = [names[control] for control in dict.fromkeys(stops)]
    assert reached == names
    assert stops == sorted(stops)
    assert unseen(desk, controls, shown_focus) == []
    shown_focus.update(controls)


@pytest.mark.parametrize("dark", rest(DARK[:2], DARK[0]), indirect=True)  # others have the same kinds of control
def test_focus_shows_in_the_dark(dark, shown_focus_in_the_dark):
    controls = collect_controls(dark)
    press_tab_to_the_end(dark)
    assert unseen(dark, controls, shown_focus_in_the_dark) == []
    shown_focus_in_the_dark.update(controls)


def test_a_phone_shows_the_page_whole(phone):
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert max(phone.evaluate(OVERFLOW)) <= 0
    assert phone.evaluate(CUT) == []
    assert phone.locator("h1").first.is_visible()


@pytest.mark.parametrize("phone", rest(PATHS, *set(FEW) & set(PATHS)), indirect=True)
def test_on_a_phone_tab_stays_on_the_screen(phone):
    names = [name for name, _ in collect_controls(phone)]
    stops = press_tab_to_the_end(phone)
    assert [names[stop["control"]] for stop in stops if not stop["onScreen"]] == []
    assert {stop["control"] for stop in stops} >= set(range(len(names)))


def test_on_a_phone_the_sidebar_opens_by_keyboard(page, visit, settle):
    page.set_viewport_size(NARROW)
    visit("/")
    page.get_by_test_id("stExpandSidebarButton").focus()
    page.keyboard.press("Enter")
    network = page.get_by_role("button", name="Network:")
    network.wait_for()
    settle(page)
    network.focus()
    page.keyboard.press("Enter")
    page.get_by_role("radiogroup", name="Learned scales").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => Math.max(...({OVERFLOW})()) <= 0")  # while it slides in, it pushes the page
