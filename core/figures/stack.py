"""Maps over many scale factors as bytes that a browser draws from while a handle is held.

A value becomes one of 255 levels of its plane's own range; the 256th stands for "not known".
"""

import base64
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Array = np.ndarray

LEVELS = 254  # the highest level; a value is vmin + level / 254 · (vmax − vmin)
UNKNOWN = 255


@dataclass(frozen=True)
class Plane:
    """One map for every scale factor, or a single one that holds for all.

    Attributes:
        frames: (h, w) each, NaN where nothing is known; their sizes may differ.
        limits: (vmin, vmax) of the colours, shared by all frames.
        strides: image pixels per map pixel. centre: (vertical, horizontal) offset of the canvas centre from the middle
            of the map, in map pixels.
    Raises: ValueError for no frame, or a range that is not finite and ascending.
    """

    frames: tuple[Float[Array, "_ _"], ...]
    limits: tuple[float, float]
    stride: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if not self.frames:
            raise ValueError("a plane needs at least one frame, got none")
        if not -np.inf < self.limits[0] < self.limits[1] < np.inf:
            raise ValueError(f"a plane needs finite vmin < vmax, got {self.limits}")


@dataclass(frozen=True)
class Stack:
    """Planes ready to send.

    Attributes:
        name: of the content, so that a browser fetches each stack once.
        planes: of each plane its sizes, range and grid, as JSON takes them.
        levels: every frame of every plane, row by row, compressed (zlib) and in base64.
    """

    name: str
    planes: list[dict]
    levels: str


def stack(planes: Sequence[Plane]) -> Stack:
    """Quantises and packs. Raises: ValueError if there is no plane."""
    if not planes:
        raise ValueError("a stack needs at least one plane, got none")
    described = [
        {
            "sizes": [list(frame.shape) for frame in plane.frames],
            "limits": list(plane.limits),
            "stride": plane.stride,
            "centre": list(plane.centre),
        }
        for plane in planes
    ]
    raw = b"".join(_bytes_of(plane) for plane in planes)
    levels = base64.b64encode(zlib.compress(raw, level=1)).decode("ascii")
    name = hashlib.sha256(repr(described).encode() + raw).hexdigest()[:16]
    return Stack(name, described, levels)


def quantise(values: Float[Array, "*shape"], limits: tuple[float, float]) -> Array:
    """Levels 0 to 254 of a range, 255 for NaN; values beyond the range take its ends. Off by ≤ (vmax − vmin) / 508."""
    low, high = limits
    level = np.subtract(np.clip(values, low, high), low)
    level *= LEVELS / (high - low)
    np.rint(level, out=level)
    np.copyto(level, UNKNOWN, where=np.isnan(level))
    return level.astype(np.uint8)


def _bytes_of(plane: Plane) -> bytes:
    """Frames of one size all at once: each alone is too small for the time of a call."""
    if len({frame.shape for frame in plane.frames}) == 1:
        return quantise(np.stack(plane.frames), plane.limits).tobytes()
    return b"".join(quantise(frame, plane.limits).tobytes() for frame in plane.frames)
