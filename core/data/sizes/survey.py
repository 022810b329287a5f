"""The columns of a table, read in stretches of rows, and how its numbers are written."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int

from core.data.sizes.boxes import BoxColumn, box_of, shape_sides
from core.data.sizes.kinds import EDGES, Kind, Meaning, meanings_of, of_program
from core.data.sizes.measured import SizesRefused, short
from core.data.sizes.numerals import COMMA, POINT, READINGS, Column, is_missing, is_number, number

MOST_COLUMNS = 16  # that are read; a table of measurements has fewer that may be sizes
MAX_LOOKS = 3_000_000  # at single cells, which take a microsecond or several
_STRETCH = 4096  # rows
_SAMPLE = 200  # rows that decide whether a column holds numbers
NAMED = frozenset((Kind.LENGTH, Kind.AREA, Kind.RADIUS, Kind.WIDTH, Kind.HEIGHT, Kind.BOX, *EDGES))


@runtime_checkable
class Rows(Protocol):
    """A table that can be read: of a text file or of JSON."""

    @property
    def headings(self) -> tuple[str, ...]:
        """One per column; empty if columns have no names."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def name(self) -> str:
        """Of the file."""

    @property
    def separator(self) -> str:
        """Of columns."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number of the line and cells of each row."""


@dataclass
class Survey:
    """Columns as they were read, by their index."""

    table: Rows
    meanings: list[Meaning]
    sample: list[list[str]]
    numbers: dict[int, Column]
    boxes: dict[int, BoxColumn]
    lines: Int[np.ndarray, " n"]

    def title(self, index: int) -> str:
        """What a column is called in a sentence."""
        if not self.table.headings:
            return str(index + 1)
        heading = self.table.headings[index]
        number = f" (number {index + 1})" if self.table.headings.count(heading) > 1 else ""
        return f"{short(heading)}{number}" if heading else f"number {index + 1}"


def survey_of(table: Rows) -> Survey:
    rows = iter(table.rows())
    head = list(itertools.islice(rows, _SAMPLE))
    if not head:
        raise SizesRefused(f"The file {table.name} holds no numbers.")
    sample = [[cell.strip() for cell in cells] for _, cells in head]
    meanings = meanings_of(table.headings) or [Meaning(Kind.UNKNOWN)] * table.width
    wanted = _wanted(meanings, sample)
    boxes = {i: BoxColumn() for i in wanted if _holds_boxes(i, sample)}
    numbers = {i: Column() for i in wanted if i not in boxes}
    columns: dict[int, Column | BoxColumn] = {**numbers, **boxes}
    kept: list[Int[np.ndarray, " n"]] = []
    rest: Iterable[tuple[int, list[str]]] = itertools.chain(head, rows)
    for stretch in _stretches(rest):
        lines = [line for line, _ in stretch]
        kept.append(np.array(lines))
        for i, column in columns.items():
            column.add([cells[i].strip() for _, cells in stretch], lines)
        if sum(column.looked_at for column in columns.values()) > MAX_LOOKS:
            raise SizesRefused(
                f"The file {table.name} is too large: more than {MAX_LOOKS:,} cells are no plain numbers, "
                "such as 12.5, and take long to read."
            )
    return Survey(table, meanings, sample, numbers, boxes, np.concatenate(kept))


def _stretches(rows: Iterable[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    rows = iter(rows)
    while stretch := list(itertools.islice(rows, _STRETCH)):
        yield stretch


def _wanted(meanings: list[Meaning], sample: list[list[str]]) -> list[int]:
    """The columns that are read: those with a name of sizes and with any number, then those of numbers alone."""
    named, plain = [], []
    for i, meaning in enumerate(meanings):
        given = [cells[i] for cells in sample if not is_missing(cells[i])]
        numbers = sum(map(_is_value, given))
        if meaning.kind in NAMED or meaning.kind is Kind.IMAGE_SIZE:
            if numbers:
                named.append(i)
        elif meaning.kind is Kind.UNKNOWN and 2 * numbers > len(given):
            plain.append(i)
    return sorted((named + plain)[:MOST_COLUMNS])


def _is_value(cell: str) -> bool:
    return is_number(cell) or (cell[:1] in tuple("[({ta") and (box_of(cell) or shape_sides(cell)) is not None)


def _holds_boxes(index: int, sample: list[list[str]]) -> bool:
    given = [cells[index] for cells in sample if not is_missing(cells[index])]
    return bool(given) and not is_number(given[0]) and _is_value(given[0])


def readings_of(survey: Survey) -> tuple[str, ...]:
    """How the file writes numbers: one reading where anything tells, else both.

    The columns that may be sizes are asked first, then the others. Programs that measure write decimal
    points; with commas between the columns, and none in a number, marks are points too.
    """
    columns = [column for column in survey.numbers.values() if column.rejected is None]
    for of_file in (False, True):
        against = {
            reading: next((c.wrong[reading] for c in columns if reading in c.wrong), None) for reading in READINGS
        }
        if of_file:
            against = {reading: against[reading] or _sampled_against(survey, reading) for reading in READINGS}
        point, comma = against[POINT], against[COMMA]
        if point and comma and not of_file:
            raise SizesRefused(
                f'Line {comma[0]} holds "{short(comma[1])}" and line {point[0]} "{short(point[1])}": '
                "one is written with a decimal point, the other with a decimal comma."
            )
        if point and not comma:
            return (COMMA,)
        if comma and not point:
            return (POINT,)
    if of_program(survey.table.headings):
        return (POINT,)
    if survey.table.separator == "," and not any("," in cell for cells in survey.sample for cell in _numerals(cells)):
        return (POINT,)
    return READINGS


def _sampled_against(survey: Survey, reading: str) -> tuple[int, str] | None:
    other = COMMA if reading == POINT else POINT
    for cells in survey.sample:
        for cell in _numerals(cells):
            if number(cell, reading) is None and number(cell, other) is not None:
                return 0, cell
    return None


def _numerals(cells: list[str]) -> Iterator[str]:
    return (cell for cell in cells if is_number(cell))


def is_good(column: Column, reading: str) -> bool:
    return column.rejected is None and reading not in column.wrong
