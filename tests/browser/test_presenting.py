"""Present mode: what an audience sees from the last row, the presenter's keys, and the list of saved views."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from pages import PAGES
from tests.browser.conftest import OPEN
from tests.browser.menu import follow_menu
from tests.browser.tabs import Complaints
from tests.browser.test_accessibility import OVERFLOW, drawn, grave_findings
from tests.thorough import rest
from tests.waiting import until

pytestmark = pytest.mark.browser

WALL, PHONE = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
LEAST = 24  # pixels
PATHS = ["/" + page.url_path for page in PAGES]
WITH_MNIST = "/errors"  # of the pages that say whose digits they measure; to measure with MNIST on each takes minutes
HIDDEN = ("stSidebar", "stHeader", "stToolbar", "stTopNavLink", "stElementToolbar")
IS_ON = "document.documentElement.classList.contains('eq-presenting')"
# Every text that is painted, through shadow roots and inside SVG. What is left out is not seen: the copy of a formula
# for screen readers, characters without width, the buttons of a chart that appear under a mouse. An index of an index
# is two sizes smaller by the rules of type.
TEXTS = """() => {
    const found = [];
    const unseen = 'style, script, noscript, .katex-mathml, .modebar-container, .mtight .mtight';
    const walk = root => root.querySelectorAll('*').forEach(element => {
        if (element.shadowRoot) walk(element.shadowRoot);
        const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data);
        const text = own.join(' ').replace(/\\u200b/g, '').trim();
        if (!text || element.closest(unseen)) return;
        const {width, height} = element.getBoundingClientRect();
        const painted = element.checkVisibility({visibilityProperty: true, opacityProperty: true});
        if (!painted || width <= 1 || height <= 1) return;
        const {a, b} = element.getScreenCTM?.() ?? {a: 1, b: 0};  // an SVG may be shown at another size than its own
        found.push([parseFloat(getComputedStyle(element).fontSize) * Math.hypot(a, b), text]);
    });
    walk(document);
    return found;
}"""
SMALL_BELOW = LEAST - 0.05  # rounding of rem


@pytest.fixture
def opened(tabs, server, settle):
    """opened("/maps?present=1") is that page, at rest, in a browser that was never here."""
    contexts = []

    def opened(path: str, **options):
        context = tabs.open(server, Complaints(), **{"viewport": WALL, **options})
        page = context.__enter__()
        contexts.append(context)
        page.goto(path)
        settle(page)
        drawn(page)
        return page

    yield opened
    for context in contexts:
        context.__exit__(None, None, None)


def sign(page) -> str:
    return " ".join(page.locator("[data-testid=sign] .sign").inner_text().split())


def shown(page) -> tuple[str, dict[str, str]]:
    """Page and parameters, without those of the presentation."""
    parts = urlsplit(page.url)
    return parts.path, {k: v for k, v in parse_qsl(parts.query) if k not in ("present", "views")}


def press(page, settle, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)
    settle(page)


def blur(page) -> None:
    page.evaluate("document.activeElement?.blur()")


ON_THE_WALL = [("server", path) for path in PATHS] + [("server_with_mnist", WITH_MNIST)]
DAILY = [case for case in ON_THE_WALL if case[1] in ("/", "/scales", WITH_MNIST)]


@pytest.fixture(scope="module", params=rest(ON_THE_WALL, *DAILY))
def on_the_wall(tabs, settle, request):
    name, path = request.param
    with tabs.open(request.getfixturevalue(name), Complaints(), viewport=WALL) as page:
        page.goto(f"{path}?present=1{OPEN.get(path, '')}")
        settle(page)
        drawn(page)
        yield page


def test_every_text_reads_from_the_last_row(on_the_wall):
    texts = on_the_wall.evaluate(TEXTS)
    assert len(texts) > 15
    assert [(size, text[:40]) for size, text in texts if size < SMALL_BELOW] == []


def test_nothing_but_the_content_is_seen_and_it_has_the_whole_width(on_the_wall):
    for name in HIDDEN:
        assert not any(each.is_visible() for each in on_the_wall.get_by_test_id(name).all()), name
    block = on_the_wall.get_by_test_id("stMainBlockContainer")
    assert block.bounding_box()["width"] > 0.97 * WALL["width"]
    assert max(on_the_wall.evaluate(OVERFLOW)) <= 0
    assert sign(on_the_wall) == "Presenting · Esc leaves"
    foot = on_the_wall.get_by_test_id("stMain").bounding_box()  # the sign covers nothing
    assert foot["y"] + foot["height"] <= on_the_wall.locator("[data-testid=sign] .sign").bounding_box()["y"]


def test_axe_finds_nothing_serious(on_the_wall, axe):
    assert grave_findings(axe, on_the_wall) == []


@pytest.mark.parametrize("path", ["/", "/errors"])  # the others are dark on the phone
def test_axe_finds_nothing_serious_in_the_dark(opened, axe, path):
    assert grave_findings(axe, opened(f"{path}?present=1", color_scheme="dark")) == []


@pytest.mark.parametrize("path", rest(PATHS, "/errors", "/results"))
def test_a_phone_presents_in_the_dark_with_type_that_fits(opened, axe, settle, path):
    page = opened(f"{path}?present=1", viewport=PHONE, color_scheme="dark")
    assert page.evaluate(IS_ON)
    assert max(page.evaluate(OVERFLOW)) <= 0
    assert grave_findings(axe, page) == []
    ticks = page.locator(".js-plotly-plot .xtick text")
    assert {each.evaluate("tick => getComputedStyle(tick).fontSize") for each in ticks.all()} <= {"12px"}


def test_the_key_turns_it_on_at_once_and_the_server_follows(opened, settle):
    page = opened("/errors?count=8")
    assert not page.evaluate(IS_ON)
    at_once = page.evaluate(
        f"() => {{ dispatchEvent(new KeyboardEvent('keydown', {{key: 'p'}})); return [{IS_ON}, location.search]; }}"
    )
    assert at_once == [True, "?count=8&present=1"]
    settle(page)
    drawn(page)
    until(lambda: page.evaluate(f"({TEXTS})().every(([size]) => size >= {SMALL_BELOW})"))  # the charts too
    press(page, settle, "Escape")
    assert not page.evaluate(IS_ON)
    assert sign(page).strip() == ""
    assert page.url.endswith("/errors?count=8")
    assert page.get_by_test_id("stSidebar").is_visible()
    for on in (True, False):
        press(page, settle, "p")
        assert page.evaluate(IS_ON) is on
        assert ("present=1" in page.url) is on
    until(lambda: page.evaluate(f"({TEXTS})().some(([size]) => size < 13)"))  # the charts are small again


def test_a_letter_in_a_field_is_a_letter(opened, settle):
    page = opened("/maps?scales=free")
    page.get_by_test_id("stSidebar").get_by_text("More", exact=True).click()
    page.get_by_role("textbox", name="σ in pixels").focus()
    press(page, settle, "p")
    assert not page.evaluate(IS_ON)
    blur(page)
    press(page, settle, "p")
    assert page.evaluate(IS_ON)


def test_a_reload_keeps_the_mode_and_the_list(opened, settle):
    page = opened("/maps?digit=4")
    page.get_by_role("button", name="Add this view").click()
    page.get_by_role("button", name="Present", exact=True).click()
    settle(page)
    page.reload()
    settle(page)
    assert page.evaluate(IS_ON)
    assert sign(page) == "Presenting · 1 / 1 · Esc leaves"
    assert page.url.endswith("/maps?digit=4&present=1")


VIEWS = "~vmaps~qdigit~e4~vcommute~qs~e1.2599~aother~ecnn~v"
SHOWN = [("/maps", {"digit": "4"}), ("/commute", {"s": "1.2599", "other": "cnn"}), ("/", {})]


def test_arrows_and_a_remote_walk_through_the_list(opened, settle):
    page = opened(f"/maps?digit=4&present=1&views={VIEWS}")
    page.evaluate(
        f"""() => {{
        window.gone = 0;
        const look = () => {{ window.gone += !{IS_ON}; }};
        new MutationObserver(look).observe(document.documentElement, {{attributes: true}});
    }}"""
    )
    assert sign(page) == "Presenting · 1 / 3 · Esc leaves"
    for key, place in [
        ("ArrowLeft", 0), ("ArrowRight", 1), ("PageDown", 2), ("ArrowRight", 2), ("PageUp", 1), ("ArrowLeft", 0),
    ]:  # fmt: skip
        press(page, settle, key)
        assert shown(page) == SHOWN[place], key
        assert f"{place + 1} / 3" in sign(page)
        assert page.locator("h1").first.is_visible()
    for pause in (0, 40, 80):  # faster than a page, and while it is neither the one nor the other
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(pause)
        press(page, settle, "ArrowRight")
        until(lambda: page.evaluate("location.pathname === '/'"))
        settle(page)
        assert shown(page) == SHOWN[2], pause
        for place in (1, 0):
            press(page, settle, "ArrowLeft")
            assert shown(page) == SHOWN[place]
    press(page, settle, "PageDown")
    assert shown(page) == SHOWN[1]
    assert page.evaluate("gone") == 0  # no flicker
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_view_of_the_list_is_the_view_of_its_link(opened, settle):
    """Whatever the session had chosen before, on this page and on others."""
    from tests.browser.seeing import differences, view_at_rest

    page = opened(f"/commute?network=cnn&s=2&digit=8&present=1&views={VIEWS}")
    assert "– / 3" in sign(page)
    press(page, settle, "ArrowRight", 1)
    press(page, settle, "ArrowRight", 1)
    stepped = view_at_rest(page, settle)
    linked = view_at_rest(opened(f"/commute?s=1.2599&other=cnn&present=1&views={VIEWS}"), settle, stepped)
    assert stepped == linked, differences(stepped, linked)


def test_an_arrow_on_the_slider_is_the_sliders(opened, settle):
    page = opened(f"/maps?digit=4&present=1&views={VIEWS}")
    page.locator(".viewer[data-ready=true]").wait_for()
    before = page.locator(".viewer").get_attribute("data-s")
    page.get_by_role("slider", name="Scale factor s").first.focus()
    for key in ("ArrowRight", "PageUp"):
        press(page, settle, key)
        assert shown(page)[0] == "/maps"
        assert "1 / 3" in sign(page)
    assert page.locator(".viewer").get_attribute("data-s") != before


def test_the_list_is_a_link_that_restores_it(opened, settle):
    page = opened("/maps?digit=4")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Add this view").click()
    follow_menu(page, "About")
    settle(page)
    page.get_by_role("button", name="Add this view").click()
    assert page.get_by_role("button", name="Remove this view").is_visible()
    page.get_by_role("button", name="Copy link to 2 saved views").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/maps?digit=4&views=~vmaps~qdigit~e4~vabout~qdigit~e4")

    other = opened(link)
    assert shown(other) == ("/maps", {"digit": "4"})
    assert "views=~v" in other.url  # a reload, or a copy of the address, keeps it
    press(other, settle, "p")
    assert "1 / 2" in sign(other)
    press(other, settle, "Escape")
    other.get_by_role("button", name="Remove this view").click()
    settle(other)
    assert "views" not in other.url  # the list is this browser's now
    press(other, settle, "p")
    assert "– / 1" in sign(other)


@pytest.mark.thorough
def test_without_storage_the_list_lives_for_the_visit(opened, settle, tabs, server):
    forbidden = """Object.defineProperty(window, 'localStorage', {
        get() { throw new DOMException('The operation is insecure.', 'SecurityError'); }
    });"""
    with tabs.open(server, Complaints(), viewport=WALL) as page:
        page.goto("/about")
        settle(page)
        page.evaluate(forbidden)  # Streamlit itself does not start without
        page.get_by_role("button", name="Add this view").click()
        page.get_by_role("link", name="Errors", exact=True).first.click()
        settle(page)
        page.get_by_role("button", name="Add this view").click()
        press(page, settle, "p")
        assert "2 / 2" in sign(page)
        press(page, settle, "ArrowLeft")
        assert shown(page)[0] == "/about"
        assert "1 / 2" in sign(page)
        page.reload()
        settle(page)
        assert sign(page) == "Presenting · Esc leaves"


@pytest.mark.parametrize("nonsense", rest(["nonsense", "~vnowhere", "~v%3Cb%3E", "~vmaps" * 21], "~v%3Cb%3E"))
def test_nonsense_is_one_sentence_and_is_dropped(opened, nonsense):
    page = opened(f"/about?views={nonsense}")
    (told,) = page.get_by_test_id("stAlert").all_inner_texts()[:1]
    assert told.startswith("The saved views in the link cannot be read, so there are none: views = ")
    assert page.get_by_test_id("stAlert").count() == 1
    assert page.url.endswith("/about")
    assert page.get_by_role("button", name="Add this view").is_visible()


def test_an_idle_cursor_is_hidden_until_it_moves(opened):
    page = opened("/maps")
    page.mouse.move(600, 500)
    page.keyboard.press("p")
    idle = "document.documentElement.classList.contains('eq-idle')"
    cursor = "at => getComputedStyle(document.querySelector(at)).cursor"
    handle = "() => getComputedStyle(document.querySelector('.viewer .handle') ?? [...document.querySelectorAll('*')]"
    handle += ".map(each => each.shadowRoot?.querySelector('.viewer .handle')).find(Boolean)).cursor"
    until(lambda: page.evaluate(idle))
    assert page.evaluate(cursor, "h1") == "none"
    assert page.evaluate(handle) == "none"  # in a shadow root
    page.mouse.move(650, 520)
    until(lambda: not page.evaluate(idle))
    assert page.evaluate(cursor, "h1") != "none"
    assert page.evaluate(handle) == "pointer"


def test_the_focus_is_not_lost(opened, settle):
    focused = """() => {
        let element = document.activeElement;
        while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element.innerText || element.ariaLabel || element.tagName;
    }"""
    page = opened("/maps")
    page.get_by_role("button", name="Present", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.evaluate(IS_ON)
    settle(page)
    assert page.evaluate(focused) == "Esc leaves"  # the sidebar is gone
    page.keyboard.press("Enter")
    assert not page.evaluate(IS_ON)
    settle(page)
    assert page.evaluate(focused) == "Present"
    page.get_by_role("slider", name="Scale factor s").first.focus()
    press(page, settle, "p")
    assert page.evaluate(focused) == "Scale factor s"
    press(page, settle, "Escape")
    assert page.evaluate(focused) == "Scale factor s"
