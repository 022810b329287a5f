"""The start page: one picture that moves by itself, whole on the first screen, with few words and controls."""

import re

import pytest

pytestmark = pytest.mark.browser

ON_SCREEN = """
    const onScreen = box => box.width > 2 && box.height > 2 && box.top < innerHeight && box.bottom > 0
        && box.left < innerWidth && box.right > 0;
    const shown = each => each.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const everything = root => [...root.querySelectorAll('*')]
        .flatMap(each => each.shadowRoot ? [each, ...everything(each.shadowRoot)] : [each]);
"""
WORDS_ON_SCREEN = f"""() => {{{ON_SCREEN}
    const quiet = '[data-testid=stSkipToContent], style, script, [data-testid=stIconMaterial], select, option';
    return everything(document.body).filter(each => shown(each) && !each.matches(quiet)).flatMap(each =>
        [...each.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).flatMap(node => {{
            const range = document.createRange();
            range.selectNodeContents(node);
            const words = node.textContent.split(/\\s+/).filter(word => /[\\p{{L}}\\p{{N}}]/u.test(word));
            return onScreen(range.getBoundingClientRect()) ? words : [];
        }}));
}}"""
CONTROLS_ON_SCREEN = f"""() => {{{ON_SCREEN}
    return everything(document).filter(each => each.matches('a[href], button, input, select, textarea, [role=slider]')
        && shown(each) && onScreen(each.getBoundingClientRect())).map(each => each.ariaLabel || each.textContent);
}}"""


def viewer(page):
    found = page.locator(".viewer[data-ready=true]")
    found.wait_for()
    return found


@pytest.fixture
def still(page):
    page.emulate_media(reduced_motion="reduce")
    return page


def test_the_first_screen_has_the_whole_figure_few_words_and_few_controls(still, visit):
    page = visit("/?s=1.5874")
    viewer(page)
    words, controls = page.evaluate(WORDS_ON_SCREEN), page.evaluate(CONTROLS_ON_SCREEN)
    assert 20 < len(words) <= 60, " ".join(words)
    pictures = [each for each in controls if "Enlarge" in each]
    assert len(pictures) == 3  # a click on a map enlarges it
    assert 8 < len(controls) - len(pictures) <= 12, controls
    assert page.locator(".curve").last.bounding_box()["y"] + page.locator(".curve").last.bounding_box()["height"] <= 900
    assert page.get_by_test_id("stSidebar").get_attribute("data-collapsed") == "true"
    assert page.locator("canvas[data-panel=cnn]").bounding_box()["width"] >= 380


@pytest.mark.parametrize(("width", "height", "least"), [(1920, 1080, 500), (390, 844, 150)])
def test_the_pictures_follow_the_window(still, visit, width, height, least):
    still.set_viewport_size({"width": width, "height": height})
    page = visit("/?s=1.5874")
    viewer(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [page.locator(f"canvas[data-panel={panel}]").bounding_box() for panel in ("cnn", "sesn_antialiased")]
    assert all(box["width"] == pytest.approx(box["height"], abs=1) for box in boxes)
    assert all(box["width"] >= least for box in boxes)
    if width > 640:
        assert all(box["y"] + box["height"] < height for box in boxes)


def test_it_plays_once_and_rests_where_it_began(page, visit):
    visit("/")
    viewer(page)
    page.locator(".viewer[data-playing=true]").wait_for()
    seen = page.locator(".viewer").evaluate(
        """root => new Promise(resolve => {
            const seen = new Set();
            const look = () => {
                seen.add(Number(root.dataset.frame));
                if (root.dataset.playing === 'false') resolve([...seen]);
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    assert len(seen) >= 20
    assert (min(seen), max(seen)) == (0, 48)
    assert page.locator(".viewer").get_attribute("data-s") == "0.63"
    assert "s=" not in page.url


def test_the_visitors_hand_takes_over(page, visit, settle):
    visit("/")
    viewer(page)
    page.locator(".viewer[data-playing=true]").wait_for()
    box = page.locator(".rail").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 2)
    settle(page)
    assert page.locator(".viewer").get_attribute("data-playing") == "false"
    assert float(page.locator(".viewer").get_attribute("data-s")) == pytest.approx(2**0.5, rel=0.05)
    assert page.locator(".note").first.get_attribute("data-amount") == page.locator(".viewer").get_attribute("data-s")


def test_with_less_motion_it_stands_still_and_says_how_to_start(still, visit):
    page = visit("/")
    viewer(page)
    page.wait_for_timeout(500)
    assert page.locator(".viewer").get_attribute("data-s") == "0.63"
    assert "drag the handle" in page.locator(".hint").inner_text()
    assert page.evaluate(WORDS_ON_SCREEN)


def test_one_answer_stands_still_and_the_other_does_not(still, visit, settle):
    """What is drawn at both ends, pixel by pixel."""
    page = visit("/?s=0.5")
    viewer(page)
    frames = {}
    for key in ("Home", "End"):
        page.get_by_role("slider", name="Scale factor s").press(key)
        settle(page)
        frames[key] = {name: pixels_of(page, name) for name in ("tx", "cnn", "sesn_antialiased")}
    change = {name: moved(frames["Home"][name], frames["End"][name]) for name in frames["Home"]}
    assert change["cnn"] > 3 * change["sesn_antialiased"] > 0
    assert change["tx"] > 3 * change["sesn_antialiased"]


def moved(before: list[int], after: list[int]) -> float:
    """How much of what is drawn has changed: 0 if nothing has, 1 about where all of it has."""
    ground = before[:4]  # the colour of the corner
    ink = sum(abs(each - ground[i % 4]) for drawn in (before, after) for i, each in enumerate(drawn))
    return 2 * sum(abs(a - b) for a, b in zip(before, after, strict=True)) / ink


def pixels_of(page, panel: str) -> list[int]:
    return page.locator(f"canvas[data-panel={panel}]").evaluate(
        "each => [...each.getContext('2d').getImageData(0, 0, each.width, each.height).data]"
    )


def test_an_arrow_key_moves_the_handle_from_the_very_start(still, visit, settle):
    page = visit("/")
    viewer(page)
    page.keyboard.press("ArrowRight")
    settle(page)
    assert float(page.locator(".viewer").get_attribute("data-s")) > 0.63
    page.locator("[data-testid=stSidebarCollapsedControl] button, [data-testid=stExpandSidebarButton]").first.focus()
    before = page.locator(".viewer").get_attribute("data-s")
    page.keyboard.press("ArrowRight")  # of whatever has the focus
    assert page.locator(".viewer").get_attribute("data-s") == before


def test_the_pad_opens_beside_the_picture(still, visit, settle):
    page = visit("/")
    viewer(page)
    page.get_by_role("button", name="Draw your own").click()
    settle(page)
    assert page.get_by_test_id("stSidebar").get_attribute("data-collapsed") == "false"
    assert page.locator("canvas[aria-label]").first.is_visible()
    assert re.search("source=draw", page.url)


def test_every_door_has_a_picture_and_leads_to_its_page(still, visit, settle):
    page = visit("/")
    doors = page.locator("img.eq-door")
    assert doors.count() == page.get_by_test_id("stPageLink").count() >= 5
    assert all(each.evaluate("e => e.naturalWidth") >= 300 for each in doors.all())
    page.get_by_test_id("stPageLink").first.click()
    settle(page)
    assert page.url.split("?")[0].endswith("/learn")
    assert page.locator(".card[data-at='shift-first/drag-it']").is_visible()
