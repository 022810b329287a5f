"""The winning internal scale: 1 where it follows the size, 0 where it does not look, −1 where the axis is turned."""

import math

import numpy as np
import pytest
import torch

from core.bases import hermite_basis_b
from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import argmax_scale
from core.equivariance.argmax_scale import winning_scale
from core.layers import LiftingConv2d
from core.models import FeatureMap, load
from core.models.identity import Identity, IdentityConfig
from tests.formulas import all_glyphs, blobs

STEP = 2**0.5
SCALES = tuple(1.2 * STEP**i for i in range(8))
FACTORS = tuple(2.0 ** (n / 4) for n in range(-8, 9))  # four steps of the axis to each side; three are in use


class Lifted(Identity):
    """One lifting convolution over eight scales, and what becomes of its map."""

    def __init__(self, change=lambda values: values):
        super().__init__(IdentityConfig())
        basis = hermite_basis_b(SCALES, 6, 2, 1.5, lambda scales: tuple(2 * math.ceil(4 * s) + 1 for s in scales))
        self.lift, self.change = LiftingConv2d(1, 2, basis, bias=False).requires_grad_(False), change

    def features(self, images):
        return {"lift": FeatureMap(self.change(self.lift(images)), "scale", SCALES)}


class Blobs:
    """Blobs as a picture that is drawn at any size."""

    def __init__(self, seed):
        self.seed = seed

    def render(self, scale_factor, canvas):
        return blobs(self.seed, 61, scale_factor, width=2.0, spread=5.0).float()


def found_in(network, factors=FACTORS):
    return argmax_scale(network, [Blobs(0), Blobs(1)], factors, "lift", "exact")


def test_winners_of_a_lifting_convolution_follow_the_size_of_blobs():
    found = found_in(Lifted())
    assert found.slope == pytest.approx(1, abs=0.06)  # 0.97: the scale axis is cut, and winners come in whole steps
    assert found.used.tolist() == [2 <= n <= 14 for n in range(17)]
    assert 0.1 < found.share < 0.9
    np.testing.assert_allclose(found.mean_log2_scale, found.per_image.mean(-1))
    np.testing.assert_allclose(found.per_image[8], found.at_rest, rtol=1e-5)  # s = 1
    # All that counts at 1 is won by one of the two middle scales.
    assert math.log2(SCALES[3]) <= found.at_rest.min() <= found.at_rest.max() <= math.log2(SCALES[4])
    assert found.spread.shape == (17, 2)
    assert (found.spread[:, 0] <= found.mean_log2_scale + 1e-9).all()


def test_swapped_scales_follow_the_wrong_way():
    assert found_in(Lifted(lambda values: values.flip(2))).slope == pytest.approx(-1, abs=0.06)


def test_a_stack_of_equal_kernels_does_not_look_at_the_size():
    """All scales tie, so the winner is the middle of the axis at every factor."""
    for change in (lambda v: v[:, :, 2:3].expand_as(v), lambda v: v[:, :, 5:6] * torch.ones(8, 1, 1)):
        found = found_in(Lifted(change))
        assert found.slope == pytest.approx(0, abs=1e-6)
        np.testing.assert_allclose(found.mean_log2_scale, math.log2(SCALES[0]) + 1.75, rtol=1e-5)
        assert found.share == pytest.approx(1)


def test_winners_that_the_image_does_not_decide_make_no_slope():
    """Noise in place of responses: the positions that count were chosen at 1, so their winners go to the average."""
    random = torch.Generator().manual_seed(0)
    found = found_in(Lifted(lambda values: torch.randn(values.shape, generator=random)))
    assert abs(found.slope) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["conv1", "conv2"])
def test_a_network_that_commutes_follows_the_size(layer):
    """Four scales of a third of an octave, one step to each side. 0.7 to 0.8 is reached; the mean over all positions,
    whose winners lie at the ends of the axis, moves by 0.03 to 0.06."""
    digits, factors = all_glyphs(0.6)[::8], [2 ** (n / 12) for n in range(-4, 5)]
    found = argmax_scale(load("random_sesn"), digits, factors, layer)
    assert found.slope > 0.6
    assert found.used.all()


def test_the_winner_is_the_largest_response_and_ties_are_shared():
    values = torch.zeros(1, 1, 3, 1, 4)
    values[0, 0, :, 0, 0] = torch.tensor([1.0, -3.0, 2.0])
    values[0, 0, :, 0, 1] = torch.tensor([0.0, 1.0, 1.0])
    values[0, 0, :, 0, 2] = torch.tensor([1.0, 1.0 + 1e-4, 0.5])
    winner, energy = winning_scale(FeatureMap(values, "scale", (1.0, 2.0, 4.0)))
    torch.testing.assert_close(winner[0, 0, 0, :3], torch.tensor([1.0, 1.5, 1.0]))
    torch.testing.assert_close(energy[0, 0, 0], torch.tensor([9.0, 1.0, 1.0002, 0.0]), rtol=1e-4, atol=0)


def test_positions_count_by_the_energy_that_they_had():
    """Two points on either side, the left twice as strong; after the change their winners are 4 and 1."""

    def features(images):
        strength = torch.tensor([2.0, 0.0, 0.0, 1.0]).expand(1, 1, 4, 4)
        scales = torch.tensor([0.5, 1.0, 0.5])[:, None, None] * strength
        if images.max() < 1:  # the image that was changed
            scales = torch.stack([strength * torch.tensor([0.1, 0, 0, 9]), 0 * strength, strength], dim=2)[0, 0]
        return {"map": FeatureMap(scales.expand(len(images), 1, 3, 4, 4), "scale", (1.0, 2.0, 4.0))}

    network = Identity(IdentityConfig())
    network.features = features
    ones = [type("Picture", (), {"render": lambda self, s, canvas: torch.full((1, 1, 4, 4), 1.0 if s == 1 else 0.5)})()]
    found = argmax_scale(network, ones, (1.0001,), "map", "exact")
    assert found.per_image.item() == pytest.approx((4 * 2 + 1 * 0) / 5)  # energies 4 and 1, log2 of 4 and of 1


def test_what_has_no_answer_is_nan_and_not_0():
    found = found_in(Lifted(lambda values: 0 * values), (0.8, 1.2))
    assert np.isnan(found.per_image).all()
    assert math.isnan(found.slope)
    assert math.isnan(found_in(Lifted(), (1.0,)).slope)
    assert math.isnan(found_in(Lifted(), (1.0, 8.0)).slope)  # beyond the axis: not in use
    network = Identity(IdentityConfig())
    network.features = lambda x: {"two": FeatureMap(torch.stack([x, 2 * x], dim=2), "scale", (1.0, 2.0))}
    found = argmax_scale(network, torch.ones(1, 1, 8, 8), (0.8, 1.2), "two")
    assert not found.used.any()
    assert math.isnan(found.slope)
    assert found.share == 0


def test_vector_digits_are_drawn_and_blank_images_left_out():
    network, factors = load("random_sesn"), (0.8, 1.25)
    glyphs = [SizedGlyph(glyph, 0.6) for glyph in GLYPHS[:2]]
    drawn = argmax_scale(network, glyphs, factors, "conv1", "exact")
    assert drawn.resampler == "exact"
    images = torch.cat([*(glyph.render(1.0, 28) for glyph in glyphs), torch.zeros(1, 1, 28, 28)])
    by_pixels = argmax_scale(network, images, factors, "conv1")
    np.testing.assert_allclose(by_pixels.at_rest[:2], drawn.at_rest, rtol=1e-5)
    assert np.isnan(by_pixels.per_image[:, 2]).all()
    assert math.isfinite(by_pixels.slope)
    assert by_pixels.share == pytest.approx(drawn.share, rel=1e-4)


def test_what_cannot_be_asked_is_refused():
    digits = all_glyphs(0.6)[:1]
    with pytest.raises(ValueError, match="projection3 has no axis over internal scales"):
        argmax_scale(load("random_sesn"), digits, (1.2,), "projection3")
    for factors in ((), (1.0, -1.0)):
        with pytest.raises(ValueError, match=r"at least one scale factor|must be a positive number, got -1\.0"):
            argmax_scale(load("random_sesn"), digits, factors, "conv1")
    with pytest.raises(KeyError, match="conv9"):
        argmax_scale(load("random_sesn"), digits, (1.2,), "conv9")
