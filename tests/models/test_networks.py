"""Every network of the table: its shapes, what its maps declare, shifts, one step of training."""

import math
import re

import jaxtyping
import pytest
import torch
import torch.nn.functional as F

from core.models import MODELS, FeatureMap, build, load
from tests.formulas import blobs, relative

EVERY = [(key, size) for key, spec in MODELS.items() for size in spec.sizes]
PAPER_SLOW = [pytest.param(*pair, marks=[pytest.mark.slow] if pair[1] == "paper" else []) for pair in EVERY]
TRAINED = [key for key, spec in MODELS.items() if not spec.control]
PLAIN = ("cnn", "cnn_small", "deformable_cnn", "so2_cnn", "fourier", "random_cnn", "identity")
# A whole pixel of the image is none of their rescaled grids: only a single scale, that of the image, is exact.
RESCALING = ("si_convnet", "sevf")


def at_one_scale(key, size):
    return cheap(key, size, sigma_basis=1.0, num_scales=1) if key in RESCALING else cheap(key, size)


def cheap(key, size, **config):
    """The network with few channels: the same layers, kernels and steps at a fraction of the cost."""
    return build(key, size) if key == "identity" else build(key, size, channels=(3, 4, 5), hidden=6, **config)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "size"), EVERY)
def test_images_become_logits_one_by_one(key, size):
    network = cheap(key, size).eval()
    images = torch.rand(3, 1, 28, 28)
    with torch.no_grad():
        logits = network(images)
        assert logits.shape == (3, 10)
        for i in range(3):  # a batch of one, and what else is in the batch does not matter
            torch.testing.assert_close(network(images[i : i + 1]), logits[i : i + 1], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(network.classify(network.features(images)), logits)


@pytest.mark.slow
@pytest.mark.parametrize("canvas", [(28, 28), (20, 24), (33, 29), (56, 56), (5, 3)])
@pytest.mark.parametrize(("key", "size"), EVERY)
def test_every_map_declares_what_it_is_on_any_canvas(key, size, canvas):
    network = cheap(key, size).eval()
    enlarge = getattr(network.config, "enlarge", 1)
    with torch.no_grad():
        features = network.features(torch.rand(2, 1, *canvas))
    for layer, found in features.items():
        assert isinstance(found, FeatureMap)
        assert found.values.shape[0] == 2, layer
        if found.group == "scale":
            learned = getattr(network, "internal_scales", None)
            assert found.internal_scales == (learned or network.config.internal_scales)
            assert found.values.shape[2] == len(found.internal_scales)
        else:
            turns = key == "so2_cnn" and not layer.startswith("projection")
            assert (found.group, found.internal_scales) == ("rotation" if turns else "plane", ())
        over_scales = key not in PLAIN and not layer.startswith("projection")
        vector = key in ("dss", "sesn_vector", "sesn_antialiased", "disco", "sesn_deformable", "random_sesn", "sicnn")
        vector = vector or key.startswith("scale_learning")
        assert (found.group == "scale") == (over_scales and (vector or layer.startswith("conv"))), layer
        if network.changes_canvas:  # the canvas is the unit: every map covers it exactly
            assert (found.canvas, found.centre) == (canvas, (0, 0))
            assert found.values.shape[-2:] == tuple(math.ceil(side / found.stride) for side in canvas)
            continue
        assert found.canvas is None
        # The map covers the canvas and less than one pooling window more, and its declared centre is the canvas's.
        for n, side, offset in zip(found.values.shape[-2:], canvas, found.centre, strict=True):
            surplus = n * found.stride - side
            assert 0 <= surplus < network.total_stride / enlarge
            before = surplus / 2 + offset * found.stride  # image pixels in front of the canvas
            assert before >= 0
            assert surplus - before >= 0
            assert (before * enlarge) == int(before * enlarge)
            assert abs(offset) * found.stride * enlarge <= 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("key", "size"), EVERY)
def test_a_canvas_is_padded_where_the_maps_say(key, size):
    """A digit moved onto a canvas of 25×26 pixels gives the same first map at the declared place."""
    network = at_one_scale(key, size).double().eval()
    if network.changes_canvas:
        pytest.skip("another canvas is another resolution, and none is padded")
    image = F.pad(blobs(0, 9, width=1.5, spread=1.5), (8, 8, 8, 9))[..., :25]  # 26 high, 25 wide
    aligned = F.pad(image, (0, 3, 0, 2))  # to 28: no padding of the network's own
    with torch.no_grad():
        odd, even = (next(iter(network.features(x).values())) for x in (image, aligned))
    assert even.centre == (0, 0)
    down, across = (
        int((n * odd.stride - side) / 2 / odd.stride + offset)
        for n, side, offset in zip(odd.values.shape[-2:], (26, 25), odd.centre, strict=True)
    )
    h, w = odd.values.shape[-2] - down, odd.values.shape[-1] - across
    assert relative(odd.values[..., down:, across:], even.values[..., :h, :w]) < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize(("key", "size"), PAPER_SLOW)
def test_a_shift_of_the_image_shifts_every_convolutional_map(key, size):
    """4 down and 8 across, whole pixels of every map. float64; the kernels of the small SESN reach 56 pixels, those of
    the others 25 at most, so all responses stay on the canvas."""
    network = at_one_scale(key, size).double().eval()
    side = 48 if key == "identity" else 96 if key in PLAIN or (size == "paper" and "learning" not in key) else 144
    side = 144 if key == "sicnn" else side
    side = 176 if (key, size) == ("dss", "small") else side  # whose last filter reaches 32 pixels
    side = 384 if key == "sesn_antialiased" else side  # whose blurs add 69 pixels to each side, its kernels 106
    if network.changes_canvas:
        side = 28  # on which its maps lie; it continues the canvas by itself
    margin = (side - 16) // 2
    image = F.pad(blobs(2, 16, width=2.0, spread=3.0), (margin, margin, margin, margin))
    with torch.no_grad():
        before, after = (network.features(x) for x in (image, image.roll((4, -8), (2, 3))))
    for layer, found in before.items():
        step = 4 / found.stride
        assert step == int(step)
        expected = found.values.roll((int(step), -2 * int(step)), (-2, -1))
        assert relative(after[layer].values, expected) < 1e-12, layer  # a shift by one map pixel less gives 0.1


@pytest.mark.parametrize("key", MODELS)
def test_what_is_no_image_is_refused_with_what_came(key, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # else the type checker of the tests speaks first
    network = cheap(key, "small").eval()
    with pytest.raises(ValueError, match=r"expected images \(b, 1, 28, 28\), got \(2, 1, 28, 27\)"):
        network(torch.rand(2, 1, 28, 27))
    for shape in ((2, 3, 28, 28), (0, 1, 28, 28), (2, 1, 0, 28), (1, 28, 28)):
        with pytest.raises(ValueError, match=re.escape(f"expected images (b, 1, h, w), got {shape}")):
            network.features(torch.rand(shape))
    with pytest.raises(ValueError, match=r"expected images as numbers in \[0, 1\], got torch.uint8"):
        network.features(torch.zeros(1, 1, 28, 28, dtype=torch.uint8))


@pytest.mark.training
@pytest.mark.parametrize("key", TRAINED)
def test_a_step_of_training_lowers_the_loss_and_reaches_every_weight(key):
    torch.manual_seed(0)
    network = build(key).train()
    images, labels = blobs(0, 28, width=2.0, batch=16).abs().clamp(max=1).float(), torch.arange(16) % 10
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)

    def loss():
        torch.manual_seed(1)  # the same dropout each time
        return F.cross_entropy(network(images), labels)

    before = loss()
    before.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
    optimizer.step()
    assert float(loss().detach()) < float(before.detach())
    network.eval()
    with torch.no_grad():
        assert torch.isfinite(network(images)).all()


@pytest.mark.parametrize("key", ["cnn", "dss", "sesn_vector", "sesn_scalar", "disco", "sesn_deformable"])
def test_paper_sizes_have_the_published_number_of_parameters(key):
    """494,549 each in the published code; ours 494,454, without the shifts of two batch norms."""
    counts = sum(p.numel() for p in build(key, "paper").parameters())
    assert counts == pytest.approx(494_549, rel=0.02)


def test_networks_with_scales_have_no_more_weights_than_those_without():
    """The scales share their weights, so more of them cost nothing."""
    counts = {n: sum(p.numel() for p in build("sesn_vector", num_scales=n).parameters()) for n in (1, 4, 7)}
    assert len(set(counts.values())) == 1


def test_interaction_spans_scales_and_truncates_at_the_top():
    network = build("sesn_vector", interaction=2).eval()
    assert network.convs[1].interaction == 2
    assert network(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_the_identity_hands_the_image_on():
    images = torch.rand(2, 1, 31, 17)
    found = load("identity").features(images)["image"]
    assert torch.equal(found.values, images)


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("group must be one of", {"group": "colour"}),
        (r"'scale' has 5 axes, got \(1, 2, 3, 4\)", {"group": "scale"}),
        (r"'plane' has 4 axes, got \(1, 1, 2, 3, 4\)", {"five": True}),
        ("1 scales in the map, 2 declared", {"five": True, "group": "scale", "internal_scales": (1.0, 2.0)}),
    ],
)
def test_a_map_that_contradicts_itself_cannot_be_declared(message, options):
    values = torch.zeros(1, 1, 2, 3, 4)[:, :1, :1] if options.get("internal_scales") else torch.zeros(1, 1, 2, 3, 4)
    values = values if options.pop("five", False) else torch.zeros(1, 2, 3, 4)
    with pytest.raises(ValueError, match=message):
        FeatureMap(values, **options)
