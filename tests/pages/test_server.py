"""Small answers leave at once, the sockets of others stay as they were, and memory stays together."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pages.hosting import server
from tests.waiting import PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not list its descriptors")


def no_delay(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request):
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    try:
        listener = socket.create_server((request.param, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {request.param}")
    with listener:
        listener.settimeout(PATIENCE)
        yield listener


def test_connections_made_later_inherit_the_flag(listener):
    assert not no_delay(listener), "the system's default has changed: is the shim still needed?"
    assert server.send_without_delay() >= 1
    with closing(socket.create_connection(listener.getsockname()[:2], timeout=PATIENCE)) as visitor:
        accepted, _ = listener.accept()
        with accepted:
            assert no_delay(listener)
            assert no_delay(accepted)
            visitor.sendall(b"move")
            assert accepted.recv(4) == b"move"


def test_the_visitor_who_is_connected_already_gains_too(listener):
    with closing(socket.create_connection(listener.getsockname()[:2], timeout=PATIENCE)) as visitor:
        accepted, _ = listener.accept()
        with accepted:
            server.send_without_delay()
            assert no_delay(accepted)
            assert not no_delay(visitor)  # the other end is not the server's


def test_other_descriptors_stay_as_they_were_and_open(tmp_path):
    left, right = socket.socketpair()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    unbound = socket.socket()
    file = (tmp_path / "note").open("w+b")
    with left, right, datagrams, unbound, file:
        before = {descriptor: os.fstat(descriptor).st_ino for descriptor in descriptors()}
        server.send_without_delay()
        assert {descriptor: os.fstat(descriptor).st_ino for descriptor in descriptors()} == before
        assert not no_delay(unbound)
        left.sendall(b"through")
        assert right.recv(7) == b"through"
        assert file.write(b"kept") == 4


def descriptors() -> list[int]:
    """The open descriptors; the one that reads the folder is closed again when this returns."""
    folder = next(filter(os.path.isdir, server.FOLDERS_OF_DESCRIPTORS))
    listed = [int(name) for name in os.listdir(folder)]
    return [descriptor for descriptor in listed if is_open(descriptor)]


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_nothing_happens_where_descriptors_are_not_listed(listener, monkeypatch):
    monkeypatch.setattr(server, "FOLDERS_OF_DESCRIPTORS", ("/no/such/folder",))
    assert server.send_without_delay() == 0
    assert not no_delay(listener)


def test_tuning_freezes_what_is_alive(root: Path):
    # in a process of its own: freezing cannot be limited to one test
    script = """
import gc
from pages.hosting.server import tune_server
tune_server()
print(gc.get_freeze_count())
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=True)
    assert int(done.stdout) > 1000


def test_who_waits_for_pythons_lock_gets_it_soon(monkeypatch):
    before = sys.getswitchinterval()
    for name in ("collect", "freeze"):
        monkeypatch.setattr(server.gc, name, lambda: None)
    monkeypatch.setattr(server, "tune_memory", lambda: None)
    try:
        server._tune_process.clear()
        server._tune_process()
        assert sys.getswitchinterval() == pytest.approx(server.TURN_S)
    finally:
        sys.setswitchinterval(before)
        server._tune_process.clear()
