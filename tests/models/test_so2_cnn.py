"""The rotation group CNN commutes with quarter turns in every layer, and with a change of size as little as a CNN."""

import pytest
import torch

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import build, load


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = build("so2_cnn").eval().requires_grad_(False)
    for activation in network.activations:
        activation.bias.uniform_(-0.5, 0.5)
    return network


@pytest.fixture(scope="module")
def digits():
    return torch.cat([glyph.render() for glyph in GLYPHS[::8]])


def test_quarter_turns_are_exact_in_every_layer(network, digits):
    """float32: 1e-6 is reached; the CNN has 0.2 at least."""
    report = measure(network, digits, (90.0, 180.0, 270.0), transform="rotation")
    assert report.amounts == (90, 180, 270)
    assert report.error.max() < 1e-5
    assert (report.known == 1).all()
    assert measure(load("random_cnn"), digits, (90.0, 180.0), transform="rotation").error.min() > 0.2


def test_eighths_of_a_turn_come_close_in_the_lifting(network, digits):
    """Kernels of 5×5 samples and a digit sampled again: 0.1, where the CNN has 0.6."""
    turned, plain = (
        measure(each, digits, (45.0,), transform="rotation").error[0, 0] for each in (network, load("random_cnn"))
    )
    assert turned < 0.5 * plain


def test_maps_that_forget_the_axis_of_turns_are_caught(network, digits, monkeypatch):
    """Mutation: the planes turn and do not move along the axis."""
    monkeypatch.setattr("core.transforms.rotation._along_turns", lambda values, degrees: values)
    report = measure(network, digits, (90.0,), transform="rotation")
    assert report.error[report.layers.index("conv2"), 0] > 0.1
    assert report.error[report.layers.index("projection3"), 0] < 1e-5


def test_the_axis_of_turns_is_declared_and_measured_under_scale(network, digits):
    features = network.features(digits)
    assert {layer: found.group for layer, found in features.items()}["projection3"] == "plane"
    assert {found.group for layer, found in features.items() if layer != "projection3"} == {"rotation"}
    assert features["conv2"].values.shape == (len(digits), 10, 8, 14, 14)
    report = measure(network, digits, (1.0, 0.7))
    assert report.error[:, 0].max() <= 1e-6
    assert (report.error[:, 1] > 0.05).all()


def test_a_kernel_picture_is_the_filter_at_the_first_turn(network):
    kernels = network.kernels(slice(0, 1))
    assert {layer: found[0].shape for layer, found in kernels.items()} == {
        "conv1": (6, 1, 5, 5), "conv2": (10, 1, 5, 5), "conv3": (24, 1, 5, 5)
    }  # fmt: skip
    torch.testing.assert_close(kernels["conv2"][0], network.convs[1].kernels()[:, 0, :1, 0])


def test_turns_without_a_quarter_are_refused():
    with pytest.raises(ValueError, match="multiple of 4, so that quarter turns are among them, got 6"):
        build("so2_cnn", turns=6)
    assert build("so2_cnn", turns=4, channels=(2, 2, 2)).eval()(torch.rand(1, 1, 28, 28)).shape == (1, 10)
