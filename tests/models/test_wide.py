"""The wide residual networks of STL-10 have the published sizes and give the published logits."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from core.layers import ScaleConv2d, SharedConv2d
from core.models.as_published import (
    WIDE,
    WideConfig,
    WideResidual,
    load_published,
    published,
    published_parameters,
    published_wide,
)
from core.models.as_published.wide import normalise
from tests.models.published_weights import weights

# As published.json: names and shapes of the published `state_dict()`, and what the published code (sesn at deaa16c,
# PyTorch 2.13, a CPU) answers to `image(side)`, normalised, in float64 at 24 pixels and float32 at 96.
GOLDEN = json.loads(Path(__file__).with_name("published_wide.json").read_text())
EQUAL = 2e-6  # of the largest logit, 5 to 34; float32 has 24 bits


def image(side):
    """One image (1, 3, side, side) of coloured blobs, values in [0, 1]."""
    random = np.random.Generator(np.random.PCG64(1605))
    row, column = np.mgrid[:side, :side] / side
    found = np.zeros((1, 3, side, side))
    for plane in found[0]:
        for y, x, width in zip(*random.uniform(0, 1, (2, 6)), random.uniform(0.04, 0.2, 6), strict=True):
            blob = np.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * width**2))
            plane += random.uniform(0.2, 0.9) * blob
    return torch.from_numpy(np.clip(found, 0, 1)).float()


def with_golden_weights(name):
    network = published_wide(name)
    return load_published(network, published_parameters(network) | weights(GOLDEN[name]["entries"]))


def narrow(**settings):
    torch.manual_seed(0)
    return WideResidual(WideConfig(**{"widen": 1, "blocks": 1, **settings}))


def check_logits(name, side):
    logits = torch.tensor(GOLDEN[name]["logits"][str(side)], dtype=torch.float64)
    with torch.no_grad():
        answer = with_golden_weights(name)(image(side))
    torch.testing.assert_close(answer[0].double(), logits, rtol=0, atol=EQUAL * logits.abs().max().item())


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDE)
def test_the_published_weights_give_the_published_logits_on_a_small_image(name):
    check_logits(name, 24)


@pytest.mark.thorough
@pytest.mark.slow
@pytest.mark.parametrize("name", WIDE)
def test_and_on_one_of_the_size_of_stl10(name):
    check_logits(name, 96)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("wrn_16_8", 10_961_370),
        ("wrn_16_8_ses_a", 10_961_370),
        ("wrn_16_8_ses_b", 10_961_370),
        ("wrn_16_8_ses_c", 10_979_802),
    ],
)
def test_names_shapes_and_numbers_of_parameters_are_the_published_ones(name, count):
    network = published_wide(name)
    found = published_parameters(network)
    assert [(key, list(value.shape)) for key, value in found.items()] == list(GOLDEN[name]["entries"].items())
    assert sum(p.numel() for p in network.parameters()) == count == GOLDEN[name]["parameters"]
    assert not network.training


@pytest.mark.parametrize("name", WIDE)
def test_groups_halve_the_plane_and_keep_the_scales(name):
    config, shapes = WIDE[name], []
    network = narrow(**vars(config) | {"widen": 1, "blocks": 1}).eval()
    for group in network.groups:
        group.register_forward_hook(lambda part, given, answer: shapes.append(tuple(answer.shape)))
    with torch.no_grad():
        assert network(image(96)).shape == (1, 10)
    scales = (3,) if config.internal_scales else ()
    assert shapes == [(1, c, *scales, side, side) for c, side in ((16, 96), (32, 48), (64, 24))]


def test_the_dropout_of_a_block_is_the_configured_one_and_acts_in_training_alone():
    network = narrow(dropout=0.3)
    assert {part.p for part in network.modules() if isinstance(part, torch.nn.Dropout)} == {0.3}
    network.eval()
    assert torch.equal(network(image(16)), network(image(16)))
    for norm in [part for part in network.modules() if isinstance(part, torch.nn.BatchNorm1d)]:
        norm.momentum = 0.0
    network.train()
    assert not torch.equal(network(image(16)), network(image(16)))


def test_initial_weights_have_the_published_variance():
    """2 / (numbers that an input channel meets): 9 functions for each of 64 output channels, for each scale spanned."""
    network = WideResidual(WideConfig(internal_scales=(1.0, 1.41), interaction=2, widen=4, blocks=1))
    first = network.groups[0][0].first
    assert isinstance(first, ScaleConv2d)
    assert first.weight.std().item() == pytest.approx((2 / (64 * 2 * 9)) ** 0.5, rel=0.05)
    assert torch.all(network.last.bias == 0)


def test_the_images_are_normalised_by_the_published_numbers():
    blank = torch.tensor([0.4467, 0.4398, 0.4066])[None, :, None, None].expand(1, 3, 2, 2)
    assert normalise(blank).abs().max() < 1e-6
    deviation = torch.tensor([0.2603, 0.2566, 0.2713])[None, :, None, None]
    torch.testing.assert_close(normalise(blank + deviation), torch.ones(1, 3, 2, 2))
    network = narrow().eval()
    assert torch.equal(network(image(16)), network.of_normalised(normalise(image(16))))


@pytest.mark.parametrize("stride", [1, 2])
def test_the_shared_kernel_sees_one_pixel_of_one_scale(stride):
    torch.manual_seed(0)
    layer, features = SharedConv2d(2, 3, stride), torch.randn(2, 2, 4, 6, 6)
    expected = torch.einsum("oi,bishw->boshw", layer.weight[:, :, 0, 0], features[..., ::stride, ::stride])
    torch.testing.assert_close(layer(features), expected)
    with pytest.raises(ValueError, match=r"^expected 2 channels, got 1$"):
        layer(features[:, :1])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"interaction": 2}, "a network without internal scales neither spans scales nor lifts again"),
        ({"internal_scales": (1.0,), "lifts_again": (1,)}, "groups 2 and 3 may lift again, got (1,)"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        narrow(**settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDE)
def test_they_are_built_by_name_as_the_networks_of_digits_are(name):
    torch.manual_seed(1)
    network = published(name)
    torch.manual_seed(1)
    assert network.config == WIDE[name]
    assert torch.equal(network.last.weight, published_wide(name).last.weight)
    assert not network.training


def test_unknown_names_and_grey_images_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"^unknown published network 'wrn'; known are wrn_16_8, wrn_16_8_ses_a"):
        published_wide("wrn")
    with pytest.raises(ValueError, match=r"^unknown published network 'wrn'; known are mnist_.*, wrn_16_8_ses_c$"):
        published("wrn")
    with pytest.raises(ValueError, match=r"^expected 3 channels, got 1$"):
        narrow()(torch.zeros(1, 1, 8, 8))


def test_parameters_of_other_scales_are_refused():
    """Variants a and c differ in basis and interaction; a and b in the basis of no part, but in names."""
    given = published_parameters(published_wide("wrn_16_8_ses_a"))
    changed = published_parameters(WideResidual(WideConfig(tuple(1.1 * 1.41**i for i in range(3)))))
    with pytest.raises(ValueError, match=r"^conv1\.basis is the basis of another network"):
        load_published(published_wide("wrn_16_8_ses_a"), given | {"conv1.basis": changed["conv1.basis"]})
    with pytest.raises(ValueError, match=r"^the parameters lack block2\.layer\.0\.conv1\.1\.weight"):
        load_published(published_wide("wrn_16_8_ses_b"), given)
