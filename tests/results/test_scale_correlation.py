"""A scale correlation level by level: what is drawn adds up to what the trained network computes."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.checkpoints import CheckpointError
from core.models import build
from core.results.scale_correlation import (
    FOLDER,
    LAYER,
    READ_BY_IT,
    correlation_of,
    interacting_network,
    shown_correlation,
)
from core.training import grid
from tests.formulas import all_glyphs


@pytest.fixture(scope="module")
def network():
    return interacting_network()[0]


def test_the_network_spans_two_levels_and_reads_digits(network):
    _, card = interacting_network()
    assert (card.config["interaction"], card.epochs, card.test_images) == (2, 30, 50_000)
    assert card.test_error < 3
    assert (network(all_glyphs()).argmax(1) == torch.arange(10).repeat_interleave(4)).float().mean() > 0.9


@torch.no_grad()
def test_what_all_input_channels_add_is_the_response(network):
    image = all_glyphs()[5:6]
    shown = correlation_of(network, image)
    maps = network.features(image)
    response, inputs = maps[LAYER].values[0, shown.channel], maps[READ_BY_IT].values[0]
    np.testing.assert_array_equal(shown.response, response)
    np.testing.assert_array_equal(shown.levels, inputs[shown.read])
    total = torch.zeros_like(response)
    for read in range(len(inputs)):
        kernels = network.convs[1].kernels(slice(2 * read, 2 * read + 2))
        for k in range(3):
            for j in range(2):
                if k + j < 3:
                    kernel = kernels[k][shown.channel, j][None, None]
                    total[k] += F.conv2d(inputs[read, k + j][None, None], kernel, padding="same")[0, 0]
    torch.testing.assert_close(total, response, rtol=1e-3, atol=1e-3)


def test_each_part_is_the_level_through_its_kernel():
    shown = shown_correlation()
    assert shown.dilations == (1, 2, 4)
    assert [kernel.shape for kernels in shown.kernels for kernel in kernels] == [(s, s) for s in (5, 5, 9, 9, 17, 17)]
    for k in range(3):
        for j in range(2):
            assert shown.reads(k, j) == (k + j < 3)
            if not shown.reads(k, j):
                assert not shown.added[k, j].any()
                continue
            level, kernel = (torch.from_numpy(each)[None, None] for each in (shown.levels[k + j], shown.kernels[k][j]))
            np.testing.assert_allclose(shown.added[k, j], F.conv2d(level, kernel, padding="same")[0, 0], atol=1e-4)
    np.testing.assert_array_equal(shown.kernels[0][1], shown.kernels[1][1][::2, ::2])  # one set of weights


def test_the_channels_are_the_strongest(network):
    image = all_glyphs()[:1]
    shown = correlation_of(network, image)
    energies = network.features(image)["relu2"].values[0].flatten(1).square().sum(1)
    assert energies.argmax() == shown.channel
    torch.manual_seed(0)
    assert correlation_of(build("dss", interaction=2).eval(), image).response.shape == (3, 14, 14)


def test_the_sweep_trains_what_the_card_says(root: Path):
    (experiment,) = grid.read(root / "assets" / "sweeps" / "interaction.json").experiments()
    assert (experiment.network, experiment.size, experiment.seed) == ("dss", "small", 0)
    told = interacting_network()[1].data["experiment"]
    assert told["setting"] == dict(experiment.setting) == {"interaction": 2}
    assert told["data"] == experiment.data
    assert told["recipe"] == experiment.recipe == {}


def test_without_weights_there_is_one_sentence(tmp_path):
    assert FOLDER.is_dir()
    with pytest.raises(CheckpointError, match="no checkpoint of dss"):
        interacting_network(tmp_path)
