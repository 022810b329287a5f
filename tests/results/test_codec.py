"""A table comes back as it was, cell by cell, in the same bytes each time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from core.results import codec


@dataclass(frozen=True)
class Line:
    text: str
    whole: int
    number: float
    maybe: float | None
    flag: bool
    numbers: tuple[float, ...]
    setting: Mapping[str, Any]


LINES = [
    Line("plain", 0, 0.1 + 0.2, None, True, (), {}),
    Line('of "two"\nlines, σ', -(10**20), -math.inf, 1e-300, False, (0.1, 1e22), {"b": [1, "a=b c"], "a": {"c": None}}),
    Line("", 7, 5e-324, -0.0, True, (1.0,), {"isr": 1.5}),
]
TEXT = """\
text,whole,number,maybe,flag,numbers,setting
plain,0,0.30000000000000004,,true,[],{}
"""


def parse(text):
    return codec.parse(Line, text.encode(), "some.csv")


def test_lines_come_back_as_they_were_in_the_same_bytes():
    text = codec.to_text(Line, LINES)
    assert parse(text) == LINES
    assert codec.to_text(Line, parse(text)) == text
    assert text.startswith(TEXT)
    assert '{""a"": {""c"": null}, ""b"": [1, ""a=b c""]}' in text  # sorted names
    assert parse(text.replace("\n", "\r\n").replace('two""\r\n', 'two""\n')) == LINES


def test_a_number_that_there_is_not_is_an_empty_cell():
    (line,) = parse(codec.to_text(Line, [Line("", 1, math.nan, None, True, (), {})]))
    assert math.isnan(line.number)
    assert line.maybe is None
    with pytest.raises(ValueError, match="maybe cannot be nan"):  # it would come back as None
        codec.to_text(Line, [Line("", 1, 1.0, math.nan, True, (), {})])
    with pytest.raises(ValueError, match=r"numbers\[0\] must be a finite number"):
        codec.to_text(Line, [Line("", 1, 1.0, None, True, (math.nan,), {})])


@pytest.mark.parametrize("cell", ["nan", "1_0", " 1", "0x1", "1e", "one", "+1"])
def test_other_spellings_of_a_number_are_refused(cell):
    with pytest.raises(ValueError, match=r"^some\.csv is damaged in line 2: number must be a number, got 'plain,0,"):
        parse(TEXT.replace("0.30000000000000004", cell))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",0,", ",0.0,", "line 2: whole must be a whole number"),
        (",0,", ",,", "line 2: whole must be a whole number"),
        (",0,", f",{5000 * '9'},", "line 2: "),
        ("true", "yes", "line 2: flag must be true or false"),
        (",[],", ",[1,", "line 2: expected 7 cells|numbers must be JSON"),
        (",{}", ',"{""a"": 1"', r"line 2: setting must be JSON \(Expecting"),
        (",{}", ",", "line 2: setting must be JSON"),
        (",{}", ',"' + 100_000 * "[" + '"', "line 2: it is nested too deeply"),
        (",{}\n", ",{}", "its last line is cut short"),
        ("plain", '"plain', "unexpected end of data"),
        ("plain", 200_000 * "p", "field larger than field limit"),
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence_with_its_line(old, new, expected):
    with pytest.raises(ValueError, match=expected) as refusal:
        parse(TEXT.replace(old, new, 1))
    assert str(refusal.value).startswith("some.csv is damaged")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_the_line_is_that_of_the_file_even_after_a_cell_of_several_lines():
    text = codec.to_text(Line, LINES).replace(",7,", ",seven,")
    with pytest.raises(ValueError, match="damaged in line 5: whole must be a whole number"):
        parse(text)


def test_what_the_table_does_not_allow_is_refused_with_its_line():
    def check(line):
        if line.whole == 7:
            raise ValueError("seven is too many")

    with pytest.raises(ValueError, match="damaged in line 5: seven is too many, got ',7,5e-324"):
        codec.parse(Line, codec.to_text(Line, LINES).encode(), "some.csv", check)
