"""The four binary files of STL-10 that have labels: found in a folder, and verified before they are believed.

A file `…_X.bin` is bytes without a header: for each image its red, green and blue plane, and each plane column by
column, so that a plane read row by row is transposed. A file `…_y.bin` has one byte an image, the classes 1 to 10.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from core.data.mnist import cache_folder

SIDE = 96  # pixels
CLASSES = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
_IMAGE_BYTES = 3 * SIDE * SIDE
_COMMAND = "python -m core.data.stl10.download"
_MEND = f"delete it and fetch STL-10 again by {_COMMAND}"


class Stl10Missing(FileNotFoundError):
    """STL-10 is not on this machine, or not where EQUISCOPE_STL10 says, or cannot be read there."""


class Stl10Damaged(Stl10Missing, ValueError):
    """A file of STL-10 does not hold what it should."""


@dataclass(frozen=True, eq=False)
class ColourImages:
    """Photographs, red, green and blue from 0 to 255, and the class of each, 0 to 9 in the order of `CLASSES`."""

    images: UInt8[Tensor, "n 3 h w"]
    labels: Int64[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class BinaryFile:
    """What a file must hold: its name, its number of bytes, and its published MD5, which finds damage, not malice."""

    name: str
    num_bytes: int
    md5: str


def _pair(split: str, num_images: int, images_md5: str, labels_md5: str) -> tuple[BinaryFile, BinaryFile]:
    images = BinaryFile(f"{split}_X.bin", num_images * _IMAGE_BYTES, images_md5)
    return images, BinaryFile(f"{split}_y.bin", num_images, labels_md5)


# split → (images, labels)
SPLITS: Mapping[str, tuple[BinaryFile, BinaryFile]] = {
    "train": _pair("train", 5_000, "918c2871b30a85fa023e0c44e0bee87f", "5a34089d4802c674881badbb80307741"),
    "test": _pair("test", 8_000, "7f263ba9f9e0b06b93213547f721ac82", "36f9794fa4beb8a2c72628de14fa638e"),
}


def load_stl10(split: str, folder: Path | None = None) -> ColourImages:
    """The 5,000 photographs of `train` or the 8,000 of `test`, in the order of the files, upright.

    Args: folder: that holds the binary files, or `stl10_binary` with them as in the published archive; None looks
              where EQUISCOPE_STL10 says, and in the user's cache folder if it says nothing.
    Raises: Stl10Missing, in one sentence, if a file is not there or cannot be read, Stl10Damaged (a ValueError too) if
        it is longer or shorter than it should be, has a label that is none of 1 to 10, or another checksum;
        ValueError for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; known are {', '.join(SPLITS)}")
    pixels, classes = (_read(_find(place_of(folder), file), file) for file in SPLITS[split])
    by_column = torch.from_numpy(pixels).reshape(-1, 3, SIDE, SIDE)  # (n, colour, column, row)
    return ColourImages(by_column.mT.contiguous(), torch.from_numpy(classes).long() - 1)


def is_available(folder: Path | None = None) -> bool:
    """Whether `load_stl10` would find all four files; they are not read."""
    try:
        for file in all_files():
            _find(place_of(folder), file)
    except Stl10Missing:
        return False
    return True


def all_files() -> list[BinaryFile]:
    """The four files, those of `train` first."""
    return [file for pair in SPLITS.values() for file in pair]


def place_of(folder: Path | None = None) -> Path:
    """The folder that is looked into."""
    if folder is not None:
        return folder
    named = os.environ.get("EQUISCOPE_STL10")
    return Path(named).expanduser() if named else cache_folder().parent / "stl10"


def is_sound(folder: Path, file: BinaryFile) -> bool:
    """Whether a file is there and holds what it should."""
    try:
        _read(_find(folder, file), file)
    except Stl10Missing:
        return False
    return True


def _find(place: Path, file: BinaryFile) -> Path:
    for folder in (place, place / "stl10_binary"):
        if (folder / file.name).is_file():
            return folder / file.name
    is_named = bool(os.environ.get("EQUISCOPE_STL10")) and place == place_of()
    who = f"EQUISCOPE_STL10 names {place}, which" if is_named else f"{place}"
    raise Stl10Missing(
        f"{who} has no {file.name}: let EQUISCOPE_STL10 name a folder that holds the binary files of STL-10, or fetch "
        f"its archive of 2.6 GB by {_COMMAND}."
    )


def _read(path: Path, file: BinaryFile) -> UInt8[np.ndarray, " n"]:
    """The verified bytes of a file. Raises: Stl10Missing, Stl10Damaged."""
    try:
        with path.open("rb") as stream:
            content = stream.read(file.num_bytes + 1)
    except OSError as error:
        raise Stl10Missing(f"{path} cannot be read: {error.strerror}") from error
    if len(content) != file.num_bytes:
        got = f"{len(content):,}" if len(content) < file.num_bytes else "more"
        raise Stl10Damaged(f"{path} is damaged: expected {file.num_bytes:,} bytes, got {got}; {_MEND}")
    found = np.frombuffer(bytearray(content), dtype=np.uint8)
    if file.name.endswith("_y.bin") and (wrong := found[(found < 1) | (found > len(CLASSES))]).size:
        raise Stl10Damaged(f"{path} is damaged: labels are 1 to {len(CLASSES)}, got {wrong[0]}; {_MEND}")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != file.md5:
        raise Stl10Damaged(f"{path} is damaged: expected content of MD5 {file.md5}, got {digest}; {_MEND}")
    return found
