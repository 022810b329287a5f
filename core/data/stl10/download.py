"""Fetches the four files of STL-10 that have labels: `python -m core.data.stl10.download`.

They lie in an archive of 2.6 GB, most of it photographs without labels, which are read past and not kept; reading stops
as soon as all four are there. Each file is verified by its published MD5, which is printed, before it gets its name.
"""

import argparse
import hashlib
import http.client
import os
import sys
import tarfile
import tempfile
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.data.stl10.binary_files import BinaryFile, all_files, is_sound, place_of

ADDRESS = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz"
_CHUNK = 1 << 20
Say = Callable[[str], None]


@runtime_checkable
class Stream(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


def download_stl10(say: Say, address: str = ADDRESS, folder: Path | None = None) -> Path:
    """The files that are missing or damaged, into the folder that `load_stl10` looks into; returns the folder.

    Args: say: is called with a line for a reader: what is fetched, from where, and each checksum.
    Raises: ConnectionError if the archive cannot be had, or lacks a file; ValueError if a file has another length or
        checksum than expected, which is then not kept; OSError if the folder cannot be written.
    """
    place = place_of(folder)
    place.mkdir(parents=True, exist_ok=True)
    wanted = {file.name: file for file in all_files() if not is_sound(place, file)}
    if not wanted:
        say(f"{place} has all four files already, verified")
        return place
    say(f"reading {address}, up to 2.6 GB, for {', '.join(wanted)} into {place}")
    try:
        _take(address, wanted, place, say)
    except (http.client.HTTPException, tarfile.TarError, EOFError, zlib.error) as error:
        raise ConnectionError(f"{address} did not answer as expected ({error or type(error).__name__})") from error
    if wanted:
        raise ConnectionError(f"{address} has no {', '.join(wanted)}")
    return place


def _take(address: str, wanted: dict[str, BinaryFile], place: Path, say: Say) -> None:
    """Reads the archive once; what it found is no longer in `wanted`."""
    try:
        answer = urllib.request.urlopen(address, timeout=20.0)
    except OSError as error:
        raise ConnectionError(f"{address} did not answer as expected ({error})") from error
    with answer, tarfile.open(fileobj=answer, mode="r|gz") as archive:
        for member in archive:
            file = wanted.get(Path(member.name).name) if member.isreg() else None
            stream = archive.extractfile(member) if file else None
            if file is None or stream is None:
                continue
            _keep(stream, file, place)
            say(f"{file.name}: {file.num_bytes:,} bytes, MD5 {file.md5} as published")
            del wanted[file.name]
            if not wanted:
                return


def _keep(stream: Stream, file: BinaryFile, place: Path) -> None:
    """One file into its place, under another name until its content has verified."""
    handle, name = tempfile.mkstemp(prefix=file.name, suffix=".part", dir=place)
    part, digest, received = Path(name), hashlib.md5(usedforsecurity=False), 0
    try:
        with os.fdopen(handle, "wb") as out:
            while received <= file.num_bytes and (chunk := stream.read(_CHUNK)):
                out.write(chunk)
                digest.update(chunk)
                received += len(chunk)
        if received != file.num_bytes:
            got = f"{received:,}" if received < file.num_bytes else "more"
            raise ValueError(f"{file.name} of the archive should have {file.num_bytes:,} bytes, got {got}")
        if digest.hexdigest() != file.md5:
            raise ValueError(f"{file.name} of the archive should have MD5 {file.md5}, got {digest.hexdigest()}")
        os.replace(part, place / file.name)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.data.stl10.download", description=__doc__)
    parser.add_argument("--folder", type=Path, help="instead of EQUISCOPE_STL10, or the cache folder without it")
    options = parser.parse_args(arguments)
    try:
        download_stl10(lambda line: print(line, flush=True), ADDRESS, options.folder)
    except (ConnectionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or place_of(options.folder)} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
