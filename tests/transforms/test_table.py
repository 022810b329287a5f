"""What every entry of TRANSFORMS must do, whichever it is."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS, SizedGlyph, glyph
from core.equivariance import measure
from core.models import FeatureMap, build, load
from core.transforms import TRANSFORMS, transform_named

EACH = pytest.mark.parametrize("key", TRANSFORMS)
DIGIT = glyph("5-round").render(0.5)


def place(image):
    """(y, x) of the centre of mass, in pixels from the canvas centre."""
    y, x = (torch.arange(n, dtype=torch.float64) + 0.5 - n / 2 for n in image.shape[-2:])
    weight = image[0, 0].double()
    return torch.stack([(weight.sum(1) * y).sum(), (weight.sum(0) * x).sum()]) / weight.sum()


def apply(affine, point):
    (a, b, c), (d, e, f) = affine
    return torch.tensor([a * point[0] + b * point[1] + c, d * point[0] + e * point[1] + f])


def test_the_table_is_known_by_its_keys():
    assert list(TRANSFORMS) == ["scale", "rotation", "translation"]
    assert all(transform_named(key) is each and each.key == key for key, each in TRANSFORMS.items())
    with pytest.raises(ValueError, match="unknown transform 'shear'; known are scale, rotation, translation"):
        measure(load("identity"), DIGIT, (1.0,), transform="shear")


@EACH
def test_the_amounts_of_handle_and_curve_are_in_order(key):
    transform = TRANSFORMS[key]
    for amounts in (transform.handle_amounts, transform.curve_amounts):
        assert list(amounts) == sorted(set(amounts))
        assert transform.identity in amounts
        assert transform.check_all(amounts) == amounts
    assert transform.usual in transform.handle_amounts
    assert transform.usual != transform.identity
    for amount in transform.curve_amounts:  # a click on a curve can move the handle there
        assert transform.distance(transform.nearest(transform.handle_amounts, amount), amount) < transform.alike


def test_the_numbers_of_the_three():
    scale, rotation, translation = (TRANSFORMS[key] for key in ("scale", "rotation", "translation"))
    assert (scale.handle_amounts[0], scale.usual, scale.handle_amounts[-1]) == (0.5, 0.63, 2.0)
    assert scale.curve_amounts == (0.5, 0.63, 0.7937, 1.0, 1.2599, 1.5874, 2.0)
    assert rotation.curve_amounts == tuple(np.arange(-180, 181, 22.5))
    assert {-180.0, -90.0, 22.5, 45.0, 90.0, 180.0} <= set(rotation.handle_amounts)
    assert translation.handle_amounts == tuple(np.arange(-6, 6.01, 0.25))
    assert (translation.curve_amounts[0], translation.curve_amounts[9]) == (-4.0, 0.5)
    assert {len(each.handle_amounts) for each in (scale, rotation, translation)} == {49}  # of one stack


@EACH
def test_it_has_words_for_every_place_where_it_is_shown(key):
    transform = TRANSFORMS[key]
    for word in (transform.title, transform.noun, transform.symbol, transform.label, transform.axis_title):
        assert word
    assert transform.symbol in transform.label
    ticks = transform.ticks(transform.handle_amounts)
    assert 3 <= len(ticks) <= 11
    assert transform.nearest(list(ticks), transform.identity) == transform.identity
    assert list(ticks) == sorted(ticks)
    assert all(text.strip("°").replace("-", "").replace(".", "").isdigit() for text in ticks.values())
    assert len(transform.ticks(transform.curve_amounts)) >= 5
    assert list(transform.ticks((transform.usual,))) == [transform.usual]


def test_amounts_for_a_reader():
    named = {"scale": ("s = 0.63", 0.63), "rotation": ("22.5°", 22.5), "translation": ("-3 px", -3.0)}
    assert {key: (TRANSFORMS[key].name(amount), amount) for key, (_, amount) in named.items()} == named


@pytest.mark.slow
@EACH
def test_the_identity_amount_is_0_in_every_network(key):
    transform = TRANSFORMS[key]
    images = GLYPHS[12].render(0.7)
    for name in ("cnn", "sesn_vector", "so2_cnn", "fourier", "identity"):
        network = build(name).eval()
        for resampler in {transform.resamplers[0], "bicubic"}:
            report = measure(network, images, (transform.identity, transform.usual), resampler, key)
            assert report.per_image[:, 0].max() <= 1e-6, (name, resampler)
            assert (report.known[:, 0] == 1).all()
            assert max(report.image_cost[0], report.cost[:, 0].max()) <= 1e-6
            # `fourier` commutes with what is band-limited; so says the 0 above something.
            if name != "identity" and not (name == "fourier" and resampler == "ideal"):
                assert report.per_image[-1, 1].min() > 1e-4, (name, resampler)


@pytest.mark.slow
@EACH
def test_the_identity_network_commutes_with_every_amount(key):
    """`exact` for digits that are drawn again is not among them: drawing is not resampling."""
    transform = TRANSFORMS[key]
    for resampler in transform.resamplers:
        for images in (DIGIT, torch.rand(2, 1, 31, 20)):
            report = measure(load("identity"), images, transform.curve_amounts, resampler, key)
            assert report.per_image.max() <= 1e-6
            assert (report.known > 0).all()


@EACH
def test_a_place_goes_where_the_picture_goes(key):
    """The centre of mass of a digit off the centre, under T itself and as `point` says. Reached: 0.02 pixels."""
    transform = TRANSFORMS[key]
    image = torch.nn.functional.pad(DIGIT, (9, 3, 0, 12))  # 40 × 40, the digit to the right and up
    for amount in (transform.usual, transform.inverse(transform.usual), transform.curve_amounts[2]):
        moved = transform.images(load("identity"), image, amount)
        assert (place(moved) - apply(transform.point(amount), place(image))).abs().max() < 0.05
        assert (place(moved) - place(image)).abs().max() > 0.5
        back = apply(transform.point(transform.inverse(amount)), apply(transform.point(amount), (3.0, -2.0)))
        torch.testing.assert_close(back, torch.tensor([3.0, -2.0]))
    assert apply(transform.point(transform.identity), (3.0, -2.0)).tolist() == [3.0, -2.0]


@EACH
def test_the_source_is_the_place_that_is_brought_onto_a_level(key):
    """At whole steps T' of a map that answers at one place only answers at one place only."""
    transform = TRANSFORMS[key]
    scales = (1.0, 2.0, 4.0, 8.0)
    maps = {"scale": FeatureMap(torch.ones(1, 1, 4, 8, 8), "scale", scales)}
    maps["rotation"] = FeatureMap(torch.ones(1, 1, 4, 8, 8), "rotation")
    for group, found in maps.items():
        for amount in (transform.identity, *transform.steps(found)):
            for level in range(4):
                source = transform.source_level(found, level, amount)
                lone = torch.zeros(1, 1, 4, 8, 8)
                lone[:, :, source] = 1
                moved, mask = transform.act(FeatureMap(lone, group, found.internal_scales), amount)
                if mask.dim() == 2 or mask[level].any():
                    assert moved.values[0, 0, level].max() > 0.5, (group, amount, level)
    assert transform.source_level(FeatureMap(torch.ones(1, 1, 8, 8)), None, transform.usual) is None
    between = {"scale": (3, 2 * 2**0.4, 2), "rotation": (0, 100.0, 3), "translation": (2, 0.5, 2)}
    level, amount, expected = between.get(key, (2, transform.identity, 2))
    assert transform.source_level(maps["rotation" if key == "rotation" else "scale"], level, amount) == expected


@EACH
def test_steps_lie_on_the_handle_and_replace_their_neighbours(key):
    transform = TRANSFORMS[key]
    features = build("so2_cnn" if key == "rotation" else "si_convnet").eval().features(DIGIT)
    steps = transform.steps(features)
    assert steps
    assert transform.identity not in steps
    handle = transform.handle(steps)
    assert set(steps) <= set(handle)
    assert transform.identity in handle
    assert list(handle) == sorted(handle)
    assert min(transform.distance(a, b) for a, b in pairwise(handle)) > transform.alike
    assert transform.handle() == transform.handle_amounts
    few = transform.handle(steps, every=5)  # the identity is none of every fifth
    assert {*steps, transform.identity, transform.handle_amounts[0]} <= set(few)
    assert len(few) < len(transform.handle_amounts) / 5 + len(steps) + 2


@EACH
def test_what_is_no_amount_is_refused(key):
    transform = TRANSFORMS[key]
    for wrong in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match=f"a {transform.noun} must be a"):
            transform.check(wrong)
        with pytest.raises(ValueError, match=f"a {transform.noun} must be a"):
            measure(load("identity"), DIGIT, (wrong,), transform=key)
    with pytest.raises(ValueError, match=f"at least one {transform.noun}, got none"):
        transform.check_all(())


@EACH
def test_resamplers_that_do_not_apply_are_refused(key):
    transform = TRANSFORMS[key]
    assert "exact" not in transform.choices(drawable=False)
    assert ("exact" in transform.choices(drawable=True)) == transform.draws
    assert transform.fitting("nameless", drawable=True) == "bicubic"
    assert transform.fitting("exact") == "bicubic"
    with pytest.raises(ValueError, match="unknown resampler 'nameless'"):
        measure(load("identity"), DIGIT, (transform.usual,), "nameless", key)
    with pytest.raises(ValueError, match="unknown resampler 'nameless'"):
        transform.act(FeatureMap(DIGIT), transform.usual, "nameless")
    for resampler in transform.choices(drawable=True):
        assert transform.fitting(resampler, drawable=True) == resampler
        measure(load("identity"), [SizedGlyph(GLYPHS[0], 0.7)], (transform.usual,), resampler, key)
    if not transform.draws:
        for call in (
            lambda: measure(load("identity"), [GLYPHS[0]], (1.0,), "exact", key),
            lambda: transform.draw(GLYPHS[0], load("identity"), 1.0),
        ):
            with pytest.raises(ValueError, match="nothing is drawn again, so there is no resampler 'exact'"):
                call()


@EACH
def test_a_group_without_an_action_is_refused(key):
    unknown = FeatureMap(torch.zeros(1, 1, 5, 5))
    object.__setattr__(unknown, "group", "colour")
    with pytest.raises(ValueError, match=f"the action of {key} on a map of group 'colour' is not defined"):
        TRANSFORMS[key].act(unknown, TRANSFORMS[key].usual)


@EACH
def test_undoing_brings_the_canvas_back(key):
    """Also where the unit of a network is the canvas, whose pixels are rounded on the way."""
    transform = TRANSFORMS[key]
    for network in (load("identity"), build("fourier").eval()):
        there = transform.images(network, DIGIT, transform.usual)
        back = transform.undo(network, there, transform.usual, (28, 28))
        assert back.shape == DIGIT.shape
        assert float((back - DIGIT).norm() / DIGIT.norm()) < 0.5
