"""The table of a study: what goes in comes out, and a row says enough to do its run again."""

from dataclasses import replace

import pytest

from core.results.study import RunLine, line_of, read_runs, write_runs

RESULT = {
    "experiment": {
        "network": "cnn", "data": "one-size", "seed": 2, "size": "small", "setting": {}, "images_per_scale": 20,
        "recipe": {"epochs": 2, "scales": [1.0, 1.0]}, "images": [40, None, 50],
    },
    "test_error": 12, "test_images": 50, "errors_by_scale": [[0.3, 50.0], [0.6, 12.5]],
    "history": [{"epoch": 1, "loss": 2.5, "validation_error": 9.0}, {"epoch": 2, "loss": 2, "validation_error": 10.0}],
    "parameters": 100, "training_s": 3.5, "measuring_s": 1.0, "threads": 1, "device": "cpu",
    "versions": {"torch": "2.13.0"}, "git_commit": "abc",
}  # fmt: skip


@pytest.fixture
def line() -> RunLine:
    return line_of("one size", RESULT)


def test_a_row_has_what_was_asked_for_and_what_was_measured(line):
    assert (line.part, line.network, line.data, line.seed) == ("one size", "cnn", "one-size", 2)
    assert line.recipe == {"epochs": 2, "scales": [1.0, 1.0]}
    assert line.images == (40, None, 50)
    assert (line.epochs, line.validation_error) == (2, 9.0)  # of the best epoch
    assert (line.test_error, line.data_scales, line.errors) == (12.0, (0.3, 0.6), (50.0, 12.5))
    assert (line.device, line.torch, line.commit) == ("cpu", "2.13.0", "abc")


def test_rows_come_back_as_they_were(line, tmp_path):
    rows = [line, replace(line, seed=3, test_error=0.001, errors=(), data_scales=())]
    write_runs(rows, tmp_path / "study.csv")
    assert read_runs(tmp_path / "study.csv") == rows


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"test_error": 101.0}, "an error must lie between"),
        ({"validation_error": float("nan")}, "an error must lie between"),
        ({"errors": (5.0, -1.0)}, "an error must lie between"),
        ({"errors": (5.0,)}, "2 sizes cannot have 1 errors"),
        ({"data_scales": (0.0, 1.0)}, "a size must be positive"),
        ({"test_images": 0}, "count from 1"),
    ],
)
def test_what_no_run_measures_is_refused(line, values, expected):
    with pytest.raises(ValueError, match=expected):
        replace(line, **values)
