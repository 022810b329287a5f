"""A module without declarations, measured: its grids are found, and what has none is left out, or refused if wanted."""

import importlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import FeatureMap, Grid, load, wrap
from core.resampling import rescale
from core.transforms import Scale
from tests.formulas import all_glyphs, blobs

README = Path(__file__).resolve().parents[2] / "README.md"
FACTORS = (0.6, 1.3)
module_of_measure = importlib.import_module("core.equivariance.measure")


@pytest.fixture(scope="module")
def digits():
    return all_glyphs(0.7)[::8]


def grid_of(module, layer, canvas=28, **how):
    found = wrap(module, [layer], canvas=canvas, **how).features(torch.rand(1, 1, canvas, canvas))[layer]
    return found.stride, found.centre


def test_our_plain_cnn_has_the_numbers_of_its_declared_maps(digits):
    cnn = load("cnn")
    declared = {
        "convs.0": "conv1", "activations.0": "relu1", "norms.0": "pool1",
        "convs.1": "conv2", "activations.1": "relu2", "norms.1": "pool2", "convs.2": "conv3",
    }  # fmt: skip
    wrapped = wrap(cnn, list(declared))
    for images in (digits, GLYPHS[:1]):
        ours, theirs = (measure(each, images, FACTORS, canvas="image") for each in (wrapped, cnn))
        assert ours.layers == tuple(declared)
        rows = [theirs.layers.index(name) for name in declared.values()]
        np.testing.assert_allclose(ours.per_image, theirs.per_image[rows], rtol=1e-5)
        np.testing.assert_allclose(ours.known, theirs.known[rows])
    maps, own = wrapped.features(digits), cnn.features(digits)
    for name, known in declared.items():
        assert (maps[name].stride, maps[name].centre) == (own[known].stride, own[known].centre)
    assert torch.equal(wrapped(digits), cnn(digits))


@pytest.mark.parametrize(
    ("layers", "canvas", "stride", "centre"),
    [  # of sample i the middle of the field, in pixels of an axis of n: stride · i + first
        ([nn.Conv2d(1, 2, 3, stride=2, padding=1)], 28, 2, 0.25),  # 2i
        ([nn.Conv2d(1, 2, 3, stride=2, padding=1)], 29, 2, 0),
        ([nn.Conv2d(1, 2, 3)], 28, 1, 0),
        ([nn.Conv2d(1, 2, 4, padding=2)], 28, 1, 0),  # 29 samples
        ([nn.Conv2d(1, 2, 4, stride=2, padding=1)], 28, 2, 0),  # 2i + ½
        ([nn.Conv2d(1, 2, 4, padding="same")], 28, 1, -0.5),  # i + ½
        ([nn.Conv2d(1, 2, 7, padding=9, dilation=3)], 28, 1, 0),
        ([nn.Conv2d(1, 2, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 2, 3, padding=1)], 28, 2, 0),
        ([nn.MaxPool2d(3, 2, 1), nn.Conv2d(1, 2, 3, 2, 1)], 28, 4, 0.375),  # 4i
        ([nn.MaxPool2d(2, ceil_mode=True)], 29, 2, -0.25),  # 15 samples
        ([nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"), nn.AvgPool2d(4)], 28, 4, 0),
        # Fields of 143 and of all pixels: a convolution is cut to its middle taps, a norm over the map is left out.
        ([*[nn.Conv2d(1, 1, 15, padding=7) for _ in range(10)], nn.AvgPool2d(2)], 28, 2, 0),
        ([nn.Conv2d(1, 4, 3, padding=1), nn.InstanceNorm2d(4), nn.GroupNorm(2, 4), nn.MaxPool2d(2)], 28, 2, 0),
    ],
)
def test_stride_and_centre_are_those_of_the_layers(layers, canvas, stride, centre):
    module = nn.Sequential(*layers)
    assert grid_of(module, str(len(layers) - 1), canvas) == (stride, (centre, centre))


def test_a_canvas_of_two_sides_has_two_centres():
    found = wrap(nn.Sequential(nn.Conv2d(1, 2, 3, stride=2, padding=1))).features(torch.rand(1, 1, 28, 33))["0"]
    assert found.centre == (0.25, 0.0)


def test_a_grid_beside_the_centre_is_no_error_of_the_network(monkeypatch):
    """To take every fourth pixel of a smooth image commutes; that these lie at 4i, not at 4i + 1½, must not count."""
    take = nn.Conv2d(1, 1, 3, stride=4, padding=1, bias=False).requires_grad_(False)
    take.weight.zero_()[0, 0, 1, 1] = 1
    network, images = wrap(take, canvas=160), blobs(0, 160, width=10.0, spread=30.0).float()
    right = measure(network, images, (0.9, 1.1)).error
    act = Scale.act
    monkeypatch.setattr(Scale, "act", lambda self, found, *how: act(self, replace(found, centre=(0.0, 0.0)), *how))
    wrong = measure(network, images, (0.9, 1.1)).error
    assert (right < 0.3 * wrong).all()  # 0.003 against 0.015


class Centred(nn.Module):
    """Every output reads the whole image, and lies where its input does: as under a norm."""

    def forward(self, x):
        return x - x.mean((-2, -1), keepdim=True)


def test_what_all_samples_share_moves_no_grid():
    assert grid_of(nn.Sequential(nn.MaxPool2d(2), Centred()), "1") == (2, (0, 0))


@pytest.mark.parametrize(
    "layers",
    [
        [nn.AdaptiveAvgPool2d(8)],  # steps of 3 and 4 pixels
        [nn.Upsample(scale_factor=1.5)],
        [nn.Conv2d(1, 2, 3, stride=(1, 2), padding=1)],
        [nn.Sequential(nn.Flatten(2), nn.Linear(784, 784), nn.Unflatten(2, (28, 28)))],
    ],
)
def test_a_grid_that_is_not_even_or_not_to_be_seen_is_refused_unless_declared(layers):
    module = nn.Sequential(*layers)
    with pytest.raises(ValueError, match=r"the grid of layer '0', \d+×\d+ samples of an image of 28×28") as refusal:
        wrap(module, ["0"])
    assert "declare grids={'0': Grid(stride, centre)}" in str(refusal.value)
    assert grid_of(module, "0", grids={"0": Grid(3.0, (0.1, 0.2))}) == (3.0, (0.1, 0.2))


def test_what_cannot_be_wrapped_is_refused_in_one_sentence():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    refused = [
        ("the module has no planar output", flat, {}),
        ("1 has no planar output", flat, {"layers": ["1"]}),
        ("there is no layer 'conv9'; the module has 0, 1", flat, {"layers": ["conv9"]}),
        ("the module does not take 1 channels of 32×32 pixels", flat, {"canvas": 32}),
        ("the module does not take 3 channels of 28×28 pixels", nn.Conv2d(4, 1, 3), {"channels": 3}),
        ("grids are declared for 7; layers are 0", nn.Sequential(nn.ReLU()), {"grids": {"7": Grid(1.0)}}),
    ]
    for message, module, how in refused:
        with pytest.raises(ValueError, match=message) as refusal:
            wrap(module, **how)
        assert "\n" not in str(refusal.value)
    with pytest.raises(ValueError, match="expected images"):
        wrap(nn.Conv2d(1, 1, 3)).features(torch.zeros(0, 1, 28, 28))


def test_layers_are_recorded_as_they_answer(digits):
    """A layer that works in place does not change what the one before it answered; a second call has its own name."""
    relu = nn.ReLU(inplace=True)
    conv, second = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)
    module = nn.Sequential(conv, relu, nn.BatchNorm2d(3), second, relu, nn.Dropout2d(), nn.AdaptiveAvgPool2d(1))
    network = wrap(module.train())
    found = network.features(digits)
    assert list(found) == ["0", "1", "3", "1#2"]  # no norm, no dropout, and no map of 1×1
    torch.testing.assert_close(found["0"].values, conv(digits))
    assert found["0"].values.min() < 0
    torch.testing.assert_close(found["1"].values, conv(digits).relu())
    assert module.training
    assert not any(submodule._forward_hooks for submodule in module.modules())
    assert list(wrap(module, ["3"]).features(digits)) == ["3"]
    assert module[0].weight.dtype == torch.float32


class Nothing(nn.Module):
    """A part that some networks have where another size of them pads."""

    def forward(self, x):
        return x


def test_a_part_that_answers_what_it_was_given_is_no_map_unless_it_is_asked_for(digits):
    module = nn.Sequential(Nothing(), nn.Conv2d(1, 3, 3), nn.Sequential(Nothing(), nn.ReLU(inplace=True)))
    assert wrap(module).layers == ("1", "2.1")
    assert list(wrap(module, ["2.0"]).features(digits)) == ["2.0"]


def test_a_module_for_colours_gets_the_grey_channel_three_times(digits):
    colours = nn.Sequential(nn.Conv2d(3, 4, 5, padding=2), nn.ReLU())
    grey = nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.ReLU())
    grey[0].weight.data, grey[0].bias.data = colours[0].weight.data.sum(1, keepdim=True), colours[0].bias.data
    ours, theirs = (measure(wrap(module), digits, FACTORS).per_image for module in (colours, grey))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    assert ours.min() > 1e-3


def test_vector_digits_are_drawn_on_its_canvas():
    network = wrap(nn.Conv2d(1, 2, 5, padding=2, bias=False), canvas=40)
    digit = GLYPHS[0]
    exact = measure(network, [digit], (0.8,), "exact").per_image
    images = torch.cat([digit.render(1.0, 40), digit.render(0.8, 40)])
    found = network.features(images)["conv2d"].values.detach()
    assert found.shape[-2:] == (40, 40)
    expected, _ = module_of_measure.relative_error(FeatureMap(found[:1]), FeatureMap(found[1:]), 0.8, "bicubic")
    np.testing.assert_allclose(exact[0, 0], expected, rtol=1e-4)


class Halved(nn.Module):
    """Declares its map itself, and nothing else."""

    def features(self, images):
        return {"half": FeatureMap(images / 2)}


def test_any_module_that_declares_its_maps_can_be_measured(digits):
    module = Halved()
    for images, resampler in ((digits, "bicubic"), (GLYPHS[:2], "bilinear"), (GLYPHS[:2], "exact")):
        report = measure(module, images, (0.7, 1.2), resampler)
        assert report.layers == ("half",)
        assert (report.error.max() < 1e-6) == (resampler != "exact")  # drawing again is not resampling
    Halved.changes_canvas, Halved.trained_canvas = True, 20
    try:
        with pytest.raises(ValueError, match=r"must have one shape, got \(1, 1, 20, 20\) and \(1, 1, 10, 10\)"):
            measure(module, GLYPHS[:1], (0.5,))
    finally:
        del Halved.changes_canvas, Halved.trained_canvas


def test_the_lines_of_the_readme_run(capsys):
    part = README.read_text(encoding="utf-8").split("### Measure your own network")[1]
    code = re.search(r"```python\n(.*?)```", part, re.DOTALL)[1]
    names: dict = {}
    exec(code, names)
    report = names["report"]
    assert report.layers == ("0", "1", "2", "3")
    assert np.isfinite(report.error).all()
    originals = torch.cat([each.render() for each in GLYPHS[:10]])
    conv = names["module"][0]
    with torch.no_grad():
        blank = conv(torch.zeros(1, 1, 28, 28))
        before, after = (FeatureMap(conv(x) - blank) for x in (originals, rescale(originals, 0.79)))
        expected, _ = module_of_measure.relative_error(before, after, 0.79, "bicubic")
    np.testing.assert_allclose(report.per_image[0, 1], expected, rtol=1e-4)
    assert len(capsys.readouterr().out.splitlines()) >= 1 + 4 * 3
