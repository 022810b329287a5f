"""The error budget: parts that are differences of runs, and each cause alone where a network has no other."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import budget, measure
from core.models import FeatureMap, build, load
from core.models.identity import Identity, IdentityConfig
from core.resampling import rescale
from core.transforms import TRANSFORMS
from tests.formulas import all_glyphs, blobs

STEP = 2 ** (1 / 3)  # of the internal scales of the small networks
BORDER, PROJECTION, SCALE_AXIS, OFF_GRID, REMAINDER = range(5)


@pytest.fixture(scope="module")
def digits():
    return all_glyphs(0.7)[::12]


class Toy(Identity):
    """An identity network whose maps are given by a function of the images."""

    def __init__(self, maps):
        super().__init__(IdentityConfig())
        self.features = maps


def with_interaction(key="sesn_vector", **config):
    torch.manual_seed(0)
    return build(key, interaction=2, **config).eval().requires_grad_(False)


@pytest.mark.parametrize("s", [0.6, 1.0, 1.7])
def test_the_identity_network_has_no_part(s, digits):
    found = budget(load("identity"), digits, s)
    assert np.abs(found.parts).max() <= 1e-6
    assert found.layers == ("image",)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "s"), [("random_cnn", 1.4), ("random_sesn", 1.4), ("sesn_scalar", 0.85), ("fourier", 0.7)]
)
def test_the_total_is_that_of_the_measure_and_parts_add_up_to_it(key, s, digits):
    network = load(key)
    found, report = budget(network, digits, s), measure(network, digits, (s,))
    np.testing.assert_allclose(found.per_image[0], report.per_image[:, 0], rtol=1e-5)
    np.testing.assert_allclose(found.known[0], report.known[:, 0])
    np.testing.assert_allclose(found.errors[0], report.error[:, 0], rtol=1e-5)
    np.testing.assert_allclose(found.parts.sum(axis=0), found.errors[0])
    np.testing.assert_array_equal(found.parts[REMAINDER], found.errors[-1])
    assert found.parts.shape == (len(found.causes), len(found.layers))
    assert found.errors.shape == (len(found.runs), len(found.layers))
    assert (found.parts[~np.vstack([found.applies[1:], np.ones_like(found.applies[:1])])] == 0).all()


@pytest.mark.parametrize("s", [0.8, 1.4])
def test_a_plain_network_has_a_border_and_a_remainder_only(s, digits):
    found = budget(load("random_cnn"), digits, s, canvas="image")
    assert found.on_grid_factor == s
    assert (found.parts[[PROJECTION, SCALE_AXIS, OFF_GRID]] == 0).all()
    assert found.applies.all(axis=1).tolist() == [True, True, False, False, False]
    wide = budget(load("random_cnn"), digits, s)
    assert wide.applies.any(axis=1).tolist() == [True, False, False, False, False]
    assert np.abs(found.parts[BORDER]).max() > 1e-3
    assert found.parts[REMAINDER].min() > 0.1


def ink_size(images):
    """Distance from the centre and the root mean square of it over the ink, in pixels: both grow with s."""
    down, across = (torch.arange(n) + 0.5 - n / 2 for n in images.shape[-2:])
    distance = (down[:, None] ** 2 + across**2).sqrt()
    square = (images * distance**2).sum((-2, -1), keepdim=True) / images.sum((-2, -1), keepdim=True)
    return distance, square.sqrt()


def cone(images):
    distance, size = ink_size(images)
    return {"cone": FeatureMap(distance / size)}


def test_an_error_of_the_border_alone_is_in_the_border():
    """The distance from the centre in units of the ink's own size: a function that commutes with every change of
    scale, but for ink that leaves the canvas. Enlarged by 1.6, that of these blobs does: 6 % and more."""
    images = blobs(3, 28, width=3.0, spread=7.0, batch=3).abs()
    found = budget(Toy(cone), images, 1.6, canvas="image")
    assert found.errors[0, 0] > 0.05
    assert found.parts[BORDER, 0] > 0.9 * found.errors[0, 0]
    assert found.parts[REMAINDER, 0] < 0.005  # bicubic interpolation of a cone
    assert budget(Toy(cone), images, 1.6, larger=1.0, canvas="image").parts[BORDER, 0] == 0


@pytest.mark.parametrize(("key", "side"), [("random_sesn", 29), ("random_cnn", 30), ("random_cnn", (31, 26))])
def test_the_border_changes_nothing_where_the_canvas_already_holds_everything(key, side):
    """On a canvas of any padding the two runs compare the same positions: alike to a last bit, not just in size."""
    images = F.pad(blobs(0, 8, width=1.5, spread=1.0).float().abs(), [12] * 4)
    found = budget(load(key), images, 0.8, larger=1.5, canvas="image")
    conv1 = found.layers.index("conv1")
    assert found.errors[0, conv1] > 1e-3
    assert abs(found.parts[BORDER, conv1]) < 1e-6
    images = torch.cat([glyph.render(0.5, side) for glyph in GLYPHS[::30]])
    by_hand = budget(load(key), images, 0.8, canvas="image")
    assert abs(by_hand.parts[BORDER, conv1]) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("steps", [-1, 1])
def test_a_cut_scale_axis_is_in_the_scale_axis(steps, digits):
    """Random weights with interaction 2. Most of the error of a convolution goes with the top scales."""
    network = with_interaction()
    found = budget(network, digits, STEP**steps)
    layer = {name: i for i, name in enumerate(found.layers)}
    for name in ("conv2", "relu2", "pool2", "conv3"):
        assert found.applies[3, layer[name]]
        assert found.parts[SCALE_AXIS, layer[name]] > (0.5 if "conv" in name else 0.1) * found.errors[0, layer[name]]
    for name in ("conv1", "relu1", "pool1", "projection3"):
        assert not found.applies[3, layer[name]]
        assert found.parts[SCALE_AXIS, layer[name]] == 0
    # Of 4 scales shifting by one leaves 3; of conv2 the top one is cut, of conv3 two. One that is read counts too.
    kept = found.known[3] / found.known[2]
    assert [kept[layer[name]] for name in ("conv1", "conv2", "conv3")] == pytest.approx([1, 2 / 3, 1 / 3])


@pytest.mark.slow
@pytest.mark.parametrize("s", [0.5, STEP, 2.0])
def test_what_leaves_or_enters_the_axis_of_a_projection_is_in_the_projection(s, digits):
    """Trained for the maximum over four scales: a maximum at an end leaves the axis when the digit is resized."""
    network = load("sesn_vector")
    found = budget(network, digits, s)
    last, conv3 = found.layers.index("projection3"), found.layers.index("conv3")
    assert found.applies[2].tolist() == [layer == "projection3" for layer in found.layers]
    assert found.parts[PROJECTION, last] > 0.5 * found.errors[0, last]
    assert found.parts[REMAINDER, last] < 1.5 * found.parts[REMAINDER, conv3]
    # By hand: the maximum over the scales that both sides know, of either side.
    wide, steps = F.pad(digits, [26] * 4), round(math.log(s, STEP))
    before, after = (network.features(images)["conv3"].values for images in (wide, rescale(wide, s)))
    known = [i for i in range(4) if 0 <= i - steps < 4]
    one = torch.stack([rescale(before[:, :, i - steps], s) for i in known]).amax(0)
    difference = one - after[:, :, known].amax(2)
    expected = difference.flatten(1).norm(dim=1) / one.flatten(1).norm(dim=1)
    np.testing.assert_allclose(found.per_image[2, last], expected, rtol=1e-4)


def test_a_projection_that_is_no_maximum_is_repeated_as_the_network_makes_it(digits, monkeypatch):
    network = build("sesn_antialiased", channels=(2, 3, 4), hidden=4).eval()
    s = 2**0.5
    own = budget(network, digits[:1], s)
    last = own.layers.index("projection3")
    known = torch.tensor([False, True, True, True, True, True])  # the scales that T' reads from inside the axis
    wide = F.pad(digits[:1], [network.background_margin] * 4)
    before, after = (network.features(images)["conv3"].values for images in (wide, rescale(wide, s)))
    moved = torch.stack([rescale(before[:, :, max(0, i - 1)], s) for i in range(6)], dim=2)
    one, other = (network.project(maps, known) for maps in (moved, after))
    expected = (one - other).flatten(1).norm(dim=1) / one.flatten(1).norm(dim=1)
    np.testing.assert_allclose(own.per_image[2, last], expected.detach(), rtol=1e-3)
    monkeypatch.setattr(type(network), "project_over", lambda self, maps, scales: maps[:, :, scales].amax(2))
    assert budget(network, digits[:1], s).errors[2, last] != pytest.approx(own.errors[2, last], rel=0.05)


def test_a_scale_axis_that_is_cut_throughout_leaves_nothing_to_compare(digits):
    found = budget(build("sesn_vector", interaction=3).eval(), digits, STEP, canvas="image")
    conv3 = found.layers.index("conv3")
    assert found.known[:, conv3].tolist()[3:] == [0, 0]
    assert np.isfinite(found.parts[BORDER : PROJECTION + 1, conv3]).all()
    assert np.isnan(found.parts[SCALE_AXIS:, conv3]).all()
    assert np.isfinite(found.errors[:3, conv3]).all()


@pytest.mark.parametrize("interaction", [1, 2, 3])
@pytest.mark.parametrize("key", ["sesn_vector", "dss", "sesn_deformable"])  # the basis of disco changes itself
def test_cut_scales_are_those_that_a_longer_axis_changes(key, interaction):
    """The same weights on an axis with two scales more: what is not declared cut stays as it is, the rest does not."""
    shorter = build(key, interaction=interaction, num_scales=4, isr=2.0).eval()
    longer = build(key, interaction=interaction, num_scales=6, isr=2 ** (5 / 3)).eval()
    longer.load_state_dict({k: v for k, v in shorter.state_dict().items() if "basis" not in k}, strict=False)
    images = blobs(0, 28).float().abs()
    with torch.no_grad():
        short, long = shorter.features(images), longer.features(images)
    for layer, found in short.items():
        if found.group != "scale":
            assert layer not in shorter.cut_scales()
            continue
        whole = 4 - shorter.cut_scales().get(layer, 0)
        difference = (found.values - long[layer].values[:, :, :4]).square().sum((0, 1, 3, 4)).sqrt()
        size = found.values.norm()
        assert (difference[:whole] < 1e-5 * size).all()
        assert (difference[whole:] > 0.01 * size).all()


def test_networks_without_interaction_cut_no_scale():
    for key in ("sesn_vector", "sesn_scalar", "sicnn", "scale_learning_isr"):
        assert not any(build(key).cut_scales().values())
    assert build("cnn").cut_scales() == {}


@pytest.mark.parametrize("power", [-2, 1])
def test_on_the_grid_there_is_no_off_grid_part(power, digits):
    found = budget(load("random_sesn"), digits[:1], STEP**power * (1 + 1e-6))
    assert found.on_grid_factor == found.scale_factor
    assert (found.parts[OFF_GRID] == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize(("steps", "nearest"), [(1.4, 1), (1.6, 2), (-0.3, -1)])
def test_off_the_grid_the_nearest_step_but_0_is_taken(steps, nearest, digits):
    network, s, digits = load("random_sesn"), STEP**steps, digits[:1]
    found = budget(network, digits, s)
    assert found.on_grid_factor == pytest.approx(STEP**nearest)
    on_grid = budget(network, digits, STEP**nearest)
    np.testing.assert_allclose(found.errors[-1], on_grid.errors[-1], rtol=1e-4)
    assert found.applies[4].all()


def waves(images):
    """A wave along log σ that moves with the size of the ink, the same at all positions."""
    _, size = ink_size(images)
    scales = tuple(STEP**i for i in range(5))
    planes = [torch.cos(4 * (math.log(sigma) - size.log())) * torch.ones_like(images) for sigma in scales]
    return {"waves": FeatureMap(torch.stack(planes, dim=2), "scale", scales)}


def test_an_error_of_the_step_alone_is_in_the_off_grid_step():
    """It commutes but for linear interpolation between scales, which loses ½ (4 · 0.231 / 2)² = 11 % half way."""
    images = blobs(3, 40, width=2.5, spread=4.0, batch=2).abs()
    found = budget(Toy(waves), images, STEP**0.5, "ideal", canvas="image")
    assert found.parts[OFF_GRID, 0] > 0.05
    assert abs(found.parts[BORDER, 0]) < 0.01
    assert found.parts[REMAINDER, 0] < 0.02


def test_learned_scales_without_a_common_step_have_no_grid(digits):
    def uneven(images):
        return {"map": FeatureMap(images[:, :, None].expand(-1, -1, 3, -1, -1), "scale", (1.0, 1.5, 3.0))}

    assert budget(Toy(uneven), digits, 1.2).on_grid_factor == 1.2
    assert budget(build("random_sesn", num_scales=1).eval(), digits[:2], 1.2).on_grid_factor == 1.2


def test_a_network_whose_unit_is_the_canvas_has_a_remainder_only(digits):
    found = budget(load("fourier"), digits, 0.7)
    assert found.applies.any(axis=1).tolist() == [True, False, False, False, False]
    assert (found.per_image == found.per_image[:1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("key", ["random_sesn", "fourier"])
def test_vector_digits_are_drawn_on_the_larger_canvas(key):
    glyphs = [SizedGlyph(glyph, 0.7) for glyph in GLYPHS[::16]]
    network, s = load(key), STEP
    found = budget(network, glyphs, s, "exact", canvas="image")
    report = measure(network, glyphs, (s,), "exact", canvas="image")
    np.testing.assert_allclose(found.per_image[0], report.per_image[:, 0], rtol=1e-4)
    if key == "fourier":
        return
    # By hand: 28 + 2 · 16 pixels, of which the inner ones are compared within the mask of the small canvas.
    small, before, after = (
        network.features(torch.cat([glyph.render(size, side) for glyph in glyphs]))["conv3"]
        for size, side in ((1.0, 28), (1.0, 60), (s, 60))
    )
    transform = TRANSFORMS["scale"].act
    mask = transform(small, s)[1]
    a, b = (mask * fm.values[..., 4:11, 4:11] for fm in (transform(before, s)[0], after))
    expected = (a - b).flatten(1).norm(dim=1) / a.flatten(1).norm(dim=1)
    np.testing.assert_allclose(found.per_image[1, found.layers.index("conv3")], expected, rtol=1e-4)
    # Images by pixels are padded instead; glyphs by pixels are drawn on the larger canvas first.
    images = torch.cat([glyph.render(1.0, 28) for glyph in glyphs])
    np.testing.assert_allclose(
        *(budget(network, each, s, canvas="image").per_image for each in (glyphs, images)), rtol=1e-3, atol=1e-5
    )


def test_an_image_that_is_silent_in_one_run_is_left_out_of_all(digits):
    found = budget(load("random_cnn"), torch.cat([digits[:2], torch.zeros(1, 1, 28, 28)]), 0.8)
    without = budget(load("random_cnn"), digits[:2], 0.8)
    np.testing.assert_allclose(found.errors, without.errors, rtol=1e-4)
    per_image = found.per_image.copy()
    per_image[1, :, 0] = np.nan
    alone = replace(found, per_image=per_image)
    np.testing.assert_allclose(alone.errors, found.per_image[:, :, 1])
    np.testing.assert_allclose(alone.parts.sum(axis=0), alone.errors[0])


def test_what_cannot_be_measured_is_refused(digits):
    network = load("identity")
    for s, larger in ((0.0, 2.0), (float("nan"), 2.0), (1.2, 0.5)):
        with pytest.raises(ValueError, match="expected a positive scale factor and a canvas no smaller"):
            budget(network, digits, s, larger=larger)
    with pytest.raises(ValueError, match="at least one image"):
        budget(network, digits[:0], 1.2)
    with pytest.raises(ValueError, match="draws vector digits again"):
        budget(network, digits, 1.2, "exact")
    fixed = Toy(lambda images: {"map": FeatureMap(F.adaptive_avg_pool2d(images, 7), stride=4.0)})
    with pytest.raises(ValueError, match=r"map: the map of the larger canvas should be \(15, 15\)"):
        budget(fixed, digits, 1.2, canvas="image")
    assert not budget(fixed, digits, 1.2, larger=1.0, canvas="image").applies[1].any()
