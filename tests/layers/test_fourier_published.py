"""The nested nonlinearity at the published points gives the published answer, and commutes exactly as ours does."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.layers import FourierConv2d, NestedReLU
from core.layers.fourier import limit_band
from core.resampling import resize
from tests.formulas import relative

# What the published code (github.com/ashiq24/Scale_Equivarinat_Fourier_Layer at 6ed59da, scaleEqNonlin with a ReLU, no
# norm, base_res 4, PyTorch 2.13, float64) answers to `waves(n, 0.0)`; its samples lie at i / n.
GOLDEN = json.loads(Path(__file__).with_name("nested_published.json").read_text())
# It takes its lowest resolution, 4 points, with what 4 points hold of the modes ±2, which no other resolution agrees
# with (the Nyquist mode of an even canvas); so the waves have none, and every other mode is compared.
LEFT_OUT = 2


def waves(n, begin):
    """(1, 1, n, n): random waves of up to 5 periods per canvas, sampled at (i + begin) / n."""
    random, place = np.random.Generator(np.random.PCG64(n)), (np.arange(n) + begin) / n
    found = np.zeros((n, n))
    for f in range(-5, 6):
        for g in range(-5, 6):
            a, b = random.normal(size=2)
            if LEFT_OUT not in (abs(f), abs(g)):
                phase = 2 * math.pi * (f * place[:, None] + g * place)
                found += a * np.cos(phase) + b * np.sin(phase)
    return torch.from_numpy(found / 11)[None, None]


@pytest.mark.parametrize("n", [11, 12])
def test_it_gives_the_published_answer_at_the_published_points(n):
    """Eight digits are kept of the golden values; σ on the full grid differs by a third and more."""
    golden = torch.tensor(GOLDEN[str(n)], dtype=torch.float64)[None, None]
    expected = limit_band(golden, (n, n), 5, (0.5, 0.0))  # the same waves, sampled in the middle of pixels
    with torch.no_grad():
        assert relative(NestedReLU(1, n, lowest=1, points="band").double()(waves(n, 0.5)), expected) < 1e-7
        assert relative(NestedReLU(1, n, lowest=1).double()(waves(n, 0.5)), expected) > 0.3


def stack(points):
    return torch.nn.Sequential(
        FourierConv2d(1, 3, 7, 28),
        NestedReLU(3, 28, lowest=3, pool=2, points=points),
        FourierConv2d(3, 3, 7, 14),
        NestedReLU(3, 14, lowest=1, points=points),
    ).double()


@pytest.mark.parametrize("r", [8, 13, 20, 27, 40])
def test_it_commutes_with_the_ideal_resize(r):
    image = torch.randn(1, 1, 28, 28, dtype=torch.float64)
    with torch.no_grad():
        large, small = image, resize(image, (r, r), "ideal")
        for layer in stack("band"):
            large, small = layer(large), layer(small)
            assert relative(small, resize(large, small.shape[-2:], "ideal")) < 1e-12


def test_only_the_full_grid_commutes_with_shifts_too():
    image = torch.randn(1, 1, 28, 28, dtype=torch.float64)
    for points, low, high in (("full", 0, 1e-12), ("band", 0.01, 1)):
        layers = stack(points)
        with torch.no_grad():
            moved = layers(image.roll((6, -10), (2, 3)))
            assert low <= relative(moved, layers(image).roll((3, -5), (2, 3))) < high


def test_bands_are_taken_at_as_many_points_as_hold_them():
    """σ of the band j by sums, at 2j + 1 points; the lowest at 2 · 1 + 2."""
    image, layer = torch.randn(1, 2, 9, 9, dtype=torch.float64), NestedReLU(2, 9, lowest=1, points="band").double()
    with torch.no_grad():
        layer.activation.bias.copy_(torch.tensor([0.3, -0.2]))
    bias, expected = layer.activation.bias[:, None, None], 0.0
    for band, points in ((1, 4), (2, 5), (3, 7), (4, 9)):
        sampled = limit_band(image, (points, points), band, (0.0, 0.5))
        active = (F.relu(sampled + bias) - F.relu(bias)).detach()
        expected = expected + limit_band(active, (9, 9), band, (0.5, 0.0))
        if band > 1:
            expected = expected - limit_band(active, (9, 9), band - 1, (0.5, 0.0))
    with torch.no_grad():
        assert relative(layer(image), expected) < 1e-13


def test_gradients_are_those_of_finite_differences():
    layer = NestedReLU(1, 6, lowest=1, points="band").double()
    image = torch.randn(1, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (image,), eps=1e-7, atol=1e-5)


def test_other_points_are_refused():
    with pytest.raises(ValueError, match=r"^points must be full or band, got 'half'$"):
        NestedReLU(1, 8, 3, points="half")
