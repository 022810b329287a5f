"""Layers, and whole networks, that keep the background at 0: a canvas continued by zeros is a larger canvas."""

import pytest
import torch
import torch.nn.functional as F

from core.layers import CentredReLU, RmsBatchNorm
from core.models import build
from tests.formulas import blobs, relative

NETWORKS = ["cnn", "sesn_vector", "sesn_scalar", "random_cnn", "random_sesn"]


def randomised(network):
    """Every parameter and buffer drawn anew: nothing may rest on biases that start at 0."""
    torch.manual_seed(7)
    with torch.no_grad():
        for tensor in network.parameters():
            tensor.normal_()
        for name, tensor in network.named_buffers():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 2) if "var" in name or "square" in name else tensor.normal_()
    return network.eval()


@pytest.mark.parametrize("axes", [(4, 5), (3, 4, 5), (2, 3, 4, 5)])
def test_centred_relu_is_a_relu_with_bias_less_its_value_at_0(axes):
    layer = CentredReLU(3)
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([-0.7, 0.0, 1.3]))
    x = torch.randn(2, 3, *axes)
    for c, b in enumerate((-0.7, 0.0, 1.3)):
        torch.testing.assert_close(layer(x)[:, c], (x[:, c] + b).clamp_min(0) - max(b, 0.0))
    assert layer(torch.zeros_like(x)).abs().max() == 0


def test_centred_relu_starts_as_an_ordinary_relu():
    x = torch.randn(2, 4, 5, 5)
    assert torch.equal(CentredReLU(4)(x), x.clamp_min(0))


@pytest.mark.parametrize("axes", [(4, 5), (3, 4, 5)])
def test_rms_batch_norm_divides_by_the_root_mean_square_of_each_channel(axes):
    layer = RmsBatchNorm(3).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.5, 1.0, -2.0]))
    x = torch.randn(4, 3, *axes, dtype=torch.float64) * torch.tensor([0.1, 1.0, 30.0]).view(3, *[1] * len(axes)) + 1
    y = layer(x)
    for c, weight in enumerate((0.5, 1.0, -2.0)):
        square = float((x[:, c] ** 2).mean())
        torch.testing.assert_close(y[:, c], weight * x[:, c] / (square + 1e-5) ** 0.5)
        assert float(layer.running_square[c].detach()) == pytest.approx(0.9 + 0.1 * square)  # momentum 0.1, from 1
    running = layer.running_square.clone()
    in_eval = layer.eval()(x)
    torch.testing.assert_close(in_eval, x * (layer.weight / (running + 1e-5).sqrt()).view(3, *[1] * len(axes)))
    assert torch.equal(layer.running_square, running)  # eval changes nothing
    for mode in (True, False):
        assert layer.train(mode)(torch.zeros_like(x)).abs().max() == 0


def test_rms_batch_norm_passes_gradients_through_the_mean_square():
    layer = RmsBatchNorm(2).double()
    x = torch.randn(3, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, x)
    # In train mode the result does not know the size of its input, so the gradient is orthogonal to it (but for ε).
    layer(x).pow(3).sum().backward()
    assert abs(float((x * x.grad).detach().sum())) < 1e-3 * float(x.grad.norm() * x.detach().norm())


@pytest.mark.parametrize("key", NETWORKS)
def test_every_map_of_a_blank_image_is_exactly_0(key):
    network = randomised(build(key))
    for canvas in ((28, 28), (33, 21)):
        for layer, found in network.features(torch.zeros(2, 1, *canvas)).items():
            assert found.values.abs().max() == 0, layer


def enlarged_by_background(network, image, margin=8):
    """Relative difference of each map on the common region when the canvas grows by `margin` pixels on each side."""
    large = F.pad(image, (margin,) * 4)
    with torch.no_grad():
        before, after = network.features(image), network.features(large)
    cuts = {layer: int(margin / found.stride) for layer, found in before.items()}
    return {
        layer: relative(after[layer].values[..., cut:-cut, cut:-cut], before[layer].values)
        for layer, cut in cuts.items()
    }


@pytest.mark.parametrize("size", ["small", "paper"])
@pytest.mark.parametrize("key", ["cnn", "sesn_vector", "sesn_scalar"])
def test_a_canvas_enlarged_by_background_changes_nothing(key, size, monkeypatch):
    """float64, 2 channels a layer; every response stays inside the smaller canvas.

    Reach of the three convolutions in image pixels: cnn 3 + 6 + 12; small SESN 8 + 16 + 32; paper SESN, on a grid
    twice as fine, half of 7 + 14 + 28.
    """
    network = randomised(build(key, size, channels=(2, 2, 2), hidden=4)).double()
    side = 136 if key != "cnn" and size == "small" else 72
    image = F.pad(blobs(0, 16, width=2.0, spread=4.0), ((side - 16) // 2,) * 4)
    assert max(enlarged_by_background(network, image).values()) < 1e-12  # 0 is reached
    # An ordinary ReLU with bias fills empty regions with a constant, and the border frames every later map.
    monkeypatch.setattr(CentredReLU, "forward", lambda self, x: F.relu(x + self.bias.view(-1, *[1] * (x.dim() - 2))))
    network.answers_blank = True  # as a network has to say then, so that its maps are computed on all of the canvas
    errors = enlarged_by_background(network, image)
    assert errors["conv1"] < 1e-12
    assert errors["conv3"] > 0.01  # 0.03 to 0.4


@pytest.mark.parametrize("key", ["cnn", "sesn_vector"])
def test_a_digit_on_28_pixels_sees_little_of_its_border(key):
    """28 → 44 pixels, a digit of about 12 pixels, float32: the border cuts responses of the wide third layer only."""
    network = build(key).eval()
    image = blobs(1, 28, width=1.5, spread=3.0, batch=4).abs().float()
    errors = enlarged_by_background(network, image)
    last = [layer for layer in errors if layer.endswith("3")]
    assert max(errors[layer] for layer in errors if layer not in last) < 1e-4  # 1e-5 is reached
    assert max(errors[layer] for layer in last) < 0.1  # cnn 0.006, sesn_vector 0.03
