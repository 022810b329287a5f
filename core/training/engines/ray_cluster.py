"""A Ray cluster. Ray is an optional dependency, and imported by nothing else."""

import importlib
import json
import logging
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from core.matrix_products import prefer_onednn
from core.training.engines.engine import RETRIES, Engine, EngineMissing, Outcome, Outcomes
from core.training.experiment import Experiment, run
from core.training.memory import keep_freed_memory
from core.training.run_folder import keep, note, result_of

_POLL, _PATIENCE = 1.0, 10.0  # seconds
_OBJECT_STORE = 100 * 2**20  # bytes; results are texts of a few kB


def ray_cluster(address: str | None, max_minutes: float, device: str) -> Engine:
    """One task for each experiment, with one CPU and one thread; Ray repeats a task whose worker or node died.

    Every node needs this repository at the same path (or on PYTHONPATH), what requirements.txt and requirements-ray.txt
    name, and MNIST. A result comes back through Ray, so the nodes need share no files; where they do, or on one
    machine, a repeated task goes on from the state that was saved.

    Args: address: of the head node, `host:port`; None starts a cluster on this machine and ends it afterwards.
    Raises: EngineMissing if Ray is not installed and, while it runs, if no cluster answers.
    """
    ray = _import_ray(address)

    def run_all(experiments: Sequence[Experiment], runs: Path) -> Outcomes:
        if not experiments:
            return
        end = time.time() + 60 * max_minutes  # the clocks of a cluster agree within seconds
        with _connected(ray, address):
            task = ray.remote(num_cpus=1, max_retries=RETRIES)(_attempt)
            folders = {e.name: (runs / e.name).resolve() for e in experiments}
            pending = {task.remote(e.to_json(), str(folders[e.name]), end, device): e for e in experiments}
            try:
                while pending:
                    for ended in ray.wait(list(pending), timeout=_POLL)[0]:
                        experiment = pending.pop(ended)
                        yield from _outcome(ray, ended, experiment, folders[experiment.name])
            finally:
                for left in pending:
                    ray.cancel(left, force=True)

    return run_all


def _attempt(experiment: str, folder: str, end: float, device: str) -> tuple[str, str]:
    """In a worker: the result as JSON, and what went wrong; both empty if the time is over.

    Args: experiment: as JSON. folder: where its state is kept, made if it is not there. end: in seconds, as time.time.
    """
    left = (end - time.time()) / 60
    if left <= 0:
        return "", ""
    torch.set_num_threads(1)
    keep_freed_memory()
    prefer_onednn()
    try:
        result = run(Experiment.from_json(experiment), Path(folder), left, device=device)
    except Exception as error:  # whatever it is, it would come again: no matter for Ray's retries
        if Path(folder).is_dir():
            note(Path(folder), traceback.format_exc())
        return "", f"{type(error).__name__}: {error}"
    return json.dumps(result) if result else "", ""


def _outcome(ray: Any, ended: Any, experiment: Experiment, folder: Path) -> Iterator[Outcome]:
    try:
        result, problem = ray.get(ended)
    except ray.exceptions.RayError as error:
        result, problem = "", f"{type(error).__name__}: {str(error).splitlines()[0]}"
    if result and result_of(experiment, folder) is None:  # the worker wrote it on another machine
        keep(json.loads(result), folder)
    if result or problem:
        yield experiment.name, problem


def _import_ray(address: str | None) -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its makers over the network
    if address is None:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # so that its servers listen on 127.0.0.1 only
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise EngineMissing("Ray is not installed: .venv/bin/pip install -r requirements-ray.txt") from error


@contextmanager
def _connected(ray: Any, address: str | None) -> Iterator[None]:
    if address:
        _check_that_it_answers(address)
    own = {"include_dashboard": False, "object_store_memory": _OBJECT_STORE}  # of a cluster of our own
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        try:
            ray.init(address or "local", logging_level=logging.ERROR, log_to_driver=False, **({} if address else own))
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise EngineMissing(f"No Ray cluster at {address or 'this machine'}: {error}") from error
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)  # ray.init has set its own
        yield
    finally:
        ray.shutdown()  # ends a cluster of our own, leaves another


def _check_that_it_answers(address: str) -> None:
    """Ray itself would wait for minutes. Other forms than `host:port` are left to it."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise EngineMissing(f"No Ray cluster at {address}: {error}") from error
