"""A kill at any moment leaves the previous result or the new one, whole; two writers on one place lose nothing.

EQUISCOPE_KILLS is the number of kills of each writer, 10 by default.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.writers import WRITERS

pytestmark = [pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers run in forks"), pytest.mark.slow]


def test_every_writer_can_be_killed_at_any_moment_and_shares_its_place(tmp_path):
    kills = int(os.environ.get("EQUISCOPE_KILLS", "10"))
    command = [sys.executable, "-m", "tests.writers", str(tmp_path), str(kills), str(max(5, kills // 4))]
    tried = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert tried.returncode == 0, tried.stderr[-2000:]
    found = [json.loads(line) for line in tried.stdout.splitlines()]
    assert [each["writer"] for each in found] == list(WRITERS)
    for each in found:
        assert each["left"]["previous"] + each["left"]["new"] == kills
        assert each["left"]["previous"] > 0  # else it was never killed in the middle
