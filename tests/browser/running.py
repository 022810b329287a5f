"""The app as a process of its own, and the Chromium to look at it with; the tests and the benchmark share this."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE

THIS_MACHINE = ("127.0.0.1", "localhost")
# First the one without a window of its own, which takes two thirds of the time of the others.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",  # else it refuses to start as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Server:
    url: str
    log: Path
    pid: int

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def running_app(root: Path, folder: Path, port: int | None = None, **variables: str) -> Iterator[Server]:
    """`streamlit run server.py` on that port or a free one, with an empty home and no way to the network."""
    server, process = start_app(root, folder, port, **variables)
    try:
        yield server
    finally:
        end(process)


def start_app(
    root: Path, folder: Path, port: int | None = None, script: str = "", **variables: str
) -> tuple[Server, subprocess.Popen]:
    """As `running_app`, and whoever calls it ends the process.

    script: below `root`; by default server.py, or app.py where there is none.

    Raises: RuntimeError, with the end of its log, if it does not start.
    """
    port = port or free_port()
    nowhere = "http://127.0.0.1:9"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("EQUISCOPE_", "STREAMLIT_"))},
        **{"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")},  # no settings or data of the user's
        **{"http_proxy": nowhere, "https_proxy": nowhere, "no_proxy": ",".join(THIS_MACHINE)},
        **variables,
    }
    script = script or ("server.py" if (root / "server.py").exists() else "app.py")
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", log, process.pid)
    try:
        wait_until_healthy(server, process)
    except BaseException:
        end(process)
        raise
    return server, process


def end(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_until_healthy(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(f"{server.url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start; its log ends with:\n{server.tail()}")


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
