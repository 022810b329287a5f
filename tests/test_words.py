"""No paragraph beside a figure is long: the texts in assets, and every sentence that a page writes by itself."""

import ast
import re

import pytest

from core.files import ASSETS
from tests.conftest import ROOT

MOST = 40  # words
ALONE = {"about.md", "glossary.md"}  # a page of text, and a table
TEXTS = sorted(path.name for path in (ASSETS / "text").glob("*.md") if path.name not in ALONE)
SOURCES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pages").rglob("*.py") if path.name != "about.py")


def long_paragraphs(text: str) -> list[str]:
    """The paragraphs, and items of lists, that have too many words."""
    found = re.split(r"\n\s*\n|\n- ", text)
    return [each for each in found if len(re.findall(r"\w[^\s–]*", each)) > MOST]


def texts_of(source: str) -> list[str]:
    """The texts of a module that are no docstrings, each f-string as if a value were a word."""
    tree = ast.parse(source)
    docstrings = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    inside = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in ast.walk(each)}
    found = []
    for each in ast.walk(tree):
        if isinstance(each, ast.JoinedStr):
            found.append("".join(v.value if isinstance(v, ast.Constant) else "value" for v in each.values))
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in docstrings | inside:
            found.append(each.value)
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_short_paragraphs(name):
    assert long_paragraphs((ASSETS / "text" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SOURCES)
def test_what_a_page_says_has_short_paragraphs(path):
    assert [
        long for text in texts_of((ROOT / path).read_text(encoding="utf-8")) for long in long_paragraphs(text)
    ] == []


def test_a_long_one_is_found():
    assert long_paragraphs("word " * MOST + "\n\n" + "word " * MOST) == []
    assert len(long_paragraphs("word " * (MOST + 1))) == 1
    assert texts_of('def f():\n    """Doc."""\n    return f"{a} and " "b"') == ["value and b"]
