"""Sentences as paragraphs of Markdown, as one line for who hears them, and as HTML where nothing reads Markdown."""

import re
from html import escape

_MARKS = (
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


def paragraphs(*told: str) -> str:
    """Those that say something, each by itself."""
    return "\n\n".join(filter(None, told))


def plain(said: str) -> str:
    """One line without bold type, lists and paragraphs."""
    return " ".join(re.sub(r"\*\*|^- ", "", said, flags=re.MULTILINE).split())


def as_html(said: str) -> str:
    """One paragraph, escaped, with the marks that sentences have: **strong**, *emphasis* and `code`."""
    found = escape(said, quote=False)
    for mark, written in _MARKS:
        found = mark.sub(written, found)
    return found
