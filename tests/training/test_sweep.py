"""A sweep ends with the results of direct runs, whatever dies on the way, and repeats nothing."""

import csv
import json
import os
import shutil
import signal
import stat
import sys

import pytest

from core import files
from core.results import sweeps
from core.training import sweep
from core.training.engines import local
from core.training.engines.engine import RETRIES
from core.training.run_folder import lock_of
from tests.training.conftest import (
    LONG,
    is_in_the_middle,
    kept_results,
    sweeping,
    tries,
    unbroken,
    write_grid,
)
from tests.waiting import PATIENCE, alive, until

pytestmark = pytest.mark.usefixtures("drawn")


@pytest.fixture
def grid(tmp_path):
    return tmp_path / "grid.json"


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


def test_a_sweep_ends_with_the_results_of_direct_runs_and_repeats_none(grid, runs, straight, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeps, "FOLDER", tmp_path / "tables")
    experiments = write_grid(grid, seeds=(0, 1, 0))
    assert [e.seed for e in experiments] == [0, 1]  # the same one twice is one
    command = [str(grid), "--runs", str(runs), "--jobs", "2", "--table"]
    assert sweep.main(command) == 0
    expected = [straight(e) for e in experiments]
    assert kept_results(experiments, runs) == expected
    assert expected[0]["history"] != expected[1]["history"]
    lines = (tmp_path / "tables" / "grid.csv").read_text(encoding="utf-8")
    assert [line["seed"] for line in csv.DictReader(lines.splitlines())] == ["0", "1"]
    before = contents(runs)
    assert sweep.main(command) == 0
    assert contents(runs) == before
    assert (tmp_path / "tables" / "grid.csv").read_text(encoding="utf-8") == lines


def contents(runs):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in runs.rglob("*") if path.is_file()}


@pytest.mark.thorough
def test_a_run_whose_process_is_killed_goes_on_and_ends_as_if_it_had_not_been(grid, runs, straight):
    (experiment,) = write_grid(grid, seeds=(0,), epochs=LONG)
    with sweeping(grid, "--runs", runs, "--jobs", "1") as process:
        until(lambda: is_in_the_middle(experiment, runs))
        os.kill(tries(experiment, runs)[0][0], signal.SIGKILL)
        assert process.wait(PATIENCE) == 0
    (_, first), (_, second) = tries(experiment, runs)
    assert (first, second > 0) == (0, True)
    assert kept_results([experiment], runs) == [straight(experiment)]


@pytest.mark.thorough
def test_a_sweep_stopped_by_any_signal_leaves_no_process_and_goes_on_where_it_was(grid, runs, straight):
    first, second = experiments = write_grid(grid, epochs=LONG)
    command = (grid, "--runs", runs, "--jobs", "1")
    for stopped, (number, status) in enumerate(
        [(signal.SIGTERM, 130), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
    ):
        with sweeping(*command) as process:
            until(lambda: is_in_the_middle(second, runs, after=stopped))  # noqa: B023 (called within this turn)
            process.send_signal(number)  # at once, or the run may end before
            finished = contents(runs / first.name)
            messages = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == status
        assert ("stopped; the same command goes on" in messages) == (status == 130)
        assert "Traceback" not in messages
        until(lambda: not alive(tries(second, runs)[-1][0]))
    with sweeping(*command) as process:
        assert process.wait(PATIENCE) == 0
    assert len(tries(first, runs)) == 1
    assert contents(runs / first.name) == finished
    epochs = [epoch for _, epoch in tries(second, runs)]
    assert epochs == sorted(set(epochs))  # every try began later than the one before
    assert kept_results(experiments, runs) == [straight(e) for e in experiments]


def test_what_raises_is_one_sentence_and_no_other_run_suffers(grid, runs, tmp_path, capsys):
    wrong, right = write_grid(grid)
    unbroken(right, tmp_path / "other")
    (runs / wrong.name).mkdir(parents=True)
    shutil.copy(tmp_path / "other" / "state.safetensors", runs / wrong.name)  # that of another seed
    assert sweep.main([str(grid), "--runs", str(runs), "--jobs", "1"]) == 1
    messages = [line for line in capsys.readouterr().err.splitlines() if wrong.name in line]
    assert len(messages) == 1
    assert "ValueError" in messages[0]
    assert "holds another run" in messages[0]
    log = (runs / wrong.name / "log.txt").read_text(encoding="utf-8")
    assert log.count("Traceback") == 1  # not tried again
    assert not (runs / wrong.name / "result.json").exists()
    assert len(kept_results([right], runs)) == 1


def test_a_process_that_always_dies_is_given_up(grid, runs, tmp_path, monkeypatch, capsys):
    (experiment,) = write_grid(grid, seeds=(0,))
    monkeypatch.setattr(local.sys, "executable", str(dying(tmp_path / "dying")))
    assert sweep.main([str(grid), "--runs", str(runs), "--jobs", "1"]) == 1
    assert (runs / experiment.name / "log.txt").read_text(encoding="utf-8") == "dying\n" * (1 + RETRIES)
    assert f"{experiment.name}: its process died {1 + RETRIES} times" in capsys.readouterr().err


def dying(path):
    path.write_text("#!/bin/sh\necho dying\nkill -9 $$\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_without_mnist_a_sweep_says_so_in_one_sentence_and_begins_no_second_run(grid, runs, tmp_path, capsys):
    experiments = write_grid(grid, seeds=(2, 3, 4))  # realisations that are not in the cache
    assert sweep.main([str(grid), "--runs", str(runs), "--jobs", "1"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "EQUISCOPE_MNIST names" in line] == said[-1:]
    assert [(runs / e.name).exists() for e in experiments] == [True, False, False]


def test_a_time_box_of_nothing_begins_nothing(grid, runs, capsys):
    write_grid(grid)
    assert sweep.main([str(grid), "--runs", str(runs), "--max-minutes", "0"]) == 3
    assert "2 experiments are not finished; the same command goes on" in capsys.readouterr().err
    assert not runs.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"networks": ["resnet"]}, "unknown network 'resnet'"),
        ({"data": ["cifar"]}, "unknown data 'cifar'"),
        ({"data": ["1-8"]}, "toy takes 1-2.83, 1-4.76, 1-8, and no other network does; cnn got 1-8"),
        ({"settings": [{"colours": 3}]}, "cnn has no setting colours; it has channels, "),
        ({"recipe": {"momentum": 0.9}}, "the recipe has no such part"),
        ({"size": "huge"}, "no recipe for size 'huge'"),
        ({"images": [40, 20]}, "images must be numbers (or null) for train, validation, test, got [40, 20]"),
        ({"seeds": 3}, "seeds must be a list, got 3"),
        ({"epochs": 3}, "is no grid: it has no part 'epochs'"),
        ({"settings": [[]]}, "is no grid: settings[0] must be an object, got []"),
        ({"seeds": ["0"]}, "is no grid: seeds[0] must be a whole number, got '0'"),
        ({"networks": [None]}, "is no grid: networks[0] must be a text, got None"),
        ({"recipe": {"epochs": -1}}, "epochs must be a whole number of at least 1, got -1"),
    ],
)
def test_a_wrong_grid_is_refused_in_one_sentence(change, expected, tmp_path, runs, capsys):
    path = tmp_path / "grid.json"
    write_grid(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    assert sweep.main([str(path), "--runs", str(runs)]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1
    assert not runs.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "is no grid"), ("[1]", "is no grid"), (100_000 * "[", "is no grid"), (None, "cannot be read")],
)
def test_what_is_no_file_of_a_grid_is_refused(text, expected, tmp_path, capsys):
    path = tmp_path / "grid.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert sweep.main([str(path), "--runs", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{path} {expected}")
    assert said.count("\n") == 1


def test_a_result_of_another_experiment_is_not_taken(grid, runs, tmp_path, capsys):
    first, second = write_grid(grid)
    unbroken(first, runs / second.name)
    assert sweep.main([str(grid), "--runs", str(runs)]) == 2
    assert f"{runs / second.name} holds the result of another experiment" in capsys.readouterr().err


def test_a_second_sweep_of_a_grid_in_the_same_folder_is_told_who_is_at_it(
    grid, runs, straight, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sweeps, "FOLDER", tmp_path / "tables")
    (experiment,) = write_grid(grid, seeds=(0,), epochs=LONG)
    with sweeping(grid, "--runs", runs, "--jobs", "1") as first:
        until(lambda: is_in_the_middle(experiment, runs))
        assert sweep.main([str(grid), "--runs", str(runs), "--table"]) == 2
        assert f"{runs / 'grid'} is in use by process {first.pid} on " in capsys.readouterr().err
        assert not (tmp_path / "tables").exists()
        assert first.wait(300) == 0
    assert len(tries(experiment, runs)) == 1
    assert kept_results([experiment], runs) == [straight(experiment)]


@pytest.mark.thorough
def test_another_grid_with_the_same_experiment_is_told_who_does_it(grid, runs, straight, capsys):
    first, second = write_grid(grid)
    with files.lock(lock_of(runs / first.name)):
        assert sweep.main([str(grid), "--runs", str(runs), "--jobs", "1"]) == 1
    said = capsys.readouterr().err
    assert f"{first.name}: {lock_of(runs / first.name)} is in use by process {os.getpid()} on " in said
    assert not (runs / first.name / "result.json").exists()
    assert kept_results([second], runs) == [straight(second)]


def test_a_folder_that_cannot_be_used_is_named(grid, tmp_path, capsys):
    write_grid(grid)
    (tmp_path / "file").write_text("no folder")
    assert sweep.main([str(grid), "--runs", str(tmp_path / "file")]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'file'} cannot be used: " in said
    assert said.count("\n") == 1


def test_without_ray_its_engine_says_how_to_install_it(grid, runs, monkeypatch, capsys):
    write_grid(grid)
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed
    assert sweep.main([str(grid), "--runs", str(runs), "--engine", "ray"]) == 2
    assert "pip install -r requirements-ray.txt" in capsys.readouterr().err.splitlines()[-1]
    assert not runs.exists()


@pytest.mark.parametrize(("option", "value"), [("--jobs", "0"), ("--jobs", "-2"), ("--max-minutes", "nan")])
def test_a_number_that_no_sweep_can_have_is_refused(option, value, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        sweep.main([str(tmp_path / "grid.json"), f"{option}={value}"])
    assert f"argument {option}: must be a " in capsys.readouterr().err
