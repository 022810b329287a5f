"""What a page says, as a visitor reads it."""

import re

_MARK = re.compile(r"</?dfn[^>]*>")  # around a term that explains itself


def plain(text: object) -> str:
    """A text of a page without the marks of its terms."""
    return _MARK.sub("", str(text))
