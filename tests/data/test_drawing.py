"""Drawings: exact at any scale like vector digits, and nothing but a drawing or one sentence comes out of a text."""

import base64
import math
import random
import re
import tracemalloc
import zlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.drawing import MAX_CHARACTERS, MAX_POINTS, MAX_STROKES, Drawing
from core.data.glyphs import GLYPHS, SizedGlyph, centre_of_mass
from core.equivariance import measure
from core.models import build

every_seed = pytest.mark.parametrize("seed", range(4))
SEVEN = Drawing((((-6.0, -9.0), (6.0, -9.0), (-1.0, 10.0)), ((-3.0, 1.0), (5.0, 1.0))), 2.5)


def wave(seed: int, reach: float = 6.0, points: int = 80) -> tuple[tuple[float, float], ...]:
    """A smooth stroke within `reach` pixels of the centre."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, points)[:, None]
    curve = np.sin(2 * math.pi * t * rng.uniform(0.4, 1.5, 2) + rng.uniform(0, 6, 2))
    return tuple(map(tuple, (reach * curve).tolist()))


def drawn(seed: int, **more) -> Drawing:
    return Drawing((wave(seed, **more), wave(seed + 100, **more), ((2.3, -4.1),)), 2.0)


def moved(drawing: Drawing, factor: float = 1.0, x: float = 0.0, y: float = 0.0) -> Drawing:
    strokes = tuple(tuple((factor * a + x, factor * b + y) for a, b in stroke) for stroke in drawing.strokes)
    return Drawing(strokes, factor * drawing.pen_width)


def trembling_hand(glyph, seed: int) -> Drawing:
    """A vector digit drawn again with a point every 0.3 pixels, each off by about 0.04 pixels."""
    rng = np.random.default_rng(seed)
    chains: list[list] = []
    for x0, y0, x1, y1 in glyph.segments.tolist():
        if not chains or math.dist(chains[-1][-1], (x0, y0)) > 1e-3:
            chains.append([(x0, y0)])
        chains[-1].append((x1, y1))
    strokes = []
    for chain in map(np.array, chains):
        length = np.concatenate([[0], np.linalg.norm(np.diff(chain, axis=0), axis=1).cumsum()])
        at = np.arange(0, length[-1], 0.3)
        points = np.stack([np.interp(at, length, chain[:, k]) for k in range(2)], axis=1)
        strokes.append(tuple(map(tuple, (points + rng.normal(0, 0.04, points.shape)).tolist())))
    return Drawing(tuple(strokes), 2.5)


@every_seed
@pytest.mark.parametrize("s", [0.5, 0.8, 1.7, 2.0])
def test_rendering_at_a_scale_is_rendering_scaled_strokes(seed, s):
    drawing = drawn(seed)
    # A dot is drawn as a line of 1/10,000 pixel; all else is rounding of float32.
    assert torch.allclose(drawing.render(s), moved(drawing, s).render(), atol=1e-4)


@every_seed
def test_moving_the_strokes_moves_the_pixels(seed):
    drawing = drawn(seed)
    expected = F.pad(drawing.render(canvas=40), (5, -5, -3, 3))
    assert torch.allclose(moved(drawing, x=5, y=-3).render(canvas=40), expected, atol=1e-4)
    assert not torch.allclose(drawing.render(canvas=40), expected, atol=0.1)


@every_seed
def test_rendering_is_the_scene_integrated_over_the_pixel(seed):
    drawing = drawn(seed)
    fine = F.avg_pool2d(drawing.render(8.0, canvas=8 * 28), 8)
    assert (drawing.render() - fine).abs().max() < 0.05  # as vector digits: worst in the cusps


def test_a_sweep_is_its_single_renderings():
    scales = [0.3, 1.0, 2.1]
    sweep = SEVEN.render_sweep(scales, canvas=(40, 36))
    assert sweep.shape == (3, 1, 40, 36)
    for image, s in zip(sweep, scales, strict=True):
        assert torch.equal(image[None], SEVEN.render(s, canvas=(40, 36)))


@pytest.mark.parametrize("s", [0.5, 1.0, 2.0])
def test_a_dot_is_a_round_disc(s):
    image = Drawing((((0.0, 0.0),),), 4.0).render(s)[0, 0]
    assert image.sum() == pytest.approx(math.pi * (2 * s) ** 2, rel=0.02)
    for turned in (image.flip(0), image.flip(1), image.T):
        assert torch.allclose(image, turned, atol=2e-4)  # it is drawn as a line of 1/10,000 pixel
    assert torch.allclose(Drawing((((0.0, 0.0),) * 3,), 4.0).render(s)[0, 0], image)


def test_a_dot_beside_a_stroke_is_not_lost():
    stroke, dot = ((-5.0, -5.0), (-5.0, 5.0)), ((5.0, 5.0),)
    both = Drawing((stroke, dot), 2.0).render()
    assert torch.equal(both, Drawing((stroke,), 2.0).render() + Drawing((dot,), 2.0).render())


def test_a_drawing_stays_where_it_was_drawn():
    place = centre_of_mass(Drawing((((5.0, -3.0),),), 3.0).render()[0, 0])
    assert place.tolist() == pytest.approx([5, -3], abs=0.01)


@every_seed
def test_centred_moves_the_centre_of_mass_and_nothing_else(seed):
    drawing = moved(drawn(seed), x=4.0, y=-3.0)
    centred = drawing.centred()
    assert centre_of_mass(centred.render()[0, 0]).norm() < 0.02  # pixels
    assert float(centred.render().sum()) == pytest.approx(float(drawing.render().sum()), rel=0.01)
    shifts = np.subtract(centred.strokes[0], drawing.strokes[0])
    assert np.ptp(shifts, axis=0).max() < 1e-9


def test_centred_keeps_every_point_on_the_canvas():
    heavy_right = (*(((13.0, float(y)), (14.0, float(y))) for y in range(-6, 7)), ((-12.0, 0.0), (14.0, 0.0)))
    centred = Drawing(heavy_right, 2.0).centred()
    assert min(x for stroke in centred.strokes for x, _ in stroke) == -14
    assert centred.strokes[-1][1][0] == pytest.approx(12)  # all points go by the same 2 pixels


def test_ink_over_the_edge_counts_for_the_centre():
    ((top, bottom),) = Drawing((((14.0, -5.0), (14.0, 5.0)),), 6.0).centred().strokes
    assert (*top, *bottom) == pytest.approx((0, -5, 0, 5), abs=0.02)


@pytest.mark.parametrize("glyph", GLYPHS[::3], ids=lambda each: each.name)
def test_a_text_gives_nearly_the_same_pixels(glyph):
    drawing = trembling_hand(glyph, seed=1)
    text = drawing.to_text()
    again = Drawing.from_text(text)
    # The worst pixel: no point moves by more than 1/64 + 1/100 pixel, and a pixel changes by about as much as the
    # outline in it moves. On the screen 0.02 is 5 of 255 grey levels.
    assert (again.render() - drawing.render()).abs().max() < 0.02
    assert again.pen_width == drawing.pen_width
    assert len(again.strokes) == len(drawing.strokes)


@pytest.mark.parametrize("glyph", GLYPHS[::3], ids=lambda each: each.name)
def test_the_text_of_a_usual_digit_is_short_and_fit_for_a_link(glyph):
    text = trembling_hand(glyph, seed=2).to_text()
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert len(text) < 600


@every_seed
def test_a_text_read_and_written_again_is_the_same_drawing(seed):
    drawing = Drawing.from_text(drawn(seed).to_text())
    assert (Drawing.from_text(drawing.to_text()).render() - drawing.render()).abs().max() < 0.02


def test_points_on_a_line_cost_nothing():
    ends = Drawing((((-10.0, -5.0), (10.0, 5.0)),), 2.0)
    dense = Drawing((tuple((x / 20, x / 40) for x in range(-200, 201)),), 2.0)
    assert dense.to_text() == ends.to_text()


@pytest.mark.parametrize("end", [0.0, 5.0])
def test_a_line_there_and_back_keeps_its_turn(end):
    drawing = Drawing((((0.0, 0.0), (9.0, 0.0), (end, 0.0)),), 2.0)
    assert Drawing.from_text(drawing.to_text()).strokes == drawing.strokes


def test_a_long_scribble_is_kept_with_fewer_points():
    t = np.linspace(0, 1, MAX_POINTS)[:, None]
    spiral = 13 * t * np.concatenate([np.sin(150 * t), np.cos(150 * t)], axis=1)
    drawing = Drawing((tuple(map(tuple, spiral.tolist())),), 1.0)
    text = drawing.to_text()
    assert len(text) <= MAX_CHARACTERS
    again = Drawing.from_text(text)
    assert (again.render() - drawing.render()).abs().mean() < 0.02


def test_what_is_too_long_even_so_is_said():
    rng = np.random.default_rng(0)
    drawing = Drawing((tuple(map(tuple, rng.uniform(-14, 14, (MAX_POINTS, 2)).tolist())),), 2.0)
    with pytest.raises(ValueError, match="too many strokes to be kept in a link"):
        drawing.to_text()


@pytest.mark.parametrize(
    ("strokes", "pen", "reason"),
    [
        ((), 2.0, "needs at least one stroke"),
        ((((0.0, 0.0),), ()), 2.0, "each stroke a point"),
        ((((0.0, 14.01),),), 2.0, "off the canvas"),
        ((((math.nan, 0.0),),), 2.0, "off the canvas"),
        ((((0.0, -math.inf),),), 2.0, "off the canvas"),
        ((((0.0, 0.0),),), 0.9, "1 to 6 pixels wide"),
        ((((0.0, 0.0),),), math.nan, "1 to 6 pixels wide"),
        ((((0.0, 0.0),),), 6.1, "1 to 6 pixels wide"),
        ((((0.0, 0.0),),) * (MAX_STROKES + 1), 2.0, f"at most {MAX_STROKES} strokes"),
        ((((0.0, 0.0),) * (MAX_POINTS + 1),), 2.0, f"{MAX_POINTS} points"),
    ],
)
def test_what_is_no_drawing_is_refused(strokes, pen, reason):
    with pytest.raises(ValueError, match=reason):
        Drawing(strokes, pen)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_a_factor_that_is_not_positive_is_refused(bad):
    with pytest.raises(ValueError, match="scale_factor must be a positive number"):
        SEVEN.render(bad)


def text_of(*numbers: int, version: int = 1, tail: bytes = b"") -> str:
    """A text as `to_text` writes it, of any numbers: pen in 1/64 pixel, strokes, then points and steps of each."""
    data = bytearray()
    for number in numbers:
        while number > 127:
            data.append(number % 128 + 128)
            number //= 128
        data.append(number)
    return packed(bytes(data), version, tail)


def packed(numbers: bytes, version: int = 1, tail: bytes = b"") -> str:
    return base64.urlsafe_b64encode(bytes([version]) + zlib.compress(numbers) + tail).decode().rstrip("=")


def test_the_text_is_what_it_was_when_links_were_made():
    """Links live long: this one was written by the first version."""
    assert Drawing.from_text(text_of(128, 1, 2, 0, 0, 128, 127)).strokes == (((0.0, 0.0), (1.0, -1.0)),)
    assert Drawing.from_text("AXjaW8DIyPaf9T_HAW4GBR4OJV6Lm2yzhABBqAWl").pen_width == 2.5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "damaged"),
        ("A", "damaged"),
        ("not a drawing", "damaged"),
        ("<script>", "damaged"),
        ("✏️", "damaged"),
        (SEVEN.to_text()[:-3], "damaged"),
        (SEVEN.to_text() + "AAAA", "damaged"),
        (SEVEN.to_text().lower(), "damaged"),
        (text_of(128, 1, 1, 0, 0, version=2), "damaged"),
        (text_of(128, 1, 1, 0, 0, tail=b"x"), "damaged"),
        (text_of(128, 1, 2, 0, 0), "damaged"),
        (text_of(128, 1, 1, 0, 0, 0), "damaged"),
        (text_of(128, 1, 1, 2**30, 0), "damaged"),
        (packed(b"\x80\x01\x01\x01\x00\x00\x80"), "damaged"),  # the last number is cut off
        (text_of(128, 2**20, 1, 0, 0), "at most 64 strokes"),
        (text_of(128, 1, 2**20, *[0] * 20), "damaged"),
        (text_of(128, 0), "at least one stroke"),
        (text_of(128, 1, 0), "each stroke a point"),
        (text_of(128, 1, 1, 2 * 897, 0), "off the canvas"),
        (text_of(10, 1, 1, 0, 0), "1 to 6 pixels wide"),
        (text_of(2**20, 1, 1, 0, 0), "1 to 6 pixels wide"),
        (text_of(128, 1, MAX_POINTS + 1, *[0] * (2 * MAX_POINTS + 2)), "2000 points"),
        (text_of(128, 1, *[0] * 2_000_000), "2000 points"),
        ("A" * (MAX_CHARACTERS + 1), "at most 4000 characters"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_drawing_is_answered_by_one_sentence(text, reason):
    with pytest.raises(ValueError, match=reason) as refused:
        Drawing.from_text(text)
    one_sentence(refused.value)


def sentence_for(text: str) -> str | None:
    """The reason why a text is no drawing, or none if it is one that can be rendered."""
    try:
        drawing = Drawing.from_text(text)
    except ValueError as refused:
        return one_sentence(refused)
    assert drawing.render().isfinite().all()
    return None


def one_sentence(refused: Exception) -> str:
    assert re.fullmatch(r"[^\n]{10,120}\.", str(refused))
    return str(refused)


@every_seed
def test_any_damage_gives_a_drawing_or_one_sentence(seed):
    rng = random.Random(seed)
    whole = drawn(seed).to_text()
    refused = 0
    for _ in range(300):
        letters = list(whole)
        for _ in range(rng.randint(1, 4)):
            kind, at = rng.choice(["swap", "drop", "add"]), rng.randrange(len(letters))
            letters[at : at + (kind != "add")] = [] if kind == "drop" else [chr(rng.randint(1, 127))]
        refused += sentence_for("".join(letters)) is not None
    assert refused > 250  # the checksum of zlib sees nearly all


@every_seed
def test_any_numbers_give_a_drawing_or_one_sentence(seed):
    """Past the checksum, as one who wants to do harm would."""
    rng = random.Random(seed)
    drawings = 0
    for _ in range(300):
        points = rng.choice([0, 1, 2, 3])
        numbers = [rng.choice([0, 64, 128, 400]), rng.choice([0, 1, 1, 2]), points]
        numbers += [rng.choice([0, 1, 50, 1000, 2**20]) for _ in range(2 * points)]
        drawings += sentence_for(text_of(*numbers)) is None
    assert 0 < drawings < 300


def test_a_text_that_unpacks_to_much_is_not_unpacked():
    bomb = text_of(128, 1, *[0] * 2_500_000)
    assert len(bomb) <= MAX_CHARACTERS
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="at most"):
            Drawing.from_text(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500_000  # bytes; unpacked it would be 2.5 million


def test_a_sized_drawing_is_drawn_and_never_resampled():
    assert torch.equal(SizedGlyph(SEVEN, 0.5).render(1.6), SEVEN.render(0.8))


def test_the_equivariance_error_of_a_drawing_is_measured_exactly():
    report = measure(build("identity").eval(), [SizedGlyph(SEVEN, 0.7)], (0.5, 1.0), "exact")
    assert np.array_equal(report.image_cost, [0, 0])
    assert report.error[:, 1].max() <= 1e-6
