"""The menu of the pages, where some are folded under "More"."""

from pages import PAGES


def follow_menu(page, title: str) -> None:
    """By the menu, so without loading the app again."""
    if next(each for each in PAGES if each.title == title).is_folded:
        page.get_by_role("button", name="More", exact=True).first.click()
        page.get_by_test_id("stTopNavPopover").get_by_text(title, exact=True).click()
        return
    page.get_by_role("link", name=title, exact=True).first.click()
