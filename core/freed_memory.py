"""What a server keeps of the memory that it once needed.

Every run is a thread, and glibc gives threads up to eight arenas of memory a core. Each keeps what it once needed:
after the maps of one digit at 49 amounts on a wide canvas 2.2 GB stayed with a process that used 0.5 GB of them. But
memory that was given back has to be cleared page by page when it is asked for again, a sixth to a third of the time of
such maps, so a process keeps some of it for the next visitor.
"""

import ctypes
import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

SPARE = 256_000_000  # bytes that a process may keep unused

_ARENA_MAX, _TRIM_THRESHOLD, _MMAP_THRESHOLD = -8, -1, -3  # of glibc's malloc.h
_LARGEST_PIECE = 2**25  # bytes: the most that glibc takes as threshold; larger pieces come from the system one by one
_ABSENT = (OSError, AttributeError, TypeError)  # no such function; Windows has no such library


def tune_memory(count: int = 2) -> bool:
    """Lets all threads to come share `count` arenas of memory, of which each keeps at most `SPARE` at its end. Where
    the C library is not glibc, nothing happens.

    Returns: whether the C library took it.
    """
    options = ((_ARENA_MAX, count), (_TRIM_THRESHOLD, SPARE), (_MMAP_THRESHOLD, _LARGEST_PIECE))
    try:
        library = ctypes.CDLL(None)
        return all(library.mallopt(option, value) for option, value in options)
    except _ABSENT:
        return False


def give_back() -> bool:
    """Gives freed memory back to the system. Where the C library is not glibc, nothing happens.

    Returns: whether there was any.
    """
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except _ABSENT:
        return False


class _Level:
    """The memory of this process when it last gave back what it did not need."""

    def __init__(self) -> None:
        self._lock, self._bytes = threading.Lock(), 0

    def lower(self, spare: int) -> None:
        """Gives back, if more than `spare` bytes have come since. Where that cannot be told, nothing is spared."""
        with self._lock:
            if spare and (now := _resident()) is not None and now - self._bytes <= spare:
                return
            give_back()
            self._bytes = _resident() or 0


_LEVEL = _Level()


def giving_back(function: Callable[Given, Result], spare: int = SPARE) -> Callable[Given, Result]:
    """A function that gives back what it needed on its way; for those that hold the maps of many amounts.

    Args: spare: bytes of it that the process may keep for the next time.
    """

    @wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        finally:
            _LEVEL.lower(spare)

    return called


def _resident() -> int | None:
    """Bytes of this process that are in the memory of the machine; None where the system does not tell them so."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
