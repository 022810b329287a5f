"""A server keeps little of the memory that it once needed."""

import os
import platform

import numpy as np
import pytest

from core import freed_memory as memory

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas to share and to trim")
PIECE = 10_000  # bytes: glibc asks the system for larger ones one by one


@GLIBC
def test_glibc_takes_the_number_of_arenas():
    assert memory.share_arenas(2)


@pytest.mark.parametrize("trouble", [OSError, AttributeError, TypeError])
def test_another_c_library_is_left_alone(monkeypatch, trouble):
    def refuse(name):
        raise trouble

    monkeypatch.setattr(memory.ctypes, "CDLL", refuse)
    assert not memory.share_arenas()
    assert not memory.give_back()


def used() -> int:
    """Bytes of this process that are in the memory of the machine."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def in_pieces(size: int) -> None:
    """Fills memory and leaves a hole of this size below a piece that is still in use."""
    pieces = [np.ones(PIECE, dtype=np.uint8) for _ in range(size // PIECE)]
    kept.append(pieces[-1])


kept: list[np.ndarray] = []


@GLIBC
def test_what_a_function_needed_on_its_way_is_given_back():
    memory.give_back()
    before, size = used(), 200_000_000
    in_pieces(size)
    assert used() - before > 0.8 * size  # glibc keeps it
    memory.giving_back(in_pieces)(size)
    assert used() - before < 0.3 * size
