"""Images in a row: colours stay colours, grey stays grey, and each is in its place."""

import numpy as np
import pytest

from core.figures import strip


@pytest.mark.parametrize("gap", [0, 3])
def test_image_k_is_in_its_place_in_its_colours(gap):
    levels = np.random.default_rng(0).integers(0, 256, (3, 3, 5, 4), dtype=np.uint8)
    row = strip(levels.astype(np.float32) / 255, gap)
    assert row.shape == (5, 12 + 2 * gap, 4)
    for k in range(3):
        left = k * (4 + gap)
        assert (row[:, left : left + 4, :3] == levels[k].transpose(1, 2, 0)).all()
        assert (row[:, left : left + 4, 3] == 255).all()
    assert int((row[..., 3] == 0).sum()) == 5 * 2 * gap


def test_one_channel_is_grey_and_what_is_too_bright_is_white():
    row = strip(np.array([[[[0.5, 2.0, -1.0]]]]))
    assert row[0, :, :3].tolist() == [[128] * 3, [255] * 3, [0] * 3]


@pytest.mark.parametrize("shape", [(1, 2, 4, 4), (0, 3, 4, 4)])
def test_what_has_no_colours_is_refused(shape):
    with pytest.raises(ValueError, match="1 or 3 channels"):
        strip(np.zeros(shape))
