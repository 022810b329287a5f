"""A published comparison under changes of size: the kept tables, their counts, and both errors against the harness."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.checkpoints import read_card
from core.data.mnist import LabelledImages, MnistMissing
from core.equivariance import measure, measure_spectral
from core.models import load
from core.resampling import cubic_zoom, rescale
from core.results import park as module
from core.results.park import (
    CONVOLUTION,
    ERRORS,
    NETWORKS,
    NUM_IMAGES,
    OURS,
    RESAMPLERS,
    SHRUNK,
    THEIRS,
    ZOOM,
    equivariance_lines,
    read_equivariance,
    read_reading,
    reading_lines,
    shrink,
    unseen_test_digits,
)
from tests.formulas import all_glyphs


@pytest.fixture(scope="module")
def digits() -> LabelledImages:
    images = (255 * all_glyphs()[:12]).round().to(torch.uint8)
    return LabelledImages(images, torch.arange(10).repeat_interleave(4)[:12])


def test_accuracies_are_kept_of_every_network_size_and_resampler_on_the_whole_test_file():
    lines = read_reading()
    found = {(line.network, line.shrunk, line.resampler) for line in lines}
    assert found == {(key, by, resampler) for key in NETWORKS for by in SHRUNK for resampler in RESAMPLERS}
    assert len(lines) == len(found)
    for line in lines:
        assert (line.images, line.unseen) == (10_000, 8_318)
        assert line.checkpoint == read_card(line.network).sha256[:12], "measured with other weights"
        assert len(line.commit) == 40, "measured with uncommitted changes"
        assert line.accuracy.mean == pytest.approx(line.read / 100)
        assert line.accuracy.low < line.accuracy.mean < line.accuracy.high
    at_one = {line.network: set() for line in lines}
    for line in lines:
        if line.shrunk == 1:
            at_one[line.network].add(line.read)
    assert all(len(counts) == 1 for counts in at_one.values())  # nothing is resampled


def test_errors_are_kept_of_every_network_layer_and_size():
    lines = read_equivariance()
    for key in NETWORKS:
        layers = {CONVOLUTION, load(key).classifier_map}
        own = {(line.layer, line.shrunk, line.error) for line in lines if line.network == key}
        assert own == {(layer, by, error) for layer in layers for by in SHRUNK[1:] for error in ERRORS}
    for line in lines:
        assert line.images == NUM_IMAGES
        assert line.low < line.mean < line.high
        assert len(line.commit) == 40, "measured with uncommitted changes"
        assert line.checkpoint == read_card(line.network).sha256[:12], "measured with other weights"
        assert (line.canvas > 28, line.resampler) == ((True, "bicubic") if line.error == OURS else (False, ZOOM))


def test_the_sizes_and_networks_are_those_of_the_study():
    assert SHRUNK == (1.0, 1.1, 1.5, 2.0, 2.5, 3.0)
    assert NETWORKS == ("cnn", "deformable_cnn", "dss", "so2_cnn")


def test_the_unseen_digits_are_those_of_no_training_and_no_validation():
    try:
        unseen = unseen_test_digits()
    except MnistMissing:
        pytest.skip("needs MNIST")
    assert (len(unseen), unseen.sum()) == (10_000, 8_318)
    assert unseen_test_digits(1).sum() != 8_318  # another realisation, another draw


def test_digits_are_read_as_they_are_shrunk(digits):
    unseen = np.arange(12) >= 4
    lines = list(reading_lines("cnn", digits, unseen, (1.0, 3.0)))
    network = load("cnn")
    for line in lines:
        images = shrink(digits.images.float() / 255, line.shrunk, line.resampler)
        right = (network(images).argmax(1) == digits.labels).numpy()
        assert (line.images, line.read) == (12, right.sum())
        assert (line.unseen, line.unseen_read) == (8, right[4:].sum())
    assert [line.resampler for line in lines] == ["bicubic", "bicubic", ZOOM, ZOOM]


def test_digits_are_shrunk_by_either_resampler():
    images = all_glyphs()[:2]
    assert torch.equal(shrink(images, 2.0, "bicubic"), rescale(images, 0.5, "bicubic"))
    assert torch.equal(shrink(images, 2.0, ZOOM), cubic_zoom(images, 0.5))
    with pytest.raises(ValueError, match="bicubic or cubic zoom, got 'ideal'"):
        shrink(images, 2.0, "ideal")


def test_both_errors_are_those_of_the_harness():
    images, factors = all_glyphs()[:3], [1 / 1.5]
    lines = {(line.error, line.layer): line for line in equivariance_lines("so2_cnn", images, (1.5,))}
    network = load("so2_cnn")
    ours, theirs = measure(network, images, factors, costs=False), measure_spectral(network, images, factors)
    for layer in (CONVOLUTION, "projection3"):
        i = ours.layers.index(layer)
        assert lines[OURS, layer].mean == pytest.approx(ours.error[i, 0], abs=1e-5)
        assert lines[OURS, layer].low == pytest.approx(ours.spread[i, 0, 0], abs=1e-5)
        assert lines[OURS, layer].canvas == ours.side
        assert lines[THEIRS, layer].mean == pytest.approx(theirs.error[i, 0], abs=1e-5)
        assert lines[THEIRS, layer].high == pytest.approx(theirs.spread[i, 0, 1], abs=1e-5)
        assert lines[THEIRS, layer].canvas == 28


def test_counts_that_contradict_each_other_and_damaged_tables_are_refused(tmp_path):
    line = read_reading()[0]
    for wrong in ({"read": 10_001}, {"unseen_read": 8_319}, {"unseen": 10_001}, {"read": 1}):
        with pytest.raises(ValueError, match="no more can be read than there are"):
            replace(line, **wrong)
    text = (module.FOLDER / module.EQUIVARIANCE).read_text(encoding="utf-8").replace(OURS, "L1", 1)
    (tmp_path / module.EQUIVARIANCE).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"park-equivariance.csv is damaged in line 2: an error is {OURS}"):
        read_equivariance(tmp_path)


def test_the_command_says_that_mnist_is_missing(monkeypatch, capsys):
    def missing(split):
        raise MnistMissing("no MNIST here")

    monkeypatch.setattr(module, "load_mnist", missing)
    assert module.main([]) == 2
    assert "no MNIST here" in capsys.readouterr().err
