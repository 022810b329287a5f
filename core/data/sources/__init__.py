"""Where a digit comes from. One file each, one line in the table, in the order of a menu."""

from core.data.sources.draw import Draw
from core.data.sources.mnist import Mnist
from core.data.sources.photograph import Photograph
from core.data.sources.source import SIDE, Code, Field, Options, Pad, PictureFile, Pictures, Source, Store, WholeNumber
from core.data.sources.upload import Upload, crop_of, name_of_crop, name_of_file
from core.data.sources.vector import Vector

SOURCES: dict[str, Source] = {
    "vector": Vector(),
    "mnist": Mnist(),
    "upload": Upload(),
    "draw": Draw(),
    "photograph": Photograph(),
}


def source_named(key: str) -> Source:
    """An entry of SOURCES. Raises: ValueError, naming the known ones."""
    if key not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(SOURCES)}, got {key!r}")
    return SOURCES[key]


__all__ = [
    "SIDE",
    "SOURCES",
    "Code",
    "Draw",
    "Field",
    "Mnist",
    "Options",
    "Pad",
    "Photograph",
    "PictureFile",
    "Pictures",
    "Source",
    "Store",
    "Upload",
    "Vector",
    "WholeNumber",
    "crop_of",
    "name_of_crop",
    "name_of_file",
    "source_named",
]
