"""A sweep says the same as the measure, factor by factor, and undoing the change stands still."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS, SizedGlyph
from core.equivariance import measure, readings, readings_of_many, sweep, sweep_layer, undone
from core.models import load
from core.resampling import rescale
from core.transforms import TRANSFORMS
from tests.formulas import relative, resampling_cost

FACTORS = (0.5, 0.63, 1.0, 1.3, 2.0)
SCALE = TRANSFORMS["scale"]
DIGIT = SizedGlyph(GLYPHS[12], 0.7)


@pytest.mark.slow
@pytest.mark.parametrize("resampler", ["bicubic", "exact"])
@pytest.mark.parametrize("key", ["random_cnn", "random_sesn", "so2_cnn", "fourier"])
def test_it_is_the_measure_at_every_factor(key, resampler):
    network = load(key)
    picture = DIGIT if resampler == "exact" else DIGIT.render()
    found = sweep(network, picture, FACTORS, resampler)
    images = [picture] if resampler == "exact" else picture
    report = measure(network, images, FACTORS, resampler)
    np.testing.assert_allclose(found.image_costs, report.image_cost, atol=1e-6)
    for layer in list(found.before)[::3]:
        both = sweep_layer(found, layer)
        expected = report.error[report.layers.index(layer)]
        np.testing.assert_allclose(both.errors, expected, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(both.costs, report.cost[report.layers.index(layer)], rtol=1e-4, atol=1e-6)
        for k, s in enumerate(FACTORS):
            alone = network.features(found.images[k])[layer]
            moved, mask = SCALE.act(found.before[layer], s, SCALE.of_maps(resampler))
            torch.testing.assert_close(both.moved[k].values, moved.values)
            tiny = 1e-5 * max(1.0, float(alone.values.abs().max()))  # alone it is computed on the whole canvas
            torch.testing.assert_close(both.after[k].values, alone.values, rtol=1e-4, atol=tiny)
            torch.testing.assert_close(both.masks[k], mask)


def test_the_images_are_those_of_the_network_and_the_cost_that_of_the_resampler():
    for key, x in (("random_cnn", F.pad(DIGIT.render(), [26] * 4)), ("fourier", DIGIT.render())):
        network = load(key)
        found = sweep(network, DIGIT.render(), FACTORS, "bicubic")
        for s, image in zip(FACTORS, found.images, strict=True):
            torch.testing.assert_close(image, SCALE.images(network, x, s))
        if key == "random_cnn":
            assert found.image_costs == pytest.approx([float(resampling_cost(x, s)[0]) for s in FACTORS])


def test_the_window_is_the_middle_of_a_wide_canvas():
    found = sweep(load("random_sesn"), DIGIT.render(), FACTORS, "bicubic")
    assert (found.side, found.original.shape[-1]) == (80, 80)
    shown, both = found.window(32), sweep_layer(found, "conv3")
    assert torch.equal(shown.original, found.original[..., 24:56, 24:56])
    assert torch.equal(shown.images[0], found.images[0][..., 24:56, 24:56])
    small = both.window(32)
    maps, cuts = ((*each.moved, *each.after) for each in (both, small))
    for there, cut in zip(maps, cuts, strict=True):
        assert torch.equal(cut.values.nan_to_num(7), there.values[..., 6:14, 6:14].nan_to_num(7))
        assert (cut.centre, cut.stride) == (there.centre, there.stride)
    assert torch.equal(shown.after[0]["conv3"].values, small.after[0].values)
    assert small.errors == both.errors
    assert {mask.shape[-2:] for mask in small.masks} == {(8, 8)}
    fourier = sweep(load("fourier"), DIGIT.render(), (0.8,), "bicubic")
    assert fourier.window(32) is fourier


def test_on_a_wide_canvas_every_position_is_known():
    found = sweep(load("cnn"), DIGIT.render(), FACTORS, "bicubic")
    both = sweep_layer(found, "pool2")
    assert all(bool((mask == 1).all()) for mask in both.masks)
    assert not any(bool(there.values.isnan().any()) for there in undone(found, "pool2", 3))
    masked = sweep_layer(sweep(load("cnn"), DIGIT.render(), FACTORS, "bicubic", canvas="image"), "pool2")
    assert bool((masked.masks[0] == 0).any())


def test_undone_stands_still_where_a_layer_commutes_and_not_where_it_does_not():
    x = DIGIT.render()
    for key, layer, low, high in (("sesn_vector", "conv1", 0, 0.12), ("cnn", "conv1", 0.25, 9)):
        swept = sweep(load(key), x, (2 ** (-1 / 3), 2 ** (1 / 3)), "bicubic")
        before = swept.before[layer].values
        channels = [undone(swept, layer, channel) for channel in range(before.shape[1])]
        for each in zip(*channels, strict=True):
            there = torch.cat([one.values for one in each], dim=1)
            known = ~torch.isnan(there)
            assert known.float().mean() > 0.1
            assert low < relative(there[known], before[known]) < high


@pytest.mark.parametrize(
    ("transform", "key", "amount"),
    [("scale", "sesn_vector", 2 ** (-1 / 3)), ("rotation", "so2_cnn", 90.0), ("translation", "cnn", -3.0)],
)
def test_every_transform_can_be_swept_and_undone(transform, key, amount):
    """A sweep says the same as the measure, and a layer that commutes stands still when it is undone."""
    network, x, amounts = load(key), DIGIT.render(), (TRANSFORMS[transform].identity, amount)
    found, report = sweep(network, x, amounts, "bicubic", transform), measure(network, x, amounts, "bicubic", transform)
    assert (found.transform, found.amounts) == (transform, amounts)
    np.testing.assert_allclose(found.image_costs, report.image_cost, atol=1e-6)
    both = sweep_layer(found, "conv1")
    np.testing.assert_allclose(both.errors, report.error[0], rtol=1e-4, atol=1e-6)
    assert both.errors[0] == 0
    still = undone(found, "conv1", 2)[1].values, both.before.values[:, 2:3]
    known = ~torch.isnan(still[0])
    assert relative(still[0][known], still[1][known]) < 0.2


@pytest.mark.parametrize("key", ["cnn", "sesn_vector", "sesn_scalar", "sevf"])
def test_only_the_layer_that_is_wanted_is_kept_and_nothing_else_changes(key):
    network, x = load(key), DIGIT.render()
    whole, short = sweep(network, x, (0.8, 1.2)), sweep(network, x, (0.8, 1.2), last="relu1")
    assert [list(features) for features in (short.before, *short.after)] == [["relu1"]] * 3
    assert torch.equal(short.after[1]["relu1"].values, whole.after[1]["relu1"].values)
    with pytest.raises(KeyError, match="relu9"):
        sweep(network, x, (0.8,), last="relu9")
    assert torch.equal(readings(network, short), readings(network, whole))
    masked = sweep(network, x, (0.8, 1.2), canvas="image", last="relu1")  # its readings classify maps
    assert list(masked.before) == list(whole.before)
    assert list(sweep(load("fourier"), x, (0.8,), last="conv1").before) == list(load("fourier").features(x))


def test_a_reading_is_that_of_the_network():
    network, x = load("cnn"), DIGIT.render()
    found = sweep(network, x, (0.8, 1.0), "bicubic")
    with torch.no_grad():
        expected = network(torch.cat([x, rescale(x, 0.8), x])).softmax(1)
    torch.testing.assert_close(readings(network, found), expected, rtol=1e-4, atol=1e-6)  # float32, other batches
    masked = sweep(network, x, (0.8, 1.0), "bicubic", canvas="image")
    assert torch.equal(readings(network, masked).argmax(1), expected.argmax(1))


@pytest.mark.parametrize("key", ["cnn", "fourier"])  # on a wide canvas, and with one that changes its size
def test_many_digits_are_read_as_each_alone(key):
    network, amounts = load(key), (0.63, 1.0, 1.5874)
    digits = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:3]])
    found = readings_of_many(network, digits, amounts)
    assert found.shape == (3, 3, 10)
    alone = [readings(network, sweep(network, digit[None], amounts))[1:] for digit in digits]
    torch.testing.assert_close(found, torch.stack(alone, dim=1), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("key", "transform"), [("sesn_vector", "scale"), ("so2_cnn", "rotation"), ("cnn", "translation")]
)
def test_the_probabilities_of_every_amount_sum_to_one(key, transform):
    amounts = TRANSFORMS[transform].handle_amounts[::6]
    network = load(key)
    found = readings(network, sweep(network, DIGIT.render(), amounts, transform=transform, resampler="bicubic"))
    assert found.shape == (1 + len(amounts), 10)
    torch.testing.assert_close(found.sum(1), torch.ones(1 + len(amounts)), rtol=0, atol=1e-6)
    assert len(set(found.argmax(1).tolist())) > 1 or found.max(1).values.min() > 0.5


@pytest.mark.parametrize("key", ["cnn", "sesn_vector", "fourier"])
def test_a_layer_measured_on_the_way_has_the_numbers_that_it_has_afterwards(key):
    """Also where nothing of its maps is kept."""
    network, x = load(key), DIGIT.render()
    expected = sweep_layer(sweep(network, x, FACTORS), "conv2")
    found = sweep(network, x, FACTORS, compared="conv2", kept=lambda features: {})
    both = found.compared
    assert both.layer == "conv2"
    np.testing.assert_equal((both.errors, both.costs), (expected.errors, expected.costs))
    for one, other in zip(maps_of(both), maps_of(expected), strict=True):
        assert torch.equal(one.values, other.values)
    cut = sweep(network, x, FACTORS, compared="conv2", pixels=32).compared
    wide = expected.window(32) if found.side is not None else expected
    assert [each.values.shape for each in maps_of(cut)] == [each.values.shape for each in maps_of(wide)]
    assert list(found.before) == [] == [name for features in found.after for name in features]
    assert sweep(network, x, FACTORS).compared is None
    with pytest.raises(KeyError, match="conv9"):
        sweep(network, x, FACTORS, compared="conv9")


@pytest.mark.parametrize("layer", ["conv1", "pool2", "projection3"])
def test_maps_cut_at_once_are_those_cut_afterwards(layer):
    found = sweep(load("sesn_vector"), DIGIT.render(), FACTORS)
    at_once, afterwards = sweep_layer(found, layer, 32), sweep_layer(found, layer).window(32)
    assert (at_once.layer, at_once.errors, at_once.costs) == (layer, afterwards.errors, afterwards.costs)
    for one, other in zip(maps_of(at_once), maps_of(afterwards), strict=True):
        assert torch.equal(one.values, other.values)
    assert all(torch.equal(one, other) for one, other in zip(at_once.masks, afterwards.masks, strict=True))


def maps_of(found):
    return found.before, *found.moved, *found.after
