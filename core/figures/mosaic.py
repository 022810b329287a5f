"""Feature maps as one picture: a grid of maps, magnified without smoothing, coded as PNG."""

import base64
import struct
import zlib

import numpy as np
from jaxtyping import Float, UInt8

from core.figures.colour import colourise

Array = np.ndarray


def mosaic(
    maps: Float[Array, "n h w"],
    columns: int,
    vmin: float | int,
    vmax: float | int,
    cmap: str = "viridis",
    pixel_scale: int = 1,
    gap: int = 1,
) -> UInt8[Array, "height width 4"]:
    """All maps in one image, row by row, under one colour range; gaps and empty cells are transparent.

    Args: columns: maps in a row; the last row may be shorter.
          vmin, vmax, cmap: as `colourise`, for all maps alike.
          pixel_scale: image pixels along each side of a map pixel, which stays a crisp square.
          gap: image pixels between neighbouring maps.
    Returns: RGBA image; map k has its corner at (k // columns, k % columns) · (side · pixel_scale + gap).
    Raises: ValueError if there is no map or a size is too small, or as `colourise`.
    """
    n, h, w = maps.shape
    if min(n, h, w) < 1:
        raise ValueError(f"a mosaic needs at least one map of at least one pixel, got shape {maps.shape}")
    if columns < 1 or pixel_scale < 1 or gap < 0:
        raise ValueError(
            f"a mosaic needs columns ≥ 1, pixel_scale ≥ 1 and gap ≥ 0, got {columns}, {pixel_scale} and {gap}"
        )
    rows, columns = -(-n // columns), min(columns, n)
    tiles = colourise(maps, vmin, vmax, cmap).repeat(pixel_scale, axis=1).repeat(pixel_scale, axis=2)
    step_y, step_x = h * pixel_scale + gap, w * pixel_scale + gap
    image = np.zeros((rows * step_y - gap, columns * step_x - gap, 4), dtype=np.uint8)
    for k, tile in enumerate(tiles):
        y, x = k // columns * step_y, k % columns * step_x
        image[y : y + h * pixel_scale, x : x + w * pixel_scale, :3] = tile
        image[y : y + h * pixel_scale, x : x + w * pixel_scale, 3] = 255
    return image


def png_bytes(image: UInt8[Array, "height width channel"]) -> bytes:
    """An RGB or RGBA image as a PNG file (ISO/IEC 15948), lossless.

    Written here rather than by Pillow, whose row filters suit photographs: on magnified maps this takes a
    third of the time and half the bytes on noise, no more on smooth maps; and a visitor waits for it.
    Raises: ValueError if there are not 3 or 4 channels, or no pixels.
    """
    height, width, channels = image.shape
    if channels not in (3, 4) or image.size == 0:
        raise ValueError(f"a PNG needs pixels of 3 or 4 channels, got shape {image.shape}")
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 6, 0, 0, 0)
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)  # each row starts with its filter, 0 for none
    rows[:, 1:] = image.reshape(height, -1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), level=1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def data_uri(png: bytes) -> str:
    """A PNG file as the source of an HTML image."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
