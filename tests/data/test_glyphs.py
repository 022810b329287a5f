import math
import time
from itertools import product

import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS, HANDS, LONGER_SIDE, Glyph, glyph
from tests.formulas import all_glyphs

every_glyph = pytest.mark.parametrize("each", GLYPHS, ids=lambda each: each.name)


def test_every_digit_is_there_in_every_hand_under_a_name_of_its_own():
    assert {(each.digit, each.hand) for each in GLYPHS} == set(product(range(10), HANDS))
    assert len({each.name for each in GLYPHS}) == len(GLYPHS) == 10 * len(HANDS)
    assert len(HANDS) == 4
    assert all(glyph(each.name) is each for each in GLYPHS)
    assert glyph("3-round").digit == 3


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown glyph '3-gothic'; known are 0-round, .*9-continental"):
        glyph("3-gothic")


def test_all_glyphs_look_different():
    images = all_glyphs().flatten(1)
    distances = torch.cdist(images, images) + 100 * torch.eye(len(images))
    assert distances.min() > 2  # the norm of one image is about 9


@every_glyph
def test_a_glyph_is_fitted_like_mnist(each: Glyph):
    image = each.render()
    assert image.shape == (1, 1, 28, 28)
    assert image.min() == 0
    assert image.max() == 1
    border = torch.cat([image[..., 0, :], image[..., -1, :], image[..., 0], image[..., -1]], dim=-1)
    assert border.max() == 0
    corners = each.segments.view(-1, 2)
    longer = (corners.amax(0) - corners.amin(0)).max() + each.pen_width
    assert longer == pytest.approx(LONGER_SIDE, abs=0.01)  # as far as a chord may leave its curve
    assert 2.2 <= each.pen_width <= 3


@every_glyph
def test_the_centre_of_mass_stays_on_the_canvas_centre(each: Glyph):
    scales = torch.tensor([0.3, 0.8, 1.0, 2.0])
    images = each.render_sweep(scales.tolist(), canvas=60)[:, 0]
    positions = torch.arange(60) + 0.5 - 30
    total = images.sum((1, 2))
    x, y = images.sum(1) @ positions / total, images.sum(2) @ positions / total
    assert (torch.hypot(x, y) < 0.05 * scales.clamp_min(1)).all()  # pixels; what is left is anti-aliasing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("each", "s", "side"),
    [(each, 0.5, 16) for each in GLYPHS] + [(each, 1.0, 28) for each in GLYPHS[::3]],  # a third: they take longest
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_rendering_at_a_scale_is_the_scaled_scene_integrated_over_the_pixel(each: Glyph, s: float, side: int):
    fine = F.avg_pool2d(each.render(8 * s, canvas=8 * side), 8)
    difference = (each.render(s, canvas=side) - fine).abs()
    # 4×4 subpixels err most in the cusp where two strokes meet; a shift by 0.1 pixel would already give 0.1.
    assert difference.max() < 0.04
    assert difference.norm() / fine.norm() < 0.015


@every_glyph
def test_ink_grows_with_the_square_of_the_scale(each: Glyph):
    scales = [0.5, 0.8, 1.25, 2.0]
    ink = each.render_sweep(scales, canvas=60).sum((1, 2, 3))
    per_area = ink / torch.tensor(scales) ** 2
    assert per_area.max() / per_area.min() < 1.01  # the errors of anti-aliasing nearly cancel along the outline


@every_glyph
def test_a_canvas_larger_by_an_even_number_shows_the_same_pixels(each: Glyph):
    scales = (0.37, 1.0, 1.9)
    inner = each.render_sweep(scales, canvas=(28, 20))
    assert torch.equal(each.render_sweep(scales, canvas=(56, 28))[..., 14:-14, 4:-4], inner)


def test_a_sweep_is_its_single_renderings():
    each, scales = glyph("8-slanted"), [0.3, 0.77, 1.0, 2.1]
    sweep = each.render_sweep(scales, canvas=(40, 36))
    assert sweep.shape == (4, 1, 40, 36)
    for image, s in zip(sweep, scales, strict=True):
        assert torch.equal(image[None], each.render(s, canvas=(40, 36)))
    assert each.render_sweep([], canvas=28).shape == (0, 1, 28, 28)


def test_a_sweep_of_33_scales_is_fast_enough_for_a_slider():
    each = glyph("8-round")
    scales = [2 ** (i / 16 - 1) for i in range(33)]
    each.render_sweep(scales)  # the skeleton is flattened once
    best = math.inf
    for _ in range(5):
        start = time.thread_time()  # of this thread only, so that a busy machine fails nobody
        each.render_sweep(scales)
        best = min(best, time.thread_time() - start)
    assert best < 0.5  # about 0.014 s on a free core, ten times that was seen on a crowded one


def test_values_stay_in_range_at_extreme_scales():
    for s in (1e-6, 0.01, 0.05, 40.0, 1e6):
        images = torch.cat([each.render(s) for each in GLYPHS[::7]])
        assert images.isfinite().all()
        assert images.min() >= 0
        assert images.max() <= 1


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_a_factor_that_is_not_positive_is_refused(bad: float):
    with pytest.raises(ValueError, match="scale_factor must be a positive number"):
        GLYPHS[0].render(bad)
    with pytest.raises(ValueError, match="scale_factor must be a positive number"):
        GLYPHS[0].render_sweep([1.0, bad])


@pytest.mark.parametrize("bad", [0, -3, (28, 0)])
def test_an_empty_canvas_is_refused(bad: int | tuple[int, int]):
    with pytest.raises(ValueError, match="a canvas needs at least 1 pixel a side"):
        GLYPHS[0].render(1.0, canvas=bad)
