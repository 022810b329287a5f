"""Every term of the glossary explains itself where it first stands on a page, and nowhere else."""

import json
import re
from collections.abc import Iterator

import pytest

from components import scale_axis
from core.glossary import places
from pages import PAGES
from pages.panels import terms
from tests.pages.test_app import FEW

EXPLAINED = re.compile(r"<dfn [^>]*>(.*?)</dfn>")
SPEAKING = ("equiscope_viewer", "equiscope_scale_axis")
BEGIN, END = "\x01", "\x02"  # around an explained term
VERBATIM = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|\[[^\]]*\]\([^)]*\)|^#+ .*?$|<[^>]*>", re.S | re.M)


def standings(text: str) -> Iterator[tuple[str, bool]]:
    """Every term in a text, with whether it is explained there."""
    text = VERBATIM.sub(" ", EXPLAINED.sub(rf"{BEGIN}\1{END}", text))
    for place in places(text):
        yield place.term.name, text[place.start - 1 : place.start] == BEGIN


def shown(block) -> Iterator[tuple[str, str]]:
    """What stands on a page, from above: kind and text."""
    for each in block.children.values():
        if hasattr(each, "children"):
            yield from shown(each)
        elif each.type in ("markdown", "caption", "html"):
            yield each.type, each.proto.body
        elif each.type == "bidi_component" and each.proto.component_name in (
            "equiscope_viewer",
            "equiscope_scale_axis",
        ):
            yield "component", each.proto.json


def captions(given: object) -> Iterator[str]:
    """The words of the viewer in which terms are underlined, at one amount."""
    if isinstance(given, list):
        for each in given:
            yield from captions(each)
    elif isinstance(given, dict):
        if given.get("kind") == "maps":
            text = given["text"]
            yield f"{given['title']}. {text if isinstance(text, str) else text[0]}"
        elif given.get("kind") == "act":
            yield from (*captions(given["maps"]), given["name"], given["axis"])
        else:
            yield from captions([given.get(part, []) for part in ("panels", "top", "bottom", "first", "second")])


USUAL = {"learn": {"transform": "scale", "layer": "conv2"}}  # others are told by the names that the address has


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_term_is_explained_once_where_it_first_stands(open_page, page):
    app = open_page(page, **(FEW | USUAL).get(page, {}))
    for part in (app.main, app.sidebar):
        met: set[str] = set()
        wrong = []
        for kind, text in shown(part):
            if kind == "component":
                names, missing = of_component(json.loads(text), met)
                wrong += [f"{missing} in a component"] * bool(missing)
                wrong += [f"{names & met} again in a component"] * bool(names & met)
                met |= names
                continue
            for name, here in standings(text):
                wrong += [f"{name!r} in {text[:200]!r}"] * (here != (name not in met))
                met.add(name)
        assert wrong == []
        assert len(met) >= 3


def of_component(given: dict, met: set[str]) -> tuple[set[str], set[str]]:
    """The terms that it explains, and those in its captions that nothing explains."""
    names = {term["forms"][0] for term in given["terms"]}
    texts = (given["handle"]["symbol"], *captions(given["rows"])) if "rows" in given else scale_axis.WORDS
    return names, {name for text in texts for name, _ in standings(text)} - met - names


def test_a_text_is_marked_again_in_a_run_of_its_own(monkeypatch):
    monkeypatch.setattr(terms.st, "session_state", {})
    terms.begin()
    first = terms.marked("A map, and `map`, and a map.")
    assert first.count("<dfn") == 1
    assert first.index("<dfn") == 2
    assert first.endswith("`map`, and a map.")
    assert terms.marked("A map, and `map`, and a map.") == first  # a fragment runs again
    assert terms.marked("Another map.") == "Another map."
    assert "<dfn" in terms.marked("Another map.", part=terms.SIDEBAR)
    assert terms.marked("Channel 1", place="here").count("<dfn") == terms.marked("Channel 2", place="here").count(
        "<dfn"
    )
