"""A table as text: CSV with the fields of a frozen dataclass as columns, and a line of it in each line.

A cell is a text, a whole number, a number (an empty cell is NaN, or None where the field may be None), true or false,
or, for tuples and mappings, JSON. Numbers are written with as many digits as give back the same number; the names in
a mapping are sorted; so the same lines are the same bytes.
"""

import csv
import io
import json
import math
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core import typed_json

Line = TypeVar("Line")

_WHOLE = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?(\d+(\.\d*)?([eE][+-]?\d+)?|inf)")


def to_text(kind: type[Line], lines: Iterable[Line]) -> str:
    """The table. Raises: ValueError for a value that its field cannot hold."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    hints = _hints(kind)
    writer.writerow(hints)
    for line in lines:
        writer.writerow(_cell(getattr(line, name), hint, name) for name, hint in hints.items())
    return out.getvalue()


def parse(
    kind: type[Line], data: bytes, source: str, check: Callable[[Line], object] = lambda line: None
) -> list[Line]:
    """The reverse of `to_text`.

    Args: data: the text in UTF-8. source: the name of the file, for the sentence. check: raises ValueError for a line
        that is none of this table.
    Raises: ValueError, in one sentence that names file and line, if the table is damaged or another one.
    """
    hints = _hints(kind)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")  # as git may store it on Windows
        rows = _rows(text)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{source} is damaged: {error}") from error
    header = rows[0][1] if rows else []
    if header != list(hints):
        raise ValueError(f"{source} must have the columns {', '.join(hints)}, got {', '.join(header) or 'none'}")
    if not text.endswith("\n"):
        raise ValueError(f"{source} is damaged: its last line is cut short")
    lines = []
    for number, cells in rows[1:]:
        try:
            lines.append(_line(kind, hints, cells))
            check(lines[-1])
        except ValueError as error:
            got = ",".join(cells)
            raise ValueError(f"{source} is damaged in line {number}: {error}, got {got[:200]!r}") from error
    return lines


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """(number of the line it ends in, cells). Raises: csv.Error."""
    reader = csv.reader(io.StringIO(text), strict=True)
    return [(reader.line_num, cells) for cells in reader]


def _line(kind: type[Line], hints: Mapping[str, Any], cells: list[str]) -> Line:
    if len(cells) != len(hints):
        raise ValueError(f"expected {len(hints)} cells")
    return kind(**{name: _value(cell, hint, name) for cell, (name, hint) in zip(cells, hints.items(), strict=True)})


def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {part.name: hints[part.name] for part in fields(kind)}


def _cell(value: Any, hint: Any, name: str) -> str:
    if _is_json(hint):
        typed_json.convert(json.loads(json.dumps(value)), hint, name)
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        if (value is None) != _optional(hint):  # else it would not come back as it was
            raise ValueError(f"{name} cannot be {value}")
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(float(value)) if isinstance(value, float) else str(value)


def _value(cell: str, hint: Any, name: str) -> Any:
    if _is_json(hint):
        try:
            return typed_json.convert(typed_json.loads(cell), hint, name)
        except json.JSONDecodeError as error:
            raise ValueError(f"{name} must be JSON ({error})") from error
    if _optional(hint):
        if not cell:
            return None
        (hint,) = set(get_args(hint)) - {type(None)}
    if hint is str:
        return cell
    if hint is bool and cell in ("true", "false"):
        return cell == "true"
    if hint is int and _WHOLE.fullmatch(cell):
        return int(cell)
    if hint is float and (not cell or _NUMBER.fullmatch(cell)):
        return float(cell) if cell else math.nan
    expected = {bool: "true or false", int: "a whole number", float: "a number"}[hint]
    raise ValueError(f"{name} must be {expected}")


def _is_json(hint: Any) -> bool:
    return get_origin(hint) in (tuple, dict, Mapping)


def _optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
