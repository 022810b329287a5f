"""MNIST: found on disk, or downloaded when asked to, and verified before it is believed.

Some circulating copies of the training images have lost the pixels of value 1 (of 255): they read 0.
So that every copy gives the same data, pixels of value 1 are read as 0 in both image files, and the
SHA-256 digests below are those of the decoded pixels after that step; either copy verifies.
"""

import gzip
import hashlib
import http.client
import math
import os
import struct
import sys
import tempfile
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_MEND = "delete it and download MNIST again"


class MnistMissing(FileNotFoundError):
    """MNIST is not on this machine, or not where EQUISCOPE_MNIST says, or cannot be read there."""


class MnistDamaged(MnistMissing, ValueError):
    """A file of MNIST does not hold what it should: for whoever needs the digits, as good as missing."""


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Digits, 0 the background and 255 full ink, and what each of them shows."""

    images: UInt8[Tensor, "n 1 h w"]
    labels: Int64[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class IdxFile:
    """What one of the four files must hold; `download_bytes` is its packed size, for the progress bar."""

    name: str
    shape: tuple[int, ...]
    sha256: str
    download_bytes: int


# split → (images, labels)
FILES: dict[str, tuple[IdxFile, IdxFile]] = {
    "train": (
        IdxFile(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "ee6f6a0d560ca423f3417bafc705556dc8d970118cbd6a170c59ff6d19f031e5",
            9_912_422,
        ),
        IdxFile(
            "train-labels-idx1-ubyte",
            (60_000,),
            "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
            28_881,
        ),
    ),
    "test": (
        IdxFile(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "6c7b8cc5d6caaae4d138dca80bf4c8a25eed0106c59ae46e2cee63a879515794",
            1_648_877,
        ),
        IdxFile(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
            4_542,
        ),
    ),
}


def load_mnist(split: str, folder: Path | None = None) -> LabelledImages:
    """The 60,000 digits of `train` or the 10,000 of `test`, in the order of the files.

    Pixels of value 1 read 0 (see the top of this file). Nothing is ever downloaded here.

    Args: folder: where the IDX files lie, packed (.gz) or not, under their names or with a dot (`images.idx3`), or in
              `MNIST/raw` below, as torchvision keeps them; None looks where EQUISCOPE_MNIST says (a folder, or one of
              the four files), and in the user's cache folder if it says nothing.
    Raises: MnistMissing if a file is not there or cannot be read, MnistDamaged (a ValueError too) if it is not whole;
        ValueError for an unknown split.
    """
    if split not in FILES:
        raise ValueError(f"unknown split {split!r}; known are {', '.join(FILES)}")
    place = _place(folder)
    images, labels = (_load(_find(place, file), file) for file in FILES[split])
    return LabelledImages(images[:, None].clone(), labels.long())  # copies: the cached ones stay as they are


def all_of_mnist(folder: Path | None = None) -> LabelledImages:
    """The 70,000 digits of both splits, those of `train` first. Args and errors: as `load_mnist`."""
    parts = [load_mnist(split, folder) for split in FILES]
    return LabelledImages(torch.cat([p.images for p in parts]), torch.cat([p.labels for p in parts]))


def is_available(folder: Path | None = None) -> bool:
    """Whether `load_mnist` would find all four files; they are not read."""
    try:
        for file in _all_files():
            _find(_place(folder), file)
    except MnistMissing:
        return False
    return True


def cache_folder() -> Path:
    """Where downloaded MNIST is kept: equiscope/mnist in the user's cache folder of this system."""
    home = Path.home()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(base) / "equiscope" / "mnist"


def download_mnist(
    progress: Callable[[float, str], None] | None = None,
    mirrors: Sequence[str] = MIRRORS,
    folder: Path | None = None,
) -> Path:
    """Fetch the files that are missing or damaged (12 MB in all) to where `load_mnist` looks for them.

    Args: progress: called with the fraction done, which never falls and ends at 1, and a readable line.
          mirrors: addresses of folders, tried in order; a file is kept only if its content verifies.
    Returns: the folder.
    Raises: ConnectionError if no mirror gave every file; OSError if the folder cannot be written, or is none.
    """
    place = _place(folder)
    if place.exists() and not place.is_dir():
        raise _missing(place, f"{FILES['train'][0].name}.gz")
    place.mkdir(parents=True, exist_ok=True)
    meter = _Meter(progress or (lambda fraction, text: None), sum(f.download_bytes for f in _all_files()))
    failures = []
    for mirror in mirrors:
        try:
            meter.restart()
            for file in _all_files():
                if not _is_sound(place, file):
                    _fetch(mirror, file, place, meter)
                meter.finish(file)
        except (ConnectionError, ValueError) as error:
            failures.append(str(error))
        else:
            meter.report(1.0, "MNIST is ready")
            return place
    raise ConnectionError(f"MNIST could not be downloaded: {'; '.join(failures) or 'no mirror was given'}")


class _Meter:
    """Turns bytes into a fraction that never falls, even when a file starts again at the next mirror."""

    def __init__(self, progress: Callable[[float, str], None], total_bytes: int):
        self._progress, self._total = progress, total_bytes
        self._finished_bytes, self._shown = 0, 0.0

    def restart(self) -> None:
        self._finished_bytes = 0

    def advance(self, file: IdxFile, share: float, received: int) -> None:
        done = (self._finished_bytes + min(share, 1.0) * file.download_bytes) / self._total
        self.report(min(done, 0.999), f"Downloading {file.name}.gz, {received / 1e6:.1f} MB")

    def finish(self, file: IdxFile) -> None:
        self._finished_bytes += file.download_bytes
        self.report(min(self._finished_bytes / self._total, 0.999), f"{file.name} verified")

    def report(self, fraction: float, text: str) -> None:
        self._shown = max(self._shown, fraction)
        self._progress(self._shown, text)


def _all_files() -> list[IdxFile]:
    return [file for pair in FILES.values() for file in pair]


def _place(folder: Path | None) -> Path:
    if folder is not None:
        return folder
    if not (named := os.environ.get("EQUISCOPE_MNIST")):
        return cache_folder()
    place = Path(named).expanduser()
    is_one_of_four = place.is_file() and place.name in {name for file in _all_files() for name in _names(file)}
    return place.parent if is_one_of_four else place


def _names(file: IdxFile) -> tuple[str, ...]:
    """What the file is called, best first: with a dot in some archives, and packed or not."""
    dotted = file.name.replace("-idx", ".idx")
    return f"{file.name}.gz", file.name, f"{dotted}.gz", dotted


def _find(place: Path, file: IdxFile) -> Path:
    """The file in its folder, or below it where torchvision keeps it. Raises: MnistMissing."""
    for folder in (place, place / "raw", place / "MNIST" / "raw"):
        for name in _names(file):
            if (folder / name).is_file():
                return folder / name
    raise _missing(place, f"{file.name}.gz")


def _missing(place: Path, name: str) -> MnistMissing:
    is_named = bool(os.environ.get("EQUISCOPE_MNIST")) and place == _place(None)
    who = f"EQUISCOPE_MNIST names {place}, which" if is_named else f"{place}"
    if place.exists() and not place.is_dir():
        return MnistMissing(f"{who} is no folder and none of the four files of MNIST: name the folder that holds them.")
    if is_named:
        cure = "put the four MNIST files there, or unset the variable and download MNIST."
    else:
        cure = "download MNIST, or let EQUISCOPE_MNIST name a folder that holds its four files."
    return MnistMissing(f"{who} has no {name}: {cure}")


def _is_sound(place: Path, file: IdxFile) -> bool:
    try:
        _load(_find(place, file), file)
    except (MnistMissing, ValueError):
        return False
    return True


def _load(path: Path, file: IdxFile) -> UInt8[Tensor, "..."]:
    stat = path.stat()
    return _read(path, file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, file: IdxFile, _mtime_ns: int, _size: int) -> UInt8[Tensor, "..."]:
    """The verified content of one file; time and size are there so that a file that changed is read again."""
    size = 4 + 4 * len(file.shape) + math.prod(file.shape)
    try:
        with gzip.open(path) if path.suffix in (".gz", ".part") else path.open("rb") as stream:
            content = stream.read(size + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise MnistDamaged(f"{path} is damaged: expected a complete gzip file, got: {error}; {_MEND}") from error
    except OSError as error:
        raise MnistMissing(f"{path} cannot be read: {error.strerror}") from error
    return _decode(content, file, str(path))


def _decode(content: bytes, file: IdxFile, source: str) -> UInt8[Tensor, "..."]:
    header = struct.pack(f">{1 + len(file.shape)}I", 0x0800 + len(file.shape), *file.shape)  # 8: bytes
    if content[: len(header)] != header:
        got = content[: len(header)].hex() or "nothing"
        raise MnistDamaged(
            f"{source} is damaged: expected the IDX header {header.hex()} of shape {file.shape}, got {got}; {_MEND}"
        )
    size = math.prod(file.shape)
    if len(content) - len(header) != size:
        got = f"{len(content) - len(header):,}" if len(content) - len(header) < size else "more"
        raise MnistDamaged(f"{source} is damaged: expected {size:,} values after the header, got {got}; {_MEND}")
    values = torch.frombuffer(bytearray(content[len(header) :]), dtype=torch.uint8)
    if len(file.shape) == 3:
        values[values == 1] = 0
    digest = hashlib.sha256(values.numpy().tobytes()).hexdigest()
    if digest != file.sha256:
        raise MnistDamaged(f"{source} is damaged: expected content of SHA-256 {file.sha256}, got {digest}; {_MEND}")
    return values.reshape(file.shape)


def _fetch(mirror: str, file: IdxFile, place: Path, meter: _Meter) -> None:
    """One file into its place, under another name until its content has verified."""
    url = f"{mirror.rstrip('/')}/{file.name}.gz"
    handle, name = tempfile.mkstemp(prefix=file.name, suffix=".part", dir=place)
    part = Path(name)
    try:
        received = 0
        with os.fdopen(handle, "wb") as out:
            for chunk, total in _chunks(url):
                out.write(chunk)
                received += len(chunk)
                meter.advance(file, received / (total or file.download_bytes), received)
        _verify_download(part, file, url)
        os.replace(part, place / f"{file.name}.gz")
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _verify_download(part: Path, file: IdxFile, url: str) -> None:
    try:
        _read.__wrapped__(part, file, 0, 0)
    except ValueError as error:
        raise ValueError(str(error).replace(str(part), url).removesuffix(f"; {_MEND}")) from error


def _chunks(url: str, timeout: float = 20.0) -> Iterator[tuple[bytes, int | None]]:
    """The answer to one request in pieces, each with the announced length of the whole."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            announced = response.headers.get("Content-Length")
            total = int(announced) if announced and announced.isdigit() else None
            while chunk := response.read(1 << 16):
                yield chunk, total
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionError(f"{url} did not answer as expected ({error})") from error
