"""Questions, reports and images as bytes, for another process of ours: arrays as they are, all else as JSON."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import typed_json
from core.data.glyphs import GLYPHS, Glyph, SizedGlyph
from core.transforms import Drawable

Kind = TypeVar("Kind")

_TOLD = "told"  # the array that holds the JSON
_IMAGES, _GLYPHS, _SIZES = "images", "glyphs", "sizes"


def pack(parts: Mapping[str, Any]) -> bytes:
    """A message of named arrays and of what JSON can hold; numbers that are not finite must be in arrays."""
    arrays = {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
    rest = {name: part for name, part in parts.items() if name not in arrays}
    told = np.frombuffer(json.dumps(rest, allow_nan=False, default=dict).encode(), np.uint8)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **{_TOLD: told}, **arrays)
    return packed.getvalue()


def unpack(message: bytes) -> dict[str, Any]:
    """The reverse of `pack`; tuples have become lists."""
    with np.load(io.BytesIO(message), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    return {**json.loads(arrays.pop(_TOLD).tobytes()), **arrays}


def parts_of(whole: Any) -> dict[str, Any]:
    """The fields of a dataclass."""
    return {part.name: getattr(whole, part.name) for part in fields(whole)}


def rebuilt(kind: type[Kind], parts: Mapping[str, Any]) -> Kind:
    """The dataclass whose fields are among these parts. Raises: ValueError for a part of another kind."""
    hints = {part.name: get_type_hints(kind)[part.name] for part in fields(kind)}  # type: ignore[arg-type]
    return kind(**{
        name: part if isinstance(part, np.ndarray) else typed_json.convert(part, hints[name], name)
        for name, part in parts.items() if name in hints
    })  # fmt: skip


def parts_of_digits(digits: Float[Tensor, "b c h w"] | Sequence[Drawable]) -> dict[str, np.ndarray] | None:
    """Images, or the places and sizes of vector digits that are drawn again; None of what else is drawn."""
    if isinstance(digits, Tensor):
        return {_IMAGES: digits.numpy()}
    sized = [each for each in digits if isinstance(each, SizedGlyph) and isinstance(each.glyph, Glyph)]
    if len(sized) < len(digits):
        return None
    places = [GLYPHS.index(each.glyph) for each in sized]
    return {_GLYPHS: np.array(places, np.int64), _SIZES: np.array([each.data_scale for each in sized])}


def digits_of(parts: Mapping[str, Any]) -> Float[Tensor, "b c h w"] | list[SizedGlyph]:
    """The reverse of `parts_of_digits`."""
    if _IMAGES in parts:
        return torch.from_numpy(parts[_IMAGES])
    pairs = zip(parts[_GLYPHS].tolist(), parts[_SIZES].tolist(), strict=True)
    return [SizedGlyph(GLYPHS[place], size) for place, size in pairs]
