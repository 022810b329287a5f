"""Turns of the image: their action on maps, and the error under them."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import FeatureMap, load
from core.transforms import TRANSFORMS
from core.transforms.rotation import turn_planes
from tests.formulas import centred, relative

turn = TRANSFORMS["rotation"].act


def waves(n, degrees, width=4.0):
    """(1, 1, n, n): a blob off the centre on a plane turned counter-clockwise by the angle."""
    angle = math.radians(degrees)
    x, y = centred(n)[None], -centred(n)[:, None]  # up is positive
    u, v = x * math.cos(angle) + y * math.sin(angle), -x * math.sin(angle) + y * math.cos(angle)
    return torch.exp(-((u - 6) ** 2 + (v - 2) ** 2 / 2) / (2 * width**2))[None, None]


@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, 270.0, 360.0, -90.0, 450.0])
def test_quarter_turns_move_whole_samples(degrees):
    values = torch.rand(2, 3, 9, 6)
    moved, mask = turn(FeatureMap(values), degrees)
    assert torch.equal(moved.values, torch.rot90(values, int(degrees) // 90, (-2, -1)))
    assert mask.shape == moved.values.shape[-2:]
    assert mask.min() == 1


@pytest.mark.parametrize("degrees", [10.0, 45.0, 90.0, 135.0, -60.0])
def test_a_turn_is_that_of_the_formula(degrees):
    assert relative(turn_planes(waves(41, 0.0), degrees), waves(41, degrees)) < 0.01  # turned the wrong way: 1
    moved, mask = turn(FeatureMap(waves(41, 0.0)), degrees)
    assert relative(mask * moved.values, mask * waves(41, degrees)) < 0.01
    assert 0.7 < mask.mean() <= 1


def test_turns_about_the_declared_centre():
    padded = torch.nn.functional.pad(waves(41, 0), (2, 0, 0, 4))  # left 2, bottom 4
    moved, _ = turn(FeatureMap(padded, centre=(-2.0, 1.0)), 30.0)
    assert relative(moved.values[..., :41, 2:], waves(41, 30.0)) < 0.02
    moved, mask = turn(FeatureMap(padded, centre=(-2.0, 1.0)), 90.0)  # the canvas turns, and its centre with it
    assert moved.centre == (1.0, -2.0)
    assert moved.values.shape[-2:] == mask.shape == (43, 45)
    assert relative(moved.values[..., 2:, :41], waves(41, 90.0)) < 0.02


@pytest.mark.parametrize(("degrees", "steps"), [(45.0, 1), (90.0, 2), (-90.0, -2), (360.0, 0), (22.5, 0.5)])
def test_on_a_map_over_turns_it_moves_along_the_axis(degrees, steps):
    profile = torch.rand(8)
    values = profile[None, None, :, None, None] * torch.ones(1, 1, 8, 15, 15)
    moved, mask = turn(FeatureMap(values, "rotation"), degrees)
    below = math.floor(steps)
    expected = (1 - (steps - below)) * profile.roll(below) + (steps - below) * profile.roll(below + 1)
    torch.testing.assert_close(moved.values[0, 0, :, 7, 7], expected)
    over_scales, _ = turn(FeatureMap(values[:, :, :2], "scale", (1.0, 2.0)), degrees)
    torch.testing.assert_close(over_scales.values[0, 0, :, 7, 7], profile[:2])
    assert mask[7, 7] == 1


def test_a_canvas_that_changes_turns_with_its_map():
    moved, _ = turn(FeatureMap(torch.rand(1, 1, 3, 5), canvas=(3, 5)), 90.0)
    assert moved.canvas == (5, 3)


def test_the_report_tells_a_network_that_commutes_from_one_that_does_not():
    digits = torch.cat([glyph.render() for glyph in GLYPHS[::8]])
    plain = measure(load("random_cnn"), digits, (0.0, 90.0), transform="rotation")
    assert plain.layers[0] == "conv1"
    assert plain.per_image.shape == (len(plain.layers), 2, len(digits))
    assert plain.error[:, 0].max() == 0
    assert plain.error[:, 1].min() > 0.2
    assert measure(load("identity"), digits, (90.0, 37.0), transform="rotation").error.max() < 1e-6
    np.testing.assert_allclose(plain.error, plain.per_image.mean(-1))


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ValueError, match="expected at least one image, got none"):
        measure(load("identity"), torch.zeros(0, 1, 28, 28), (90.0,), transform="rotation")
    refused = [
        ("expected at least one turn, got none", (), "bicubic"),
        ("a turn must be a finite number, got inf", (90.0, math.inf), "bicubic"),
        ("unknown resampler 'ideal' of a turn; known are bicubic", (90.0,), "ideal"),
        ("under a turn nothing is drawn again, so there is no resampler 'exact'", (90.0,), "exact"),
    ]
    for message, degrees, resampler in refused:
        with pytest.raises(ValueError, match=message):
            measure(load("identity"), torch.ones(1, 1, 28, 28), degrees, resampler, "rotation")


def test_the_cost_is_the_turn_alone():
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:2]])
    report = measure(load("identity"), digits, (0.0, 30.0, 90.0), transform="rotation")
    wide = F.pad(digits, [26] * 4)
    there_and_back = turn_planes(turn_planes(wide, 30.0), -30.0)
    expected = [relative(there_and_back[i], wide[i]) for i in range(2)]
    np.testing.assert_allclose(report.image_cost_per_image[1], expected, rtol=1e-5)
    np.testing.assert_allclose(report.cost_per_image[0, 1], expected, rtol=1e-5)  # its map is the image
    assert report.image_cost[1] > 0.02
    assert report.image_cost[[0, 2]].max() == 0
    assert report.amounts == (0.0, 30.0, 90.0)
    assert report.name_amount(1) == "30°"


def test_steps_are_those_of_the_axis_over_turns_or_quarters():
    eight, four = (FeatureMap(torch.zeros(1, 1, turns, 3, 3), "rotation") for turns in (8, 4))
    quarters = (-180.0, -90.0, 90.0, 180.0)
    rotation = TRANSFORMS["rotation"]
    assert rotation.steps(eight) == (-180.0, -135.0, -90.0, -45.0, 45.0, 90.0, 135.0, 180.0)
    assert rotation.steps(four) == rotation.steps({"a": eight, "b": four}) == quarters
    assert rotation.steps(FeatureMap(torch.zeros(1, 1, 3, 3))) == quarters


def test_a_turn_is_found_on_the_handle_the_shorter_way_round():
    rotation = TRANSFORMS["rotation"]
    assert rotation.distance(350.0, 10.0) == 20
    assert rotation.nearest(rotation.handle_amounts, 202.5) == -157.5
    assert rotation.nearest(rotation.handle_amounts, 180.0) == 180.0
    assert rotation.nearest(rotation.handle_amounts, 360.0) == 0.0
