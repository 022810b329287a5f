"""The residual of the poster of deep scale-spaces: by its formula, and where levels lack what lies beyond the last."""

import math

import numpy as np
import pytest
import torch

from core.bases.scale_space import discrete_gaussian
from core.data.colour_photographs import colour_photographs
from core.results import dss_residual as module
from core.results.dss_residual import (
    MIDDLE,
    NUM_LEVELS,
    POSITIONS,
    SEEDS,
    SIDE,
    WHOLE,
    RandomScaleSpace,
    ResidualLine,
    lines_of,
    made_smaller,
    read_residuals,
    residuals,
)
from core.results.published import DSS_RESIDUAL_MOST, DSS_RESIDUAL_SMALL_TO


@pytest.fixture(scope="module")
def kept() -> list[ResidualLine]:
    return read_residuals()


@pytest.fixture(scope="module")
def small():
    """Of 64 pixels, with few channels: quick."""
    images = colour_photographs(64).images[:2]
    network = RandomScaleSpace(3, channels=2)
    return network, images, residuals(network, images)


def test_the_residual_is_that_of_the_formula(small):
    network, images, found = small
    blurred = module.blur(images, discrete_gaussian(0.25 * (16 - 1)))  # two halvings from a zero scale of ½
    with torch.no_grad():
        before, after = network(images)[1], network(blurred[..., ::4, ::4])[1]
    expected, got = before[1, :, 3, ::4, ::4], after[1, :, 1]
    assert found[2, 1, 2, WHOLE][1] == pytest.approx(((got - expected).norm() / expected.norm()).item(), rel=1e-5)
    inner = expected[:, 4:12, 4:12]
    assert found[2, 1, 2, MIDDLE][1] == pytest.approx(
        ((got[:, 4:12, 4:12] - inner).norm() / inner.norm()).item(), rel=1e-5
    )


def test_one_correlation_over_a_single_level_would_be_exact_without_a_border(small):
    """Level 0 of the smaller image is level ℓ of the image by construction; what is left comes from other levels."""
    network, images, _ = small
    with torch.no_grad():
        lifted, smaller = network.lifting(images), network.lifting(made_smaller(images, 3))
    torch.testing.assert_close(smaller[:, :, 0], lifted[:, :, 3, ::8, ::8], rtol=1e-4, atol=1e-5)


def test_nothing_is_left_without_a_change_and_curves_end_with_the_levels(small):
    *_, found = small
    assert all((values == 0).all() for (_, _, halvings, _), values in found.items() if halvings == 0)
    assert max(level + halvings for _, level, halvings, _ in found) == NUM_LEVELS - 1
    assert max(halvings for _, _, halvings, where in found if where == MIDDLE) == math.log2(64 / 4)


def test_the_kept_table_jumps_where_the_poster_does(kept):
    """Small up to 2^−(7 − correlations − k), and large at once behind, on the whole map."""
    own = [line for line in kept if line.positions == WHOLE]
    assert {(line.correlations, line.level) for line in own} == set(DSS_RESIDUAL_SMALL_TO)
    for line in own:
        small_to = DSS_RESIDUAL_SMALL_TO[line.correlations, line.level]
        assert line.lacks_input == (line.halvings > small_to)
        assert line.mean > 0.12 if line.lacks_input else line.mean < 0.07


def test_the_border_makes_most_of_what_the_poster_does_not_draw(kept):
    """Far from it, after one correlation, the residual is at most half as large again as the poster's."""
    found = {(line.correlations, line.level, line.halvings, line.positions): line for line in kept}
    near = [key[:3] for key in found if key[3] == MIDDLE and key[2] > 0 and key[1] + key[2] + key[0] <= 5]
    assert len(near) == 19
    for key in near:
        assert found[*key, MIDDLE].mean < found[*key, WHOLE].mean
    assert max(found[*key, MIDDLE].mean for key in near if key[0] == 1) < 1.5 * DSS_RESIDUAL_MOST


def test_the_kept_table_is_whole_and_says_of_what_it_is(kept):
    assert len({(each.correlations, each.level, each.halvings, each.positions) for each in kept}) == len(kept)
    assert len([line for line in kept if line.positions == WHOLE]) == 3 * (8 + 7 + 6 + 5 + 4)
    for line in kept:
        assert (line.photographs, line.seeds, line.side) == (4, SEEDS, SIDE)
        assert len(line.commit) == 40, "measured with uncommitted changes"
        assert line.low <= line.high


@pytest.mark.slow
def test_lines_are_means_over_images_and_seeds(small):
    _, images, _ = small
    other = residuals(RandomScaleSpace(4), images)
    first = residuals(RandomScaleSpace(3), images)
    (line,) = [
        each for each in lines_of(images, (3, 4))
        if (each.correlations, each.level, each.halvings, each.positions) == (3, 0, 1, WHOLE)
    ]  # fmt: skip
    values = np.concatenate([first[3, 0, 1, WHOLE], other[3, 0, 1, WHOLE]])
    assert line.mean == pytest.approx(values.mean(), abs=1e-5)
    assert line.low == pytest.approx(np.quantile(values, 0.16), abs=1e-5)


def test_a_damaged_table_is_one_sentence(tmp_path):
    text = (module.FOLDER / module.NAME).read_text(encoding="utf-8")
    (tmp_path / module.NAME).write_text(text.replace(WHOLE, "somewhere", 1), encoding="utf-8")
    with pytest.raises(
        ValueError, match=f"dss-residual.csv is damaged in line 2: positions are {' or '.join(POSITIONS)}"
    ):
        read_residuals(tmp_path)
