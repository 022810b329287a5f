"""A link gives the view it was copied from: in a fresh browser, over page changes, Back, and a server's death."""

import io
import os
import random
import signal
from contextlib import ExitStack
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image, ImageDraw

from pages import PAGES
from tests.browser.menu import follow_menu
from tests.browser.running import free_port, running_app
from tests.browser.seeing import controls, differences, pixels, unfold, view_at_rest
from tests.browser.tabs import Complaints
from tests.waiting import until

pytestmark = pytest.mark.browser

TITLES = [page.title for page in PAGES]
MOVES_PER_PAGE = 2
COUNT_RUNS = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    window.runs = 0;
    const count = () => { window.runs += app.dataset.testScriptState === 'running'; };
    new MutationObserver(count).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""


def go(page, settle, title: str) -> None:
    follow_menu(page, title)
    settle(page)


def choose(page, settle, label: str) -> None:
    """One of the options side by side."""
    unfold(page)
    option = page.get_by_role("radio", name=label, exact=True).first

    def is_chosen() -> bool:
        option.click()  # while the fold opens, it may move away from under the pointer
        settle(page)
        return option.is_checked()

    until(is_chosen)


def press(page, settle, slider: str, key: str, times: int = 1) -> None:
    page.get_by_role("slider", name=slider).focus()
    for _ in range(times):
        page.keyboard.press(key)
    settle(page)


def address(page) -> tuple[str, dict[str, str]]:
    """The page's path and its parameters, whose order means nothing."""
    parts = urlsplit(page.url)
    return parts.path, dict(parse_qsl(parts.query))


@pytest.fixture
def fresh_view(tabs, server, settle):
    """fresh_view(url, expected) is what a browser that was never here shows there, as soon as it is as expected."""

    def fresh_view(url: str, expected: dict) -> dict:
        with tabs.open(server, Complaints()) as page:
            page.goto(url)
            return view_at_rest(page, settle, expected)

    return fresh_view


def is_divider(control) -> bool:
    """It wipes between two maps that are both there; a link holds what is shown, not where one looks."""
    return (control.get_attribute("aria-label") or "").startswith("Divider")


def move_anything(page, settle, chance: random.Random) -> str:
    """Moves one control of the page, as a visitor would; returns what was done."""
    by_role = {}
    for role in ("slider", "radio", "combobox", "switch"):
        found = [each for each in page.get_by_role(role).all() if each.is_visible() and each.is_enabled()]
        by_role[role] = [each for each in found if each.get_attribute("id") != "pen" and not is_divider(each)]
    role = chance.choice([role for role, found in by_role.items() if found])
    control = chance.choice(by_role[role])
    if role == "slider":
        key = chance.choice(["ArrowLeft", "ArrowRight", "Home", "End"])
        control.focus()
        for _ in range(chance.randint(1, 4)):
            page.keyboard.press(key)
        done = f"{key} on {control.get_attribute('aria-label')}"
    elif role == "combobox":
        control.focus()
        for _ in range(chance.randint(1, 5)):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        done = control.get_attribute("aria-label")
    elif role == "switch":
        done = control.get_attribute("aria-label")
        control.focus()  # a click meets its label
        page.keyboard.press("Space")
    else:
        done = control.inner_text()
        control.click()
    settle(page)
    return f"{role}: {done}"


@pytest.mark.thorough
@pytest.mark.parametrize("count", [3, len(TITLES)])
def test_any_view_comes_back_from_its_link(visit, settle, fresh_view, count):
    """Random moves on so many pages; each time a fresh browser opens the address and must show the same."""
    chance = random.Random(0)
    page = visit("/")
    done = []
    for title in chance.sample(TITLES, count):
        go(page, settle, title)
        done += [title] + [move_anything(page, settle, chance) for _ in range(MOVES_PER_PAGE)]
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur()")
        shown = view_at_rest(page, settle)
        assert len(shown["controls"]) > 10
        again = fresh_view(page.url, shown)
        assert again == shown, f"{page.url} after {done}: {differences(shown, again)}"
    assert page.locator("[data-testid=stException]").count() == 0


def test_views_differ_where_links_do(visit, settle):
    """Else the test above could not fail."""
    views = [view_at_rest(visit(path), settle) for path in ("/maps", "/maps?s=1.26", "/maps?digit=4")]
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert views[one]["pixels"] != views[other]["pixels"]
    errors = [view_at_rest(visit(path), settle) for path in ("/errors", "/errors?count=8")]
    assert errors[0]["pixels"] != errors[1]["pixels"]
    assert errors[0]["controls"] != errors[1]["controls"]


def test_back_brings_the_page_and_keeps_the_controls(visit, settle):
    page = visit("/errors?network=cnn&count=8")
    go(page, settle, "Scales")
    press(page, settle, "Number of internal scales", "ArrowRight", 3)
    choose(page, settle, "Each map")
    page.go_back()  # one step, however many moves there were
    settle(page)
    assert page.locator("h1").first.inner_text() == "Which layer breaks equivariance?"
    assert address(page) == ("/errors", {"network": "cnn", "count": "8", "range": "unit"})
    page.go_forward()
    settle(page)
    assert page.locator("h1").first.inner_text() == "Internal scales"
    assert address(page) == ("/scales", {"network": "cnn", "range": "unit", "tol_n": "6"})


@pytest.mark.own_tab
def test_a_phone_has_as_short_a_history(page, visit, settle):
    page.set_viewport_size({"width": 390, "height": 844})
    visit("/maps")
    entries = page.evaluate("history.length")
    slider = page.get_by_role("slider", name="Scale factor s").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        settle(page)
    assert "s=" in page.url
    assert page.evaluate("history.length") == entries


def test_the_link_is_copied(page, visit, settle):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit("/maps?digit=8")
    button = page.get_by_role("button", name="Copy link to this view")
    button.focus()
    page.keyboard.press("Enter")
    status = page.get_by_role("status").filter(has_text="Copied")
    status.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    choose(page, settle, "Each map")
    assert status.count() == 0  # it is another view now
    button.click()
    status.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/maps?digit=8&range=unit")


@pytest.mark.own_tab
def test_without_a_clipboard_the_link_is_shown_and_selected(page, visit):
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visit("/scales?tol_n=5")
    page.get_by_role("button", name="Copy link to this view").click()
    field = page.get_by_role("textbox", name="Link to this view")
    assert field.input_value() == page.url
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected == page.url
    assert page.get_by_role("status").filter(has_text="Copy the selected link").count() == 1


def drawing() -> bytes:
    image = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(image).line([(60, 40), (140, 40), (90, 160)], fill=0, width=20)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.thorough
def test_an_upload_is_kept_by_its_session_and_missed_by_others(visit, settle, tabs, server):
    page = visit("/maps?source=upload")
    without = pixels(page)
    page.set_input_files("input[type=file]", {"name": "seven.png", "mimeType": "image/png", "buffer": drawing()})
    uploaded = view_at_rest(page, settle)
    assert uploaded["pixels"] != without
    assert "upload=" in page.url
    go(page, settle, "About")
    page.go_back()
    assert view_at_rest(page, settle, uploaded)["pixels"] == uploaded["pixels"]
    choose(page, settle, "Vector")
    choose(page, settle, "Upload")  # the uploader is empty by now, the picture is still here, but for its box
    assert view_at_rest(page, settle)["pixels"][1:] == uploaded["pixels"][1:]

    with tabs.open(server, Complaints()) as other:
        other.goto(page.url)
        settle(other)
        notice = other.get_by_test_id("stAlert").filter(has_text="until you upload the same file")
        assert notice.count() == 1
        assert other.url == page.url
        other.set_input_files("input[type=file]", {"name": "again.png", "mimeType": "image/png", "buffer": drawing()})
        assert view_at_rest(other, settle, uploaded)["pixels"] == uploaded["pixels"]
        assert notice.count() == 0
        assert other.url == page.url


@pytest.mark.thorough
def test_every_tab_survives_its_server(root, tmp_path, tabs, settle):
    """Killed and started again on the same port; a tab comes back by itself, and the next move is not lost."""
    port, complaints = free_port(), Complaints()
    paths = ("/commute?digit=8&network=sesn_scalar&s=1.26", "/errors?network=cnn&digits=this&s=1.26")
    with ExitStack() as stack:
        with running_app(root, tmp_path, port) as first:
            # Tabs of their own: another one would go back to a server that has ended.
            pages = [stack.enter_context(tabs.open(first, complaints, own=True)) for _ in paths]
            before = [seen_before(page, settle, path) for page, path in zip(pages, paths, strict=True)]
            os.kill(first.pid, signal.SIGKILL)
            for page in pages:
                page.wait_for_selector("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])")
        with running_app(root, tmp_path, port):
            for page, (url, shown) in zip(pages, before, strict=True):
                page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
                until(lambda page=page: page.evaluate("window.runs > 0"))  # without a move of the visitor
                returned = view_at_rest(page, settle, shown)
                assert returned == shown, differences(shown, returned)
                assert page.url == url
                choose(page, settle, "All layers")
                assert page.url == url.replace("range=unit", "range=global")
                assert controls(page) != shown["controls"]
            for page in pages:
                page.close()  # before this server goes too
        complaints.console_errors.clear()  # the browser noted that the server was gone


def seen_before(page, settle, path: str) -> tuple[str, dict]:
    """Address and view after a move; from now on the page counts its runs."""
    page.goto(path)
    settle(page)
    choose(page, settle, "Each map")
    url, shown = page.url, view_at_rest(page, settle)
    page.evaluate(COUNT_RUNS)
    return url, shown
