"""Sizes in JSON: COCO, labelme, lists of numbers, of rows and of records. Nothing in it is trusted."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.sizes.boxes import extent
from core.data.sizes.candidates import SURE, Candidate
from core.data.sizes.layout import MAX_ROWS
from core.data.sizes.measured import SizesRefused, counted
from core.data.sizes.tables import candidates

MAX_BRACKETS = 2_000_000  # objects and lists; each takes 60 bytes of memory and more, whatever it holds
_KINDS = "COCO and labelme files, and lists of numbers or of records, can be read"


@dataclass(frozen=True)
class Records:
    """Rows of a list in JSON, as a table of cells; `start` of `rows` is the number of the first entry."""

    name: str
    headings: tuple[str, ...]
    width: int
    entries: list[list[str]]
    separator: str = ","

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with its number, from 1."""
        return enumerate(self.entries, start=1)


def read_json(text: str, name: str) -> list[Candidate] | None:
    """What may be the sizes in a document of JSON; None if the text is no JSON.

    Raises: SizesRefused if it is JSON without sizes, or too large.
    """
    if text.count("{") + text.count("[") > MAX_BRACKETS:
        raise SizesRefused(f"The file {name} is too large: more than {MAX_BRACKETS:,} lists and objects.")
    try:
        document = json.loads(text)
    except RecursionError:
        raise SizesRefused(f"The file {name} is nested too deeply to be read.") from None
    except ValueError:
        return None
    if isinstance(document, dict):
        if isinstance(document.get("annotations"), list):
            return _coco(document["annotations"], name)
        if isinstance(document.get("shapes"), list):
            return _labelme(document["shapes"], name)
    elif isinstance(document, list) and document:
        return _listed(document, name)
    raise SizesRefused(f"The file {name} is JSON of a kind that cannot be read; {_KINDS}.")


def _coco(annotations: list[Any], name: str) -> list[Candidate]:
    """Boxes x, y, width, height; those of crowds are of no single object."""
    sides, lines, crowds = [], [], 0
    for number, entry in enumerate(annotations, start=1):
        box = entry.get("bbox") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and entry.get("iscrowd") in (1, True):
            crowds += 1
            continue
        if box is None or box == []:
            sides.append((math.nan, math.nan))
        elif isinstance(box, list) and len(box) == 4 and all(map(_is_plain, box)):
            sides.append((float(box[2]), float(box[3])))
        else:
            raise SizesRefused(f"Annotation {number:,} of {name} has no box of four numbers.")
        lines.append(number)
    left_out = f"; {counted(crowds, 'crowd')} left out" if crowds else ""
    return _boxes(sides, lines, name, "the larger side of the COCO boxes", "Annotation", left_out)


def _labelme(shapes: list[Any], name: str) -> list[Candidate]:
    """The boxes around shapes; a circle is a centre and a point on it."""
    sides, lines, others = [], [], 0
    for number, shape in enumerate(shapes, start=1):
        points = shape.get("points") if isinstance(shape, dict) else None
        if not isinstance(points, list) or not all(isinstance(each, list) and len(each) == 2 for each in points):
            raise SizesRefused(f"Shape {number:,} of {name} has no points.")
        kind = shape.get("shape_type", "polygon")
        if kind in ("point", "points", "line", "linestrip"):
            others += 1
            continue
        around = extent([each[0] for each in points], [each[1] for each in points])
        if around is None:
            raise SizesRefused(f"Shape {number:,} of {name} has no points.")
        if kind == "circle":
            around = (2 * math.hypot(*around),) * 2
        sides.append(around)
        lines.append(number)
    left_out = f"; {counted(others, 'point or line')} left out"
    return _boxes(
        sides,
        lines,
        name,
        "the larger side of the boxes around labelme's shapes",
        "Shape",
        left_out if others else "",
    )


def _boxes(
    sides: list[tuple[float, float]], lines: list[int], name: str, title: str, where: str, left_out: str
) -> list[Candidate]:
    if not sides:
        raise SizesRefused(f"The file {name} holds no boxes.")
    return [Candidate(title, SURE, np.array(sides), np.array(lines), name, where=where, left_out=left_out)]


def _listed(document: list[Any], name: str) -> list[Candidate]:
    if len(document) > MAX_ROWS:
        raise SizesRefused(f"The file {name} has too many rows: more than {MAX_ROWS:,}.")
    if all(isinstance(entry, dict) for entry in document):
        return _records(document, name)
    if all(isinstance(entry, list) for entry in document):
        width = len(document[0])
        if not width or any(len(entry) != width for entry in document):
            raise SizesRefused(f"The file {name} has lists of differing lengths, where rows of a table are expected.")
        return candidates(Records(name, (), width, [list(map(_cell, entry)) for entry in document]), where="Entry")
    return candidates(Records(name, (), 1, [[_cell(entry)] for entry in document]), where="Entry")


def _records(document: list[dict[str, Any]], name: str) -> list[Candidate]:
    headings = tuple(dict.fromkeys(key for entry in document[:1000] for key in entry))
    if not headings or len(headings) > 100:
        raise SizesRefused(f"The file {name} has records of {len(headings):,} fields, where 1 to 100 are expected.")
    coco = {"bbox", "category_id"} <= set(headings)  # the list of results
    rows = [[_cell(entry.get(heading)) for heading in headings] for entry in document]
    return candidates(Records(name, headings, len(headings), rows), xywh=coco, where="Entry")


def _cell(value: Any) -> str:
    """A value as a cell of a table would hold it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
