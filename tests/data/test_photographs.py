"""Digits in photographs: read right whatever the light and the paper, or with a word of doubt."""

import numpy as np
import pytest
import torch

from core.data.doubts import doubt_about_reading
from core.data.glyphs import GLYPHS, glyph
from core.data.images import DecodedImage, decode_image
from core.data.mnist import load_mnist
from core.data.photographs import find_digit
from core.data.sources import SOURCES
from core.models import load
from tests.data.photographs import KINDS, Scene, harsher, photograph, scene, written

PHOTOGRAPHS = [KINDS[i % len(KINDS)] for i in range(60)]


@pytest.fixture(scope="module")
def network():
    return load("sesn_vector").eval()


@pytest.fixture(scope="module")
def digits():
    """Ink and label of 60 digits: of MNIST where it is on this machine, else vector digits."""
    if not SOURCES["mnist"].is_available():
        glyphs = [GLYPHS[7 * i % len(GLYPHS)] for i in range(60)]
        return [(glyph.render(10.0, 280)[0, 0], glyph.digit) for glyph in glyphs]
    mnist = load_mnist("test")
    return [(written(mnist.images[i][0].float() / 255), int(mnist.labels[i])) for i in range(100, 160)]


def answer(network, decoded: DecodedImage) -> tuple[int, bool]:
    """The digit that it is taken for, and whether a doubt is said."""
    with torch.no_grad():
        probabilities = network(decoded.image).softmax(1)[0].tolist()
    doubts = (*decoded.doubts, doubt_about_reading(probabilities, "SESN"))
    return int(np.argmax(probabilities)), any(doubts)


def answers(network, digits, seed: int, harsh: bool) -> np.ndarray:
    """(photograph, 2): read right, doubted."""
    rows = []
    for i, ((ink, label), kind) in enumerate(zip(digits, PHOTOGRAPHS, strict=True)):
        rng = np.random.default_rng([seed, i])
        what = scene(kind, rng)
        read, doubted = answer(network, decode_image(photograph(harsher(what, rng) if harsh else what, ink, rng)))
        rows.append((read == label, doubted))
    return np.array(rows)


@pytest.mark.thorough
@pytest.mark.slow
def test_photographs_are_read_right(network, digits):
    right, doubted = answers(network, digits, 1, harsh=False).T
    assert right.mean() >= 0.9
    assert doubted[~right].sum() >= 0.8 * (~right).sum()
    assert doubted[right].mean() <= 0.15  # or nobody heeds it


@pytest.mark.slow
@pytest.mark.thorough
def test_what_is_read_wrongly_in_worse_photographs_has_a_word_of_doubt(network, digits):
    right, doubted = answers(network, digits, 2, harsh=True).T
    assert (~right).sum() >= 10  # or they are no worse
    assert doubted[~right].mean() >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2-round", "4-narrow", "8-slanted", "0-round"])
def test_chalk_on_a_blackboard_is_light_ink(network, name: str):
    rng = np.random.default_rng(3)
    ink = glyph(name).render(11.0, (360, 480))[0, 0].numpy()
    y, x = np.mgrid[:360, :480] / 480
    board = (0.15 + 0.1 * x) * (1 + 0.1 * rng.standard_normal(ink.shape))
    found = find_digit(board * (1 - ink) + (0.6 + 0.15 * y) * ink)
    assert found is not None
    assert not found.dark
    assert np.abs(found.ink - ink).mean() < 0.01  # what strokes enclose, taken for the digit, gives above 0.1


@pytest.mark.slow
def test_a_tiny_digit_is_looked_at_with_all_pixels_there_are(digits):
    """At the working side of 512 pixels the digit has 14, and its strokes are blurred."""
    rng = np.random.default_rng(5)
    ink, _ = digits[0]
    far = Scene(width=3200, height=2400, digit=0.035, place=(0.3, -0.2), vignette=0.4)
    near = Scene(width=300, height=240, digit=0.5)
    one, other = (decode_image(photograph(what, ink, rng)).image for what in (far, near))
    assert (one - other).norm() / other.norm() < 0.35


@pytest.mark.slow
def test_ink_that_touches_the_border_is_no_digit(digits):
    rng = np.random.default_rng(6)
    ink, _ = digits[1]
    alone = decode_image(photograph(Scene(vignette=0.4, digit=0.4), ink, rng)).image
    sheet = decode_image(photograph(Scene(sheet=(-0.45, -0.4, 0.5, 2.0), turn=5, digit=0.4), ink, rng))
    assert sheet.doubts == ()
    turned = decode_image(photograph(Scene(vignette=0.4, turn=5, digit=0.4), ink, rng)).image
    assert (sheet.image - turned).norm() < 0.15 * turned.norm()
    assert (alone - turned).norm() > 0.15 * turned.norm()  # so the bound tells a turn of 5°


def test_a_digit_that_is_cut_off_is_doubted(digits):
    ink, _ = digits[2]
    cut = Scene(digit=0.6, place=(0.0, 0.4), vignette=0.5)
    assert decode_image(photograph(cut, ink, np.random.default_rng(7))).doubts


def test_two_digits_are_doubted():
    one, two = (GLYPHS[k].render(6.0, 280)[0, 0] for k in (12, 20))
    ink = torch.zeros(280, 280)
    ink[:, :140] += one[:, 70:210]
    ink[:, 140:] += two[:, 70:210]
    doubts = decode_image(photograph(Scene(vignette=0.4, digit=0.7), ink, np.random.default_rng(8))).doubts
    assert "Other ink is as large; crop the picture to the digit." in doubts


@pytest.mark.parametrize(("first", "said"), [(0.96, False), (0.94, True)])
def test_a_close_second_is_said(first: float, said: bool):
    probabilities = [0.0] * 10
    probabilities[3], probabilities[5] = first, 1 - first
    sentence = doubt_about_reading(probabilities, "SESN")
    assert bool(sentence) == said
    assert not said or sentence == "SESN is not sure: 3 with 94 %, 5 with 6 %."
