"""Every page opens by its own address, on a desk and on a phone, with nothing but this machine to ask."""

import pytest

from pages import PAGES

pytestmark = pytest.mark.browser

PATHS = ["/" + page.url_path for page in PAGES]
EXCEPTION = "[data-testid=stException]"
# Streamlit scrolls inside its main section, so that one is asked as well as the document.
OVERFLOW = """() => ['html', '[data-testid=stMain]'].map(selector => {
    const element = document.querySelector(selector);
    return element.scrollWidth - element.clientWidth;
})"""


@pytest.mark.parametrize("path", PATHS)
def test_page_opens_without_a_complaint(visit, path):
    page = visit(path)  # errors in the console and foreign requests fail in the fixture
    page.locator("h1").first.wait_for()
    assert page.locator(EXCEPTION).count() == 0


@pytest.mark.parametrize("path", PATHS)
def test_page_fits_a_phone(page, visit, path):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert max(page.evaluate(OVERFLOW)) <= 0
    assert page.locator("h1").first.is_visible()


def test_page_follows_the_dark_preference(page, visit):
    backgrounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit("/")
        backgrounds.add(page.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).backgroundColor"))
    assert len(backgrounds) == 2


def test_the_first_visitor_of_a_server_may_come_by_a_link(fresh_server, visit, settle):
    """Streamlit would run that page without app.py (pages/hosting/server.py), so without what pages share."""
    page = visit(f"{fresh_server.url}/maps")
    page.locator("h1").first.wait_for()  # calm once, it begins again through app.py
    settle(page)
    first = what_pages_share(page)
    visit(f"{fresh_server.url}/")
    assert first == what_pages_share(visit(f"{fresh_server.url}/maps"))


def what_pages_share(page) -> list[str]:
    links, labels = page.get_by_role("link"), page.locator("[data-testid=stWidgetLabel]")
    return [*links.all_inner_texts(), *labels.all_inner_texts()]
