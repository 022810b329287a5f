"""`python -m core.training`: from the command to a checkpoint whose card says what was measured."""

import errno
import hashlib
import os

import pytest
import torch

from core import checkpoints, files
from core.data.mnist import MnistMissing
from core.models import build
from core.training import __main__ as command
from core.training import error_rate, recipe_for
from core.training.evaluate import glyph_error_rate
from tests.formulas import drawn_digits

SPLITS = {"train": drawn_digits(40), "validation": drawn_digits(20, first=40), "test": drawn_digits(50, first=3)}


@pytest.fixture
def folders(monkeypatch, tmp_path):
    """Drawn digits in place of MNIST-Scale; states and checkpoints in a folder of the test's own."""
    monkeypatch.setattr(command, "mnist_scale", lambda split, realisation: SPLITS[split])
    return ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out"), "--device", "cpu"]


@pytest.mark.parametrize("key", ["cnn", "sesn_scalar"])
def test_training_ends_in_a_checkpoint_with_a_measured_card(key, folders, tmp_path, capsys):
    assert command.main([key, "--epochs", "2", "--seed", "5", "--realisation", "3", *folders]) == 0
    card = checkpoints.read_card(key, "small", tmp_path / "out")
    network = build(key)
    checkpoints.load_weights(network, key, "small", tmp_path / "out")
    network.eval()
    assert card.test_error == pytest.approx(error_rate(network, SPLITS["test"].images, SPLITS["test"].labels), abs=1e-3)
    assert card.glyph_error == pytest.approx(glyph_error_rate(network), abs=1e-3)
    weights = (tmp_path / "out" / f"{key}-small.safetensors").read_bytes()
    assert card.sha256 == hashlib.sha256(weights).hexdigest()
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert (card.test_images, card.data["training_images"], card.data["realisation"]) == (50, 40, 3)
    assert (card.seed, card.epochs, card.device, len(card.history)) == (5, 2, "cpu", 2)
    assert card.recipe["epochs"] == 2
    assert card.recipe["batch_size"] == recipe_for("small").batch_size
    assert card.versions["torch"] == torch.__version__
    assert card.command == f"python -m core.training {key} --size small --realisation 3 --seed 5 --epochs 2"
    assert card.wall_time_s >= 0  # rounded to tenths
    assert f"test error {card.test_error:.2f} %" in capsys.readouterr().out


def test_a_time_box_stops_and_the_same_command_goes_on(folders, tmp_path, capsys):
    whole = ["cnn", "--epochs", "2", *folders]
    for _ in range(2):  # 40 images are one step of the recipe: an epoch
        assert command.main([*whole, "--max-minutes", "0"]) == 3
        assert not (tmp_path / "out").exists()
    messages = capsys.readouterr().err
    assert "the same command goes on" in messages
    assert "0 of 2 epochs are done" in messages
    assert command.main(whole) == 0
    stopped = checkpoints.read_card("cnn", "small", tmp_path / "out")
    straight = [*whole, "--restart"]
    assert command.main(straight) == 0
    at_once = checkpoints.read_card("cnn", "small", tmp_path / "out")
    assert stopped.sha256 == at_once.sha256
    assert stopped.history == at_once.history


def test_without_mnist_it_says_so_in_one_sentence(monkeypatch, tmp_path, capsys):
    def missing(split, realisation):
        raise MnistMissing("There is no MNIST here.")

    monkeypatch.setattr(command, "mnist_scale", missing)
    assert command.main(["cnn", "--out", str(tmp_path), "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.strip() == "There is no MNIST here."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [["resnet"], ["random_cnn"], ["cnn", "--size", "huge"], ["cnn", "--realisation", "6"]]
)
def test_unknown_networks_sizes_and_realisations_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(arguments)
    assert stop.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--epochs", "--threads"])
@pytest.mark.parametrize("value", ["-1", "0", "two", "1.5"])
def test_counts_below_one_are_refused(option, value, folders, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        command.main(["cnn", f"{option}={value}", *folders])
    assert stop.value.code == 2
    assert f"argument {option}: must be a whole number of at least 1, got '{value}'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["-1", "nan", "soon"])
def test_a_time_box_that_would_never_end_is_refused(value, folders, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(["cnn", f"--max-minutes={value}", *folders])
    said = capsys.readouterr().err
    assert f"argument --max-minutes: must be a number of minutes, 0 or more, got '{value}'" in said
    assert list(tmp_path.iterdir()) == []


def refused(arguments, capsys):
    """What the command says when it refuses: one sentence."""
    assert command.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
@pytest.mark.parametrize("device", ["cuda", "abacus"])
def test_a_device_that_is_not_there_is_refused(device, folders, tmp_path, capsys):
    assert f"The device '{device}' cannot be used: " in refused(["cnn", *folders, "--device", device], capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_of_states_that_cannot_be_used_is_named(place, folders, tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    said = refused(["cnn", "--epochs", "1", *folders, "--runs", str(tmp_path / place)], capsys)
    assert str(tmp_path / "file") in said
    assert "cannot be used: " in said


def test_a_folder_that_no_checkpoint_can_be_written_to_is_named_before_anything_is_trained(folders, tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    said = refused(["cnn", "--epochs", "1", *folders, "--out", str(tmp_path / "file" / "below")], capsys)
    assert "The checkpoint cannot be written to " in said
    assert not (tmp_path / "runs").exists()


def test_a_damaged_state_names_itself_and_the_way_out(folders, tmp_path, capsys):
    arguments = ["cnn", "--epochs", "2", *folders]
    assert command.main([*arguments, "--max-minutes", "0"]) == 3
    (state,) = (tmp_path / "runs").rglob("state.safetensors")
    state.write_bytes(state.read_bytes()[:-1000])
    capsys.readouterr()
    said = refused(arguments, capsys)
    assert f"{state} is damaged: " in said
    assert said.endswith("; --restart begins again\n")
    assert command.main([*arguments, "--restart"]) == 0


def test_a_second_process_is_told_who_trains_in_the_folder(folders, tmp_path, capsys):
    with files.lock(tmp_path / "runs" / "cnn-small-r0-s0" / "state.safetensors"):
        said = refused(["cnn", "--epochs", "1", *folders], capsys)
    assert f"is in use by process {os.getpid()} on " in said
    assert not (tmp_path / "out").exists()


def test_a_full_disk_keeps_the_state_and_is_one_sentence(folders, tmp_path, monkeypatch, capsys):
    arguments = ["cnn", "--epochs", "2", *folders]
    assert command.main([*arguments, "--max-minutes", "0"]) == 3
    (state,) = (tmp_path / "runs").rglob("state.safetensors")
    before = state.read_bytes()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        capsys.readouterr()
        assert command.main(arguments) == 2
    assert capsys.readouterr().err.endswith(f"{state} cannot be used: No space left on device\n")
    assert [path.name for path in state.parent.iterdir()] == ["state.safetensors"]
    assert state.read_bytes() == before
