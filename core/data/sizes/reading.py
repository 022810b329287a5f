"""Any file of sizes: which reader it needs, and what it may mean by sizes."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.data.sizes.candidates import Candidate, FoundSizes, found, only
from core.data.sizes.documents import read_json
from core.data.sizes.layout import MAX_ROWS, Layout, Row, layouts
from core.data.sizes.measured import SizesRefused, counted, short
from core.data.sizes.numerals import is_missing, is_number
from core.data.sizes.pictures import measure_pictures, read_zip
from core.data.sizes.tables import candidates
from core.data.sizes.text import MAX_LINE, decoded, has_long_line

_PICTURE = re.compile(r"\.(png|jpe?g|webp|gif|bmp|tiff?)$", re.IGNORECASE)
_LABELS = re.compile(rb"(?:\s*\d{1,4}(?: +[01]?\.?\d{1,20}){4,5}[ \r]*(?:\n|\Z)){1,10}")
_EXCEL = b"\xd0\xcf\x11\xe0"


def read_sizes(content: bytes, name: str) -> FoundSizes:
    """What a file means by sizes: a table as CSV or text, YOLO, COCO and other JSON, or a ZIP of pictures.

    Sizes are columns named so (size, diameter, Feret …), the larger side of boxes (width and height, edges, lists in a
    cell), or what follows from areas and radii; ids, classes, row numbers and sizes of images are left out. Where
    several are possible, or "1,234" may be two numbers, all are candidates and none is clear.

    Args: name: of the file, for messages only.
    Raises: SizesRefused, whatever the bytes are, if no sizes come out.
    """
    if not content:
        raise SizesRefused(f"The file {name} is empty.")
    if re.match(rb"PK(\x03\x04|\x05\x06|\x07\x08)", content):
        return only(read_zip(content, name), name)
    if content.startswith(_EXCEL):
        raise SizesRefused(f"{name} is an Excel document; export the table as CSV, which can be read.")
    text = decoded(content, name)
    start = text.lstrip()[:200]
    if start[:1] == "<":
        raise SizesRefused(f"The file {name} is XML or HTML; export its boxes as CSV or COCO, which can be read.")
    if start[:1] in ("{", "["):
        listed = read_json(text, name)
        if listed is not None:
            return found(listed, name)
        if start[0] == "{":
            raise SizesRefused(f"The file {name} begins as JSON does and is none; it may have been cut.")
        if text.count("[") == text.count("]") == 1:
            text = text.replace("[", " ").replace("]", " ")  # as NumPy prints an array
    return found(_of_text(text, name), name)


def read_files(files: Sequence[tuple[str, bytes]], folder: bool = False) -> FoundSizes:
    """What several files mean by sizes: the newest, which is the last, says how they are taken.

    If it is a picture, all pictures are measured; if it holds labels of YOLO, which are one file per image, all such
    files are read; else it is read alone.

    Args: files: names and contents. folder: whether they are a folder, where pictures go before labels.
    Raises: SizesRefused, in one sentence.
    """
    name, content = files[-1]
    pictures = [file for file in files if _PICTURE.search(file[0])]
    labels = [each for _, each in files if _LABELS.match(each)]
    if folder and (pictures or not labels):
        return only(measure_pictures(files), name)
    if _PICTURE.search(name):
        return only(measure_pictures(pictures), name)
    if folder or (len(labels) > 1 and _LABELS.match(content)):
        name, content = f"{len(labels):,} files of labels", b"\n".join(labels)
    return read_sizes(content, name)


def _of_text(text: str, name: str) -> list[Candidate]:
    """The candidates of each way to take the text apart; of two ways, those that cannot be are no candidates."""
    if has_long_line(text):
        raise SizesRefused(f"The file {name} has a line of more than {MAX_LINE:,} characters.")
    ways = layouts(text, name)
    made: list[Candidate] = []
    refused: SizesRefused | None = None
    for way in ways:
        try:
            made += _of_layout(way, len(ways) > 1)
        except SizesRefused as error:
            refused = refused or error
    if refused is not None and not made:
        raise refused
    return made


def _of_layout(way: Layout, several: bool) -> list[Candidate]:
    rows = list(itertools.islice(way.rows(), 2))
    if len(rows) == 1 and not any(way.headings) and way.width > 1:
        return _of_line(way, rows[0])
    made = candidates(way)
    if way.summaries:
        made = [
            replace(each, left_out=f"{each.left_out}; {counted(way.summaries, 'row')} of sums at the end left out")
            for each in made
        ]
    if several and not way.separator:
        made = [replace(each, title=f"{each.title or 'one number a line'}, whole lines") for each in made]
    return made


# Lists in one line


@dataclass(frozen=True)
class _OneLine:
    """The numbers of one line, one below the other."""

    name: str
    entries: list[Row]
    headings: tuple[str, ...]
    separator: str
    width: int = 1

    def rows(self) -> "itertools.chain[Row]":
        return itertools.chain(self.entries)


def _of_line(way: Layout, row: Row) -> list[Candidate]:
    """A list in one line. It may begin with what it is a list of.

    Raises: SizesRefused, with both readings, where the line may also be one number, or commas separate and are marks.
    """
    line, cells = row
    text = next(each for each in way.text.split("\n") if each.strip() and not each.lstrip().startswith("#")).strip()
    if is_number(text):
        raise SizesRefused(
            f'The line "{short(text)}" of {way.name} may be one number, or {len(cells)} sizes, '
            f"{short(', '.join(cells))}; write one size a line."
        )
    if way.separator == "," and re.search(r"\d,\d", text) and re.search(r"\d,\s+\d", text):
        parts = re.split(r",\s+", text)
        raise SizesRefused(
            f'The line "{short(text)}" of {way.name} may hold {len(cells)} sizes, {short(", ".join(cells))}, '
            f"or {len(parts)}, {short('; '.join(parts))}; write one size a line."
        )
    heading = () if is_number(cells[0]) or is_missing(cells[0]) else (cells.pop(0).rstrip(":"),)
    if len(cells) > MAX_ROWS:
        raise SizesRefused(f"The file {way.name} has too many numbers: more than {MAX_ROWS:,}.")
    if len(cells) in (5, 6) and not heading and _is_yolo_line(cells):
        raise SizesRefused(f"The file {way.name} holds one box of YOLO; at least 2 sizes are needed.")
    return candidates(_OneLine(way.name, [(line, [cell]) for cell in cells], heading, way.separator))


def _is_yolo_line(cells: list[str]) -> bool:
    return cells[0].isdecimal() and all(re.fullmatch(r"0?\.\d+|0|1|1\.0*", cell) for cell in cells[1:])
