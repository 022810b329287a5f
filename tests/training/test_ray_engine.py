"""On a Ray cluster of two workers, a lost worker or node costs nothing but time, and Ray leaves nothing behind."""

import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.training import sweep
from core.training.engines.ray_cluster import _outcome
from tests.training.conftest import (
    LONG,
    is_in_the_middle,
    kept_results,
    set_variables,
    sweeping,
    tries,
    unbroken,
    write_grid,
)
from tests.waiting import PATIENCE, until

# Read when Ray is imported: no report over the network, servers on 127.0.0.1 only, and workers that are as urgent as
# the tests beside them (Ray's own choice is a niceness of 15: on busy cores the run of a second takes minutes).
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_worker_niceness": "0",
}
ray = pytest.importorskip("ray")


@pytest.fixture(scope="module")
def cluster(drawn_variables):
    """A head that computes nothing, and two nodes of one CPU each."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        set_variables(patch, drawn_variables)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        try:
            for _ in range(2):
                cluster.add_node(num_cpus=1)
            yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture
def grid(tmp_path):
    return tmp_path / "grid.json"


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


@pytest.mark.thorough
def test_a_killed_worker_and_a_lost_node_lose_nothing(cluster, grid, runs, tmp_path):
    settings = [{"channels": [3, 4, last]} for last in (3, 4, 5)]
    experiments = first, second, third = write_grid(grid, seeds=(0,), epochs=LONG, settings=settings)
    with sweeping(grid, "--runs", runs, "--engine", "ray", "--address", cluster.address) as process:
        until(lambda: is_in_the_middle(first, runs))
        os.kill(tries(first, runs)[0][0], signal.SIGKILL)
        until(lambda: is_in_the_middle(third, runs))  # it began when one of the others had ended
        worker = tries(third, runs)[0][0]
        os.kill(worker, signal.SIGSTOP)  # it must not end before its node is lost
        cluster.remove_node(node_of(worker, cluster), allow_graceful=False)
        os.kill(worker, signal.SIGKILL)
        assert process.wait(PATIENCE) == 0
    assert kept_results(experiments, runs) == [unbroken(e, tmp_path / e.name) for e in experiments]
    for broken in (first, third):
        (_, before), (_, after) = tries(broken, runs)
        assert (before, after > 0) == (0, True)  # it went on from an epoch that was saved
    assert len(tries(second, runs)) == 1


def node_of(worker, cluster):
    parent = subprocess.run(["ps", "-o", "ppid=", "-p", str(worker)], capture_output=True, text=True).stdout
    return next(n for n in cluster.worker_nodes if n.all_processes["raylet"][0].process.pid == int(parent))


@pytest.mark.thorough
def test_what_raises_is_one_sentence_and_is_not_tried_again(cluster, grid, runs, tmp_path):
    wrong, right = experiments = write_grid(grid)
    unbroken(right, tmp_path / right.name)
    (runs / wrong.name).mkdir(parents=True)
    shutil.copy(tmp_path / right.name / "state.safetensors", runs / wrong.name)  # that of another seed
    with sweeping(grid, "--runs", runs, "--engine", "ray", "--address", cluster.address) as process:
        messages = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
    said = [line for line in messages.splitlines() if f"{wrong.name}: " in line]
    assert len(said) == 1
    assert "ValueError: " in said[0]
    assert "holds another run" in said[0]
    assert (runs / wrong.name / "log.txt").read_text(encoding="utf-8").count("Traceback") == 1
    assert kept_results(experiments[1:], runs) == [unbroken(right, tmp_path / right.name)]


@pytest.mark.thorough
def test_a_time_box_of_nothing_begins_nothing(cluster, grid, runs):
    write_grid(grid)
    options = ("--runs", runs, "--engine", "ray", "--address", cluster.address, "--max-minutes", "0")
    with sweeping(grid, *options) as process:
        messages = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 3
    assert "2 experiments are not finished; the same command goes on" in messages
    assert not runs.exists()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads what Linux says of processes")
def test_a_cluster_of_its_own_listens_to_this_machine_only_and_ends_with_the_sweep(grid, runs, drawn, monkeypatch):
    (experiment,) = write_grid(grid, seeds=(0,), epochs=50 * LONG)
    monkeypatch.setenv("EQUISCOPE_TEST", str(runs))  # all that it starts inherits this
    with sweeping(grid, "--runs", runs, "--engine", "ray") as process:
        until(lambda: is_in_the_middle(experiment, runs))
        started = inheriting(f"EQUISCOPE_TEST={runs}")
        assert {tries(experiment, runs)[0][0], process.pid} <= set(started)
        listening = {address for pid in started for address in listening_addresses(pid)}
        process.send_signal(signal.SIGTERM)
        messages = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130
    assert "stopped; the same command goes on" in messages
    assert "Traceback" not in messages
    assert len(listening) >= 1
    assert all(ipaddress.ip_address(address).is_loopback for address in listening), listening
    until(lambda: inheriting(f"EQUISCOPE_TEST={runs}") == [])


def inheriting(variable):
    """Processes that were started with this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # it ended, or is another user's
            continue
    return found


def listening_addresses(process):
    """Of its TCP sockets, read from the kernel's tables: hexadecimal, in words of the machine's byte order."""
    try:
        sockets = {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()}
    except OSError:
        return
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            cells = line.split()
            if cells[3] == "0A" and f"socket:[{cells[9]}]" in sockets:
                words = re.findall("." * 8, cells[1].split(":")[0])
                packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words)
                address = ipaddress.ip_address(packed)
                yield str(getattr(address, "ipv4_mapped", None) or address)


def test_a_result_of_a_worker_without_common_files_is_written_here(grid, runs, tmp_path):
    (experiment,) = write_grid(grid, seeds=(0,))
    result = {"experiment": json.loads(experiment.to_json()), "test_error": 3.0}
    returned = SimpleNamespace(get=lambda ended: (json.dumps(result), ""), exceptions=ray.exceptions)
    folder = runs / experiment.name
    assert list(_outcome(returned, None, experiment, folder)) == [(experiment.name, "")]
    assert json.loads((folder / "result.json").read_text(encoding="utf-8")) == result


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:99999"])
def test_without_a_cluster_at_the_address_it_says_so(address, grid, runs, capsys):
    write_grid(grid)
    assert sweep.main([str(grid), "--runs", str(runs), "--engine", "ray", "--address", address]) == 2
    assert f"No Ray cluster at {address}: " in capsys.readouterr().err.splitlines()[-1]
    assert not runs.exists()
