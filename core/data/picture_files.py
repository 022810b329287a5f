"""Picture files as pictures: what the first bytes announce is read, upright, and no larger than it may be.

Nothing that comes in is trusted. The first bytes choose the reader, the size in the header is checked before
a pixel is decoded, and whatever goes wrong ends in `ImageRefused` with one sentence for the visitor.
"""

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

MAX_BYTES = 20_000_000
MAX_PIXELS = 4096 * 4096
MAX_PHOTO_PIXELS = 8192 * 8192  # of a JPEG in one scan, which is decoded small, a few rows at a time

# What a file starts with, and what reads it.
_READERS: tuple[tuple[str, bytes, type[ImageFile.ImageFile]], ...] = (
    ("PNG", rb"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    ("JPEG", rb"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    ("WebP", rb"RIFF.{4}WEBP", WebPImagePlugin.WebPImageFile),
    ("GIF", rb"GIF8[79]a", GifImagePlugin.GifImageFile),
    ("BMP", rb"BM", BmpImagePlugin.BmpImageFile),
    ("TIFF", rb"II\*\0|MM\0\*", TiffImagePlugin.TiffImageFile),
    *((("AVIF", rb".{4}ftypavi[fs]", AvifImagePlugin.AvifImageFile),) if features.check("avif") else ()),
)
# What scanners write. The other codecs of TIFF are many, in C, and rarely needed.
_TIFF_COMPRESSIONS = {"raw": "uncompressed", "tiff_lzw": "LZW", "group4": "G4", "packbits": "PackBits"}
if not features.check("libtiff"):
    _TIFF_COMPRESSIONS = {"raw": "uncompressed"}
_NAMES = [name for name, _, _ in _READERS if name != "TIFF"]
_READABLE = f"{', '.join(_NAMES)} and TIFF ({', '.join(_TIFF_COMPRESSIONS.values())})"
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


class ImageRefused(ValueError):
    """The picture cannot be used; the message is one sentence for the visitor."""


@dataclass(frozen=True)
class ReadPicture:
    """The first frame of a file, upright.

    Attributes:
        lossy: whether its format leaves noise. size: of the file's picture, upright: width and height in pixels.
        notes: what was done, in sentences.
    """

    picture: Image.Image
    lossy: bool
    size: tuple[int, int]
    notes: tuple[str, ...]


def read_picture(data: bytes, longest: int) -> ReadPicture:
    """The picture in a file. A large JPEG is decoded at a half, quarter or eighth of its size.

    Args: longest: pixels that the longer side must still have after that, if it has them.
    Raises: ImageRefused, whatever the bytes are, if it cannot be read.
    """
    name, reader = _recognise(data)
    with refusing_damage(name):
        return _load(data, name, reader, longest)


@contextmanager
def refusing_damage(name: str = "image") -> Iterator[None]:
    """Turns what readers of broken files raise, which is almost anything, into `ImageRefused`."""
    try:
        yield
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # WebP checks first
        pixels = re.search(r"\d{6,}", str(error))
        raise _too_large(f"{int(pixels[0]):,} pixels" if pixels else "too many pixels", MAX_PIXELS) from error
    except Exception as error:
        raise ImageRefused(f"This {name} file is damaged or cut off, so it cannot be read.") from error


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


def _load(data: bytes, name: str, reader: type[ImageFile.ImageFile], longest: int) -> ReadPicture:
    """The reader is called directly: `Image.open` refuses the largest headers without telling their size."""
    opened = reader(io.BytesIO(data))
    width, height = opened.size
    if width < 1 or height < 1:
        raise ValueError(f"{width}×{height} pixels")
    most = MAX_PHOTO_PIXELS if name == "JPEG" and _is_one_scan(data) else MAX_PIXELS
    if width * height > most:
        raise _too_large(f"{width:,}×{height:,} pixels", most)
    if name == "TIFF" and opened.info.get("compression") not in _TIFF_COMPRESSIONS:
        raise ImageRefused(f"This TIFF file is compressed in a way that is not supported; {_READABLE} can be read.")
    notes: tuple[str, ...] = ()
    if getattr(opened, "is_animated", False):
        notes += (f"Only the first {'page' if name == 'TIFF' else 'frame of the animation'} is used.",)
    larger = max(width, height)
    if larger >= 2 * longest:
        opened.draft(None, (max(1, width * longest // larger), max(1, height * longest // larger)))
    opened.load()
    try:
        turn = _UPRIGHT.get(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # a picture with broken metadata is still a picture
        turn = None
    lossy = name in ("JPEG", "WebP", "AVIF")
    if turn is None:
        return ReadPicture(opened, lossy, (width, height), notes)
    upright = opened.transpose(turn)
    turned = (upright.width > upright.height) != (opened.width > opened.height)
    size = (height, width) if turned else (width, height)
    return ReadPicture(upright, lossy, size, (*notes, "Turned upright, as the camera noted."))


def _is_one_scan(data: bytes) -> bool:
    """Whether a JPEG comes row by row; of any other kind the decoder keeps all of it in memory at full size."""
    place, components = 2, 0
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        body = data[place + 4 : place + 2 + length]
        if marker in (0xC0, 0xC1) and len(body) > 5:  # sequential
            components = body[5]
        if marker == 0xDA:
            return components > 0 and body[:1] == bytes([components])
        place += 2 + length
    return False


def _too_large(what: str, most: int) -> ImageRefused:
    side = math.isqrt(most)
    limit = f"{most:,} pixels (such as {side:,}×{side:,})"
    return ImageRefused(f"The picture is too large: {what}, where at most {limit} are read.")
