"""Pages follow what the browser prefers, and a server's first visitor may come by any address."""

import pytest

pytestmark = pytest.mark.browser


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
