"""The steps of the published pipeline do what a slow reference in NumPy does, in the published order."""

import numpy as np
import pytest
import torch

from core.training.stl10 import STEPS, augmented
from core.training.stl10.pipeline import crop, cut_out, flip, pad, standardise, steps

MEAN, DEVIATION = (0.4467, 0.4398, 0.4066), (0.2603, 0.2566, 0.2713)
COUNT = 12


@pytest.fixture(scope="module")
def batch():
    """No two pixels are alike, so a window, a mirror or a hole is found in one place only."""
    random = np.random.Generator(np.random.PCG64(10))
    return torch.from_numpy(random.uniform(0.05, 1, (COUNT, 3, 96, 96)))


def window_at(image, y, x):
    """By loops: 96×96 values from row y and column x on of an image with 12 zeros around it."""
    found = np.zeros((3, 96, 96))
    for row in range(96):
        for column in range(96):
            if 0 <= y + row - 12 < 96 and 0 <= x + column - 12 < 96:
                found[:, row, column] = image[:, y + row - 12, x + column - 12]
    return found


def place_of_window(image, window):
    """Where the middle of a window stands in an image with 12 zeros around it; it never lies in them."""
    rows, columns = np.nonzero(image[0] == window[0, 48, 48])
    assert len(rows) == 1
    return int(rows[0]) + 12 - 48, int(columns[0]) + 12 - 48


def test_padding_puts_black_around(batch):
    padded = pad(batch, 0).numpy()
    assert padded.shape == (COUNT, 3, 120, 120)
    assert np.array_equal(padded[:, :, 12:108, 12:108], batch.numpy())
    assert padded.sum() == pytest.approx(batch.sum().item())


def test_a_crop_is_a_window_of_the_padded_image_at_a_place_of_its_own(batch):
    windows, places = crop(pad(batch, 0), 3).numpy(), []
    for image, window in zip(batch.numpy(), windows, strict=True):
        y, x = place_of_window(image, window)
        assert np.array_equal(window, window_at(image, y, x))
        places.append((y, x))
    assert len(set(places)) > COUNT // 2
    assert all(0 <= y <= 24 and 0 <= x <= 24 for y, x in places)


def test_every_place_of_the_window_occurs_and_none_beyond():
    """25 of each axis: 4,000 draws miss one of them with a probability below 1e-69."""
    ramp = torch.arange(120.0)
    image = (1000 * ramp[:, None] + ramp)[None, None].expand(400, 1, 120, 120)
    corners = torch.cat([crop(image, seed)[:, 0, 0, 0] for seed in range(10)]).long()
    assert sorted(set((corners // 1000).tolist())) == list(range(25))
    assert sorted(set((corners % 1000).tolist())) == list(range(25))


def test_a_flip_mirrors_left_and_right_of_half_of_the_images(batch):
    found, mirrored = flip(batch, 1).numpy(), 0
    for image, after in zip(batch.numpy(), found, strict=True):
        turned = np.stack([[list(reversed(row)) for row in plane] for plane in image])
        assert np.array_equal(after, turned) or np.array_equal(after, image)
        mirrored += np.array_equal(after, turned)
    assert 0 < mirrored < COUNT
    many = flip(torch.tensor([0.0, 1.0]).expand(4000, 1, 1, 2), 5)
    assert abs(many[:, 0, 0, 0].mean().item() - 0.5) < 0.04  # five standard deviations of a fair coin


def test_normalising_is_per_colour(batch):
    expected = np.empty(batch.shape)
    for colour in range(3):
        expected[:, colour] = (batch.numpy()[:, colour] - MEAN[colour]) / DEVIATION[colour]
    np.testing.assert_allclose(standardise(batch, 0).numpy(), expected, rtol=0, atol=1e-6)


def hole_around(y, x):
    found = np.zeros((96, 96), dtype=bool)
    for row in range(y - 16, y + 16):
        for column in range(x - 16, x + 16):
            if 0 <= row < 96 and 0 <= column < 96:
                found[row, column] = True
    return found


def test_a_hole_is_a_square_of_zeros_cut_off_by_the_edge(batch):
    known = {hole_around(y, x).tobytes() for y in range(96) for x in range(96)}
    holes = []
    for seed in range(4):
        found = cut_out(batch, seed).numpy()
        for image, after in zip(batch.numpy(), found, strict=True):
            hole = (after == 0).all(axis=0)
            assert hole.tobytes() in known
            assert np.array_equal(after, image * ~hole)
            holes.append(hole)
    areas = {int(hole.sum()) for hole in holes}
    assert max(areas) == 32 * 32
    assert min(areas) < 32 * 32  # some are cut off
    assert any(hole[0, 0] or hole[0, 95] or hole[95, 0] or hole[0].any() for hole in holes)


def test_the_order_is_the_published_one(batch):
    """Padding is black, so far below 0 after normalising; a hole is 0 afterwards, the mean colour."""
    assert [step.name for step in STEPS] == ["pad", "crop", "flip", "normalise", "cut out"]
    found = {step.name: after for step, after in steps(batch.float(), 7)}
    black = -torch.tensor(MEAN) / torch.tensor(DEVIATION)
    padded = (found["crop"] == 0).all(dim=1)
    assert padded.any()
    after = found["normalise"].movedim(1, -1)[(found["flip"] == 0).all(dim=1)]
    torch.testing.assert_close(after, black.expand(len(after), 3))
    last = found["cut out"]
    assert torch.equal(last, augmented(batch.float(), 7))
    changed = (last != found["normalise"]).any(dim=1)
    assert changed.any()
    assert (last.movedim(1, -1)[changed] == 0).all()


def test_a_seed_fixes_every_step_and_each_step_has_its_own(batch):
    images = batch.float()
    assert torch.equal(augmented(images, 3), augmented(images, 3))
    assert not torch.equal(augmented(images, 3), augmented(images, 4))
    for step in STEPS:
        before = images.clone()
        step.apply(images, 3)
        assert torch.equal(images, before), step.name


def test_small_images_are_refused():
    with pytest.raises(ValueError, match=r"^expected images of 96×96 pixels or more, got 96×95$"):
        crop(torch.zeros(1, 3, 96, 95), 0)
