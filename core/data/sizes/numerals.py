"""Numbers as people and programs write them: decimal points and commas, marks of thousands, cells without a value.

"1,234" is 1234 to some and 1.234 to others. A numeral is therefore read both ways (`POINT`, `COMMA`), and a column
keeps both until the rest of the file has said which way it is written.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float

POINT: Final = "."
COMMA: Final = ","
READINGS: Final = (POINT, COMMA)  # by the decimal mark
NAMES: Final = {POINT: "decimal points", COMMA: "decimal commas"}

_WITHOUT_VALUE = (
    "na n/a #n/a nan -nan null none nil - -- – — . ? * k.a. missing nd n.d. <na> #div/0! #value! #num! #ref!"
)
_MISSING = frozenset(["", *_WITHOUT_VALUE.split()])
_SPACES = "\u0020\u00a0\u2009\u202f'’"  # that set thousands apart: spaces of four kinds, apostrophes of Switzerland
_UNIT = re.compile(r"\s*(?:px|pixels?|pix)\.?$", re.IGNORECASE)


def _numeral(decimal: str, other: str) -> re.Pattern[str]:
    grouped = rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|[1-9]\d{{0,2}}(?:{re.escape(other)}\d{{3}})+"
    return re.compile(
        rf"[+-]?(?=[.,]?\d)(?:{grouped}|\d*)(?:{re.escape(decimal)}\d*)?(?:[eE][+-]?\d{{1,4}})?", re.ASCII
    )


_NUMERAL = {POINT: _numeral(POINT, COMMA), COMMA: _numeral(COMMA, POINT)}
# A whole stretch of a column, one cell a line, whose numerals have at most this one mark; possessive, so of one pass.
_PLAIN = {mark: re.compile(rf"(?>\d++(?:{re.escape(mark)}\d*+)?+(?:\n|\Z))*+", re.ASCII) for mark in READINGS}
# Such a numeral whose mark cannot be one of thousands.
_DECIMAL = {
    mark: re.compile(rf"^(?:0\d*|\d{{4,}}){re.escape(mark)}|{re.escape(mark)}(?:\d{{0,2}}|\d{{4,}})$", re.MULTILINE)
    for mark in READINGS
}


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value: empty, NA, nan, a dash …"""
    return cell.strip().lower() in _MISSING


def number(cell: str, reading: str) -> float | None:
    """What the cell is worth where the decimal mark is a point or a comma; None where it is no numeral then.

    The other mark, spaces and apostrophes may set groups of three digits apart. A unit of pixels behind the number
    does not count. Infinity is no number.
    """
    cell = _UNIT.sub("", cell.strip()).replace("−", "-")
    if not _NUMERAL[reading].fullmatch(cell):
        return None
    other = COMMA if reading == POINT else POINT
    return float(re.sub(rf"[{_SPACES}{re.escape(other)}]", "", cell).replace(reading, "."))


def is_number(cell: str) -> bool:
    """Whether the cell is a numeral in one of the readings."""
    return number(cell, POINT) is not None or number(cell, COMMA) is not None


class Column:
    """The numbers of one column, both ways, fed by stretches of rows.

    `wrong[reading]` is the first line and cell that is no numeral in this reading; from there on it has no values.
    `rejected` is the first that is none in either.
    """

    def __init__(self) -> None:
        self.wrong: dict[str, tuple[int, str]] = {}
        self.rejected: tuple[int, str] | None = None
        self.looked_at = 0  # cells, one by one
        self._values: dict[str, list[Float[np.ndarray, " n"]]] = {POINT: [], COMMA: []}

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """The next cells and the lines that they stand in."""
        if self.rejected is None and not self._add_plain(cells, lines):
            self._add_each(cells, lines)

    def values(self, reading: str) -> Float[np.ndarray, " n"]:
        """All numbers, NaN where there is no value; only of a reading that is not in `wrong`."""
        kept = self._values[reading]
        return np.concatenate(kept) if kept else np.empty(0)

    def _add_plain(self, cells: Sequence[str], lines: Sequence[int]) -> bool:
        """The usual stretch, digits and one kind of mark, without a look at each cell. Returns: whether it was one."""
        text = "\n".join(cells)
        if text.count("\n") >= len(cells):  # a quoted cell of two lines
            return False
        for mark, other in (READINGS, READINGS[::-1]):
            if "" in cells or not _PLAIN[mark].fullmatch(text):
                continue
            if mark in text and _DECIMAL[mark].search(text):
                if other not in self.wrong:
                    self.wrong[other] = next(
                        (line, cell) for line, cell in zip(lines, cells, strict=True) if number(cell, other) is None
                    )
            elif other not in self.wrong:
                self._values[other].append(np.array(list(map(float, text.replace(mark, "").split("\n")))))
            if mark not in self.wrong:
                self._values[mark].append(np.array(list(map(float, text.replace(mark, ".").split("\n")))))
            return True
        return False

    def _add_each(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        self.looked_at += len(cells)
        found: dict[str, list[float]] = {reading: [] for reading in READINGS if reading not in self.wrong}
        for line, cell in zip(lines, cells, strict=True):
            if is_missing(cell):
                for values in found.values():
                    values.append(np.nan)
                continue
            read = {reading: number(cell, reading) for reading in READINGS}
            if read[POINT] is None and read[COMMA] is None:
                self.rejected = line, cell
                return
            for reading in list(found):
                if (value := read[reading]) is None:
                    self.wrong[reading] = line, cell
                    del found[reading]
                else:
                    found[reading].append(value)
        for reading, values in found.items():
            self._values[reading].append(np.array(values, dtype=np.float64))
