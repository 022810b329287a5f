"""One server for all workers of a run: the first that needs it starts it, the controller ends it.

A server takes seconds of a core to start and more to measure what pages show; visitors keep apart by their sessions.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.browser.running import Server, end, start_app
from tests.waiting import PATIENCE, alive, until

NOTE = "server.json"  # its address and process, in a folder that all workers know


@contextmanager
def shared_app(root: Path, temporary: pytest.TempPathFactory, name: str, **options: str) -> Iterator[Server]:
    """A server of that name, which all workers visit; without workers it is this process's own.

    Args: options: as of `start_app`.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        server, process = start_app(root, temporary.mktemp(name), **options)
        try:
            yield server
        finally:
            end(process)
        return
    from core.files import lock  # not before jaxtyping watches how core is imported

    folder = temporary.getbasetemp().parent / name  # beside those of the workers, in that of the controller
    folder.mkdir(exist_ok=True)
    with lock(folder / NOTE, PATIENCE):
        if not (folder / NOTE).exists():
            server, process = start_app(root, folder, **options)
            (folder / NOTE).write_text(json.dumps(asdict(server), default=str), encoding="utf-8")
            process.returncode = 0  # it outlives this worker, and nobody waits for it here
    yield read(folder / NOTE)


def read(note: Path) -> Server:
    kept = json.loads(note.read_text(encoding="utf-8"))
    return Server(kept["url"], Path(kept["log"]), kept["pid"])


def end_shared(folder: Path) -> None:
    """Ends every server whose note lies in a folder of this one."""
    for note in folder.glob(f"*/{NOTE}"):
        pid = read(note).pid
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, TimeoutError):
                os.kill(pid, sign)
                until(lambda pid=pid: not alive(pid), 10)
        note.unlink()
