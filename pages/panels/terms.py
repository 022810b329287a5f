"""Terms that explain themselves: each is underlined where it first stands on a page, and components/glossary tells it.

What was explained is kept for a run of the page. A fragment runs again by itself, so every standing has a place: the
text that holds it, or a name where that text changes.
"""

import re
from collections.abc import Iterable
from html import escape

import streamlit as st

from core.glossary import Term, places

PAGE = "page"
SIDEBAR = "sidebar"  # closed on some pages, so what it explains counts for itself
_EXPLAINED = "terms.explained"  # in the session: the place of each term, by the part of the screen
# Not text: code, formulas, links, headings, HTML and comments of it.
_VERBATIM = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|^#+ .*?$|<style.*?</style>|<[^>]*>",
    re.DOTALL | re.MULTILINE,
)


def begin() -> None:
    """Forgets what was explained; at the start of every run of the whole page."""
    st.session_state[_EXPLAINED] = {}


def marked(text: str, place: str = "", part: str = PAGE) -> str:
    """Markdown or HTML in which every term is underlined that stands here first, once.

    Args: place: a name for the text, if it changes in a fragment.
          part: of the screen in which it is the first: PAGE, SIDEBAR, or one that a visitor unfolds.
    """
    done: set[str] = set()
    where, pieces, end = hash(place or text), [], 0
    for found in _VERBATIM.finditer(text):
        pieces += [_marked(text[end : found.start()], where, part, done), found.group()]
        end = found.end()
    return "".join([*pieces, _marked(text[end:], where, part, done)])


def unexplained(texts: Iterable[str], place: str, part: str = PAGE) -> list[Term]:
    """The terms in what a component shows that stand there first, for it to underline."""
    found = {each.term.name: each.term for text in dict.fromkeys(texts) for each in places(text)}
    return [term for term in found.values() if _is_first(term, hash(place), part)]


def _marked(text: str, where: int, part: str, done: set[str]) -> str:
    pieces, end = [], 0
    for found in places(text):
        if found.term.name in done or not _is_first(found.term, where, part):
            continue
        done.add(found.term.name)
        word = text[found.start : found.end]
        pieces += [text[end : found.start], _as_html(word, found.term)]
        end = found.end
    return "".join([*pieces, text[end:]])


def _is_first(term: Term, where: int, part: str) -> bool:
    """Whether no other place explains it; from now on this one does."""
    explained = st.session_state.setdefault(_EXPLAINED, {}).setdefault(part, {})
    return explained.setdefault(term.name, where) == where


def _as_html(word: str, term: Term) -> str:
    return f'<dfn class="eq-term" tabindex="0" aria-description="{escape(term.definition)}">{word}</dfn>'
