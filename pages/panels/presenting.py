"""Present mode on every page: what the browser says of it becomes the session's."""

import streamlit as st

from components.presenting import Report, presenting
from pages import PAGES
from pages.state.links import forget, publish, restore
from pages.state.presenting import NARROW, PRESENT, PRESENTATION, VIEWS, page_paths, view_of

_OPEN = "presenting.open"  # a saved view that is still to be opened


def open_saved_view() -> None:
    """Takes flag and list from the link, before anything is drawn, and goes to the saved view that was asked for."""
    restore(PRESENTATION)
    asked = st.session_state.pop(_OPEN, None)
    view = view_of(asked) if asked else None
    if view is not None:
        forget(keep=PRESENTATION)
        own = {each.url_name: each.text(st.session_state[each.key]) for each in PRESENTATION}
        page = next(page for page in PAGES if page.url_path == view.page)
        st.switch_page(page.file, query_params=view.parameters | {name: text for name, text in own.items() if text})
    publish(PRESENTATION)


def offer_presenting() -> None:
    """The buttons."""
    state = st.session_state
    presenting(
        present=state[PRESENT.key], wide=not state.get(NARROW, False), views=state[VIEWS.key], pages=page_paths(),
        on_report=_take_over,
    )  # fmt: skip


def _take_over(report: Report) -> None:
    state = st.session_state
    state[PRESENT.key], state[NARROW], state[_OPEN] = report.present, not report.wide, report.open
    if report.edited:
        state[VIEWS.key] = ""
