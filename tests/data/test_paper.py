import numpy as np
import pytest

from core.data.paper import background, density, is_bright, noise_floor
from core.data.windows import largest_in_window, smallest_in_window

STROKES = np.zeros((160, 200), dtype=bool)
STROKES[45:110, 60:68] = True
STROKES[102:110, 50:80] = True


@pytest.mark.parametrize("window", [1, 2, 3, 6, 7, 11, 40])
def test_windows_hold_their_largest_and_smallest(window: int):
    plane = np.random.default_rng(window).standard_normal((17, 23))
    before = (window - 1) // 2
    padded = np.pad(plane, (before, window - 1 - before), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, (window, window))
    assert np.array_equal(largest_in_window(plane, window), views.max(axis=(2, 3)))
    assert np.array_equal(smallest_in_window(plane, window), views.min(axis=(2, 3)))


@pytest.mark.parametrize("dark", [True, False])
def test_the_hard_edge_of_a_shadow_belongs_to_the_paper(dark: bool):
    y, x = np.mgrid[:160, :200]
    light = np.where(x + 0.3 * y > 150, 0.9, 0.4)
    grey = light * np.where(STROKES, 0.3 if dark else 1.0, 1.0 if dark else 0.3)
    paper = background(grey, dark)
    far = np.abs(x + 0.3 * y - 150) > 3  # beyond the smoothing
    far[:20] = far[-20:] = False  # a window does not fit between edge and border
    empty = light if dark else light * 0.3
    assert np.abs(paper - empty)[far].max() < 1e-12
    inside = STROKES & far
    inside[1:-1, 1:-1] &= STROKES[:-2, 1:-1] & STROKES[2:, 1:-1] & STROKES[1:-1, :-2] & STROKES[1:-1, 2:]
    assert density(grey, paper, dark)[inside].min() > 0.8 * np.log(1 / 0.3)


def test_a_dark_table_is_no_ink_and_not_bright():
    grey = np.full((160, 200), 0.1)
    grey[50:110, 50:150] = 0.9
    paper = background(grey)
    bright = is_bright(paper)
    assert bright[52:108, 52:148].all()
    bright[48:112, 48:152] = False  # the edge itself is smoothed
    assert not bright.any()
    assert density(grey, paper)[2:-2, 2:-2].max() < 0.5  # at the paper's edge, which is smoothed
    assert np.median(density(grey, paper)) < 1e-12


def test_noise_stays_under_its_floor():
    noise = np.random.default_rng(0).standard_normal(100_000)
    assert noise_floor(noise) == pytest.approx(3, rel=0.02)
