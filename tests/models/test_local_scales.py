"""SI-ConvNet, SEVF and SS-CNN: every layer looks at all scales and keeps the strongest response at each place."""

import copy

import pytest
import torch
import torch.nn.functional as F

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import build
from tests.formulas import blobs, relative
from tests.thorough import rest

KEYS = ("si_convnet", "sevf", "ss_cnn")
RANGE = {"sigma_basis": 0.5, "isr": 8.0, "num_scales": 7}  # steps of √2


def errors(network, scale_factors=(2**-0.5, 2**0.5)):
    """Mean relative error of every layer for three digits of half size on a canvas of 56 pixels."""
    images = torch.cat([glyph.render(1.0, 56) for glyph in GLYPHS[:9:3]]).double()
    report = measure(network.double().eval(), images, scale_factors, costs=False)
    return dict(zip(report.layers, report.error.mean(1), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("key", rest(["si_convnet", "sevf"], "sevf"))
def test_a_digit_of_another_size_steps_along_the_scale_axis(key):
    """Well below the plain network in the first layer, where T' acts on the scale axis and nothing was done yet."""
    torch.manual_seed(0)
    network = build(key, channels=(4, 5, 6), hidden=6, **RANGE)
    found = errors(network)["conv1"]
    plain = errors(build("cnn", channels=(4, 5, 6), hidden=6))["conv1"]
    assert found < 0.2 < 0.35 < plain
    # Mutation: the axis runs the other way, so that a larger digit is looked for at a smaller scale.
    rescaling = network.convs[0].rescaling
    rescaling.factors = rescaling.factors[::-1]
    rescaling._matrices.clear()
    assert errors(network)["conv1"] > 2 * found


@pytest.mark.slow
def test_steered_filters_step_along_the_scale_axis():
    """Filters wide enough for their harmonics, on digits that are large for them."""
    torch.manual_seed(0)
    wide = {"radius": 6.0, "num_scales": 3, "isr": 2.0, "channels": (4, 5, 6), "hidden": 6}
    network = build("ss_cnn", **wide)
    mutated = copy.deepcopy(network)  # before it keeps any kernels
    found = errors(network)["conv1"]
    assert found < 0.2
    first = mutated.convs[0]
    first.basis = build("ss_cnn", **{**wide, "isr": 1.001}).convs[0].basis  # mutation: nothing is steered
    first._functions.clear()
    assert errors(mutated)["conv1"] > 2 * found


@pytest.mark.parametrize("key", KEYS)
def test_the_strongest_response_over_scales_goes_on(key):
    network = build(key).eval()
    with torch.no_grad():
        maps = network.features(torch.rand(2, 1, 28, 28))
    for number in (1, 2, 3):
        responses, kept = maps[f"conv{number}"], maps[f"projection{number}"]
        assert (responses.group, kept.group) == ("scale", "plane")
        assert responses.internal_scales == network.config.internal_scales
        assert torch.equal(responses.values.amax(2), kept.values)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("change", [{"num_scales": 1}, {"sigma_basis": 0.7, "isr": 4.0, "num_scales": 6}])
def test_trained_weights_fit_any_internal_scales(key, change):
    network, other = build(key), build(key, **change).eval()
    other.load_state_dict(network.state_dict())
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        assert torch.isfinite(other(images)).all()
        assert not any(found.values.any() for found in other.features(torch.zeros_like(images)).values())
    first, scales = other.features(images)["conv1"], other.config.internal_scales
    assert first.group == ("scale" if len(scales) > 1 else "plane")
    assert len(scales) == 1 or first.internal_scales == scales


@pytest.mark.parametrize("key", KEYS)
def test_a_scale_answers_alike_in_every_set_that_holds_it(key):
    usual, alone = build(key, sigma_basis=1.0, isr=2.0).eval(), build(key, sigma_basis=2.0, num_scales=1).eval()
    alone.load_state_dict(usual.state_dict())
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        expected = usual.features(images)["conv1"].values[:, :, -1]
        torch.testing.assert_close(alone.features(images)["conv1"].values, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("key", ["si_convnet", "sevf"])
def test_a_shift_that_is_whole_on_every_grid_shifts_every_map(key):
    """σ of 1 and 2 look at the image itself and at half of it; 8 and 16 pixels are whole there in all three layers."""
    network = build(key, channels=(3, 4, 5), hidden=6, sigma_basis=1.0, isr=2.0, num_scales=2).double().eval()
    image = F.pad(blobs(2, 16, width=2.0, spread=3.0), (112, 112, 112, 112))
    with torch.no_grad():
        before, after = (network.features(x) for x in (image, image.roll((8, -16), (2, 3))))
    for layer, found in before.items():
        step = int(8 / found.stride)
        assert relative(after[layer].values, found.values.roll((step, -2 * step), (-2, -1))) < 1e-12, layer


@pytest.mark.parametrize(("key", "published"), [("si_convnet", 494_549), ("sevf", 475_475), ("ss_cnn", 493_688)])
def test_paper_sizes_have_about_the_published_number_of_parameters(key, published):
    network = build(key, "paper")
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(published, rel=0.02)


def test_kernels_are_shown_where_there_are_any():
    assert [len(k) for k in build("si_convnet").kernels(slice(0, 1)).values()] == [1, 1, 1]
    assert list(build("sevf").kernels()) == ["conv1"]  # the others are vectors
    steered = build("ss_cnn").kernels(slice(0, 1))
    assert [k.shape[-1] for k in steered["conv2"]] == [7, 7, 9, 11]


def test_lengths_of_vectors_are_shown_and_angles_go_on():
    """SEVF: the activations show no negative number, and the second layer answers to angles, not only lengths."""
    torch.manual_seed(0)
    network = build("sevf", channels=(3, 4, 5), hidden=6).eval()
    images = torch.rand(1, 1, 28, 28)
    with torch.no_grad():
        maps = network.features(images)
        assert all(maps[layer].values.min() >= 0 for layer in ("relu1", "pool1", "relu2", "pool2"))
        network.project_vector.angles = tuple(0.0 for _ in network.project_vector.angles)
        without = network.features(images)
    assert torch.equal(without["relu1"].values, maps["relu1"].values)
    assert relative(without["conv2"].values, maps["conv2"].values) > 0.1


@pytest.mark.parametrize(
    ("key", "config", "message"),
    [
        ("si_convnet", {"kernel": 6}, "odd number of pixels, got 6"),
        ("sevf", {"kernel": 2}, "odd number of pixels, got 2"),
        ("ss_cnn", {"radius": 0.0}, "radius above 0, .* got 0.0, 11.31.*, 6 and"),
        ("si_convnet", {"isr": 0.5}, "isr must be a number of at least 1, got 0.5"),
        ("sevf", {"pooling": "median"}, "'max' or 'average', got 'median'"),
        ("sesn_antialiased", {"pooling": "average"}, "pooling of this network is 'blur', got 'average'"),
    ],
)
def test_what_cannot_be_built_is_refused_with_what_came(key, config, message):
    with pytest.raises(ValueError, match=message):
        build(key, **config)
