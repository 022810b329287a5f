"""What a stack keeps of the maps that it is made of, and what stacks of one digit share."""

import base64
import zlib

import numpy as np
import pytest
import torch

from core.equivariance import sweep, sweep_layer, undone
from core.models import Shown, load
from pages.results import numbers as of_numbers
from pages.results import stacks
from pages.results.answers import answers_put_back
from pages.results.digits import digit_image
from pages.results.numbers import digits_read
from pages.results.stacks import WINDOW, layer_stack, square_stack
from pages.state.view import Digit

AMOUNTS = (0.7, 1.0, 1.4)
DIGIT, OTHER = Digit("vector", "3-round", 0.7), Digit("vector", "4-narrow", 0.7)


@pytest.fixture(autouse=True)
def nothing_is_kept():
    for kept in (layer_stack, square_stack, digits_read):
        kept.clear()


def made(stack, digit=DIGIT, layer="conv2", colours="layer", key="sesn_vector"):
    return stack(Shown(key), digit, "bicubic", layer, colours, AMOUNTS, "scale")


@pytest.mark.parametrize("key", ["sesn_vector", "fourier"])  # on a wide canvas, and on its own
def test_a_stack_has_the_numbers_of_the_whole_maps(key):
    swept = sweep(load(key), digit_image(DIGIT), AMOUNTS)
    expected = sweep_layer(swept, "conv2")
    for stack in (layer_stack, square_stack):
        numbers = made(stack, key=key).numbers
        assert numbers.errors == pytest.approx(expected.errors, rel=1e-4, abs=1e-6, nan_ok=True)
        assert numbers.costs == pytest.approx(expected.costs, rel=1e-4, abs=1e-6, nan_ok=True)
        assert numbers.readings is not None
        assert len(numbers.readings) == len(AMOUNTS)


def test_colours_shared_by_all_layers_are_those_of_what_is_shown():
    swept = sweep(load("sesn_vector"), digit_image(DIGIT), AMOUNTS).window(WINDOW)
    maps = [found.values for features in (swept.before, *swept.after) for found in features.values()]
    largest = max(float(values.abs().max()) for values in maps)
    for stack in (layer_stack, square_stack):
        assert made(stack, colours="global").limits == pytest.approx((-largest, largest), rel=1e-5)


def test_a_stack_holds_only_what_it_shows(monkeypatch):
    held, real = [], stacks.sweep

    def noted(*args, **kwargs):
        found = real(*args, **kwargs)
        held.append({name: tuple(each.values.shape) for name, each in found.after[0].items()})
        return found

    monkeypatch.setattr(stacks, "sweep", noted)
    made(layer_stack)
    made(square_stack)
    of_layer, of_square = held
    assert of_layer["conv2"] == (1, 32, 4, WINDOW // 2, WINDOW // 2)
    assert of_layer["conv1"] == (1, stacks.FEW_CHANNELS, 4, WINDOW, WINDOW)
    assert of_square == {"conv2": (1, 1, 4, 40, 40)}  # whole, since what is undone comes from beyond the window


def test_a_digit_is_read_once_for_all_its_layers(monkeypatch):
    asked, real = [], of_numbers.readings
    monkeypatch.setattr(of_numbers, "readings", lambda network, swept: asked.append(1) or real(network, swept))
    first = made(layer_stack, layer="conv1").numbers
    second = made(square_stack).numbers
    assert (first.read, first.readings) == (second.read, second.readings)
    assert len(asked) == 1
    other = made(square_stack, OTHER).numbers
    assert len(asked) == 2
    assert torch.tensor(other.read.probabilities).argmax() == 4


@pytest.mark.parametrize(("key", "layer"), [("sesn_vector", "conv1"), ("cnn", "conv1"), ("fourier", "conv1")])
def test_answers_put_back_are_those_of_the_strongest_channel_of_all(key, layer):
    """Of a wide canvas others are not kept."""
    answers_put_back.clear()
    found = answers_put_back(Shown(key), DIGIT, "bicubic", layer, AMOUNTS, "scale")
    swept = sweep(load(key), digit_image(DIGIT), AMOUNTS)
    values = swept.before[layer].values[0]
    if values.dim() == 4:
        place = swept.before[layer].place_names.index(found.place)
        values = values[:, place]
    assert found.channel == int(values.flatten(1).square().sum(1).argmax())
    expected = sweep_layer(swept, layer)
    assert found.numbers.errors == pytest.approx(expected.errors, rel=1e-4, abs=1e-6, nan_ok=True)
    frames = [each.values[0, 0] for each in undone(swept, layer, found.channel, window=WINDOW)]
    if frames[0].dim() == 3:
        frames = [frame[place] for frame in frames]
    largest = max(float(frame.nan_to_num().abs().max()) for frame in frames)
    assert found.stack.planes[1]["limits"][1] == pytest.approx(largest, rel=1e-4)


@pytest.mark.parametrize("channel", [None, 3, 99])
@pytest.mark.parametrize("key", ["sesn_vector", "fourier"])
def test_the_square_of_a_channel_is_that_of_the_whole_maps(key, channel):
    """Of a wide canvas the other channels are not kept."""
    found = square_stack(Shown(key), DIGIT, "bicubic", "conv2", "layer", AMOUNTS, "scale", channel, None)
    swept = sweep(load(key), digit_image(DIGIT), AMOUNTS)
    both = sweep_layer(swept, "conv2")
    both = both if swept.side is None else both.window(WINDOW)
    values = both.before.values[0]
    strongest = int(values.flatten(1).square().sum(1).argmax())
    assert found.channel == (strongest if channel is None else min(channel, len(values) - 1))
    back = undone(swept, "conv2", found.channel, window=WINDOW)
    for name, frames in (("after", both.after), ("moved", both.moved), ("undone", back)):
        plane = found.stack.planes[stacks.PLANES.index(name)]
        assert plane["sizes"] == [list(each.values.shape[-2:]) for each in frames]
    expected = [
        each.values[0, 0] if level is None else each.values[0, 0, level]
        for each, level in zip(back, found.sources, strict=True)
    ]
    shown = levels_of(found, "undone")
    for frame, level in zip(expected, shown, strict=True):
        low, high = found.stack.planes[stacks.PLANES.index("undone")]["limits"]
        values = np.where(level == 255, np.nan, low + level / 254 * (high - low))
        np.testing.assert_allclose(values, frame.clamp(low, high).numpy(), atol=(high - low) / 250)


def levels_of(found, name):
    """The frames of a plane as a browser reads them."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(found.stack.levels)), dtype=np.uint8)
    start = 0
    for number, plane in enumerate(found.stack.planes):
        for h, w in plane["sizes"]:
            if number == stacks.PLANES.index(name):
                yield raw[start : start + h * w].reshape(h, w)
            start += h * w
