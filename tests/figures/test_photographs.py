"""A row of photographs: as they are, or normalised with 0 as middle grey."""

import numpy as np
import pytest
import torch

from core.figures.photographs import photograph_row


def test_photographs_stand_side_by_side_as_they_are():
    images = torch.rand(3, 3, 5, 4)
    row = photograph_row(images, False, gap=2)
    assert row.shape == (5, 3 * 4 + 2 * 2, 4)
    for number, image in enumerate(images.numpy()):
        start = number * 6
        np.testing.assert_allclose(
            row[:, start : start + 4, :3] / 255, image.transpose(1, 2, 0), rtol=0, atol=0.5 / 255
        )
        assert (row[:, start : start + 4, 3] == 255).all()
    assert (row[:, [4, 5, 10, 11], 3] == 0).all()


def test_normalised_values_have_0_in_the_middle():
    row = photograph_row(torch.tensor([-9.0, -2.2, 0.0, 1.1, 2.2, 9.0]).expand(1, 3, 1, 6), True)
    assert row[0, :, :3].tolist() == [[value] * 3 for value in (0, 0, 128, 191, 255, 255)]


def test_a_row_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"^a row needs at least one photograph$"):
        photograph_row(torch.zeros(0, 3, 2, 2), False)
