"""Formulas of lessons: arithmetic over facts, and nothing else that Python can do."""

import pytest

from core.lessons.expression import names_in, value_of

FACTS = {
    "s": lambda key: 0.5,
    "error": lambda key: {("conv1",): 0.02, ("pool1",): 0.3, ("pool1", 2.0): 0.4}[key],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("error[pool1] > 3 * error[conv1]", True),
        ("error[pool1] < 3 * error[conv1]", False),
        ("0.1 < error[pool1] < 0.2", False),
        ("error[pool1, 4 * s]", 0.4),
        ("not s > 1 and (error[pool1, 2] == 0.4 or s == 9)", True),
        ("abs(-s) + max(1, 2) - min(3, 4) / 2", 1.0),
    ],
)
def test_what_a_formula_gives(text, expected):
    assert value_of(text, FACTS) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("error[pool1", "is no formula"),
        ("__import__('os')", "there is no function '__import__'"),
        ("s.real", "is no part of a formula"),
        ("'a' < 'b'", "is no part of a formula"),
        ("[s for s in s]", "is no part of a formula"),
        ("2 ** 99999999", "is no part of a formula"),
        ("speed > 1", "there is no fact 'speed'; there are error, s"),
        ("s / 0", "cannot be computed"),
        ("(" * 500 + "s" + ")" * 500, "is no formula"),
    ],
)
def test_what_is_no_formula_is_refused_in_a_sentence(text, complaint):
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        value_of(text, FACTS)


def test_the_facts_that_a_formula_names():
    assert names_in("s < 1 and error[pool1, 2] > other[conv1]") == (
        ("s", ()), ("error", ("pool1", 2.0)), ("other", ("conv1",)),
    )  # fmt: skip
