"""The zoom of a published study: the values of the published function, and cubics read exactly."""

import numpy as np
import pytest
import torch

from core.resampling import cubic_zoom
from core.resampling.cubic_zoom import zoom_matrix

SAMPLES = torch.tensor([0.0, 1, 3, 2, 5, 4, 1, 7, 2, 6], dtype=torch.float64)
# scipy.ndimage.zoom 1.17 of these ten samples, order 3.
PUBLISHED = {
    7: [0, 2.288198298187, 2, 5.350490196078, 1, 4.611311505734, 6],
    5: [0, 2.794523446171, 5.350490196078, 6.202719200888, 6],
    9: [0, 1.302941465501, 2.794523446171, 2.874555615289, 5.350490196078, 1.072595120006, 6.202719200888,
        2.290846831067, 6],
    3: [0, 5.350490196078, 6],
}  # fmt: skip


@pytest.mark.parametrize("n_out", PUBLISHED)
def test_it_gives_the_values_of_the_published_function(n_out):
    assert (zoom_matrix(n_out, 10) @ SAMPLES).tolist() == pytest.approx(PUBLISHED[n_out], abs=1e-11)


def test_a_last_place_beyond_the_last_sample_is_background_as_there():
    """13 · (27 / 13) is above 27 in float64, so that the published function reads nothing there."""
    constant = torch.ones(28, dtype=torch.float64)
    assert (zoom_matrix(14, 28) @ constant).tolist() == pytest.approx([1.0] * 13 + [0.0])
    assert (zoom_matrix(19, 28) @ constant).tolist() == pytest.approx([1.0] * 19)


def test_ends_lie_on_ends_and_a_smooth_curve_is_read_between_its_samples():
    x = torch.linspace(-1, 1, 41, dtype=torch.float64)
    for m in (9, 18, 30):
        read = zoom_matrix(m, 41) @ torch.cos(3 * x)
        assert (read - torch.cos(3 * torch.linspace(-1, 1, m, dtype=torch.float64)))[2:-2].abs().max() < 2e-4
        assert (zoom_matrix(m, 41) @ x)[[0, -1]].tolist() == pytest.approx([-1, 1], abs=1e-12)


def test_what_is_made_smaller_lies_in_the_middle_of_its_canvas():
    made = cubic_zoom(torch.ones(2, 1, 28, 20, dtype=torch.float64), 1 / 1.5)
    assert made.shape == (2, 1, 28, 20)
    rows, columns = made[0, 0].sum(1).nonzero().flatten(), made[0, 0].sum(0).nonzero().flatten()
    assert (rows[0].item(), len(rows)) == (4, 19)  # the one more of 9 stands below
    assert (columns[0].item(), len(columns)) == (3, 13)
    np.testing.assert_allclose(made[0, 0, 4:23, 3:16], 1)


def test_one_changes_nothing_and_what_no_zoom_does_is_refused():
    planes = torch.rand(1, 3, 5)
    assert cubic_zoom(planes, 1.0) is planes
    assert cubic_zoom(planes, 0.9).dtype == torch.float32
    for factor, why in ((1.1, "got 1.1"), (0.0, "got 0"), (float("nan"), "got nan"), (0.1, "leaves nothing of 3")):
        with pytest.raises(ValueError, match=why):
            cubic_zoom(planes, factor)
    with pytest.raises(ValueError, match="at least 1 sample"):
        zoom_matrix(0, 3)
    assert zoom_matrix(2, 1).tolist() == [[1], [1]]
