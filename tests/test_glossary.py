"""The glossary: short definitions, and terms found where they stand."""

import pytest

from core.glossary import define, glossary, places

WORDS = 25


def found(text: str) -> list[tuple[str, str]]:
    return [(text[place.start : place.end], place.term.name) for place in places(text)]


def test_every_definition_is_one_short_sentence_that_needs_no_formula():
    assert len(glossary()) > 50
    for term in glossary():
        assert 1 < len(term.definition.split()) <= WORDS, term.name
        assert term.definition.endswith("."), term.name
        assert not set("$=\\`") & set(term.definition), term.name


def test_a_term_is_defined_by_its_name():
    assert "largest internal scale" in define("ISR")
    with pytest.raises(KeyError):
        define("isr")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Feature maps of a layer", [("Feature maps", "feature map"), ("layer", "layer")]),
        ("T′⁻¹Φ(T x), then T x", [("T′⁻¹Φ(T x)", "T′⁻¹Φ(T x)"), ("T x", "T x")]),
        ("σ_basis is a σ", [("σ_basis", "σ_basis"), ("σ", "σ")]),
        ("the map's size at s = 2", [("s", "scale factor")]),
        ("Test, mapping, Kl and isr are none", []),
        ("equivariance error", [("equivariance error", "equivariance error")]),
    ],
)
def test_terms_are_found_as_words_and_the_longer_first(text, expected):
    assert found(text) == expected
