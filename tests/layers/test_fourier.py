"""Fourier layers: what they compute, one mode at a time, and that they commute with the ideal resize at every size."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.layers import FourierConv2d, NestedReLU
from core.layers.fourier import highest_frequency, limit_band, low_pass
from core.resampling import resize
from tests.formulas import relative, trigonometric

SIZES = range(8, 29)


def noise(*shape):
    return torch.randn(shape, dtype=torch.float64)


def without_nyquist(planes):
    return limit_band(planes, planes.shape[-2:], max(planes.shape))


@pytest.mark.parametrize("n", [1, 2, 7, 8, 27, 28])
def test_a_grid_holds_the_modes_below_nyquist(n):
    matrix = low_pass(n, n, n)
    assert round(float(matrix.trace())) == 2 * highest_frequency(n) + 1 == (n if n % 2 else n - 1)
    torch.testing.assert_close(matrix @ matrix, matrix, rtol=0, atol=1e-14)
    if n % 2 == 0:
        sign = (-1.0) ** torch.arange(n, dtype=torch.float64)
        assert float((matrix @ sign).abs().max()) < 1e-12


@pytest.mark.parametrize(("n", "m", "highest"), [(28, 8, 3), (28, 14, 4), (9, 28, 4), (28, 27, 13), (5, 5, 1)])
def test_the_low_pass_keeps_waves_up_to_its_limit_and_no_others(n, m, highest):
    kept, lost = trigonometric(n, highest), without_nyquist(noise(1, 1, n, n))
    assert relative(limit_band(kept, (m, m), highest), trigonometric(m, highest)) < 1e-13
    rest = lost - limit_band(lost, (n, n), highest)
    assert float(limit_band(rest, (m, m), highest).abs().max()) < 1e-13


@pytest.mark.parametrize("r", SIZES)
def test_the_low_pass_to_a_grid_is_the_ideal_resize(r):
    image = noise(1, 1, 28, 28)
    assert relative(limit_band(image, (r, r), 28), resize(without_nyquist(image), (r, r), "ideal")) < 1e-13


@pytest.mark.parametrize(("kernel", "samples"), [(1, 9), (3, 8), (5, 9), (7, 14)])
def test_at_full_resolution_it_is_the_circular_convolution_with_its_taps(kernel, samples):
    layer, image = FourierConv2d(2, 3, kernel, samples).double(), noise(2, 2, samples, samples)
    margin = kernel // 2
    padded = F.pad(without_nyquist(image), (margin,) * 4, mode="circular")
    with torch.no_grad():
        assert relative(layer(image), F.conv2d(padded, layer.weight)) < 1e-13


@pytest.mark.parametrize("size", [(8, 8), (9, 12), (28, 17), (40, 31), (2, 1)])
def test_at_any_resolution_it_is_the_sum_over_modes(size):
    """The definition with loops over modes and taps, in complex numbers; 14 samples hold the modes up to 6."""
    layer, image = FourierConv2d(2, 2, 3, 14).double(), noise(1, 2, *size)
    weight, x = layer.weight.detach().numpy(), image[0].numpy()
    down, across = (np.arange(n) / n for n in size)
    highest = [min((n - 1) // 2, 6) for n in size]
    expected = np.zeros((2, *size), dtype=complex)
    for f in range(-highest[0], highest[0] + 1):
        for g in range(-highest[1], highest[1] + 1):
            wave = np.exp(2j * math.pi * (f * down[:, None] + g * across[None]))
            for o in range(2):
                for i in range(2):
                    taps = [weight[o, i, p + 1, q + 1] * np.exp(2j * math.pi * (f * p + g * q) / 14)
                            for p in (-1, 0, 1) for q in (-1, 0, 1)]  # fmt: skip
                    expected[o] += sum(taps) * (x[i] * wave.conj()).mean() * wave
    assert np.abs(expected.imag).max() < 1e-13  # real taps: the transform is Hermitian
    with torch.no_grad():
        assert relative(layer(image)[0], torch.from_numpy(expected.real)) < 1e-13


def modes_up_to(planes, highest, samples):
    """The modes |f| ≤ `highest` of a square map on another grid, by sums over complex waves."""
    frequency = torch.arange(-highest, highest + 1, dtype=torch.float64)

    def waves(n, sign):
        return torch.exp(sign * 2j * math.pi * frequency[:, None] * (torch.arange(n, dtype=torch.float64) + 0.5) / n)

    matrix = waves(samples, 1).T @ waves(planes.shape[-1], -1) / planes.shape[-1]
    return (matrix @ planes.to(matrix.dtype) @ matrix.mT).real


@pytest.mark.parametrize(
    ("n", "pool", "cuts"),
    [
        (28, 1, {3: 3, **{j: j for j in range(4, 14)}}),
        (27, 2, {1: 3, 2: 4, 3: 6, 4: 8, 5: 10, 6: 12}),
        (14, 1, {3: 3, 4: 4, 5: 5, 6: 6}),
        (9, 2, {1: 3, 2: 4}),
        (7, 2, {1: 3}),
    ],
)
def test_every_band_rests_on_its_own_low_pass(n, pool, cuts):
    """Σ_j (L_j − L_{j−1}) σ(L_q(j) x) as it is written, one band after the other."""
    layer, image = NestedReLU(2, 28, lowest=3, pool=pool).double(), noise(1, 2, n, n)
    with torch.no_grad():
        layer.activation.bias.copy_(torch.tensor([0.3, -0.2]))
    size, bias = math.ceil(n / pool), layer.activation.bias[:, None, None]
    expected = torch.zeros(1, 2, size, size, dtype=torch.float64)
    for j, cut in cuts.items():
        active = (F.relu(modes_up_to(image, cut, 28) + bias) - F.relu(bias)).detach()
        expected += modes_up_to(active, j, size)
        if j > min(cuts):
            expected -= modes_up_to(active, j - 1, size)
    with torch.no_grad():
        assert relative(layer(image), expected) < 1e-13


def stack():
    """Convolution, pooling, convolution, nonlinearity, convolution, as in the network."""
    return torch.nn.Sequential(
        FourierConv2d(1, 3, 7, 28),
        NestedReLU(3, 28, lowest=3, pool=2),
        FourierConv2d(3, 3, 7, 14),
        NestedReLU(3, 14, lowest=1),
        FourierConv2d(3, 2, 5, 14),
    )


def worst_error(layers, size, image):
    """Of all layers, ‖T Φ(x) − Φ(T x)‖ / ‖T Φ(x)‖ where T is the ideal resize to `size`."""
    large, small, worst = image, resize(image, size, "ideal"), 0.0
    for layer in layers:
        large, small = layer(large), layer(small)
        worst = max(worst, relative(small, resize(large, small.shape[-2:], "ideal")))
    return worst


@pytest.mark.parametrize("r", SIZES)
def test_layers_commute_with_the_ideal_resize_at_every_size(r):
    """White noise, which holds every mode, Nyquist too. float64: 1e-14; even sizes as good as odd ones."""
    with torch.no_grad():
        assert worst_error(stack().double(), (r, r), noise(1, 1, 28, 28)) < 1e-12


@pytest.mark.parametrize("size", [(8, 28), (13, 20), (31, 9), (40, 56)])
def test_a_convolution_lets_rows_and_columns_change_apart(size):
    with torch.no_grad():
        assert worst_error([FourierConv2d(1, 3, 7, 28).double()], size, noise(1, 1, 28, 28)) < 1e-13


@pytest.mark.parametrize("r", [40, 55, 56])
def test_more_pixels_than_full_resolution_add_nothing(r):
    with torch.no_grad():
        assert worst_error(stack().double(), (r, r), noise(1, 1, 28, 28)) < 1e-12


@pytest.mark.parametrize("r", [8, 20, 27])
def test_an_activation_on_the_map_itself_shows(r):
    """Mutation: a ReLU on each sample, as everywhere else, after one convolution."""
    layers = torch.nn.Sequential(FourierConv2d(1, 3, 7, 28), torch.nn.ReLU()).double()
    with torch.no_grad():
        assert worst_error(layers, (r, r), noise(1, 1, 28, 28)) > 1e-2


def test_the_nyquist_mode_would_not_commute():
    """Why it is dropped: the same circular convolution with it errs on a resize from 28 to 56, which keeps it."""
    layer, image = FourierConv2d(1, 1, 3, 28).double(), noise(1, 1, 28, 28)
    with torch.no_grad():
        assert worst_error([layer], (56, 56), image) < 1e-13
        with_nyquist = F.conv2d(F.pad(image, (1, 1, 1, 1), mode="circular"), layer.weight)
        difference = resize(with_nyquist, (56, 56), "ideal") - layer(resize(image, (56, 56), "ideal"))
        assert float(difference.norm() / layer(image).norm()) > 0.05


def test_whole_steps_of_the_canvas_commute_around_its_edge():
    image, layers = noise(1, 1, 28, 28), stack().double()
    with torch.no_grad():
        shifted = layers(image.roll((6, -10), (2, 3)))
        assert relative(shifted, layers(image).roll((3, -5), (2, 3))) < 1e-13
        assert float(layers(torch.zeros(1, 1, 28, 28, dtype=torch.float64)).abs().max()) == 0


def test_below_the_lowest_mode_it_runs_and_does_not_commute():
    with torch.no_grad():
        layers, image = stack().double(), noise(1, 1, 28, 28)
        assert worst_error(layers, (7, 7), image) < 1e-12  # 7 samples hold as many modes as 8
        assert worst_error(layers, (6, 6), image) > 1e-2
        assert layers(noise(1, 1, 1, 2)).shape == (1, 2, 1, 1)


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("kernel must be odd and at most the canvas of 8 samples, got 4", lambda: FourierConv2d(1, 1, 4, 8)),
        ("kernel must be odd and at most the canvas of 8 samples, got 9", lambda: FourierConv2d(1, 1, 9, 8)),
        ("expected 2 channels, got 3", lambda: FourierConv2d(2, 1, 3, 8)(torch.zeros(1, 3, 8, 8))),
        ("expected 2 channels, got 3", lambda: NestedReLU(2, 8, 3)(torch.zeros(1, 3, 8, 8))),
    ],
)
def test_wrong_input_is_refused(message, wrong):
    with pytest.raises(ValueError, match=message):
        wrong()
