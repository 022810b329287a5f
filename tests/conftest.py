"""What every test shares: the root, seeds, torch's threads, and no network beyond this machine."""

import os

# Threads that wait for each other in a loop hold the cores that the others need: beside eight busy processes that makes
# a network five times slower. Torch reads this when it is first imported, as do the processes that tests start.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import ipaddress
import random
import socket
from pathlib import Path

import pytest
import torch

from tests import type_checks

ROOT = Path(__file__).resolve().parents[1]
MARKS = {"browser": "browser", "pages": "apptest", "training": "training"}  # by folder; `make quick` leaves them out
type_checks.install()


def pytest_configure():
    """Two threads at most, and no more than there are cores for: workers that wait for each other burn time."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    torch.set_num_threads(max(1, min(2, (os.cpu_count() or 1) // workers)))


def pytest_unconfigure(config):
    """The controller ends the servers that its workers shared: it is there to the last, and a worker is not."""
    controls = getattr(config.option, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ
    if controls:
        from tests.browser.sharing import end_shared

        end_shared(config._tmp_path_factory.getbasetemp())


def pytest_collection_modifyitems(items):
    """Every test has the mark of its folder. The fast ones speak first; but several workers begin with the slow ones,
    so that none of them is left alone with a long file at the end (with `--no-loadscope-reorder`)."""
    for item in items:
        if mark := MARKS.get(item.path.relative_to(ROOT / "tests").parts[0]):
            item.add_marker(mark)
    several = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)) > 1
    order = ("browser", "training", "apptest", "slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}  # a file is one worker's

    def place(item) -> int:
        marks = {mark for mark in order if item.get_closest_marker(mark)} | ({"slow"} if item.path in slow else set())
        rank = next((i for i, mark in enumerate(order) if mark in marks), len(order))
        return rank if several else -rank

    items.sort(key=place)


@pytest.fixture(params=[("AVX512", True), ("AVX512", False), ("AVX2", False)], ids=["oneDNN", "AVX-512", "AVX2"])
def estimated_for(request, monkeypatch):
    """Methods of convolutions are chosen as on a machine of that kind."""
    import torch

    capability, by_onednn = request.param
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr("core.layers.methods.by_onednn", lambda: by_onednn)


@pytest.fixture(scope="session", autouse=True)
def kept_memory():
    """Maps that a test frees stay with the process for the next ones, which need not be cleared page by page again."""
    from core.training.memory import keep_freed_memory  # not before jaxtyping watches how core is imported

    keep_freed_memory()


@pytest.fixture(scope="module")
def onednn():
    """Matrices are multiplied as in a process that trains; by the same library as ever where that is the quicker."""
    from torch.backends import mkldnn

    from core.matrix_products import prefer_onednn

    before = mkldnn.matmul.fp32_precision
    prefer_onednn()
    yield
    mkldnn.matmul.fp32_precision = before


@pytest.fixture(scope="module", autouse=True)
def returned_memory():
    """What a file needed at its height is given back at its end, so that workers are not all as large as can be."""
    yield
    from core.freed_memory import give_back

    give_back()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds app.py."""
    return ROOT


@pytest.fixture(autouse=True)
def seeds():
    random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """A test that reaches for another machine fails, and says which."""

    def refuse_others(host):
        if not is_this_machine(host):
            raise AssertionError(f"a test reached for {host!r}: tests use nothing beyond this machine")

    def guarded(method):
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse_others(address[0])
            return method(self, address)

        return connect

    def guarded_lookup(host, *args, lookup=socket.getaddrinfo, **options):
        refuse_others(host)
        return lookup(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)


def is_this_machine(host: str | bytes | None) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
