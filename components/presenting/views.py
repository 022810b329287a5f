"""Saved views as text, the server's half of views.js: the page and the parameters of each."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl

MOST_VIEWS = 20
MOST_CHARACTERS = 8192
_MEANT = {"~~": "~", "~q": "?", "~a": "&", "~e": "=", "~p": "%", "~s": "+"}
_BETWEEN = "~v"
_TEXT = re.compile(r"(~[~qaepsv]|[A-Za-z0-9_.\-!*'()])+")
_PIECE = re.compile(r"~.|[^~]+")


@dataclass(frozen=True)
class SavedView:
    """What a link shows. Attributes: page: as in an address; empty for the first. query: without the question mark."""

    page: str
    query: str

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))


def read_views(text: str, pages: Collection[str]) -> tuple[SavedView, ...]:
    """Args: text: as `encode` of views.js gives it. pages: those that there are, as in an address.

    Raises: ValueError for nonsense, more than 20 views or 8192 characters, or a page that there is not.
    """
    if len(text) > MOST_CHARACTERS or not _TEXT.fullmatch(text) or not text.startswith(_BETWEEN):
        raise ValueError(f"expected at most {MOST_CHARACTERS} characters of saved views, got {text[:40]!r}")
    views = [""]
    for piece in _PIECE.findall(text)[1:]:
        if piece == _BETWEEN:
            views.append("")
        else:
            views[-1] += _MEANT.get(piece, piece)
    found = tuple(SavedView(page, query) for page, _, query in (view.partition("?") for view in views))
    if len(found) > MOST_VIEWS:
        raise ValueError(f"expected at most {MOST_VIEWS} saved views, got {len(found)}")
    for view in found:
        if view.page not in pages:
            raise ValueError(f"expected one of {sorted(pages)}, got a view of {view.page!r}")
    return found
