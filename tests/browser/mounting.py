"""Streamlit with a page of its own that holds nothing but the browser components (mounting_app.py)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.running import Server, free_port, wait_until_healthy
from tests.waiting import PATIENCE

PATIENCE_MS = min(180, PATIENCE) * 1000  # a busy machine may take its time


@contextmanager
def running_components(root: Path, folder: Path) -> Iterator[Server]:
    """Args: root: of the project. folder: for the log and as an empty home."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(root / "tests" / "browser" / "mounting_app.py")]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
    log = folder / "server.log"
    environment = {**os.environ, "PYTHONPATH": str(root), "HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", log, process)
    try:
        wait_until_healthy(server, PATIENCE_MS / 1000)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
