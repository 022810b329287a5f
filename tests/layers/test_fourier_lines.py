"""Fourier layers of lines: the circular convolution at full resolution, and one answer at every resolution."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.layers import FourierConv1d, NestedReLU
from core.layers.fourier import highest_frequency, limit_band
from tests.formulas import relative


def noise(*shape):
    return torch.randn(shape, dtype=torch.float64)


def resized(lines, n):
    """The ideal resize: the modes that both can hold."""
    return limit_band(lines, (n,), n)


@pytest.mark.parametrize(("kernel", "samples"), [(1, 9), (3, 8), (5, 9)])
def test_at_full_resolution_it_is_the_circular_convolution_with_its_taps(kernel, samples):
    layer, line = FourierConv1d(2, 3, kernel, samples).double(), noise(2, 2, samples)
    padded = F.pad(resized(line, samples), (kernel // 2,) * 2, mode="circular")
    with torch.no_grad():
        assert relative(layer(line), F.conv1d(padded, layer.weight)) < 1e-13


@pytest.mark.parametrize("n", [1, 2, 5, 8, 14, 31])
def test_at_any_resolution_it_is_the_sum_over_modes(n):
    layer, line = FourierConv1d(2, 2, 3, 14).double(), noise(1, 2, n)
    weight, x, place = layer.weight.detach().numpy(), line[0].numpy(), np.arange(n) / n
    expected = np.zeros((2, n), dtype=complex)
    for f in range(-min(highest_frequency(n), 6), min(highest_frequency(n), 6) + 1):
        wave = np.exp(2j * math.pi * f * place)
        for o in range(2):
            for i in range(2):
                taps = sum(weight[o, i, p + 1] * np.exp(2j * math.pi * f * p / 14) for p in (-1, 0, 1))
                expected[o] += taps * (x[i] * wave.conj()).mean() * wave
    with torch.no_grad():
        assert relative(layer(line)[0], torch.from_numpy(expected.real)) < 1e-13


@pytest.mark.parametrize("points", ["full", "band"])
@pytest.mark.parametrize("n", [16, 21, 31, 40, 64])
def test_layers_commute_with_the_ideal_resize(n, points):
    layers = torch.nn.Sequential(
        FourierConv1d(1, 3, 9, 64),
        NestedReLU(3, 64, lowest=7, pool=2, points=points),
        FourierConv1d(3, 3, 5, 32),
        NestedReLU(3, 32, lowest=3, points=points),
    ).double()
    large = noise(1, 1, 64)
    small = resized(large, n)
    with torch.no_grad():
        for layer in layers:
            large, small = layer(large), layer(small)
            assert relative(small, resized(large, small.shape[-1])) < 1e-12


def test_a_relu_on_the_samples_does_not_commute():
    """Mutation: the same convolution, and a ReLU on each sample."""
    layer, line = FourierConv1d(1, 3, 9, 64).double(), noise(1, 1, 64)
    with torch.no_grad():
        assert relative(F.relu(layer(resized(line, 21))), resized(F.relu(layer(line)), 21)) > 1e-2


def test_every_band_of_a_line_rests_on_its_own_low_pass():
    layer, line = NestedReLU(1, 15, lowest=3, pool=2).double(), noise(1, 1, 15)
    expected = 0.0
    for band, cut in ((1, 3), (2, 4), (3, 6)):
        active = F.relu(limit_band(line, (15,), cut))
        expected = expected + limit_band(active, (8,), band) - (limit_band(active, (8,), band - 1) if band > 1 else 0)
    with torch.no_grad():
        assert relative(layer(line), expected) < 1e-13


def test_gradients_are_those_of_finite_differences():
    layers = torch.nn.Sequential(FourierConv1d(1, 2, 3, 9), NestedReLU(2, 9, lowest=1)).double()
    line = torch.randn(1, 1, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layers, (line,), eps=1e-7, atol=1e-5)


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("kernel must be odd and at most the line of 8 samples, got 4", lambda: FourierConv1d(1, 1, 4, 8)),
        ("kernel must be odd and at most the line of 8 samples, got 9", lambda: FourierConv1d(1, 1, 9, 8)),
        ("expected 2 channels, got 3", lambda: FourierConv1d(2, 1, 3, 8)(torch.zeros(1, 3, 8))),
    ],
)
def test_wrong_input_is_refused(message, wrong):
    with pytest.raises(ValueError, match=message):
        wrong()
