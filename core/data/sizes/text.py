"""The text of a file that somebody uploads, in whatever encoding, within bounds."""

import codecs
import re

from core.data.sizes.measured import SizesRefused

MAX_TEXT_BYTES = 40_000_000
MAX_LINE = 1_000_000  # characters


def decoded(content: bytes, name: str) -> str:
    """The text: UTF-8 or UTF-16, with or without a mark, else Latin-1; lines end with a line feed.

    Raises: SizesRefused if it is no text or too long.
    """
    if len(content) > MAX_TEXT_BYTES:
        raise SizesRefused(
            f"The file {name} is too large: {len(content) / 1e6:.0f} MB, "
            f"where at most {MAX_TEXT_BYTES / 1e6:.0f} are read."
        )
    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # a heading such as Größe from an older program
    if re.search(r"[\0-\x08\x0e-\x1f\x7f]", text[:100_000]):
        raise SizesRefused(
            f"The file {name} is no text; a CSV or text file of sizes, or a ZIP of pictures, can be read."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_long_line(text: str) -> bool:
    """Whether a line has more than MAX_LINE characters. Such a line covers a window of half as many."""
    window = MAX_LINE // 2
    for start in range(0, len(text), window):
        if text.find("\n", start, start + window) < 0:
            end = text.find("\n", start)
            if (len(text) if end < 0 else end) - text.rfind("\n", 0, start) - 1 > MAX_LINE:
                return True
    return False


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else "utf-8-sig"
