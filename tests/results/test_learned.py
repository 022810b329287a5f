"""The histories of scale learning: from the start that the setting names to where the last epoch ended."""

import pytest

from core.layers.learnable_scales import MODES
from core.results import sweeps
from core.results.learned import read_learned_scales
from core.scales import internal_scales
from core.training import grid as grids


def result(mode, isr, seed=0, epochs=3):
    history = [
        {"epoch": n, "loss": 1.0 / n, "validation_error": 5.0, "internal_scales": [1.0, 2.0, 4.0 + n]}
        for n in range(1, epochs + 1)
    ]
    experiment = {"network": "toy", "data": "1-8", "seed": seed, "setting": {"mode": mode, "isr": isr}}
    experiment["images_per_scale"] = 0
    return {
        "experiment": experiment, "test_images": 10, "test_error": isr, "errors_by_scale": [], "history": history,
    }  # fmt: skip


def test_a_run_starts_where_its_setting_says_and_ends_with_its_last_epoch(tmp_path):
    sweeps.write([result("isr", 3.0), result("direct", 6.0, seed=1)], tmp_path / "runs")
    first, second = read_learned_scales(tmp_path / "runs.csv", tmp_path / "runs-epochs.csv")
    assert (first.mode, first.initial_isr, first.seed, first.test_error) == ("isr", 3.0, 0, 3.0)
    assert (second.mode, second.initial_isr, second.seed, second.test_error) == ("direct", 6.0, 1, 6.0)
    assert first.scales == (internal_scales(1.0, 3.0, 3), (1.0, 2.0, 5.0), (1.0, 2.0, 6.0), (1.0, 2.0, 7.0))
    assert second.isr == 7.0


def test_tables_of_different_runs_are_refused(tmp_path):
    sweeps.write([result("isr", 3.0)], tmp_path / "one")
    sweeps.write([result("isr", 1.5)], tmp_path / "other")
    with pytest.raises(ValueError, match=r"one\.csv and other-epochs\.csv hold different runs"):
        read_learned_scales(tmp_path / "one.csv", tmp_path / "other-epochs.csv")


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"isr": 3.0}, "the setting must have a mode, one of"),
        ({"mode": "guess"}, "the setting must have a mode, one of"),
        ({"mode": "isr", "isr": "wide"}, "the setting must have a positive isr"),
    ],
)
def test_a_setting_that_no_run_has_is_refused_with_its_line(setting, expected, tmp_path):
    one = result("isr", 3.0)
    one["experiment"]["setting"] = setting
    sweeps.write([result("isr", 6.0), one], tmp_path / "runs")
    with pytest.raises(ValueError, match=rf"^runs\.csv is damaged in line 3: {expected}"):
        read_learned_scales(tmp_path / "runs.csv", tmp_path / "runs-epochs.csv")


def test_tables_without_a_run_are_refused(tmp_path):
    sweeps.write([], tmp_path / "runs")
    with pytest.raises(ValueError, match=r"runs\.csv holds no runs"):
        read_learned_scales(tmp_path / "runs.csv", tmp_path / "runs-epochs.csv")


def test_the_committed_runs_are_those_of_the_committed_grid(root):
    grid = grids.read(root / "assets" / "sweeps" / "learning.json")
    runs = read_learned_scales()
    assert [(run.data, run.mode, run.initial_isr, run.seed) for run in runs] == [
        (e.data, e.setting["mode"], e.setting["isr"], e.seed) for e in grid.experiments()
    ]
    assert {run.mode for run in runs} == set(MODES)
    for run in runs:
        assert len(run.scales) == 1 + grid.recipe["epochs"]
        assert run.scales[-1] != run.scales[0]
        assert 0 < run.test_error < 50
