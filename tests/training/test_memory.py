"""A process that trains keeps the memory it frees: the next step takes it without the system's clearing of pages."""

import platform
import statistics
import subprocess
import sys

import pytest

from core.training import memory

COUNT_FAULTS = """
import resource, sys, torch
from core.training.memory import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
before = 0
for step in range(16):
    x = torch.ones(16 * 2**20)  # 64 MB, more than glibc would ever keep
    x = x + 1
    del x
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    print(faults - before)
    before = faults
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to keep what is freed")
def test_what_is_freed_is_used_again_without_new_pages(root):
    def pages_of_a_step(way):
        command = [sys.executable, "-c", COUNT_FAULTS, way]
        ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return statistics.median(map(int, ended.stdout.split()[8:]))  # at first the process still grows

    assert pages_of_a_step("kept") < 100
    assert pages_of_a_step("returned") > 1000  # else the setting would have no use


def test_without_the_setting_nothing_changes(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed_memory() is False
