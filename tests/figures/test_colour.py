"""Colour maps and styles by what a reader must be able to tell apart."""

import itertools

import numpy as np
import pytest

from core.figures.colour import (
    COLOUR_MAPS,
    NETWORK_STYLES,
    NO_VALUE,
    colour_table,
    colourise,
    colourscale,
    network_style,
    symmetric_range,
)

DIVERGING = ("diverging", "diverging_dark")
# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB.
DICHROMATS = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def linear_rgb(colours) -> np.ndarray:
    encoded = np.asarray(colours, dtype=float) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def luminance(colours) -> np.ndarray:
    return linear_rgb(colours) @ (0.2126, 0.7152, 0.0722)


def lab(linear) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.clip(linear, 0, 1) @ np.array(to_xyz).T / (0.9505, 1.0, 1.089)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def rgb(hex_colour: str) -> list[int]:
    return list(bytes.fromhex(hex_colour.removeprefix("#")))


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_a_table_holds_256_distinct_steps_and_cannot_be_changed(name):
    table = colour_table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0


def test_viridis_gets_lighter_all_the_way():
    light = luminance(colour_table("viridis"))
    assert (np.diff(light) > -5e-4).all()  # a single step can be lost in the rounding to 8 bits
    assert (light[3:] > light[:-3]).all()


def test_viridis_passes_through_its_published_colours():
    table = colour_table("viridis").astype(int)
    published = {
        0: "440154",
        255: "fde725",
        85: "31688e",
        170: "35b779",
        128: "21918c",
    }  # the last is no stop
    for index, colour in published.items():
        assert np.abs(table[index] - rgb(colour)).max() <= 2


@pytest.mark.parametrize("name", DIVERGING)
def test_a_value_and_its_negative_are_equally_light(name):
    light = luminance(colour_table(name))
    np.testing.assert_allclose(light, light[::-1], atol=0.005)  # one step of 8 bits is 0.009 near white
    arm = np.diff(light[127::-1])  # from the middle to the blue end
    assert (arm > -1e-3).all() or (arm < 1e-3).all()
    assert abs(light[0] - light[127]) > 0.25


@pytest.mark.parametrize("name", DIVERGING)
def test_the_middle_is_grey_and_the_ends_are_blue_and_red(name):
    table = colour_table(name).astype(int)
    assert np.ptp(table[127:129], axis=1).max() <= 2
    assert table[0, 2] > table[0, 0] + 80
    assert table[255, 0] > table[255, 2] + 80


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_equal_steps_look_equal(name):
    steps = np.array([*range(0, 128, 15), *range(135, 256, 15)])  # the middle lies between two steps
    seen = lab(linear_rgb(colour_table(name)[steps]))
    distance = np.delete(np.linalg.norm(np.diff(seen, axis=0), axis=1), 8)  # 120 to 135 bends at the middle
    # Viridis was made even in CAM02-UCS rather than CIELAB; a rainbow gives about 15.
    assert distance.max() / distance.min() < (2.5 if name == "viridis" else 1.15)


@pytest.mark.parametrize("eye", DICHROMATS)
@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colour_blind_readers_tell_the_ends_apart(name, eye):
    ends = linear_rgb(colour_table(name)[[0, 255]]) @ np.array(DICHROMATS[eye]).T
    low, high = lab(ends)
    assert np.linalg.norm(low - high) > 50  # about 2 is just visible


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_take_the_colour_of_their_place_in_the_range(dtype):
    table = colour_table("viridis")
    np.testing.assert_array_equal(colourise(np.linspace(0, 1, 256).astype(dtype), 0, 1), table)
    outside = np.array([-np.inf, -5, 7, np.inf], dtype=dtype)
    np.testing.assert_array_equal(colourise(outside, 0, 1), table[[0, 0, 255, 255]])


def test_every_shape_gains_an_axis_of_colour():
    for shape in ((), (3,), (2, 5), (4, 2, 5)):
        assert colourise(np.zeros(shape), 0, 1).shape == (*shape, 3)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_unknown_values_have_a_colour_of_their_own(name):
    picture = colourise(np.array([[np.nan, 0.5]]), 0, 1, name)
    assert tuple(picture[0, 0]) == NO_VALUE
    assert NO_VALUE not in {tuple(colour) for colour in colour_table(name).tolist()}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_silent_layer_takes_the_lowest_magnitude_or_the_middle_of_a_signed_map(dtype):
    silent = np.zeros((2, 2), dtype=dtype)
    np.testing.assert_array_equal(colourise(silent, 0, 0)[0, 0], colour_table("viridis")[0])
    signed = colourise(silent, *symmetric_range(silent), "diverging")
    assert np.abs(signed[0, 0].astype(int) - colour_table("diverging")[127]).max() <= 3


def test_tiny_and_huge_ranges_keep_their_order():
    for largest in (1e-310, 1e-30, 1e30, 1e300):
        low, high = colourise(np.array([0, largest]), 0, largest)
        assert luminance(low) < luminance(high) or largest < 1e-300


def test_the_symmetric_range_is_the_largest_magnitude_of_all():
    assert symmetric_range(np.array([1.0, -3]), np.array([[2.0, np.nan]])) == (-3, 3)
    assert symmetric_range(np.array([np.inf, 0.5])) == (-0.5, 0.5)
    assert symmetric_range(np.zeros(3)) == symmetric_range() == symmetric_range(np.full(2, np.nan)) == (-1, 1)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_the_form_for_plotly_has_the_same_colours(name):
    scale = colourscale(name)
    assert [scale[0][0], scale[-1][0]] == [0, 1]
    for position, colour in scale:
        assert colour == "rgb({},{},{})".format(*colour_table(name)[round(position * 255)])


def test_dash_and_marker_alone_tell_networks_apart():
    assert len({(style.dash, style.symbol) for style in NETWORK_STYLES}) == len(NETWORK_STYLES) >= 20
    for one, next_one in itertools.pairwise(NETWORK_STYLES):
        assert one.dash != next_one.dash
        assert one.symbol != next_one.symbol
        assert one.colour != next_one.colour
    assert network_style(len(NETWORK_STYLES)) == network_style(0)


def test_network_colours_show_on_light_and_dark_pages():
    for style in NETWORK_STYLES:
        own = luminance(rgb(style.colour))
        assert 1.05 / (own + 0.05) > 2  # contrast with white
        assert (own + 0.05) / (luminance(rgb("#0e1117")) + 0.05) > 2  # with the dark theme


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: colourise(np.zeros(2), 0, 1, "jet"), "unknown colour map 'jet'; known are viridis"),
        (lambda: colourise(np.zeros(2), 1, 0), "vmin ≤ vmax"),
        (lambda: colourise(np.zeros(2), 0, np.nan), "vmin ≤ vmax"),
        (lambda: colourise(np.zeros(2), -np.inf, 0), "vmin ≤ vmax"),
        (lambda: colourscale("jet"), "unknown colour map"),
        (lambda: network_style(-1), "at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()
