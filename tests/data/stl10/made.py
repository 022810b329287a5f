"""Small files of STL-10's true format: bytes written one by one, with loops."""

import hashlib
from pathlib import Path

import numpy as np

from core.data.stl10 import binary_files

SIDE = 96
COUNTS = {"train": 6, "test": 4}


def photographs(split: str, count: int | None = None) -> np.ndarray:
    """(n, 96, 96, 3) as one looks at it: row, column, colour; noise of a colour by class."""
    count = count or COUNTS[split]
    random = np.random.Generator(np.random.PCG64([count, len(split)]))
    noise = random.integers(0, 100, (count, SIDE, SIDE, 3), dtype=np.uint8)
    tint = np.array([[number * factor % 150 for factor in (17, 29, 41)] for number in labels(split, count)])
    return noise + tint.astype(np.uint8)[:, None, None]


def labels(split: str, count: int | None = None) -> list[int]:
    """From 1 to 10, as the files have them."""
    return [1 + (3 * number) % 10 for number in range(count or COUNTS[split])]


def image_bytes(pictures: np.ndarray) -> bytes:
    """Colour by colour, column by column, from the top of each."""
    return b"".join(
        bytes(picture[row, column, colour] for row in range(SIDE))
        for picture in pictures
        for colour in range(3)
        for column in range(SIDE)
    )


def write_files(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in counts.items():
        (folder / f"{split}_X.bin").write_bytes(image_bytes(photographs(split, count)))
        (folder / f"{split}_y.bin").write_bytes(bytes(labels(split, count)))
    return folder


def believe(monkeypatch, folder: Path, cache: Path | None = None) -> None:
    """The module believes in the files of this folder, and looks for a cache nowhere on this machine."""
    splits = {}
    for split in ("train", "test"):
        contents = {name: (folder / name).read_bytes() for name in (f"{split}_X.bin", f"{split}_y.bin")}
        splits[split] = tuple(
            binary_files.BinaryFile(name, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())
            for name, data in contents.items()
        )
    monkeypatch.setattr(binary_files, "SPLITS", splits)
    monkeypatch.delenv("EQUISCOPE_STL10", raising=False)
    monkeypatch.setattr(binary_files, "cache_folder", lambda: (cache or folder.parent / "cache") / "mnist")
