"""What a server keeps of the memory that it once needed.

Every run is a thread, and glibc gives threads up to eight arenas of memory a core. Each keeps what it once needed:
after the maps of one digit at 49 amounts on a wide canvas 2.2 GB stayed with a process that used 0.5 GB of them.
"""

import ctypes
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

M_ARENA_MAX = -8  # of glibc's malloc.h
_ABSENT = (OSError, AttributeError, TypeError)  # no such function; Windows has no such library


def share_arenas(count: int = 2) -> bool:
    """Lets all threads to come share `count` arenas of memory. Where the C library is not glibc, nothing happens.

    Returns: whether the C library took it.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, count))
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


def giving_back(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """A function that gives back what it needed on its way; for those that hold the maps of many amounts."""

    @wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        finally:
            give_back()

    return called
