"""Uploaded pictures as a network sees them: grey, ink 1 on background 0, on a small canvas.

Nothing that comes in is trusted. The first bytes choose the reader, the size in the header is checked before
a pixel is decoded, and whatever goes wrong ends in `ImageRefused` with one sentence for the visitor.
"""

import io
import math
import re
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from torch import Tensor

Plane = Float[np.ndarray, "h w"]

MAX_BYTES = 20_000_000
MAX_PIXELS = 4096 * 4096

# What a file starts with, and what reads it. TIFF only as far as Pillow decodes it itself (uncompressed): its
# other codecs are many, in C, and rarely needed.
_READERS: tuple[tuple[str, bytes, type[ImageFile.ImageFile]], ...] = (
    ("PNG", rb"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    ("JPEG", rb"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    ("WebP", rb"RIFF.{4}WEBP", WebPImagePlugin.WebPImageFile),
    ("GIF", rb"GIF8[79]a", GifImagePlugin.GifImageFile),
    ("BMP", rb"BM", BmpImagePlugin.BmpImageFile),
    ("TIFF", rb"II\*\0|MM\0\*", TiffImagePlugin.TiffImageFile),
)
_READABLE = "PNG, JPEG, WebP, GIF, BMP and uncompressed TIFF"
_NOT_READABLE: tuple[tuple[str, bytes], ...] = (
    ("an SVG or HTML", rb"\s*(<\?xml|<svg|<!doctype|<html)"),
    ("a PDF", rb"%PDF"),
    ("a PostScript", rb"%!PS|\xc5\xd0\xd3\xc6"),
    ("an AVIF", rb".{4}ftypavi[fs]"),
    ("a HEIC", rb".{4}ftyp(hei|hev|mif1|msf1)"),
    ("a JPEG XL", rb"\xff\x0a|\0\0\0\x0cJXL "),
    ("a JPEG 2000", rb"\0\0\0\x0cjP  "),
    ("a Photoshop", rb"8BPS"),
    ("a ZIP or Office", rb"PK\x03\x04"),
)

_UPRIGHT = {  # EXIF orientation → what turns the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112

_WORKING_SIDE = 512  # pixels; larger pictures are averaged down first, which also evens out noise
_MEASURING_SIDE = 1024  # the same where an object is measured
_LEAST_CONTRAST = 8 / 255  # between ink and background, of the range from black to white
_LOSSY_FLOOR = 4 / 255  # what lossy compression leaves on an even background
_SIDES = (np.s_[:, 0], np.s_[:, -1], np.s_[0], np.s_[-1])  # left, right, top, bottom
_INK = 0.2  # from here on a pixel counts for the box around the ink


class ImageRefused(ValueError):
    """The picture cannot be used; the message is one sentence for the visitor."""


@dataclass(frozen=True)
class DecodedImage:
    """A picture on the canvas of a network: 1 is ink, 0 the background; `notes` say in sentences how."""

    image: Float[Tensor, "1 1 size size"]
    notes: tuple[str, ...]


def decode_image(data: bytes, size: int = 28) -> DecodedImage:
    """The bytes of a picture file as an image of `size`×`size` pixels.

    Transparent parts become paper, colours grey, dark-on-light is inverted and the contrast stretched so that
    the background is 0 and the ink 1. A picture of exactly `size`×`size` keeps its place and its size, since
    scale is what this project is about; any other is fitted as MNIST does: the ink's longer side 20/28 of the
    canvas, its centre of mass on the canvas centre (as far as that leaves all of it on the canvas).

    Raises: ImageRefused, whatever the bytes are, if no picture with visible ink comes out.
            ValueError if `size` is below 1.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, got {size}")
    picture, ink, notes = _decode(data, max(_WORKING_SIDE, size))
    if picture.size == (size, size):
        notes += (f"Already {size}×{size} pixels: its place and size are kept.",)
    else:
        box = max(1, round(size * 20 / 28))
        ink = _fit(ink, size, box)
        notes += (f"Fitted into the middle {box}×{box} pixels, as MNIST does.",)
    return DecodedImage(torch.tensor(ink, dtype=torch.float32)[None, None], notes)


def object_size(data: bytes) -> float:
    """The longer side of the box around the ink of a picture, in pixels of the file; see `decode_image` for ink.

    Pictures of more than 1,024 pixels are averaged down first, so theirs is exact to the factor of that.
    Raises: ImageRefused as `decode_image`.
    """
    picture, ink, _ = _decode(data, _MEASURING_SIDE)
    longest = max(picture.size)
    spans = [np.flatnonzero((ink > _INK).any(axis=axis)) for axis in (0, 1)]
    factor = math.ceil(longest / _MEASURING_SIDE)  # by which _grey averaged
    return float(min(max(span[-1] + 1 - span[0] for span in spans) * factor, longest))


def _decode(data: bytes, longest: int) -> tuple[Image.Image, Plane, tuple[str, ...]]:
    """The picture, its ink averaged down to at most `longest` pixels a side, and notes. Raises: ImageRefused."""
    name, reader = _recognise(data)
    try:
        picture, notes = _load(data, name, reader)
        grey, more = _grey(picture, longest)
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # WebP checks first
        pixels = re.search(r"\d{6,}", str(error))
        raise _too_large(f"{int(pixels[0]):,} pixels" if pixels else "too many pixels") from error
    except Exception as error:  # readers of broken files raise almost anything
        raise ImageRefused(f"This {name} file is damaged or cut off, so it cannot be read.") from error
    ink, inverted = _ink(grey, _LOSSY_FLOOR if name in ("JPEG", "WebP") else 0.0)
    return picture, ink, (*notes, *more, *inverted)


def _recognise(data: bytes) -> tuple[str, type[ImageFile.ImageFile]]:
    """Name and reader of the format that the first bytes announce."""
    if not data:
        raise ImageRefused("The file is empty.")
    if len(data) > MAX_BYTES:
        raise ImageRefused(
            f"The file is too large: {len(data) / 1e6:.1f} MB, where at most {MAX_BYTES / 1e6:.0f} are read."
        )
    head = data[:64]
    for name, start, reader in _READERS:
        if re.match(start, head, re.DOTALL):
            return name, reader
    for name, start in _NOT_READABLE:
        if re.match(start, head, re.DOTALL | re.IGNORECASE):
            raise ImageRefused(f"This is {name} file, which is not supported; {_READABLE} can be read.")
    raise ImageRefused(f"This file is not an image that can be read here; {_READABLE} can.")


def _load(data: bytes, name: str, reader: type[ImageFile.ImageFile]) -> tuple[Image.Image, tuple[str, ...]]:
    """The first frame, decoded and upright.

    The reader is called directly: `Image.open` refuses the largest headers without telling their size.
    """
    opened = reader(io.BytesIO(data))
    width, height = opened.size
    if width < 1 or height < 1:
        raise ValueError(f"{width}×{height} pixels")
    if width * height > MAX_PIXELS:
        raise _too_large(f"{width:,}×{height:,} pixels")
    if name == "TIFF" and opened.info.get("compression") != "raw":
        raise ImageRefused(f"This TIFF file is compressed, which is not supported; {_READABLE} can be read.")
    notes: tuple[str, ...] = ()
    if getattr(opened, "is_animated", False):
        notes += (f"Only the first {'page' if name == 'TIFF' else 'frame of the animation'} is used.",)
    opened.load()
    try:
        turn = _UPRIGHT.get(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # a picture with broken metadata is still a picture
        turn = None
    if turn is None:
        return opened, notes
    return opened.transpose(turn), (*notes, "Turned upright, as the camera noted.")


def _too_large(what: str) -> ImageRefused:
    side = math.isqrt(MAX_PIXELS)
    limit = f"{MAX_PIXELS:,} pixels (such as {side:,}×{side:,})"
    return ImageRefused(f"The picture is too large: {what}, where at most {limit} are read.")


def _grey(picture: Image.Image, longest: int) -> tuple[Plane, tuple[str, ...]]:
    """Grey values (h, w) from 0, black, to 1, white, of at most `longest` pixels a side, averaged down."""
    factor = math.ceil(max(picture.size) / longest)
    if picture.mode[0] in "IF":  # 16 and 32 bits: Pillow's own conversion would clip them
        levels = np.nan_to_num(np.asarray(picture).astype(np.float64), posinf=0.0, neginf=0.0)
        low, high = float(levels.min()), float(levels.max())
        levels = (levels - low) / max(high - low, 1e-12)
        grey = np.asarray(Image.fromarray(levels.astype(np.float32)).reduce(factor), dtype=np.float64)
        return grey, ("More than 8 bits a pixel: scaled by the range that occurs.",)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L").reduce(factor)) / 255, ()
    else:
        picture = picture.convert("RGB")
    channels = np.asarray(picture.reduce(factor)) / 255  # (h, w, 3 or 4)
    colours, alpha = channels[..., :3], channels[..., 3:].min(axis=2, initial=1.0)
    notes: tuple[str, ...] = ()
    if (np.ptp(colours, axis=2) * alpha).max() > 0.1:
        notes += ("Colours became grey.",)
    grey = colours @ np.array([0.299, 0.587, 0.114])  # luma of Rec. 601, as Pillow's "L"
    if alpha.min() < 1:
        grey, more = _on_paper(grey, alpha)
        notes += more
    return grey, notes


def _on_paper(grey: Plane, alpha: Plane) -> tuple[Plane, tuple[str, ...]]:
    """The picture on paper that its ink stands out from.

    An opaque border shows the paper itself (transparent corners, say); else all that is opaque is ink, and
    the paper is white under dark ink and black under light ink.
    """
    border = _border(alpha)
    if np.median(border) > 0.5:
        paper = float(np.median(_border(grey)[border > 0.5]))
        note = "Transparent parts took the tone of the border."
    else:
        ink = (grey * alpha).sum() / max(alpha.sum(), 1e-12)
        paper = 1.0 if ink < 0.5 else 0.0
        note = f"Transparent parts became {'white' if paper else 'black'} paper."
    return alpha * grey + (1 - alpha) * paper, (note,)


def _ink(grey: Plane, least_floor: float) -> tuple[Plane, tuple[str, ...]]:
    """Ink from 0 to 1: distance from the paper's tone, to the side where the stronger strokes are.

    The paper is the median of the border, tilted from side to side where the light is uneven. What deviates
    from it by up to three times as much as the border does is background.
    """
    tone = np.median(_border(grey))
    paper, deviation = np.full_like(grey, tone), grey - tone
    noise = _spread(_border(deviation))
    if noise > 0:
        left, right, top, bottom = (np.median(deviation[side]) for side in _SIDES)
        across, down = (np.linspace(-0.5, 0.5, n) for n in grey.shape[::-1])
        paper += (right - left) * across + ((bottom - top) * down)[:, None]
        deviation = grey - paper
        noise = _spread(_border(deviation))
    inverted = (deviation**3).sum() < 0  # cubes: a few strong strokes outweigh a wide weak shading
    if inverted:
        light = np.maximum(paper, 0.01) / max(tone, 0.01)  # where it is uneven, it falls on the ink as well
        deviation = -deviation / np.maximum(light, 0.25)
    ink = np.clip(deviation, 0, None)
    strongest = ink.max()
    if strongest < _LEAST_CONTRAST:
        raise ImageRefused("The picture is one even tone, so no digit can be seen in it.")
    floor = min(max(3 * noise, least_floor), strongest / 2)
    if noise > 0:  # one hot pixel must not set the scale
        strongest = max(np.quantile(ink[ink > strongest / 2], 0.9), floor + _LEAST_CONTRAST / 2)
    stretched = np.clip((ink - floor) / (strongest - floor), 0, 1)
    notes: tuple[str, ...] = ("Dark on light: inverted.",) if inverted else ()
    if np.abs(stretched - ink).max() > 0.05:
        notes += ("Contrast stretched: background to 0, ink to 1.",)
    return stretched, notes


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


def _border(plane: Plane) -> Float[np.ndarray, " n"]:
    """The outermost pixels, one fiftieth of the shorter side wide, as one row."""
    w = max(1, round(min(plane.shape) / 50))
    return np.concatenate([plane[:w].ravel(), plane[-w:].ravel(), plane[w:-w, :w].ravel(), plane[w:-w, -w:].ravel()])


def _spread(values: Float[np.ndarray, " n"]) -> float:
    """Standard deviation as it would be for Gaussian noise, from the median deviation, so outliers do not count."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
