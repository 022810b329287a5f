"""Measured object sizes: a column of numbers in a text file, or the objects in pictures.

Nothing that comes in is trusted, and no file name decides how it is read. Whatever goes wrong ends in `SizesRefused`
with one sentence for the visitor.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.data.images import MAX_BYTES, ImageRefused, object_size

MAX_ROWS = 5_000_000
MAX_TEXT_BYTES = 300_000_000
MAX_PICTURES = 2_000
MAX_PICTURES_BYTES = 300_000_000  # of all pictures of a ZIP file, uncompressed

_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_HEADINGS = ("size", "scale", "diameter", "width", "height", "px")  # in this order; width and height go together
_NONE_MEASURED = "No picture could be measured."
_SEPARATORS = ("\t", ";", ",")


class SizesRefused(ValueError):
    """The sizes cannot be used; the message is one sentence for the visitor."""


@dataclass(frozen=True, eq=False)
class MeasuredSizes:
    """Sizes of objects in pixels, at least two, positive; `note` says in a sentence where they come from."""

    values: Float[np.ndarray, " n"]
    note: str


def read_sizes(content: bytes, name: str) -> MeasuredSizes:
    """The sizes in a text file (CSV, TSV, one number a line) or of the objects in the pictures of a ZIP file.

    Of several columns it takes width and height if both are there (the larger of the two in every row), else the one
    headed size, scale, diameter, width, height or px, else the first that holds numbers. Columns are separated by
    comma, semicolon, tab or spaces; numbers have a decimal point. UTF-8 and UTF-16, any line end, empty lines allowed.

    Args: name: of the file, for messages only.
    Raises: SizesRefused, whatever the bytes are, if no sizes come out.
    """
    if not content:
        raise SizesRefused(f"The file {name} is empty.")
    if re.match(rb"PK(\x03\x04|\x05\x06|\x07\x08)", content):
        return _read_zip(content, name)
    return _read_table(_decode(content, name), name)


def measure_pictures(pictures: Iterable[tuple[str, bytes]]) -> MeasuredSizes:
    """The size of the object in each picture: the longer side of the box around it, in pixels of the file.

    The object is what stands out from the border (core.data.images); dark on light counts as light on dark.
    What cannot be measured is skipped, and the note says how many and why the first.

    Args: pictures: file names and contents; what systems add (`.DS_Store`, `__MACOSX/`, `Thumbs.db`) does not count.
    Raises: SizesRefused if fewer than two pictures can be measured or there are more than 2,000.
    """
    sizes: list[float] = []
    reasons: list[str] = []
    for number, (name, content) in enumerate((n, c) for n, c in pictures if not _JUNK.search(n)):
        if number == MAX_PICTURES:
            raise SizesRefused(f"There are too many pictures: at most {MAX_PICTURES:,} are measured.")
        try:
            sizes.append(object_size(content))
        except ImageRefused as error:
            reasons.append(f"{name}: {error}")
    if not sizes:
        raise SizesRefused(f"{_NONE_MEASURED} {reasons[0]}" if reasons else "There is no picture.")
    note = f"{_count(len(sizes), 'picture')} measured"
    if reasons:
        note += f", {len(reasons):,} skipped (first {reasons[0].rstrip('.')})"
    return _checked(np.array(sizes), f"{note}.")


# Pictures


def _read_zip(content: bytes, name: str) -> MeasuredSizes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _JUNK.search(entry.filename)]
            _check_entries(entries, name)
            return measure_pictures(_inflated(archive, entries))
    except SizesRefused as error:
        if (message := str(error)).startswith(_NONE_MEASURED):
            reason = message.removeprefix(_NONE_MEASURED).strip()
            raise SizesRefused(f"The ZIP file {name} holds no picture that can be read: {reason}") from None
        raise
    except Exception as error:  # as for pictures
        raise SizesRefused(f"The ZIP file {name} is damaged or of a kind that cannot be read.") from error


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    """What the directory of the file says, before anything is inflated."""
    names = {entry.filename for entry in entries}
    if not entries:
        raise SizesRefused(f"The ZIP file {name} is empty.")
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise SizesRefused(f"{name} is an office document; export the table as CSV, which can be read.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SizesRefused(f"The ZIP file {name} is encrypted; only open ones can be read.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise SizesRefused(f"The ZIP file {name} is compressed in a way that cannot be read; the usual one is Deflate.")
    if len(entries) > MAX_PICTURES:
        raise SizesRefused(
            f"The ZIP file {name} holds too many files: {len(entries):,}, where at most {MAX_PICTURES:,} are read."
        )
    total = sum(min(entry.file_size, MAX_BYTES) for entry in entries)
    if total > MAX_PICTURES_BYTES:
        raise SizesRefused(
            f"The ZIP file {name} is too large: {total / 1e6:,.0f} MB of pictures, "
            f"where at most {MAX_PICTURES_BYTES / 1e6:.0f} are read."
        )


def _inflated(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each entry, in order; no more than a picture may have is ever inflated."""
    for entry in entries:
        with archive.open(entry) as file:
            yield entry.filename, file.read(MAX_BYTES + 1)


# Tables


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_TEXT_BYTES:
        raise SizesRefused(
            f"The file {name} is too large: {len(content) / 1e6:.0f} MB, "
            f"where at most {MAX_TEXT_BYTES / 1e6:.0f} are read."
        )
    head = content[:1000]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif head[1:2] == b"\0":
        encoding = "utf-16-le"
    elif head[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # a heading such as Größe from an older program
    if re.search(r"[\0-\x08\x0e-\x1f\x7f]", text[:100_000]):
        raise SizesRefused(
            f"The file {name} is no text; a CSV or text file of sizes, or a ZIP of pictures, can be read."
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"^[ \t]+$", "", text, flags=re.MULTILINE)  # blank lines stay, since messages count lines


def _read_table(text: str, name: str) -> MeasuredSizes:
    if text.count("\n") + 1 > MAX_ROWS + 1000:
        raise SizesRefused(f"The file {name} has too many rows: more than {MAX_ROWS:,}.")
    start, header, first = _beginning(text, name)
    separator = next((each for each in _SEPARATORS if each in first), None)
    headings = _cells(header, separator) if header is not None else []
    cells = _cells(first, separator)
    columns, chosen = _choose_columns(headings, cells, name, start + 1)
    values = _numbers(text, start, separator, columns)
    if values.size > MAX_ROWS:
        raise SizesRefused(f"The file {name} has too many rows: more than {MAX_ROWS:,}.")
    where = f"{chosen} of {name}" if len(cells) > 1 or headings else name
    return _checked(values, f"{_count(values.size, 'size')} from {where}.")


def _beginning(text: str, name: str) -> tuple[int, str | None, str]:
    """Where the numbers start (lines before them), the header line if there is one, and the first line after it."""
    header: str | None = None
    for number, line in enumerate(io.StringIO(text)):
        if number > 1000:
            break
        if not line.strip():
            continue
        if line.lstrip().startswith("#"):  # a comment; the last one may be the header
            header = line.strip().lstrip("# ")
            continue
        separated = re.split(r"[\t;,]" if re.search(r"[\t;,]", line) else r"\s", line)
        if header is None and not any(map(_is_number, separated)):
            header = line.strip()
        else:
            return number, header, line.strip()
    raise SizesRefused(f"The file {name} holds no numbers.")


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split()
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    except csv.Error:  # a cell of more than 131,072 characters
        return [cell.strip() for cell in line.split(separator)]


def _choose_columns(headings: list[str], cells: list[str], name: str, line: int) -> tuple[list[int], str]:
    """Which columns hold the size, and their name for the note."""
    if len(headings) == len(cells):
        found: dict[str, int] = {}
        words = [re.split(r"[^a-z]+", heading.lower()) for heading in headings]
        for wanted in _HEADINGS:
            matching = [i for i, each in enumerate(words) if wanted in each]
            if matching:  # a heading of this word alone goes first
                found[wanted] = min(matching, key=lambda i: len([w for w in words[i] if w]))
        if "width" in found and "height" in found and found["width"] != found["height"]:
            pair = [found["width"], found["height"]]
            return pair, f"the larger of columns {headings[pair[0]]} and {headings[pair[1]]}"
        if found:
            column = next(iter(found.values()))
            return [column], f"column {headings[column]}"
    numeric = [i for i, cell in enumerate(cells) if _is_number(cell)]
    if not numeric:
        raise SizesRefused(f'The file {name} has no column of numbers: line {line} holds "{_short(" ".join(cells))}".')
    title = headings[numeric[0]] if len(headings) == len(cells) else str(numeric[0] + 1)
    return [numeric[0]], f"column {title}"


def _numbers(text: str, start: int, separator: str | None, columns: list[int]) -> Float[np.ndarray, " n"]:
    """The largest number of the columns in each row."""
    try:
        values = np.loadtxt(
            io.StringIO(text), delimiter=separator, usecols=columns, skiprows=start, comments=None, quotechar='"',
            ndmin=2, dtype=np.float64,
        )  # fmt: skip
    except (ValueError, OverflowError):
        values = None
    if values is None or not np.all((values > 0) & np.isfinite(values)):
        raise _wrong_line(text, start, separator, columns)
    return values.max(axis=1)


def _wrong_line(text: str, start: int, separator: str | None, columns: list[int]) -> SizesRefused:
    """What is wrong with the first line that holds no size."""
    for number, line in enumerate(io.StringIO(text), start=1):
        if number <= start or not line.strip():
            continue
        cells = _cells(line.strip(), separator)
        if len(cells) <= max(columns):
            return SizesRefused(
                f"Line {number} has {_count(len(cells), 'column')}, where {max(columns) + 1} or more are expected: "
                f'"{_short(line.strip())}".'
            )
        for column in columns:
            if not _is_number(cells[column]):
                return SizesRefused(
                    f'Line {number} holds "{_short(cells[column])}", where a number with a decimal point is expected.'
                )
            if not 0 < float(cells[column]) < np.inf:
                return SizesRefused(
                    f"Line {number} holds {_short(cells[column])}, where a positive number of pixels is expected."
                )
    return SizesRefused("The rows cannot be read as numbers.")


def _checked(values: Float[np.ndarray, " n"], note: str) -> MeasuredSizes:
    if values.size < 2:
        raise SizesRefused(f"At least 2 sizes are needed, got {values.size}: {note}")
    values.flags.writeable = False
    return MeasuredSizes(values, note)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"
