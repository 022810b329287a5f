"""A study: whole rounds of all its parts, one row a run, and what the table has is not done again."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from core import checkpoints
from core.models import MODELS, build
from core.results import sweeps
from core.results.study import read_runs, write_runs
from core.training import grid as grids
from core.training import repeat, sweep, tables
from core.training.evaluate import error_rate
from core.training.experiment import run

GRID = {
    "networks": ["cnn"], "data": ["mnist-scale"], "settings": [{"channels": [3, 4, 5]}], "images": [40, 20, 50],
    "recipe": {"epochs": 1, "batch_size": 16},
}  # fmt: skip


def write_study(path, **parts):
    path.write_text(json.dumps({"parts": {name: GRID | part for name, part in parts.items()}}), encoding="utf-8")
    return grids.read(path)


@pytest.fixture
def study(tmp_path):
    plus = {"recipe": GRID["recipe"] | {"scales": [0.5, 2.0], "draws": "uniform", "resampling": "bicubic"}}
    return write_study(tmp_path / "study.json", plain={"seeds": [0, 1]}, plus={"seeds": [0]} | plus)


def test_a_study_has_rounds_of_all_its_parts(study):
    experiments = study.experiments()
    assert [(study.part_of(e), e.seed) for e in experiments] == [("plain", 0), ("plus", 0), ("plain", 1)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"parts": []}, "a study has nothing but its parts"),
        ({"parts": {}, "networks": ["cnn"]}, "a study has nothing but its parts"),
        ({"parts": {"a": {"networks": ["cnn"]}}}, "data is missing"),
    ],
)
def test_what_is_no_study_is_refused(values, expected, tmp_path):
    (tmp_path / "study.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ValueError, match=expected):
        grids.read(tmp_path / "study.json")


def test_parts_share_no_run(tmp_path):
    with pytest.raises(ValueError, match="share a run"):
        write_study(tmp_path / "study.json", first={}, second={}).experiments()


@pytest.fixture
def finished(study, drawn, tmp_path):
    """Every run of the study but the last, and the table of them."""
    experiments = study.experiments()
    for experiment in experiments[:-1]:
        run(experiment, tmp_path / "runs" / experiment.name)
    tables.write(study, experiments, tmp_path / "runs", tmp_path / "tables" / "study")
    return experiments


def test_finished_runs_are_rows_that_tell_their_runs(study, finished, tmp_path):
    rows = read_runs(tmp_path / "tables" / "study.csv")
    assert [tables.experiment_of(row) for row in rows] == finished[:-1]
    assert [row.part for row in rows] == ["plain", "plus"]


def test_a_sweep_repeats_no_row_on_another_machine(study, finished, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeps, "FOLDER", tmp_path / "tables")
    table, elsewhere = tmp_path / "tables" / "study.csv", tmp_path / "elsewhere"
    before = read_runs(table)
    command = [str(tmp_path / "study.json"), "--jobs", "1", "--table", "--runs", str(elsewhere)]
    assert sweep.main(command) == 0
    assert [path.name for path in elsewhere.iterdir() if path.is_dir()] == [finished[-1].name]
    after = read_runs(table)
    assert after[:2] == before
    assert [row.part for row in after] == ["plain", "plus", "plain"]
    shutil.rmtree(elsewhere)
    assert sweep.main(command) == 0  # nothing is left to do
    assert read_runs(table) == after


def test_a_run_keeps_its_weights(finished, tmp_path):
    experiment = finished[0]
    network = build("cnn", "small", channels=(3, 4, 5))
    card = checkpoints.load_weights(network, "cnn", "small", tmp_path / "runs" / experiment.name)
    test = experiment.splits()[2]
    assert card.test_error == pytest.approx(error_rate(network, test.images, test.labels), abs=1e-3)
    assert card.data["experiment"] == json.loads(experiment.to_json())


def test_the_study_trains_every_network_alike(root):
    plan = grids.read(root / "assets" / "sweeps" / "study.json")
    trainable = [key for key, spec in MODELS.items() if not spec.control]
    by_part = {}
    for experiment in plan.experiments():
        by_part.setdefault(plan.part_of(experiment), []).append(experiment)
    for part, seeds in (("all sizes", 6), ("one size", 3)):
        assert sorted((e.network, e.seed) for e in by_part[part]) == sorted(
            (key, seed) for key in trainable for seed in range(seeds)
        )
        assert len({(e.full_recipe(), e.size, e.images, json.dumps(e.setting)) for e in by_part[part]}) == 1
    recipe = by_part["plus"][0].full_recipe()
    assert (recipe.scales, recipe.draws, recipe.resampling) == ((0.5, 2.0), "uniform", "bicubic")
    assert by_part["one size"][0].full_recipe().scales == (1.0, 1.0)


def test_the_kept_rows_are_runs_of_the_study_by_unchanged_code(root):
    plan = grids.read(root / "assets" / "sweeps" / "study.json")
    rows = read_runs(root / "assets" / "results" / "study.csv")
    parts = {plan_of.name: plan.part_of(plan_of) for plan_of in plan.experiments()}
    assert [parts[tables.experiment_of(row).name] for row in rows] == [row.part for row in rows]
    assert all(re.fullmatch("[0-9a-f]{40}", row.commit) for row in rows)
    assert {row.epochs for row in rows} == {12}
    assert {row.test_images for row in rows if row.part == "all sizes"} == {50_000}
    assert all(len(row.errors) == 13 for row in rows)


def test_a_row_repeats_its_run_and_a_wrong_one_is_found_out(finished, tmp_path, capsys, monkeypatch):
    """Through the command, in processes of its own; then with a row whose error is another."""
    rows = read_runs(tmp_path / "tables" / "study.csv")
    monkeypatch.setattr(repeat, "FOLDER", tmp_path / "tables")
    command = ["--number", "1", "--runs", str(tmp_path / "repeated")]
    assert repeat.main(command) == 0
    assert "sizes the same" in capsys.readouterr().out
    write_runs([replace(row, test_error=row.test_error - 2) for row in rows], tmp_path / "tables" / "study.csv")
    assert repeat.main(command) == 1
    assert "off by up to 2.000 points" in capsys.readouterr().out
    assert repeat.main(["--number", "3"]) == 2
    assert "of the 2 runs on cpu 3 cannot be drawn" in capsys.readouterr().err


def test_rows_are_drawn_once_each_and_of_one_kind_of_device(root):
    rows = read_runs(root / "assets" / "results" / "study.csv")
    drawn = repeat.draw(rows, 5, 0, "cuda")
    assert {row.device for row in drawn} == {"cuda"}
    assert len({(row.part, row.network, row.seed) for row in drawn}) == 5
    assert drawn != repeat.draw(rows, 5, 1, "cuda")
