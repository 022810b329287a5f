"""How a text file lays out its table: separator, titles, headings, units, where the rows start and end."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.data.sizes.kinds import UNIT_WORDS, Kind, kind_of, words_of
from core.data.sizes.measured import SizesRefused, counted, short
from core.data.sizes.numerals import is_number

MAX_ROWS = 1_000_000
MAX_COLUMNS = 500

SPACE = " "
_SEPARATORS = ("\t", ";", "|", ",")
_SAMPLE = 200  # lines that decide the layout
_TITLES = 60  # lines among which the headings are
_SUM_UP = """
mean average avg sd std stddev min max minimum maximum sum total median count variance mittelwert mittel summe
standardabweichung anzahl moyenne somme media suma se sem cv q1 q3 25% 50% 75%
"""
_SUMMARIES = frozenset(_SUM_UP.split())
_SUMMARY_ROWS = 12

Row = tuple[int, list[str]]  # number of the line, cells


@dataclass(frozen=True)
class Layout:
    """Where the table is in the text.

    headings: one per column, empty if there are none. start: the lines before the first row. width: columns.
    separator: a character, SPACE for blanks, "" for one column. summaries: rows at the end that sum up, not read.
    """

    text: str
    name: str
    separator: str
    headings: tuple[str, ...]
    start: int
    width: int
    summaries: int = 0

    def rows(self) -> Iterator[Row]:
        """Each row with the number of its line.

        Raises: SizesRefused at a row of another width, or that cannot be taken apart, and beyond MAX_ROWS.
        """
        count = 0
        for line, cells in split(self.text, self.separator, self.name):
            if line <= self.start:
                continue
            if (count := count + 1) > MAX_ROWS:
                raise SizesRefused(f"The file {self.name} has too many rows: more than {MAX_ROWS:,}.")
            if len(cells) != self.width:
                cells = self._fitted(line, cells)
            yield line, cells

    def _fitted(self, line: int, cells: list[str]) -> list[str]:
        while len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) != self.width:
            raise SizesRefused(
                f"Line {line} has {counted(len(cells), 'column')}, where {self.width} are expected: "
                f'"{short(self.separator.join(cells))}"; a comma that is no separator must stand in quotes.'
            )
        return cells


def split(text: str, separator: str, name: str, limit: int | None = None) -> Iterator[Row]:
    """The rows that hold anything, cells as they are; comments (#) are left out."""
    if separator in ("", SPACE):
        for line, words in enumerate(itertools.islice(io.StringIO(text), limit), start=1):
            if (words := words.strip()) and not words.startswith("#"):
                yield line, ([_unquoted(words)] if not separator else _words(words))
        return
    reader = csv.reader(itertools.islice(io.StringIO(text), limit), delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            if not "".join(cells).strip() or (cells[0][:1] == "#" and cells[0].strip() != "#"):
                continue
            yield reader.line_num, cells
    except csv.Error as error:
        raise SizesRefused(
            f"The file {name} cannot be taken apart at line {reader.line_num}: a quotation mark may be open ({error})."
        ) from None


def _stripped(rows: Iterator[Row]) -> Iterator[Row]:
    return ((line, [cell.strip() for cell in cells]) for line, cells in rows)


def layouts(text: str, name: str) -> list[Layout]:
    """The ways to take the text apart that make sense, the usual one first; mostly one.

    Two where a comma may separate columns or be a decimal mark, and a space set thousands apart.
    Raises: SizesRefused, in one sentence, if there is none.
    """
    if text.count("\n") + 1 > MAX_ROWS + 1000:
        raise SizesRefused(f"The file {name} has too many rows: more than {MAX_ROWS:,}.")
    named = re.match(r'\s*"?sep=(.|\\t)"?[ \t,;]*(?:\n|\Z)', text)
    if named:
        text = "\n" * named.group().count("\n") + text[named.end() :]
    text, summaries = _without_summaries(text)
    lines = [line for line in itertools.islice(io.StringIO(text), 1000) if line.strip()]
    comments = [line.strip() for line in lines if line.lstrip().startswith("#")]
    lines = [line for line in lines if not line.lstrip().startswith("#") or _is_heading_row(line)][:_SAMPLE]
    if not lines:
        raise SizesRefused(f"The file {name} holds no numbers.")
    if named:
        separator = "\t" if named[1] == "\\t" else named[1]
        if separator not in (*_SEPARATORS, SPACE, ":"):
            raise SizesRefused(f"The first line of {name} names a separator that cannot be used: {separator}.")
        return [_layout(text, name, separator, comments, summaries)]
    separator = _separator(lines, name)
    if separator not in (",", SPACE) or not _may_be_whole(lines, separator):
        return [_layout(text, name, separator, comments, summaries)]
    whole = _layout(text, name, "", comments, summaries)
    if whole.headings and separator not in whole.headings[0]:
        if kind_of(whole.headings[0]).kind in (Kind.LENGTH, Kind.AREA, Kind.RADIUS, Kind.WIDTH, Kind.HEIGHT):
            return [whole]
        inside = "commas" if separator == "," else "spaces"
        raise SizesRefused(
            f"Line {whole.start + 1} of {name} and those below it may be several columns, or one of numbers with "
            f"{inside} inside; name the columns in the line above."
        )
    return [_layout(text, name, separator, comments, summaries), whole]


def _layout(text: str, name: str, separator: str, comments: list[str], summaries: int) -> Layout:
    rows = list(itertools.islice(_stripped(split(text, separator, name, 1000)), _SAMPLE))
    if not rows:
        raise SizesRefused(f"The file {name} holds no numbers.")
    tail = rows[len(rows) // 2 :]
    width = Counter(len(cells) for _, cells in tail).most_common(1)[0][0]
    if width > MAX_COLUMNS and len(rows) > 1:
        raise SizesRefused(f"The file {name} has too many columns: {width:,}, where at most {MAX_COLUMNS} are read.")
    first = next((i for i, (_, cells) in enumerate(rows) if any(map(_is_value, cells))), None)
    if first is None:
        line, cells = rows[min(1, len(rows) - 1)]
        raise SizesRefused(f'The file {name} holds no numbers: line {line} is "{short(" ".join(cells))}".')
    head = _heading_row(rows, first, width)
    start = 0
    headings: tuple[str, ...] = ()
    if head is not None:
        headings = tuple(rows[head][1])
        start = rows[head][0]
        if head + 1 < len(rows) and _are_units(rows[head + 1][1]):
            start = rows[head + 1][0]
    else:
        start = rows[first - 1][0] if first else 0
        headings = _from_comment(comments, separator, width)
    width, headings = _matched(width, headings, rows, start, name, separator)
    return Layout(text, name, separator, headings, start, width, summaries)


def _heading_row(rows: list[Row], first: int, width: int) -> int | None:
    """Which row names the columns: before the first numbers, or below a few lines of notes that hold numbers."""

    def known(i: int) -> int:
        cells = rows[i][1]
        if len(cells) not in (width, width - 1) or any(map(is_number, cells)):
            return 0
        return 1 + sum(kind_of(cell).kind is not Kind.UNKNOWN for cell in cells if cell)

    before = max(range(first), key=lambda i: (known(i), i), default=None)
    later = max(range(first, min(_TITLES, len(rows))), key=known)
    if known(later) > max(2, known(before) if before is not None else 0) and len(rows[later][1]) > 1:
        return later
    return before if before is not None and known(before) else None


def _matched(
    width: int, headings: tuple[str, ...], rows: list[Row], start: int, name: str, separator: str
) -> tuple[int, tuple[str, ...]]:
    """Headings and rows of one width: an empty column at the end goes, names of rows (R) get a heading."""
    while headings and not headings[-1] and len(headings) > width:
        headings = headings[:-1]
    body = [cells for line, cells in rows if line > start]
    while width > max(1, len(headings)) and body and all(len(cells) < width or not cells[-1] for cells in body):
        width -= 1
        for cells in body:
            del cells[width:]
    if separator != "," and len(headings) == width - 1 > 1 and _are_row_names([cells[0] for cells in body]):
        headings = ("", *headings)
    if headings and len(headings) != width:
        line = next(line for line, _ in rows if line > start) if body else start
        why = "; a comma may be a separator or a decimal mark there, so separate columns by semicolons"
        raise SizesRefused(
            f"The headings of {name} name {counted(len(headings), 'column')}, and line {line} has {width}"
            f"{why if separator == ',' else ''}."
        )
    return width, headings


def _are_row_names(cells: list[str]) -> bool:
    """Whether they number the rows or are words, as the names of rows that R writes without a heading.

    Not asked where commas separate: "id,size" above "1,12,5" may hold a decimal comma.
    """
    if all(cell.isdecimal() for cell in cells):
        return [int(cell[:18]) for cell in cells] in (list(range(len(cells))), list(range(1, len(cells) + 1)))
    return not any(map(is_number, cells))


def _separator(lines: list[str], name: str) -> str:
    """The character that takes all rows into as many cells, of those that do the first of the usual order."""
    text = "\n".join(line.strip("\n") for line in lines)
    for separator in _SEPARATORS:
        if separator not in text:
            continue
        rows = [cells for _, cells in _stripped(split(text, separator, name))]
        tail = rows[len(rows) // 2 :] or [[]]
        width, count = Counter(map(len, tail)).most_common(1)[0]
        several = any(_SEVERAL.fullmatch(cell) and not is_number(cell) for cells in tail for cell in cells)
        most = 10 * count >= 9 * len(tail) or 2 * sum(len(cells) == width for cells in rows) > len(rows)
        if width > 1 and most and not several:
            return separator
    rows = [_words(line) for line in lines]
    tail = rows[len(rows) // 2 :]
    width, count = Counter(map(len, tail)).most_common(1)[0]
    if width > 1 and 10 * count >= 9 * len(tail) and sum(map(_is_value, itertools.chain(*tail))) >= len(tail):
        rest = [cells for cells in tail if len(cells) == width]
        if not all(_UNIT_AFTER.fullmatch(" ".join(cells)) for cells in rest):
            return SPACE
    return ""


_SEVERAL = re.compile(r"[-+\d.,]*\d(?:\s+[-+]?[\d.,]+)+")  # numbers that another separator would take apart
_UNIT_AFTER = re.compile(r"[\d.,]+ (?:px|pixels?|pix)\.?", re.IGNORECASE)


def _may_be_whole(lines: list[str], separator: str) -> bool:
    """Whether every line, below its titles, is one numeral with the separator inside."""
    rows = [line.strip().strip('"') for line in lines]
    first = next((i for i, row in enumerate(rows) if is_number(row)), len(rows))
    return (
        len(rows) - first > 1
        and (separator == SPACE or not any("," in row for row in rows[:first]))
        and all(map(is_number, rows[first:]))
        and not any(re.search(r",\s", row) for row in rows)
    )


def _without_summaries(text: str) -> tuple[str, int]:
    """The text without the rows at its end that sum up the others (Mean, SD, Min, Max of ImageJ; Summe)."""
    text, count = text.rstrip(), 0
    while count < _SUMMARY_ROWS and (at := text.rfind("\n")) > 0:
        last = re.split(r"[\t;,|]| {2,}", text[at + 1 :])
        named = [cell.strip(" \"':").lower() for cell in last if cell.strip(" \"'")]
        if not any(cell in _SUMMARIES for cell in named[:2]) or len(named) < 2:
            break
        text, count = text[:at].rstrip(), count + 1
    return text, count


def _from_comment(comments: list[str], separator: str, width: int) -> tuple[str, ...]:
    """The headings in the last comment, as numpy.savetxt writes them, if they are as many as the columns."""
    if not comments:
        return ()
    text = comments[-1].lstrip("# ")
    cells = tuple(next((cells for _, cells in _stripped(split(text, separator, ""))), ()))
    return cells if len(cells) == width else ()


def _is_heading_row(line: str) -> bool:
    """Whether a line that begins with # names a column so: "#;size"."""
    return re.match(r'\s*"?#"?\s*[\t;,|]', line) is not None


def _are_units(cells: list[str]) -> bool:
    given = [cell for cell in cells if cell]
    return bool(given) and not any(map(is_number, cells)) and all(_is_unit(cell) for cell in given)


def _is_unit(cell: str) -> bool:
    words = words_of(cell)
    return len(cell) <= 14 and (not words or all(word in UNIT_WORDS for word in words))


def _is_value(cell: str) -> bool:
    return is_number(cell) or re.match(r"[\[({]\s*[-\d\"]", cell) is not None


def _words(line: str) -> list[str]:
    line = re.sub(r"[ \t]+", " ", line.strip())
    if '"' not in line:
        return line.split(" ")
    try:
        return next(csv.reader([line], delimiter=" "))
    except (csv.Error, StopIteration):
        return line.split(" ")


def _unquoted(cell: str) -> str:
    return cell[1:-1].strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
