"""Weights that were trained on digits of one size: those of the study, which read that size as its rows say."""

import os

import pytest
import torch

from core.checkpoints import FOLDERS, CheckpointError, folder_of, read_card
from core.data.one_size import TRAINED, digits_of_size
from core.models import MODELS, load
from core.results.by_size import FOLDER
from core.results.study import read_runs
from core.training.evaluate import error_rate

SHIPPED = [key for key in MODELS if (FOLDERS["one size"] / f"{key}-small.json").is_file()]
needs_mnist = pytest.mark.skipif(not os.environ.get("EQUISCOPE_MNIST"), reason="EQUISCOPE_MNIST names no MNIST folder")


def test_some_are_shipped():
    assert "cnn" in SHIPPED


@pytest.mark.parametrize("key", SHIPPED)
def test_they_are_those_of_the_row_of_realisation_0(key):
    (row,) = [
        run for run in read_runs(FOLDER / "study.csv") if (run.part, run.network, run.seed) == ("one size", key, 0)
    ]
    card = read_card(key, "small", FOLDERS["one size"])
    assert (card.test_error, card.git_commit, card.epochs) == (row.test_error, row.commit, row.epochs)


def test_they_are_other_weights_than_those_of_all_sizes():
    one, all_sizes = (load("cnn", trained_on=trained_on).state_dict() for trained_on in ("one size", "all sizes"))
    assert not torch.equal(one["convs.0.weight"], all_sizes["convs.0.weight"])


@needs_mnist
def test_they_read_the_size_they_were_trained_on_as_their_row_says_and_smaller_digits_worse():
    """500 of the 2,000 digits: three standard deviations of an error of 3 % are 2.3 points."""
    row = next(run for run in read_runs(FOLDER / "study.csv") if (run.part, run.network) == ("one size", "cnn"))
    expected, network = dict(zip(row.data_scales, row.errors, strict=True)), load("cnn", trained_on="one size")
    digits = digits_of_size(TRAINED, "test", 0, 500)
    assert error_rate(network, digits.images, digits.labels) == pytest.approx(expected[TRAINED], abs=2.3)
    small = digits_of_size(min(expected), "test", 0, 500)
    assert error_rate(network, small.images, small.labels) > 3 * expected[TRAINED]


def test_other_digits_and_weights_that_are_not_there_are_told(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="all sizes or one size, not on 'two'"):
        folder_of("two")
    monkeypatch.setitem(FOLDERS, "one size", tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint of cnn"):
        load("cnn", trained_on="one size")
