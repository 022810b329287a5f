"""A server keeps little of the memory that it once needed."""

import platform

import numpy as np
import pytest

from core import freed_memory as memory

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas to share and to trim")
PIECE = 10_000  # bytes: glibc asks the system for larger ones one by one


@GLIBC
def test_glibc_takes_the_number_of_arenas():
    assert memory.tune_memory(2)


@pytest.mark.parametrize("trouble", [OSError, AttributeError, TypeError])
def test_another_c_library_is_left_alone(monkeypatch, trouble):
    def refuse(name):
        raise trouble

    monkeypatch.setattr(memory.ctypes, "CDLL", refuse)
    assert not memory.tune_memory()
    assert not memory.give_back()


def used() -> int:
    found = memory._resident()
    assert found is not None
    return found


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
    memory.giving_back(in_pieces, spare=0)(size)
    assert used() - before < 0.3 * size


@GLIBC
def test_some_of_it_is_spared_for_the_next_time_and_no_more():
    memory._LEVEL.lower(0)
    before, size = used(), 60_000_000
    spared = memory.giving_back(in_pieces, spare=3 * size)
    spared(size)
    assert used() - before > 0.8 * size
    for _ in range(4):  # holes that are filled again count once
        spared(4 * size)
        assert used() - before < 3.5 * size


def test_nothing_is_spared_where_the_system_does_not_tell(monkeypatch):
    given = []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(1))
    monkeypatch.setattr(memory, "_resident", lambda: None)
    memory.giving_back(lambda: None)()
    assert given
