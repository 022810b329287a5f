"""Digits of one size: the very digits of MNIST-Scale's splits, each as large as was asked for."""

import pytest
import torch

from core.data import mnist
from core.data import mnist_scale as published
from core.data.mnist import LabelledImages
from core.data.one_size import SIZES, TRAINED, digits_of_size

SPLITS = {"train": 60, "validation": 30, "test": 100}


@pytest.fixture
def pool(monkeypatch):
    """220 squares of 16 pixels in place of MNIST, whose grey level tells which one it is."""
    images = torch.zeros(220, 1, 28, 28, dtype=torch.uint8)
    for number in range(220):
        images[number, :, 6:22, 6:22] = 30 + number
    labels = torch.arange(220) % 10
    kept = {"train": LabelledImages(images[:160], labels[:160]), "test": LabelledImages(images[160:], labels[160:])}
    monkeypatch.setattr(mnist, "load_mnist", lambda split, folder: kept[split])
    monkeypatch.setattr(published, "SPLITS", SPLITS)
    return images


def test_the_sizes_are_two_octaves_about_the_trained_one():
    assert TRAINED == 0.6
    assert (len(SIZES), SIZES[0], SIZES[6], SIZES[-1]) == (13, 0.3, 0.6, 1.2)
    assert [SIZES[k + 6] / SIZES[k] for k in range(7)] == pytest.approx([2] * 7, rel=3e-4)


@pytest.mark.parametrize("split", SPLITS)
def test_a_split_has_the_digits_of_mnist_scale_in_its_order(pool, split):
    ours, theirs = digits_of_size(1.0, split), published.generate(split)
    assert torch.equal(ours.labels, theirs.labels)
    middle = ours.images[:, 0, 14, 14]
    assert torch.equal(middle, theirs.images[:, 0, 14, 14])  # at any size the middle keeps its grey
    assert len(set(middle.tolist())) == SPLITS[split]


@pytest.mark.parametrize("size", [0.5, 0.75, 1.25])
def test_every_digit_has_the_size(pool, size):
    digits = digits_of_size(size, "test", count=5)
    ink = digits.images.double().sum((1, 2, 3)) / digits.images[:, 0, 14, 14].double()
    assert len(digits) == 5
    assert ink.sqrt().tolist() == pytest.approx([16 * size] * 5, rel=0.02)
    assert digits.scale_factors.tolist() == [size] * 5


def test_a_small_digit_is_the_large_one_seen_from_further_away(pool):
    """Bars of one pixel and gaps of one: shrunk to a third they are an even grey, not a pattern of another width."""
    pool[:, :, :, :] = 0
    pool[:, :, 2:26, 2:26:2] = 200
    inside = digits_of_size(0.3, "test", count=1).images[0, 0, 12:16, 12:16].double()
    assert inside.min() > 80
    assert inside.max() < 120
