"""Present mode: a view for an audience, without controls and with large type; and the saved views of a link."""

import streamlit as st

from components.presenting.views import SavedView, read_views
from pages import PAGES
from pages.state.links import Parameter, flag

NARROW = "presenting.narrow"  # whether the browser said that its window has no room for large type
GROWTH = 1.75  # of pictures, beside type that doubles
_IGNORED = "The saved views in the link cannot be read, so there are none: {}."


def _views(text: str) -> str:
    if text:
        read_views(text, page_paths())
    return text


def page_paths() -> list[str]:
    """All pages, as in an address."""
    return [page.url_path for page in PAGES]


def view_of(text: str) -> SavedView | None:
    """The one saved view of a text; None if it is none."""
    try:
        return read_views(text, page_paths())[0]
    except ValueError:
        return None


PRESENT = flag("present")
VIEWS = Parameter("views", "", _views, ignored=_IGNORED)  # as text; empty once the list is the browser's own
PRESENTATION = (PRESENT, VIEWS)


def is_presenting() -> bool:
    return bool(st.session_state.get(PRESENT.key, PRESENT.usual))


def has_large_type() -> bool:
    """Whether type is of 24 pixels and more: in present mode, unless the window is a phone's."""
    return is_presenting() and not st.session_state.get(NARROW, False)


def grown(width: int) -> int:
    """The width of a picture in CSS pixels, larger beside large type."""
    return round(GROWTH * width) if has_large_type() else width
