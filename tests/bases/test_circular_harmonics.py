"""Circular harmonics: what they are, sample by sample, and how they turn."""

import math

import pytest
import torch

from core.bases import circular_harmonics


@pytest.mark.parametrize(("size", "turns"), [(1, 4), (3, 8), (5, 8), (7, 12)])
def test_functions_are_rings_of_waves(size, turns):
    """The formula at every sample, up to one factor for each pair of cosine and sine."""
    basis = circular_harmonics(size, turns)
    index = 0
    for ring in range(size // 2 + 1):
        for m in range(min(2 * ring, 4) + 1):
            for phase in (0, math.pi / 2)[: 1 if m == 0 else 2]:
                factor = 0.0  # shared by all turns
                assert (basis.radius[index], basis.periods[index]) == (ring, m)
                for turn in range(turns):
                    values = basis.functions[turn, index]
                    expected = torch.zeros(size, size, dtype=torch.float64)
                    for row in range(size):
                        for column in range(size):
                            x, y = column - size // 2, size // 2 - row
                            r, angle = math.hypot(x, y), math.atan2(y, x) - 2 * math.pi * turn / turns
                            wave = math.cos(m * angle - phase) * (r > 0 or m == 0)
                            expected[row, column] = math.exp(-((r - ring) ** 2) / (2 * 0.6**2)) * wave
                    factor = factor or float(basis.functions[0, index].norm() / expected.norm())
                    torch.testing.assert_close(values, factor * expected, rtol=0, atol=1e-12)
                index += 1
    assert index == basis.functions.shape[1]


@pytest.mark.parametrize("size", [3, 5, 7])
def test_a_quarter_turn_is_exact(size):
    functions = circular_harmonics(size, 8).functions
    for turn in range(8):
        turned = torch.rot90(functions[turn], 1, (-2, -1))
        torch.testing.assert_close(functions[(turn + 2) % 8], turned, rtol=0, atol=1e-12)
        assert float((functions[(turn - 2) % 8] - turned).abs().max()) > 0.1  # the other way round is another one


def test_a_turn_is_a_shift_of_phase():
    """Cosine and sine at any turn are a rotation of the two at turn 0 by m θ."""
    basis = circular_harmonics(7, 8)
    for index, m in enumerate(basis.periods[:-1]):
        if m == 0 or (basis.periods[index + 1], basis.radius[index + 1]) != (m, basis.radius[index]):
            continue
        if basis.periods[index - 1] == m and basis.radius[index - 1] == basis.radius[index]:
            continue  # this is the sine of a pair
        cosine, sine = basis.functions[0, index], basis.functions[0, index + 1]
        for turn in range(8):
            angle = m * 2 * math.pi * turn / 8
            expected = math.cos(angle) * cosine + math.sin(angle) * sine
            torch.testing.assert_close(basis.functions[turn, index], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("message", "size", "turns"),
    [
        ("needs an odd size, got 4", 4, 8),
        ("needs an odd size, got 0", 0, 8),
        ("turns must be a multiple of 4, so that quarter turns are among them, got 6", 5, 6),
        ("got 0", 5, 0),
    ],
)
def test_what_cannot_turn_is_refused(message, size, turns):
    with pytest.raises(ValueError, match=message):
        circular_harmonics(size, turns)
