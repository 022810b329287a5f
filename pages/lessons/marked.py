"""The few marks of a lesson's text, *emphasis*, **strong** and `code`, as HTML."""

import re
from html import escape

_MARKS = (
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*([^*]+)\*"), r"<em>\1</em>"),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


def as_html(text: str) -> str:
    """The text, escaped, with its marks."""
    found = escape(text, quote=False)
    for mark, written in _MARKS:
        found = mark.sub(written, found)
    return found
