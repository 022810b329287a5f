"""One run of a sweep: its name, its file, and what its result says."""

import json
import os
import subprocess
import sys

import pytest
import torch

from core import files
from core.data.mnist_scale import ScaledDigits
from core.models import build
from core.models.toy import Toy, ToyConfig
from core.training import datasets
from core.training import experiment as module
from core.training.datasets import DATA_SCALES
from core.training.evaluate import error_rate
from core.training.experiment import BUSY, MISSING, STOPPED, Experiment, main, run
from core.training.run_folder import keep, lock_of, result_of
from tests.conftest import ROOT
from tests.formulas import drawn_digits
from tests.training.conftest import lasting, tries, unbroken, write_grid
from tests.waiting import PATIENCE


@pytest.fixture
def tiny(drawn, tmp_path):
    return write_grid(tmp_path / "grid.json", seeds=(0,))[0]


def test_the_folder_of_a_kept_result_keeps_its_name():
    """Names are promised: were they to move, every finished run would be repeated."""
    recipe = {
        "epochs": 10, "batch_size": 64, "learning_rate": 0.01, "weight_decay": 0.0, "schedule": "cosine",
        "scales": [1.0, 1.0], "rotation": 0.0, "shift": 0.0,
    }  # fmt: skip
    first = Experiment("toy", "1-2.83", 0, "small", {"isr": 1.5}, recipe, (5000, 1000, 10000), 1000)
    assert first.name == "toy-1-2.83-s0-01200d2743"
    assert Experiment.from_json(first.to_json()).name == first.name
    assert Experiment("toy", "1-2.83", 0, "small", {"isr": 1.6}, recipe, (5000, 1000, 10000), 1000).name != first.name


def test_lists_of_a_file_are_tuples_of_configuration_and_recipe():
    text = json.dumps({
        "network": "cnn", "data": "mnist-scale", "setting": {"channels": [3, 4, 5]}, "recipe": {"scales": [1.0, 1.0]}
    })  # fmt: skip
    experiment = Experiment.from_json(text)
    assert experiment.build().config.channels == (3, 4, 5)
    assert experiment.full_recipe().scales == (1.0, 1.0)  # else nothing would see that it augments nothing
    assert experiment.images == (None, None, None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"network": "resnet"}, "unknown network 'resnet'"),
        ({"data": "cifar"}, "unknown data 'cifar'"),
        ({"data": "1-8"}, "toy takes"),
        ({"network": "toy"}, "toy takes"),
        ({"network": "toy", "data": "1-8", "setting": {"colours": 3}}, "toy has no such setting"),
        ({"recipe": {"momentum": 0.9}}, "the recipe has no such part"),
        ({"weather": 1}, "this is no experiment: it has no part 'weather'"),
        ({"seed": "0"}, "this is no experiment: seed must be a whole number, got '0'"),
        ({"images": [1, 2]}, r"this is no experiment: images must have 3 parts, got \[1, 2\]"),
        ({"setting": [3]}, r"this is no experiment: setting must be an object, got \[3\]"),
        ({"recipe": {"epochs": -1}}, "epochs must be a whole number of at least 1, got -1"),
    ],
)
def test_what_is_no_experiment_is_refused(values, expected):
    with pytest.raises(ValueError, match=expected):
        Experiment.from_json(json.dumps({"network": "cnn", "data": "mnist-scale"} | values))


def test_weights_follow_the_seed(tmp_path):
    zero, one = write_grid(tmp_path / "grid.json", seeds=(0, 1))
    first, other, again = (experiment.build().state_dict() for experiment in (zero, one, zero))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_a_result_says_what_the_trained_network_does(tiny, tmp_path):
    result = run(tiny, tmp_path)
    network = tiny.build()
    fit = module.Fit(network, tiny.full_recipe(), tiny.seed, tmp_path)
    assert fit.resume()
    training, _, test = tiny.splits()
    assert (len(training), len(test)) == (40, 50)
    assert result["test_error"] == pytest.approx(error_rate(network, test.images, test.labels), abs=1e-3)
    assert result["test_images"] == 50
    assert result["history"] == fit.history
    assert [entry["epoch"] for entry in result["history"]] == [1, 2]
    assert result["parameters"] == sum(p.numel() for p in network.parameters())
    assert result["errors_by_scale"] == []
    assert result["experiment"] == json.loads(tiny.to_json())
    assert result_of(tiny, tmp_path) == json.loads(json.dumps(result))


def test_a_finished_run_is_not_done_again(tiny, tmp_path):
    first = run(tiny, tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert run(tiny, tmp_path) == json.loads(json.dumps(first))
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "3", 100_000 * "["])
def test_a_damaged_result_counts_as_not_finished(text, tiny, tmp_path):
    (tmp_path / "result.json").write_text(text, encoding="utf-8")
    assert result_of(tiny, tmp_path) is None


def test_the_result_of_another_experiment_is_refused(tiny, tmp_path):
    keep({"experiment": json.loads(tiny.to_json()) | {"seed": 5}}, tmp_path)
    with pytest.raises(ValueError, match="holds the result of another experiment"):
        result_of(tiny, tmp_path)


def test_a_time_box_stops_the_command_and_the_same_goes_on(tiny, tmp_path):
    folder = tmp_path / tiny.name
    folder.mkdir()
    (folder / "experiment.json").write_text(tiny.to_json(), encoding="utf-8")
    threads = torch.get_num_threads()
    try:
        for _ in range(2):
            assert main([str(folder), "--max-minutes", "0"]) == STOPPED
        assert main([str(folder)]) == 0
    finally:
        torch.set_num_threads(threads)
    assert lasting(result_of(tiny, folder)) == unbroken(tiny, tmp_path / "straight")
    assert [epoch for _, epoch in tries(tiny, tmp_path)] == [0, 0, 0]  # three steps are an epoch
    log = (folder / "log.txt").read_text(encoding="utf-8")
    assert [f"goes on after epoch 0, step {k}" in log for k in (1, 2, 3)] == [True, True, False]
    assert f"finished, test error {result_of(tiny, folder)['test_error']} %" in log


def test_a_run_that_another_process_does_is_left_to_it(tiny, tmp_path, capsys):
    (tmp_path / "experiment.json").write_text(tiny.to_json(), encoding="utf-8")
    with files.lock(lock_of(tmp_path)):
        assert main([str(tmp_path)]) == BUSY
    said = capsys.readouterr().err
    assert f"is in use by process {os.getpid()} on " in said
    assert said.count("\n") == 1
    assert not (tmp_path / "result.json").exists()


def test_what_another_process_has_finished_meanwhile_is_taken(tiny, tmp_path, monkeypatch):
    """It ends between our first look and the lock."""
    kept = {"experiment": json.loads(tiny.to_json()), "test_error": 12.5}
    monkeypatch.setattr(module, "build", lambda *args, **kwargs: (keep(kept, tmp_path), build(*args, **kwargs))[1])
    assert run(tiny, tmp_path) == kept
    assert not (tmp_path / "state.safetensors").exists()


def test_without_mnist_the_command_says_so(drawn, tmp_path, capsys):
    (experiment,) = write_grid(tmp_path / "grid.json", seeds=(2,))  # a realisation that is not in the cache
    (tmp_path / "experiment.json").write_text(experiment.to_json(), encoding="utf-8")
    threads = torch.get_num_threads()
    try:
        assert main([str(tmp_path)]) == MISSING
    finally:
        torch.set_num_threads(threads)
    assert capsys.readouterr().err.startswith("EQUISCOPE_MNIST names ")


def test_an_attached_run_ends_with_its_standard_input(tmp_path, drawn):
    (experiment,) = write_grid(tmp_path / "grid.json", seeds=(0,), epochs=100_000)
    folder = tmp_path / experiment.name
    folder.mkdir()
    (folder / "experiment.json").write_text(experiment.to_json(), encoding="utf-8")
    command = [sys.executable, "-m", "core.training.experiment", str(folder), "--attached"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    try:
        process.stdin.close()
        assert process.wait(PATIENCE) == STOPPED
    finally:
        process.kill()
        process.wait()


def test_errors_by_scale_are_measured_at_the_scales_they_name(monkeypatch):
    """A network that knows by the ink alone whether digits are larger than twice MNIST's."""
    digits = drawn_digits(12)
    digits = ScaledDigits(digits.images, torch.ones(12, dtype=torch.int64), torch.ones(12, dtype=torch.float64))
    monkeypatch.setattr(datasets, "unscaled", lambda split, realisation, count: digits)
    toy = Experiment("toy", "1-8", images_per_scale=12)
    at_two = datasets.at_data_scales(digits, torch.full((12,), 2.1, dtype=torch.float64), 84).images
    ink = at_two.double().mean((1, 2, 3)) / 255

    class Scale(Toy):
        def forward(self, images):
            larger = images.double().mean((1, 2, 3)) > ink
            return torch.nn.functional.one_hot(larger.long(), 10).float()

    errors = toy.errors_by_scale(Scale(ToyConfig()))
    assert [scale for scale, _ in errors] == pytest.approx([2 ** (k / 4) for k in range(-2, 15)], abs=1e-4)
    assert len(DATA_SCALES) == 17
    assert [error for scale, error in errors] == [100.0 if scale < 2.1 else 0.0 for scale, _ in errors]
