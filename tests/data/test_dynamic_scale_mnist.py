"""Dynamic Scale MNIST: sizes as promised, the same on every machine, a small canvas is the large one seen smaller."""

import hashlib
import math

import numpy as np
import pytest
import torch

from core.data import dynamic_scale_mnist as module
from core.data import mnist
from core.data.dynamic_scale_mnist import RANGES, at_data_scales, dynamic_scale_mnist, unscaled
from core.data.mnist import LabelledImages
from core.data.mnist_scale import ScaledDigits

SPLITS = {"train": 60, "validation": 30, "test": 100}


@pytest.fixture
def pool(monkeypatch):
    """220 pictures in place of MNIST: rectangles of 20 pixels' height whose grey level tells which one it is."""
    images = torch.zeros(220, 1, 28, 28, dtype=torch.uint8)
    for number in range(220):
        images[number, :, 4:24, 8:20] = 30 + number
    labels, parts = torch.arange(220) % 10, {"train": slice(0, 160), "test": slice(160, 220)}
    kept = {part: LabelledImages(images[chosen], labels[chosen]) for part, chosen in parts.items()}
    monkeypatch.setattr(mnist, "load_mnist", lambda part, folder: kept[part])
    monkeypatch.setattr(module, "SPLITS", SPLITS)
    return images


def heights(images):
    """Of the ink in whole pixels: what is above half of the grey level in the middle."""
    side = images.shape[-1]
    column = images[:, 0, :, side // 2].double()
    return (column > column[:, side // 2, None] / 2).sum(1)


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("canvas", [84, 168])
def test_digits_have_the_height_their_data_scale_says(pool, name, canvas):
    digits = dynamic_scale_mnist("test", RANGES[name], canvas=canvas)
    inside = digits.scale_factors < 0.95 * 168 / 20  # what is larger is cut off by the canvas
    expected = (20 * canvas / 168 * digits.scale_factors)[inside]
    assert digits.images.shape == (100, 1, canvas, canvas)
    assert float((heights(digits.images)[inside] - expected).abs().max()) <= 1.1  # rows come in pairs about the centre


@pytest.mark.parametrize("name", RANGES)
def test_data_scales_are_log_uniform_over_the_range(pool, name):
    low, high = RANGES[name]
    drawn = dynamic_scale_mnist("test", (low, high), canvas=28).scale_factors.numpy()
    place = np.log(drawn / low) / math.log(high / low)
    assert place.min() >= -1e-4
    assert place.max() <= 1 + 1e-4
    cumulative = np.searchsorted(np.sort(place), np.linspace(0, 1, 21)) / len(place)
    assert np.abs(cumulative - np.linspace(0, 1, 21)).max() < 0.19  # Kolmogorov–Smirnov at 100 draws, one in 1,000


def test_splits_share_no_digit_and_realisations_differ(pool):
    seen = [unscaled(name).images[:, 0, 14, 14].tolist() for name in SPLITS]
    assert sum(map(len, seen)) == len({grey for greys in seen for grey in greys}) == 190
    first, second = (dynamic_scale_mnist("train", (1, 8), r, canvas=28) for r in (0, 1))
    assert not torch.equal(first.images, second.images)
    assert not torch.equal(first.scale_factors, second.scale_factors)


def test_the_first_digits_of_a_split_are_the_same_however_many_are_wanted(pool):
    whole, part = (dynamic_scale_mnist("test", (1, 4.76), canvas=42, count=count) for count in (None, 17))
    assert torch.equal(whole.images[:17], part.images)
    assert torch.equal(whole.scale_factors[:17], part.scale_factors)
    assert torch.equal(whole.labels[:17], part.labels)


def test_pixels_are_the_same_on_every_machine(pool):
    digits = dynamic_scale_mnist("validation", (1, 8), 2, canvas=84)
    assert hashlib.sha256(digits.images.numpy().tobytes()).hexdigest()[:16] == "a3b649cf073652f9"


def test_a_small_canvas_is_the_large_one_seen_at_half_the_size():
    random = np.random.RandomState(0)
    blob = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    blob[0, 0, 6:22, 8:20] = torch.from_numpy(random.randint(60, 255, (4, 3)).repeat(4, 0).repeat(4, 1)).to(torch.uint8)
    one = ScaledDigits(blob, torch.tensor([0]), torch.ones(1).double())
    large, small = (at_data_scales(one, torch.tensor([3.0]).double(), side).images.double() for side in (168, 84))
    halved = torch.nn.functional.avg_pool2d(large, 2)
    assert float((halved - small).norm() / small.norm()) < 0.05


def test_what_there_is_not_is_refused(pool):
    with pytest.raises(ValueError, match="unknown split 'all'"):
        dynamic_scale_mnist("all", (1, 8))
    with pytest.raises(ValueError, match="realisation must be 0 to 2, got 3"):
        dynamic_scale_mnist("test", (1, 8), 3)
    with pytest.raises(ValueError, match="needs 0 < low < high, got 8 and 1"):
        dynamic_scale_mnist("test", (8, 1))
