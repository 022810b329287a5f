"""Networks whose background is not 0, as published, are measured beside those whose background is."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.equivariance import __main__ as command
from core.equivariance import budget, canvas, lie_derivative, measure
from core.equivariance.sweep import readings, sweep
from core.models import build
from core.models.layouts import PUBLISHED
from core.models.measurable import background_margin
from tests.formulas import all_glyphs

FACTORS = (0.5, 0.8, 1.26, 2.0)
FAMILIES = ("cnn", "sesn_vector", "sesn_scalar", "disco")
FEW = {"channels": (3, 4, 5), "hidden": 6}


def digits():
    return all_glyphs(0.7)[::14]


def as_published(key):
    """With biases and statistics of batch norms that are far from 0."""
    torch.manual_seed(0)
    network = build(key, "paper", layout=PUBLISHED, **FEW).eval().requires_grad_(False)
    for conv, norm in zip(network.convs, (*network.norms, network.head.norm), strict=True):
        for values in (conv.bias, norm.bias, norm.running_mean):
            values.copy_(0.3 * torch.randn(values.shape))
    return network


def quietly(*what, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return measure(*what, costs=False, **how)


@pytest.mark.slow
@pytest.mark.parametrize("key", FAMILIES)
def test_a_first_convolution_errs_as_with_a_background_of_0(key):
    """It is linear, so its mean and bias are the answer to blank: what is left is the other network's map."""
    network = as_published(key)
    other = build(key, "paper", **FEW).eval().requires_grad_(False)
    other.convs[0].weight.copy_(network.convs[0].weight)
    found, expected = (quietly(each, digits(), FACTORS) for each in (network, other))
    assert found.layers == expected.layers
    assert found.side == expected.side
    np.testing.assert_allclose(found.error[0], expected.error[0], rtol=1e-4)  # float32
    assert np.isfinite(found.error).all()
    slopes = [lie_derivative(each, digits()).per_image[0] for each in (network, other)]
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("key", FAMILIES)
def test_a_wider_canvas_moves_no_error(key, monkeypatch):
    """By more than 2 % of itself or half a point, as of other networks: beyond the digit Φ(x) − Φ(blank) is 0."""
    network, wider = as_published(key), 20
    narrow = quietly(network, digits(), FACTORS)
    margin = background_margin(network)
    monkeypatch.setattr(canvas, "background_margin", lambda _: margin + wider)
    wide = quietly(network, digits(), FACTORS)
    assert wide.side == narrow.side + 2 * wider
    assert (abs(wide.error - narrow.error) <= np.maximum(0.02 * wide.error, 0.005)).all()


def test_the_answer_to_blank_is_told_and_taken_off():
    network = as_published("sesn_vector")
    with pytest.warns(UserWarning, match=r"blank image being black \(0 everywhere\)"):
        report = measure(network, digits(), FACTORS, costs=False)
    assert report.blank_name == "black (0 everywhere)"
    assert report.blank_share.min() > 0.1
    assert quietly(network, torch.zeros(1, 1, 28, 28), FACTORS).blank.all()
    assert build("sesn_vector").blank_features(digits()) is None


def test_the_answer_to_blank_follows_the_weights():
    network, images = as_published("sesn_vector"), digits()
    before = network.blank_features(images)["pool2"].values
    assert network.blank_features(images)["pool2"].values is before  # kept
    network.norms[1].bias += 1.0
    torch.testing.assert_close(network.blank_features(images)["pool2"].values, before + 1.0)


@pytest.mark.parametrize("where", canvas.CANVASES)
def test_readings_are_those_of_the_network(where):
    network, image = as_published("disco"), digits()[:1]
    found = readings(network, sweep(network, image, (0.8,), canvas=where))
    torch.testing.assert_close(found[:1], network(image).softmax(1))


def test_a_projection_cannot_be_taken_again_of_a_difference():
    found = budget(as_published("sesn_vector"), digits(), 0.5)
    assert not found.applies[2].any()
    assert budget(build("sesn_vector", "paper", **FEW), digits(), 0.5).applies[2].any()


@pytest.mark.filterwarnings("ignore:errors are those of")
def test_the_command_takes_published_names(capsys, monkeypatch):
    mnist = SimpleNamespace(images=(255 * digits()[:, 0]).byte()[:, None])
    monkeypatch.setattr(command, "load_mnist", lambda _: mnist)
    assert command.main(["mnist_cnn_28", "--images", "2", "--layers", "conv1,classifier"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:4]] == [
        ["| conv1", "mnist_cnn_28"],
        ["| conv3, read by the classifier", "mnist_cnn_28"],
    ]
    assert command.main(["mnist_ses_vector_64"]) == 2
    assert "unknown network 'mnist_ses_vector_64'" in capsys.readouterr().err
