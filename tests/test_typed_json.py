"""Values of JSON have the kinds that a dataclass names, or are refused in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import typed_json


@dataclass(frozen=True)
class Part:
    text: str
    number: float = 0.0
    count: int | None = None
    either: float | int = 1
    flag: bool = False
    pair: tuple[int, float] = (0, 0.0)
    many: tuple[float, ...] = ()
    names: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def test_lists_become_tuples_and_whole_numbers_what_they_are_meant_as():
    text = '{"text": "a", "number": 3, "count": 2, "either": 3, "pair": [1, 2], "many": [1, 2.5], "names": ["b"]}'
    part = typed_json.read(Part, text)
    assert part == Part("a", 3.0, 2, 3, False, (1, 2.0), (1.0, 2.5), ["b"])
    assert [type(value) for value in (part.number, part.either, part.pair[1], part.many[0])] == [
        float,
        int,
        float,
        float,
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Expecting value"),
        ("[]", r"expected an object, got \[\]"),
        ("{}", "text is missing"),
        ('{"text": "a", "extra": 1}', "it has no part 'extra'"),
        ('{"text": null}', "text must be a text, got None"),
        ('{"text": "a", "number": true}', "number must be a finite number, got True"),
        ('{"text": "a", "number": NaN}', "number must be a finite number, got nan"),
        ('{"text": "a", "number": 1e999}', "number must be a finite number, got inf"),
        (f'{{"text": "a", "number": {10**400}}}', "number must be a finite number, got 1000"),
        ('{"text": "a", "count": 1.0}', "count must be a whole number or null, got 1.0"),
        ('{"text": "a", "flag": 1}', "flag must be true or false, got 1"),
        ('{"text": "a", "pair": [1]}', r"pair must have 2 parts, got \[1\]"),
        ('{"text": "a", "many": 3}', "many must be a list, got 3"),
        ('{"text": "a", "many": [1, "b"]}', r"many\[1\] must be a finite number, got 'b'"),
        ('{"text": "a", "options": []}', r"options must be an object, got \[\]"),
        (f'{{"text": {100 * "["}{100 * "]"}}}', r"text must be a text, got \[\[\["),
        (100_000 * "[", "it is nested too deeply"),
        (b"\xff", "can't decode byte 0xff"),
    ],
)
def test_what_is_of_another_kind_is_refused(text, expected):
    with pytest.raises(ValueError, match=expected) as refusal:
        typed_json.read(Part, text)
    assert len(str(refusal.value)) < 200
