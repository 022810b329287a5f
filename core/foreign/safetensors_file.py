"""A safetensors file as data: the tensors that it holds, read here byte by byte, and what is refused in one.

The format (github.com/huggingface/safetensors, README) is eight bytes with the length of a header, the header in JSON
and the values in a row. Nothing in it can run, but its header may say anything.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.foreign.graph import MOST_BYTES
from core.foreign.names import legible

MOST_HEADER_BYTES = 2**20
MOST_TENSORS = 5_000
_LENGTH = 8  # bytes of the number in front
_MOST_AXES = 8
_ABOUT = "__metadata__"
_PARTS = {"dtype", "shape", "data_offsets"}
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """Of a tensor: its type, its shape, and where its values begin and end after the header."""

    kind: torch.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def looks_like_safetensors(content: bytes) -> bool:
    """Whether it begins as such a file does: a length, and the brace of the header."""
    return content[_LENGTH : _LENGTH + 1] == b"{"


def read_safetensors(content: bytes) -> dict[str, Tensor]:
    """The tensors of a file by their names, in memory of their own.

    Raises: ValueError, in one sentence, for what is too large, not whole, or not as the format says.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"the file has {len(content) / 2**20:.0f} MB, at most {MOST_BYTES // 2**20} are read")
    length = int.from_bytes(content[:_LENGTH], "little")
    if not looks_like_safetensors(content):
        raise ValueError("the file is no safetensors file: it does not begin with a header")
    if length > MOST_HEADER_BYTES:
        raise ValueError(f"the header of the file should have {length} bytes, at most {MOST_HEADER_BYTES} are read")
    start = _LENGTH + length
    if start > len(content):
        raise ValueError(f"the file is cut off: its header should have {length} bytes")
    places = _places(_header(content[_LENGTH:start]))
    _refuse_holes(places, len(content) - start)
    return {name: _tensor(content, start, place) for name, place in places.items()}


def _header(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except _Twice as error:
        raise ValueError(f"the header of the file has {legible(str(error))!r} twice") from None
    except (ValueError, RecursionError):  # of Unicode, of JSON, of a number of too many digits
        raise ValueError("the header of the file cannot be read: it is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the header of the file is no table of tensors")
    found.pop(_ABOUT, None)
    if not 0 < len(found) <= MOST_TENSORS:
        raise ValueError(f"the file has {len(found)} tensors, 1 to {MOST_TENSORS} are read")
    return found


class _Twice(Exception):
    """A name that stands twice in an object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _places(header: Mapping[str, Any]) -> dict[str, _Place]:
    return {name: _place(legible(name), described) for name, described in header.items()}


def _place(name: str, described: Any) -> _Place:
    if not isinstance(described, dict) or set(described) != _PARTS:
        raise ValueError(f"the header of the file says of {name!r} other things than type, shape and place")
    kind, shape, offsets = described["dtype"], described["shape"], described["data_offsets"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"the type of {name!r} is {legible(str(kind))}; known are {', '.join(TYPES)}")
    if not _are_counts(shape) or len(shape) > _MOST_AXES:
        raise ValueError(f"the shape of {name!r} is no list of at most {_MOST_AXES} whole numbers")
    if not _are_counts(offsets) or len(offsets) != 2:
        raise ValueError(f"the place of {name!r} is no beginning and end")
    begin, end = offsets
    if end - begin != math.prod(shape) * TYPES[kind].itemsize:
        raise ValueError(f"the values of {name!r} have not the number of bytes that its shape and type need")
    return _Place(TYPES[kind], tuple(shape), begin, end)


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(each) is int and 0 <= each <= MOST_BYTES for each in values)


def _refuse_holes(places: Mapping[str, _Place], length: int) -> None:
    """The values of one tensor begin where those of another end, from the first byte to the last."""
    last = 0
    for name, place in sorted(places.items(), key=lambda each: (each[1].begin, each[1].end)):
        if place.begin != last:
            raise ValueError(f"the values of {legible(name)!r} overlap others, or lie apart from them")
        last = place.end
    if last > length:
        raise ValueError(f"the file is cut off: {last - length} bytes of its values are missing")
    if last < length:
        raise ValueError(f"the file has {length - last} bytes behind its last tensor")


def _tensor(content: bytes, start: int, place: _Place) -> Tensor:
    if place.begin == place.end:
        return torch.zeros(place.shape, dtype=place.kind)
    piece = bytearray(content[start + place.begin : start + place.end])
    if place.kind is torch.bool:  # another byte than 0 and 1 is no truth for torch
        return torch.frombuffer(piece, dtype=torch.uint8).ne(0).reshape(place.shape)
    return torch.frombuffer(piece, dtype=place.kind).reshape(place.shape)
