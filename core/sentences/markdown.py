"""Sentences as short paragraphs of Markdown, and the same as one line for who hears them instead of seeing a figure."""

import re


def paragraphs(*told: str) -> str:
    """Those that say something, each by itself."""
    return "\n\n".join(filter(None, told))


def plain(said: str) -> str:
    """One line without bold type, lists and paragraphs."""
    return " ".join(re.sub(r"\*\*|^- ", "", said, flags=re.MULTILINE).split())
