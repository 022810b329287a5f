"""T'_s on feature maps: a resampled plane, a shift along the scale axis, and the mask of what is known."""

import math

import pytest
import torch

from core.layers import ink
from core.models import FeatureMap
from core.resampling import rescale
from core.transforms import TRANSFORMS
from core.transforms.scale import scale_shift, steps_between
from tests.formulas import blobs, relative

transform = TRANSFORMS["scale"].act
STEP = 2 ** (1 / 3)
SCALES = tuple(2.0 * STEP**i for i in range(6))


def scale_space(scale_factor=1.0, scales=SCALES, size=81):
    """T'_s of the map Φ(σ, t) = sin(3 log σ) f(t), f of blobs, by its formula: Φ(σ / s, t / s)."""
    planes = [math.sin(3 * math.log(s / scale_factor)) * blobs(0, size, scale_factor, channels=2) for s in scales]
    return FeatureMap(torch.stack(planes, dim=2), "scale", scales)


def kept(values, mask):
    return (mask * values)[mask.expand_as(values) > 0]


@pytest.mark.parametrize("steps", [-3, -2, -1, 1, 2])
def test_powers_of_the_step_move_the_scales_along(steps):
    """Row i is row i − steps: an enlarged image speaks to larger kernels. Floats of the step are snapped."""
    for noise in (1.0, 1 + 1e-9, 1 - 1e-9):
        matrix, known = scale_shift(SCALES, STEP**steps * noise)
        assert torch.equal(matrix, torch.diag(torch.ones(6 - abs(steps), dtype=torch.float64), -steps))
        assert torch.equal(known, matrix.sum(1))


def test_a_factor_of_1_moves_nothing():
    matrix, known = scale_shift(SCALES, 1.0)
    assert torch.equal(matrix, torch.eye(6, dtype=torch.float64))
    assert known.all()


@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.9])
def test_between_steps_neighbours_share_linearly_in_log_scale(fraction):
    matrix, known = scale_shift(SCALES, STEP**fraction)
    # σ_i / s lies `fraction` of a step below σ_i; nothing lies below the smallest scale.
    ones = torch.ones(6, dtype=torch.float64)
    expected = (1 - fraction) * torch.diag(ones) + fraction * torch.diag(ones[1:], -1)
    torch.testing.assert_close(matrix[1:], expected[1:], rtol=0, atol=1e-12)
    assert matrix[0].abs().max() == 0
    assert known.tolist() == [0, 1, 1, 1, 1, 1]
    # A function that is linear in log σ is shifted without error wherever it is known.
    logs = torch.tensor([math.log(s) for s in SCALES], dtype=torch.float64)
    torch.testing.assert_close((matrix @ logs)[1:], logs[1:] - fraction * math.log(STEP), rtol=0, atol=1e-12)


def test_scales_that_are_not_log_uniform_interpolate_between_their_own_neighbours():
    matrix, known = scale_shift((1.0, 2.0, 8.0), 2.0)
    expected = [[0, 0, 0], [1, 0, 0], [0, 0.5, 0.5]]  # 8 / 2 = 4 is half way from 2 to 8 in the logarithm
    torch.testing.assert_close(matrix, torch.tensor(expected, dtype=torch.float64))
    assert known.tolist() == [0, 1, 1]
    matrix, known = scale_shift((1.5,), 1.3)
    assert matrix.item() == 0
    assert known.item() == 0


@pytest.mark.parametrize("steps", [-1, 1, 2])
def test_on_a_map_over_scales_it_is_the_action_of_the_definition(steps):
    """(T'_s Φ)(σ, t) = Φ(σ / s, t / s), with Φ by a formula that can be written down at both ends."""
    before, after = scale_space(), scale_space(STEP**steps)
    moved, mask = transform(before, STEP**steps)
    # What remains is bicubic interpolation of blobs of σ = 3 pixels: 2e-3. Without the shift it is 0.7 and more.
    assert relative(kept(moved.values, mask), kept(after.values, mask)) < 5e-3
    no_shift = rescale(before.values, STEP**steps)
    assert relative(kept(no_shift, mask), kept(after.values, mask)) > 0.5
    assert (moved.group, moved.internal_scales, moved.stride) == ("scale", SCALES, 1.0)


def test_between_steps_only_the_curvature_along_scale_is_lost():
    before, after = scale_space(), scale_space(STEP**0.5)
    moved, mask = transform(before, STEP**0.5)
    # Linear interpolation of sin(3 log σ) half way: ½ (3 · 0.231 / 2)² = 6 %, and 2e-3 from the plane.
    assert 0.04 < relative(kept(moved.values, mask), kept(after.values, mask)) < 0.08


def test_on_a_plane_it_is_the_change_of_scale_of_an_image():
    plane = FeatureMap(blobs(0, (31, 24), channels=3, batch=2), stride=2.0)
    moved, mask = transform(plane, 0.7, "bilinear")
    assert torch.equal(moved.values, rescale(plane.values, 0.7, "bilinear"))
    assert (moved.group, moved.stride, mask.shape) == ("plane", 2.0, (31, 24))


@pytest.mark.parametrize("resampler", ["ideal", "bicubic", "bilinear", "nearest"])
def test_at_1_nothing_changes_and_everything_is_known(resampler):
    for feature_map in (scale_space(size=12), FeatureMap(blobs(0, 13))):
        moved, mask = transform(feature_map, 1.0, resampler)
        assert torch.equal(moved.values, feature_map.values)
        assert mask.min() == 1


def test_the_mask_knows_inner_positions_and_scales_only():
    feature_map = scale_space(size=40)
    for steps, scales in ((2, [0, 0, 1, 1, 1, 1]), (-1, [1, 1, 1, 1, 1, 0]), (0.5, [0, 1, 1, 1, 1, 1])):
        s = STEP**steps
        _, mask = transform(feature_map, s)
        assert mask.shape == (6, 40, 40)
        assert mask.amax((1, 2)).tolist() == scales
        plane = mask.amax(0)
        assert torch.equal(mask, mask.amax((1, 2))[:, None, None] * plane)
        # Enlarged, the whole canvas shows known input; shrunk, what lies within its image less the kernel's reach.
        half_width = plane[20].sum() / 2
        expected = 20 * min(s, 1.0)
        assert expected - 3.5 < half_width <= expected
        assert torch.equal(plane, plane.flip(0))
        assert torch.equal(plane, plane.T)


def test_steps_compose():
    """T'_a T'_b = T'_ab where both sides know the result."""
    feature_map = scale_space()
    for a, b in ((1, 1), (-1, -1), (2, -1), (1, -2), (-1, 1)):
        first, known_first = transform(feature_map, STEP**b)
        both, known_both = transform(first, STEP**a)
        at_once, mask = transform(feature_map, STEP ** (a + b))
        # The scales that the first step lost are lost for good, whatever the second says.
        shift, _ = scale_shift(SCALES, STEP**a)
        lasting = (shift @ known_first.amax((1, 2)) > 0.5).double()[:, None, None]
        common = mask * known_both * lasting
        inner = torch.zeros_like(common)
        inner[:, 20:61, 20:61] = common[:, 20:61, 20:61]  # away from what the first step drew in from outside
        assert inner.sum() > 0
        # Two bicubic interpolations of blobs of σ = 3 pixels against one: 3e-3.
        assert relative(kept(both.values, inner), kept(at_once.values, inner)) < 1e-2


def test_the_declared_centre_is_the_fixed_point():
    image = blobs(0, 40)
    padded = torch.nn.functional.pad(image, (3, 0, 0, 5))  # left 3, bottom 5
    moved, _ = transform(FeatureMap(padded, centre=(-2.5, 1.5)), 1.3)
    torch.testing.assert_close(moved.values[..., :40, 3:], rescale(image, 1.3), rtol=0, atol=1e-12)
    wrong, _ = transform(FeatureMap(padded), 1.3)
    assert relative(wrong.values[..., :40, 3:], rescale(image, 1.3)) > 0.1


def test_steps_move_one_internal_scale_onto_another():
    """Those that a handle can reach, each once, as links have always had them."""
    exact = tuple(2.0 ** (i / 3) for i in range(4))
    assert steps_between(exact) == (0.5, 0.63, 0.7937, 1.2599, 1.5874, 2.0)
    assert steps_between((1.0, 1.5, 5.0)) == (0.6667, 1.5)  # 3.3 and 5 are beyond
    assert steps_between((1.0,)) == steps_between(()) == ()
    found = FeatureMap(torch.zeros(1, 1, 2, 3, 3), "scale", (1.0, 1.5))
    plane = FeatureMap(torch.zeros(1, 1, 3, 3))
    assert TRANSFORMS["scale"].steps({"a": plane, "b": found}) == (0.6667, 1.5)
    assert TRANSFORMS["scale"].steps(plane) == ()
    handle = TRANSFORMS["scale"].handle((0.5, 1.5))
    assert (1.4983 in handle, 1.5 in handle) == (False, True)  # 1.4983 can hardly be told from it


@pytest.mark.parametrize("resampler", ["bicubic", "ideal", "nearest"])
@pytest.mark.parametrize("scale_factor", [0.5, 0.8, STEP, 2.0])
def test_background_need_not_be_resampled(scale_factor, resampler, monkeypatch):
    """Each scale is resampled around what is not 0 in it; the map off the middle of its grid, as pooling leaves it."""
    values = torch.zeros(2, 3, len(SCALES), 64, 64)
    for i in range(len(SCALES)):
        inside = slice(28 - 4 * i, 36 + 4 * i)
        values[:, :, i, inside, inside] = torch.randn(2, 3, 8 * i + 8, 8 * i + 8)
    map_ = FeatureMap(values, "scale", SCALES, centre=(0.5, -0.5), beyond="background")
    with torch.no_grad():
        part, mask = transform(map_, scale_factor, resampler)
        monkeypatch.setattr(ink, "_WIDE", 65)
        whole, _ = transform(map_, scale_factor, resampler)
    assert mask.any()
    torch.testing.assert_close(part.values, whole.values, rtol=0, atol=2e-6)
