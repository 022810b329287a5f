"""Where files lie, and how they are written: whole or not at all, several as one step, by one process at a time.

`write` puts the bytes into a part beside the file and then in its place, so that a kill at any moment leaves the
previous file or the new one. `write_together` does so for several files of one folder, whose readers use
`read_together`. `lock` keeps a second process out, and tells it who is in. What a killed process leaves behind blocks
nobody and is cleared away by the next one that writes there.
"""

import errno
import json
import os
import re
import secrets
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # holds `core`: a checkout, or the folder of installed packages

_HOST = re.sub(r"[^A-Za-z0-9]+", "-", socket.gethostname())[:32] or "unknown"
_PART = re.compile(r"\..+\.(?P<host>[A-Za-z0-9-]+)\.(?P<process>\d+)\.[0-9a-f]{8}\.part")
_STALE_S = 86_400  # a part of another machine, whose processes cannot be seen, is nobody's after a day
_PATIENCE_S = 10.0  # for who else writes: it takes milliseconds
_POLL_S = 0.02
_FAR = 1 << 30  # byte that is locked on Windows: beyond the text, which others may read


class InUse(Exception):
    """Another process holds what one process at a time may use; the message is one sentence and says who."""


def find_assets(root: Path, named: str | None = None) -> Path:
    """The folder `named`, else assets/ of the checkout `root`, else that of the package installed there."""
    if named:
        return Path(named).expanduser().resolve()
    places = (root / "assets", root / "equiscope" / "assets")
    return next((place for place in places if (place / "checkpoints").is_dir()), places[0])


ASSETS = find_assets(ROOT, os.environ.get("EQUISCOPE_ASSETS"))


def write(path: Path, data: bytes | str) -> None:
    """Writes one file whole or not at all; makes its folder. Text is UTF-8, its line ends stay as they are.

    Raises: OSError if it cannot be written; what was there before stays, and nothing else is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_parts(path.parent)
    part = path.with_name(f".{path.name}.{_HOST}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        with _naming(path):
            _put(part, data)
            os.replace(part, path)
    except BaseException:
        _remove([part])
        raise
    _sync_folder(path.parent)


def write_together(contents: Mapping[Path, bytes | str]) -> None:
    """Writes several files of one folder as one step: a kill at any moment leaves all the old ones or all the new.

    The new files are staged under other names; a journal that lists them is the step; then they take their places. A
    kill in between leaves the journal, by which `read_together` finds the new files, and the next call ends the work.
    Always name the same file first: the journal and the lock bear its name.
    Raises: OSError if it cannot be written, and the old files stay; InUse if another process writes them for long.
    """
    first = next(iter(contents))
    if any(path.parent != first.parent for path in contents):
        raise ValueError(f"files that are written together lie in one folder, got {', '.join(map(str, contents))}")
    with lock(first, _PATIENCE_S):
        _put_in_place(first)
        _remove(found for path in contents for found in _staged(path))  # of a killed process, without its journal
        staged = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.new") for path in contents}
        try:
            for path, data in contents.items():
                with _naming(path):
                    _put(staged[path], data)
            write(_journal(first), json.dumps({path.name: place.name for path, place in staged.items()}))
        except BaseException:
            if not _journal(first).exists():
                _remove(staged.values())
            raise
        _put_in_place(first)


def read_together(paths: Sequence[Path]) -> list[bytes]:
    """What the same step of `write_together` wrote, in the order of the paths, whoever writes meanwhile or was killed.

    Args: paths: the first is the one that `write_together` names first.
    Raises: OSError, the usual ones, if a file is not there or cannot be read.
    """
    while True:
        before = _state(paths)
        staged = _listed(paths[0])
        try:
            contents = [_read(path, staged.get(path.name)) for path in paths]
        except FileNotFoundError:
            if _state(paths) == before:
                raise
            continue
        if _state(paths) == before:
            return contents


def stand_together(paths: Sequence[Path]) -> bool:
    """Whether `read_together` would find every one."""
    staged = _listed(paths[0])
    return all(path.is_file() or path.name in staged for path in paths)


def append(path: Path, line: str) -> None:
    """One more line at the end of a log, in one piece, whoever else appends to it. Raises: OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


@contextmanager
def lock(path: Path, wait_s: float | int = 0) -> Iterator[None]:
    """Keeps every other process, and every other call in this one, from the same lock until the block ends.

    The lock is one of the operating system on `.<name>.lock` beside `path`, so it ends with the process that holds it,
    however that ends. Where a file system knows no locks, it does nothing.

    Args: path: what is to be used alone; need not exist. wait_s: seconds to wait for another process.
    Raises: InUse if another holds it; OSError if the folder cannot be written.
    """
    place = _lock_place(path)
    made = [folder for folder in (place.parent, *place.parent.parents) if not folder.exists()]
    handle = _acquire(path, time.monotonic() + wait_s)
    try:
        _sign(handle)
        yield
    finally:
        _release(handle, place)
        for folder in made:
            with suppress(OSError):  # it is used by now
                folder.rmdir()


def holder(path: Path) -> str:
    """Who holds the lock of `path`, as words: process, machine, and since when."""
    for _ in range(50):  # who has just taken it has not signed yet
        try:
            signed = json.loads(_lock_place(path).read_text(encoding="utf-8"))
            process, host, since = int(signed["process"]), str(signed["host"]), str(signed["since"])
        except (OSError, ValueError, TypeError, KeyError):
            time.sleep(_POLL_S)
            continue
        if host != _HOST or _is_alive(process):
            return f"process {process} on {host} since {since}"
        time.sleep(_POLL_S)
    return "another process"


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """An error names the file that was to be written, and not its part."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # it is no error of the system
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _put(path: Path, data: bytes | str) -> None:
    """A new file, on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as out:
        out.write(data.encode() if isinstance(data, str) else data)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    """So that a power cut does not undo the new name."""
    with suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _clear_parts(folder: Path) -> None:
    """Removes parts whose process is gone."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if (found := _PART.fullmatch(entry.name)) is None:
                continue
            ended = found["host"] == _HOST and not _is_alive(int(found["process"]))
            with suppress(OSError):
                if ended or time.time() - entry.stat().st_mtime > _STALE_S:
                    os.unlink(entry.path)


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, signal 0 is no question
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def _journal(first: Path) -> Path:
    return first.with_name(f".{first.name}.commit")


def _staged(path: Path) -> list[Path]:
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}\.new")
    return [found for found in path.parent.iterdir() if name.fullmatch(found.name)]


def _listed(first: Path) -> dict[str, str]:
    """The staged name of each file, if a step is not ended."""
    try:
        return dict(json.loads(_journal(first).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _put_in_place(first: Path) -> None:
    """Ends the step that the journal lists, if there is one; can itself be killed anywhere."""
    listed = _listed(first)
    for name, staged in listed.items():
        with suppress(FileNotFoundError):  # it is in its place
            os.replace(first.with_name(staged), first.with_name(name))
    if listed:
        _sync_folder(first.parent)
        _journal(first).unlink()


def _read(path: Path, staged: str | None) -> bytes:
    if staged is not None:
        with suppress(FileNotFoundError):  # it has taken its place
            return path.with_name(staged).read_bytes()
    return path.read_bytes()


def _state(paths: Sequence[Path]) -> list[tuple[int, int, int] | None]:
    """What changes when a step begins, and when it ends."""
    found: list[tuple[int, int, int] | None] = []
    for path in (_journal(paths[0]), *paths):
        try:
            stat = path.stat()
            found.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append(None)
    return found


def _lock_place(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _acquire(path: Path, end: float) -> int:
    place = _lock_place(path)
    while True:
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # who made the folder has removed it, as it was empty
            handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
            taken = False
            try:
                taken = _take(handle)
                if taken and _is_at(handle, place):
                    return handle
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)
            if taken:
                continue  # its last holder has removed the file meanwhile
            if time.monotonic() >= end:
                raise InUse(f"{path} is in use by {holder(path)}")
            time.sleep(_POLL_S)


def _is_at(handle: int, place: Path) -> bool:
    if sys.platform == "win32":
        return True  # no open file is removed there
    try:
        return os.path.samestat(os.fstat(handle), os.stat(place))
    except FileNotFoundError:
        return False


def _sign(handle: int) -> None:
    text = json.dumps({"process": os.getpid(), "host": _HOST, "since": f"{datetime.now():%Y-%m-%d %H:%M:%S}"})
    with suppress(OSError):  # a full disk: nobody learns who it is, no more
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text.encode())


def _release(handle: int, place: Path) -> None:
    if sys.platform == "win32":
        os.close(handle)
        _remove([place])
    else:
        _remove([place])  # while it is held, so that nobody else can hold it
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    _NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True
