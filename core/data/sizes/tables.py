"""The candidates of one table: boxes put together, ids left out, and what is said of the rest."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from core.data.sizes.boxes import BoxColumn
from core.data.sizes.candidates import DERIVED, POSSIBLE, SURE, Candidate
from core.data.sizes.kinds import EDGES, Kind, is_count
from core.data.sizes.measured import SizesRefused, short
from core.data.sizes.numerals import COMMA, NAMES, POINT, Column, number
from core.data.sizes.survey import NAMED, Rows, Survey, is_good, readings_of, survey_of

LeftOut = dict[str, list[str]]  # titles of columns by the reason


def candidates(table: Rows, *, xywh: bool = False, where: str = "Line") -> list[Candidate]:
    """Everything in the table that may be the sizes.

    Args: xywh: boxes in a cell are known to be x, y, width, height, as in COCO.
    Raises: SizesRefused, in one sentence, if there is nothing, or numbers are written in two ways.
    """
    survey = survey_of(table)
    readings = readings_of(survey)
    found: list[Candidate] = []
    for reading in readings:
        values = {i: column.values(reading) for i, column in survey.numbers.items() if is_good(column, reading)}
        made, left_out = _of_reading(survey, values, xywh)
        found = made if not found else _both_ways(found, made)
    sure = any(each.rank == SURE for each in found)
    if (rejected := _rejected(survey, named=sure)) or not found:
        raise rejected or _nothing(survey)
    doubt = _histogram(survey)
    return [replace(each, left_out=_said(left_out), where=where, doubt=each.doubt or doubt) for each in found]


# Candidates of one reading


def _of_reading(
    survey: Survey, values: dict[int, Float[np.ndarray, " n"]], xywh: bool
) -> tuple[list[Candidate], LeftOut]:
    """The candidates, and the columns that are none with the reason."""
    found: list[Candidate] = []
    ids = [survey.title(i) for i, meaning in enumerate(survey.meanings) if meaning.kind is Kind.ID]
    left_out: LeftOut = {"names, classes, numbers or counts": ids}
    corners, used = _corner_boxes(survey, values)
    found += corners
    found += _box_cells(survey, values, xywh)
    sides, left_out["the size of the image"] = _pairs(survey, values, bool(found))
    found += sides
    found += _singles(survey, values)
    plain = [i for i in values if survey.meanings[i].kind is Kind.UNKNOWN and i not in used]
    running = [i for i in plain if _is_running(values[i])]
    beside = bool(survey.table.headings) and survey.table.width > 1  # a column alone may have sizes of 1, 2, 3
    if running and (len(plain) > len(running) or found or beside):
        left_out["numbers of the rows"] = [f"column {survey.title(i)}" for i in running]
        plain = [i for i in plain if i not in running]
    if not survey.table.headings:
        found += _unnamed_boxes(survey, values, plain)
    alone = survey.table.width == 1 and not survey.table.headings
    found += [
        _candidate(survey, "" if alone else f"column {survey.title(i)}", POSSIBLE, values[i][:, None]) for i in plain
    ]
    return found, left_out


def _candidate(
    survey: Survey, title: str, rank: int, sides: Float[np.ndarray, "n k"], *indices: int, doubt: str = ""
) -> Candidate:
    unit = next((survey.meanings[i].unit for i in indices if survey.meanings[i].unit), "")
    boxes = sides.shape[1] == 2
    return Candidate(
        title, rank, sides, survey.lines, survey.table.name, unit=unit.rstrip("²"), doubt=doubt,
        fractions=boxes and _are_fractions(sides),
    )  # fmt: skip


def _are_fractions(sides: Float[np.ndarray, "n k"]) -> bool:
    given = sides[~np.isnan(sides)]
    return bool(given.size and given.max() <= 1 and given.min() >= 0 and (given < 1).any())


def _corner_boxes(survey: Survey, values: dict[int, Float[np.ndarray, " n"]]) -> tuple[list[Candidate], set[int]]:
    """Boxes by their four edges, one for each owner (ground truth, prediction)."""
    edges: dict[str, dict[Kind, int]] = {}
    for i in values:
        meaning = survey.meanings[i]
        if meaning.kind in EDGES:
            edges.setdefault(meaning.owner, {}).setdefault(meaning.kind, i)
    found, used = [], set()
    for of in edges.values():
        if len(of) < len(EDGES):
            continue
        left, top, right, bottom = (of[edge] for edge in EDGES)
        sides = np.stack([values[right] - values[left], values[bottom] - values[top]], axis=1)
        title = f"the larger of {survey.title(right)} − {survey.title(left)} and "
        title += f"{survey.title(bottom)} − {survey.title(top)}"
        found.append(_candidate(survey, title, SURE, sides, left))
        used |= set(of.values())
    return found, used


def _box_cells(survey: Survey, values: dict[int, Float[np.ndarray, " n"]], xywh: bool) -> list[Candidate]:
    """Boxes in a cell, in the formats that their numbers allow."""
    found = []
    for i, column in survey.boxes.items():
        if column.rejected is not None:
            continue
        title = f"column {survey.title(i)}" if survey.table.headings or survey.table.width > 1 else "boxes"
        heading = survey.table.headings[i].lower() if survey.table.headings else ""
        formats = _formats(column.numbers, heading, None if column.told or xywh else _image(survey, values))
        if column.told or xywh:
            formats = {"x, y, width, height": column.numbers[:, 2:]}
        found += _of_formats(survey, title, SURE, formats)
    return found


def _of_formats(survey: Survey, title: str, rank: int, formats: dict[str, Float[np.ndarray, "n 2"]]) -> list[Candidate]:
    return [
        _candidate(survey, f"the larger side of {title} as {name}", rank, sides) for name, sides in formats.items()
    ]  # fmt: skip


def _formats(
    boxes: Float[np.ndarray, "n 4"], heading: str, image: Float[np.ndarray, "n 2"] | None
) -> dict[str, Float[np.ndarray, "n 2"]]:
    """Width and height by each format that all boxes allow, or that the heading names."""
    given = ~np.isnan(boxes).any(axis=1)
    as_sides, as_corners = boxes[:, 2:], boxes[:, 2:] - boxes[:, :2]
    corners = bool((as_corners[given] > 0).all())
    sides = bool((as_sides[given] > 0).all())
    if image is not None:
        sides = sides and not bool((boxes[:, :2] + as_sides > image + 1)[given].any())
        corners = corners and not bool((boxes[:, 2:] > image + 1)[given].any())
    if "xyxy" in heading or "voc" in heading or "ltrb" in heading:
        sides = False
    elif any(word in heading for word in ("xywh", "coco", "ltwh", "yolo", "cxcywh")):
        corners = False
    found = {}
    if sides or not corners:
        found["x, y, width, height"] = as_sides
    if corners:
        found["two corners"] = as_corners
    return found


def _image(survey: Survey, values: dict[int, Float[np.ndarray, " n"]]) -> Float[np.ndarray, "n 2"] | None:
    """Width and height of the image of each row, where columns beside the boxes say so."""
    sides: dict[bool, int] = {}
    for i in values:
        meaning = survey.meanings[i]
        words = (survey.table.headings[i] if survey.table.headings else "").lower()
        if meaning.kind is Kind.IMAGE_SIZE and (words.endswith(("w", "width")) or words.endswith(("h", "height"))):
            sides[words.endswith(("h", "height")) and not words.endswith("width")] = i
        elif meaning.kind in (Kind.WIDTH, Kind.HEIGHT) and not meaning.of_box:
            sides.setdefault(meaning.kind is Kind.HEIGHT, i)
    if len(sides) < 2:
        return None
    return np.stack([values[sides[False]], values[sides[True]]], axis=1)


def _pairs(
    survey: Survey, values: dict[int, Float[np.ndarray, " n"]], boxes: bool
) -> tuple[list[Candidate], list[str]]:
    """Width and height, of one owner each; beside boxes they are those of the image unless the heading says box."""
    pairs: dict[str, dict[Kind, int]] = {}
    for i in values:
        meaning = survey.meanings[i]
        if meaning.kind in (Kind.WIDTH, Kind.HEIGHT):
            key = meaning.owner + ("/box" if meaning.of_box else "")
            while meaning.kind in pairs.get(key, {}):  # a second column of this heading
                key = f"again {key}"
            pairs.setdefault(key, {})[meaning.kind] = i
    others = len(pairs) > 1 or any(survey.meanings[i].kind is Kind.LENGTH for i in values)
    found, left_out = [], []
    for key, of in pairs.items():
        columns = list(of.values())
        constant = all(np.nanmin(values[i]) == np.nanmax(values[i]) for i in columns if not np.isnan(values[i]).all())
        named = " and ".join(survey.title(i) for i in columns)
        if not key.endswith("/box") and (boxes or (constant and others and len(of) == 2)):
            left_out.append(named)
            continue
        title = f"the larger of columns {named}" if len(of) == 2 else f"column {named}"
        sides = np.stack([values[i] for i in columns], axis=1)
        doubt = "they are the same in every row, as the size of an image is" if constant and len(of) == 2 else ""
        found.append(_candidate(survey, title, SURE, sides, *columns, doubt=doubt))
    return found, left_out


def _singles(survey: Survey, values: dict[int, Float[np.ndarray, " n"]]) -> list[Candidate]:
    """Columns that are sizes by their heading, and sizes that follow from areas and radii."""
    found = []
    for i, column in values.items():
        kind, title = survey.meanings[i].kind, f"column {survey.title(i)}"
        if kind is Kind.LENGTH:
            found.append(_candidate(survey, title, SURE, column[:, None], i))
        elif kind is Kind.RADIUS:
            found.append(_candidate(survey, f"twice {title}", DERIVED, 2 * column[:, None], i))
        elif kind is Kind.AREA:
            with np.errstate(invalid="ignore"):
                diameter = np.where(column >= 0, 2 * np.sqrt(np.abs(column) / np.pi), column)
            found.append(
                _candidate(survey, f"the diameter of the disc as large as {title}", DERIVED, diameter[:, None], i)
            )
    return found


def _unnamed_boxes(survey: Survey, values: dict[int, Float[np.ndarray, " n"]], plain: list[int]) -> list[Candidate]:
    """Four columns of numbers without headings may be boxes; five in an image's fractions are those of YOLO."""
    if len(plain) in (5, 6) and _is_yolo([values[i] for i in plain]):
        width, height = plain[3], plain[4]
        sides = np.stack([values[width], values[height]], axis=1)
        return [_candidate(survey, "the larger side of the YOLO boxes", SURE, sides)]
    if len(plain) != 4:
        return []
    boxes = np.stack([values[i] for i in plain], axis=1)
    return _of_formats(survey, f"columns {plain[0] + 1} to {plain[3] + 1}", POSSIBLE, _formats(boxes, "", None))


def _is_yolo(columns: list[Float[np.ndarray, " n"]]) -> bool:
    """class, centre x, centre y, width, height (and confidence), in fractions of the image."""
    classes, shares = columns[0], np.stack(columns[1:])
    return bool(
        np.all((classes >= 0) & (classes == np.floor(classes)))
        and np.all((shares >= 0) & (shares <= 1))
        and np.any(shares != np.floor(shares))
    )


def _is_running(values: Float[np.ndarray, " n"]) -> bool:
    """Whether they count the rows, from 0 or 1."""
    return len(values) > 1 and values[0] in (0, 1) and bool(np.all(values == values[0] + np.arange(len(values))))


# What is said


def _both_ways(points: list[Candidate], commas: list[Candidate]) -> list[Candidate]:
    """The candidates of both readings; where they differ, each says its own."""
    found = []
    for one, other in zip(points, commas, strict=False):
        if np.array_equal(one.sides, other.sides, equal_nan=True):
            found.append(one)
            continue
        for each, reading in ((one, POINT), (other, COMMA)):
            found.append(replace(each, title=f"{each.title or 'numbers'}, read with {NAMES[reading]}"))
    return found


def _histogram(survey: Survey) -> str:
    """The doubt that a column counts how often each size occurs; empty if there is none."""
    for i, heading in enumerate(survey.table.headings):
        if is_count(heading):
            counts = np.array([number(cells[i], POINT) or 0 for cells in survey.sample])
            if (counts > 1).any() and (counts == np.floor(counts)).all() and not _is_running(counts):
                return f"column {survey.title(i)} may say how often each occurs, and each counts once"
    return ""


def _said(left_out: LeftOut) -> str:
    """What is not taken, by the reason, as the end of a note."""
    reasons = [(reason, titles) for reason, titles in left_out.items() if titles]
    return "".join(
        f"; {', '.join(titles[:4])}{' and others' if len(titles) > 4 else ''} not taken, as {reason}"
        for reason, titles in reasons
    )


def _rejected(survey: Survey, named: bool) -> SizesRefused | None:
    """The first cell that is no number in a column of numbers; of columns that are `named` sizes, or of any."""
    columns: dict[int, Column | BoxColumn] = {**survey.numbers, **survey.boxes}
    for i, column in columns.items():
        if column.rejected is not None and survey.meanings[i].kind in (NAMED if named else NAMED | {Kind.UNKNOWN}):
            line, cell = column.rejected
            return SizesRefused(f'Line {line:,} holds "{short(cell)}", where a number is expected.')
    return None


def _nothing(survey: Survey) -> SizesRefused:
    """Why no column is sizes."""
    named = ", ".join(survey.title(i) for i in range(min(survey.table.width, 8)))
    what = f"its columns are {named}" if survey.table.headings else (
        f'line {survey.lines[0]:,} is "{short(" ".join(survey.sample[0]))}"'
    )  # fmt: skip
    return SizesRefused(
        f"The file {survey.table.name} has no column of numbers that may be sizes: {what}; "
        "name one size or diameter, or two width and height."
    )
