"""The terms of the pages, from assets/text/glossary.md, and where they stand in a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from core.files import ASSETS

FILE = ASSETS / "text" / "glossary.md"
_ROW = re.compile(r"^\|(?P<name>[^|]+)\|(?P<forms>[^|]*)\|(?P<definition>[^|]+)\|$", re.MULTILINE)
_HEAD = 2  # rows of a table before its entries
_IN_A_WORD = "\\w'’′⁻"  # beside a term any of these makes it a part of something else
_ANY_CASE = 3  # letters from which a form may begin a sentence; shorter ones are symbols


@dataclass(frozen=True)
class Term:
    """One entry. Attributes: forms: all that are looked for, the name included."""

    name: str
    forms: tuple[str, ...]
    definition: str


@dataclass(frozen=True)
class Place:
    """Where a term stands: the characters from `start` to before `end`."""

    start: int
    end: int
    term: Term


@cache
def glossary() -> tuple[Term, ...]:
    """All entries. Raises: ValueError for two entries that share a form."""
    rows = [row.groupdict() for row in _ROW.finditer(FILE.read_text(encoding="utf-8"))][_HEAD:]
    terms = tuple(_term(**{name: cell.strip() for name, cell in row.items()}) for row in rows)
    forms = [form for term in terms for form in term.forms]
    if twice := {form for form in forms if forms.count(form) > 1}:
        raise ValueError(f"the glossary explains {', '.join(sorted(twice))} twice")
    return terms


def define(name: str) -> str:
    """The definition of a term. Raises: KeyError for one that the glossary lacks."""
    return {term.name: term.definition for term in glossary()}[name]


def places(text: str) -> Iterator[Place]:
    """Every term in a text, from its start to its end; where two overlap, the longer one."""
    pattern, by_form = _pattern()
    for found in pattern.finditer(text):
        word = found.group()
        term = by_form.get(word) or by_form[word[0].lower() + word[1:]]
        yield Place(found.start(), found.end(), term)


def _term(name: str, forms: str, definition: str) -> Term:
    others = (form.strip() for form in forms.split(","))
    return Term(name, (name, *(form for form in others if form)), definition)


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, Term]]:
    by_form = {form: term for term in glossary() for form in term.forms}
    forms = sorted(by_form, key=len, reverse=True)
    either = "|".join(map(_either_case, forms))
    return re.compile(f"(?<![{_IN_A_WORD}])(?:{either})(?![{_IN_A_WORD}])"), by_form


def _either_case(form: str) -> str:
    first, rest = form[0], re.escape(form[1:])
    is_word = len(form) >= _ANY_CASE and first.islower()
    return f"[{first}{first.upper()}]{rest}" if is_word else re.escape(form)
