"""Uploaded pictures as a network sees them: grey, ink 1 on background 0, on a small canvas."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from core.data.doubts import doubts_about
from core.data.even_paper import ink_on_even_paper, is_even
from core.data.grey import grey_of
from core.data.photographs import FoundDigit, find_digit
from core.data.picture_files import MAX_BYTES, MAX_PIXELS, ImageRefused, ReadPicture, read_picture, refusing_damage

__all__ = [
    "MAX_BYTES", "MAX_PIXELS", "WHOLE", "Crop", "DecodedImage", "ImageRefused", "decode_image", "object_size",
]  # fmt: skip

Plane = Float[np.ndarray, "h w"]
Share = float | int
Crop = tuple[Share, Share, Share, Share]  # left, top, right and bottom as shares of width and height

WHOLE: Crop = (0.0, 0.0, 1.0, 1.0)

_WORKING_SIDE = 512  # pixels; larger pictures are averaged down first, which also evens out noise
_SEARCHED_SIDE = 2048  # pixels that are kept of a photograph, so that a tiny digit can be looked at again
_MEASURING_SIDE = 1024  # the longer side where an object is measured
_TINY = 0.3  # of the working side: a digit that takes less is cut out and looked at again
_AROUND = 0.75  # of the digit's longer side, on each side of what is cut out
_LOSSY_FLOOR = 4 / 255  # what lossy compression leaves on an even background
_INK = 0.2  # from here on a pixel counts for the box around the ink
_THUMBNAIL = 320  # pixels of the longer side


@dataclass(frozen=True)
class DecodedImage:
    """A picture on the canvas of a network: 1 is ink, 0 the background.

    Attributes:
        image: what the network sees. notes: how it was made, in sentences.
        doubts: in sentences, why it may not show the digit; empty if nothing speaks against it.
        original: the picture as it came, upright and whole, small: red, green and blue.
    """

    image: Float[Tensor, "1 1 size size"]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    original: UInt8[np.ndarray, "h w 3"]


def decode_image(data: bytes, size: int = 28, crop: Crop = WHOLE) -> DecodedImage:
    """The bytes of a picture file as an image of `size`×`size` pixels.

    Transparent parts become paper, colours grey, dark-on-light is inverted and the contrast stretched so that
    the background is 0 and the ink 1. In a photograph shadows, tables and printed lines are no ink, and what touches
    the border is no digit. A picture of exactly `size`×`size` keeps its place and its size, since
    scale is what this project is about; any other is fitted as MNIST does: the ink's longer side 20/28 of the
    canvas, its centre of mass on the canvas centre (as far as that leaves all of it on the canvas).

    Args: crop: the part of the upright picture that is looked at.
    Raises: ImageRefused, whatever the bytes are, if no picture with visible ink comes out.
            ValueError if `size` is below 1 or the crop holds nothing.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, got {size}")
    left, top, right, bottom = crop
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(f"crop must be left, top, right and bottom from 0 to 1, got {crop}")
    read = read_picture(data, round(max(_SEARCHED_SIDE, size) / max(right - left, bottom - top)))
    picture = _cropped(read.picture, crop)
    longest = max(_WORKING_SIDE, size)
    with refusing_damage():
        grey, notes = grey_of(picture, longest)
        original = _thumbnail(read.picture)
    notes = (*read.notes, *notes)
    if picture.size == (size, size) and crop == WHOLE:
        ink, more = ink_on_even_paper(grey, _floor(read))
        found = None
        notes += (*more, f"Already {size}×{size} pixels: its place and size are kept.")
    else:
        box = max(1, round(size * 20 / 28))
        ink, found, more = _ink_of(read, picture, grey, longest)
        ink = _fit(ink, size, box)
        notes += (*more, f"Fitted into the middle {box}×{box} pixels, as MNIST does.")
    image = torch.tensor(ink, dtype=torch.float32)[None, None]
    return DecodedImage(image, notes, doubts_about(ink, found), original)


def original_of(data: bytes) -> UInt8[np.ndarray, "h w 3"]:
    """`DecodedImage.original` of a picture whose ink need not be found. Raises: ImageRefused as `decode_image`."""
    read = read_picture(data, _SEARCHED_SIDE)
    with refusing_damage():
        return _thumbnail(read.picture)


def object_size(data: bytes) -> float:
    """The longer side of the box around the ink of a picture, in pixels of the file; see `decode_image` for ink.

    The paper is taken as even. Pictures of more than 1,024 pixels are averaged down first, so theirs is exact to the
    factor of that.
    Raises: ImageRefused as `decode_image`.
    """
    read = read_picture(data, _MEASURING_SIDE)
    with refusing_damage():
        grey, _ = grey_of(read.picture, _MEASURING_SIDE)
    ink, _ = ink_on_even_paper(grey, _floor(read))
    longest = max(read.size)
    spans = [np.flatnonzero((ink > _INK).any(axis=axis)) for axis in (0, 1)]
    drafted = round(longest / max(read.picture.size))
    factor = drafted * math.ceil(max(read.picture.size) / _MEASURING_SIDE)  # by which grey_of averaged
    return float(min(max(span[-1] + 1 - span[0] for span in spans) * factor, longest))


def _ink_of(
    read: ReadPicture, picture: Image.Image, grey: Plane, longest: int
) -> tuple[Float[np.ndarray, "height width"], FoundDigit | None, tuple[str, ...]]:
    """Ink from 0 to 1, how a photograph showed it if it is one, and notes. Raises: ImageRefused."""
    refusal: ImageRefused | None = None
    try:
        ink, notes = ink_on_even_paper(grey, _floor(read))
        if is_even(grey, ink):
            return ink, None, notes
    except ImageRefused as refused:
        refusal = refused
    found = find_digit(grey)
    if found is None:
        if refusal:
            raise refusal
        return ink, None, notes
    found = _nearer(picture, found, longest)
    light = ("Dark on light: inverted.",) if found.dark else ()
    return found.ink, found, (*light, "Paper, shadows and what touches the border were left out.")


def _nearer(picture: Image.Image, found: FoundDigit, longest: int) -> FoundDigit:
    """The same digit, looked at again with all the pixels there are if it is a small part of the picture."""
    factor = math.ceil(max(picture.size) / longest)
    top, bottom, left, right = (place * factor for place in found.box)
    longer = max(bottom - top, right - left)
    if factor == 1 or not found.clear or longer > _TINY * longest * factor:
        return found
    half = longer * (0.5 + _AROUND)
    x, y = (left + right) / 2, (top + bottom) / 2
    w, h = picture.size
    part = picture.crop(
        (max(0, round(x - half)), max(0, round(y - half)), min(w, round(x + half)), min(h, round(y + half)))
    )
    again = find_digit(grey_of(part, longest)[0])
    same = again is not None and again.clear and again.dark == found.dark
    return replace(again, rival=found.rival) if again is not None and same else found


def _floor(read: ReadPicture) -> float:
    return _LOSSY_FLOOR if read.lossy else 0.0


def _cropped(picture: Image.Image, crop: Crop) -> Image.Image:
    if crop == WHOLE:
        return picture
    w, h = picture.size
    left, top = math.floor(crop[0] * w), math.floor(crop[1] * h)
    return picture.crop((left, top, max(left + 1, round(crop[2] * w)), max(top + 1, round(crop[3] * h))))


def _thumbnail(picture: Image.Image) -> UInt8[np.ndarray, "h w 3"]:
    small = picture.reduce(math.ceil(max(picture.size) / _THUMBNAIL)) if picture.mode[0] not in "IF" else None
    if small is None:  # 16 and 32 bits
        grey, _ = grey_of(picture, _THUMBNAIL)
        small = Image.fromarray((255 * grey).astype(np.uint8))
    if small.has_transparency_data:
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small.convert("RGBA"))
    return np.asarray(small.convert("RGB"))


def _fit(ink: Plane, size: int, box: int) -> Float[np.ndarray, "size size"]:
    """The ink, anti-aliased, with its longer side `box` pixels, centred by mass, on `size`×`size` pixels."""
    spans, centres = [], []
    for axis in (0, 1):
        marked = np.flatnonzero((ink > _INK).any(axis=1 - axis))
        spans.append((marked[0], marked[-1] + 1))
        centres.append(float(ink.sum(axis=1 - axis) @ (np.arange(ink.shape[axis]) + 0.5) / ink.sum()))
    window = max(end - start for start, end in spans) * size / box  # side of the canvas, in source pixels
    margin = math.ceil(window) + 1
    corner = []
    for (start, end), centre in zip(spans, centres, strict=True):
        centre = min(max(centre, end - window / 2), start + window / 2)  # all of the ink stays on the canvas
        corner.append(centre - window / 2 + margin)
    top, left = corner
    padded = Image.fromarray(np.pad(ink, margin).astype(np.float32))
    region = (left, top, left + window, top + window)
    fitted = np.asarray(padded.resize((size, size), Image.Resampling.BICUBIC, box=region))
    return np.clip(fitted / fitted.max(), 0, 1)  # thin strokes stay visible
