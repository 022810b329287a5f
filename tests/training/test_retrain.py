"""Training again what the cards describe: the commands are made of checked parts, and nothing of a card is run."""

import json
import shutil
import subprocess
import sys

import pytest

from core import checkpoints
from core.models import MODELS
from core.training import retrain


@pytest.fixture
def folder(tmp_path):
    shutil.copy(checkpoints.FOLDER / "cnn-small.json", tmp_path)
    return tmp_path


def edit(folder, **values):
    path = folder / "cnn-small.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def said(folder, capsys, status=0):
    assert retrain.main(["--list", "--folder", str(folder)]) == status
    captured = capsys.readouterr()
    return captured.out if status == 0 else captured.err


def test_the_committed_cards_give_the_commands_that_they_were_made_by(capsys):
    lines = said(checkpoints.FOLDER, capsys).splitlines()
    assert lines == [card.command for card in retrain.cards()]
    assert {line.split()[3] for line in lines} == {key for key, spec in MODELS.items() if not spec.control}


def test_other_epochs_than_the_recipes_are_named(folder, capsys):
    edit(folder, epochs=2, seed=-5)
    expected = "python -m core.training cnn --size small --realisation 0 --seed -5 --epochs 2\n"
    assert said(folder, capsys) == expected


def test_the_line_of_the_command_is_not_run(folder, capsys, monkeypatch):
    edit(folder, command="python -c 'raise SystemExit(7)'; touch ruin")
    ran = []
    monkeypatch.setattr(retrain.subprocess, "run", lambda run: ran.append(run) or subprocess.CompletedProcess(run, 0))
    assert retrain.main(["--folder", str(folder)]) == 0
    ((python, *arguments),) = ran
    assert python == sys.executable
    assert arguments[:7] == ["-m", "core.training", "cnn", "--size", "small", "--realisation", "0"]
    assert arguments[7:] == ["--seed", "0", "--out", str(folder)]


def test_a_training_that_fails_ends_the_rest(folder, monkeypatch):
    shutil.copy(checkpoints.FOLDER / "dss-small.json", folder)
    ran = []
    monkeypatch.setattr(retrain.subprocess, "run", lambda run: ran.append(run) or subprocess.CompletedProcess(run, 3))
    assert retrain.main(["--folder", str(folder)]) == 3
    assert len(ran) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"key": "dss"}, "The card cnn-small.json is of dss-small."),
        ({"seed": "0; touch ruin"}, "seed must be a whole number"),
        ({"epochs": 0}, "must name 1 epoch or more, got 0"),
        ({"data": {"realisation": "0"}}, "must name a realisation of 0 to 5, got 0"),
        ({"data": {"realisation": 6}}, "must name a realisation of 0 to 5, got 6"),
        ({"data": {}}, "must name a realisation of 0 to 5, got None"),
    ],
)
def test_a_card_that_cannot_be_trained_again_is_refused_before_any_is(values, expected, folder, capsys):
    edit(folder, **values)
    message = said(folder, capsys, status=2)
    assert expected in message
    assert message.count("\n") == 1


def test_a_card_of_no_network_is_refused(folder, capsys):
    edit(folder, key="--help")
    (folder / "cnn-small.json").rename(folder / "--help-small.json")
    assert "The card of --help-small names no network and size that can be trained." in said(folder, capsys, status=2)
