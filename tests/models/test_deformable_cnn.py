"""Deformable CNN: it begins as an ordinary one, its branches learn at a tenth of the pace, and blank stays blank."""

import pytest
import torch

from core.models import build
from core.training.fit import Fit
from core.training.recipes import SMALL as RECIPE
from tests.formulas import blobs, drawn_digits, relative
from tests.models.restless import restless


def test_it_begins_as_half_of_a_plain_network():
    network = build("deformable_cnn", channels=(3, 4, 5), hidden=6).double()
    x = torch.randn(2, 3, 12, 14, dtype=torch.float64)
    expected = torch.nn.functional.conv2d(x, network.convs[1].weight, padding=1) / 2
    torch.testing.assert_close(network.convs[1](x), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", ["deformable_cnn", "sesn_deformable"])
def test_one_step_of_training_moves_the_branches_a_tenth_as_far_as_at_the_full_rate(key, tmp_path):
    """Adam's first step is the learning rate × the sign of the gradient, so its length tells the rate."""
    steps = {}
    for rate in (0.1, 1.0):
        torch.manual_seed(0)
        network = build(key, channels=(3, 4, 5), hidden=6, branch_rate=rate)
        before = {name: p.detach().clone() for name, p in network.named_parameters()}
        fit = Fit(network, RECIPE, 0, tmp_path / key / str(rate))
        assert next(iter(fit._steps(drawn_digits(16)))) > 0
        steps[rate] = {n: float((p.detach() - before[n]).abs().max()) for n, p in network.named_parameters()}
    branches = [name for name in before if ".branch." in name]
    assert branches
    for name in branches:
        assert steps[0.1][name] == pytest.approx(0.1 * steps[1.0][name], rel=1e-3), name
        assert steps[0.1][name] == pytest.approx(0.1 * 0.1 * RECIPE.learning_rate, rel=1e-2), name  # warm-up: × 0.1
    for name in before.keys() - set(branches):
        assert steps[0.1][name] == pytest.approx(steps[1.0][name], rel=1e-3), name
    assert steps[0.1]["convs.0.weight"] == pytest.approx(0.1 * RECIPE.learning_rate, rel=0.05)


@pytest.mark.parametrize("key", ["deformable_cnn", "sesn_deformable"])
def test_every_parameter_is_in_one_group(key):
    network = build(key)
    grouped = [id(p) for group in network.parameter_groups() for p in group.parameters]
    assert sorted(grouped) == sorted(id(p) for p in network.parameters())


def test_a_blank_image_is_blank_in_every_map():
    """Although the branches have a bias: what they displace is 0 everywhere, and beyond the canvas too."""
    features = restless("deformable_cnn").features(torch.zeros(1, 1, 28, 28, dtype=torch.float64))
    assert len(features) == 7
    for layer, found in features.items():
        assert torch.equal(found.values, torch.zeros_like(found.values)), layer


def test_a_larger_canvas_continues_the_background():
    """With learned displacements a digit's maps do not depend on how much background is around it."""
    network = restless("deformable_cnn")
    with torch.no_grad():
        small, large = (network.features(blobs(0, n, width=1.5, spread=1.5)) for n in (48, 64))
    for layer, found in small.items():
        step = int(8 / found.stride)
        inner = large[layer].values[..., step:-step, step:-step]
        reach = 3 * step // 4
        middle = (..., slice(reach, -reach), slice(reach, -reach))
        assert relative(found.values[middle], inner[middle]) < 1e-9, layer


def test_shifts_by_whole_pixels_of_the_last_map_commute_when_it_deforms():
    """And it does deform: without the branches' answer the maps are others."""
    network, image = restless("deformable_cnn"), blobs(1, 96, width=2.0, spread=3.0)
    with torch.no_grad():
        before, after = (network.features(x) for x in (image, image.roll((4, -8), (2, 3))))
        for layer, found in before.items():
            step = int(4 / found.stride)
            expected = found.values.roll((step, -2 * step), (-2, -1))
            assert relative(after[layer].values, expected) < 1e-9, layer
        for module in network.convs[1:]:
            module.branch.weight.zero_()
        still = network.features(image)
    assert relative(still["conv3"].values, before["conv3"].values) > 0.1


def test_the_kernels_are_the_weights_in_place():
    network = build("deformable_cnn")
    shapes = {layer: [tuple(k.shape) for k in kernels] for layer, kernels in network.kernels(slice(0, 2)).items()}
    assert shapes == {"conv1": [(16, 1, 7, 7)], "conv2": [(32, 2, 3, 3)], "conv3": [(48, 2, 3, 3)]}


def test_the_paper_size_has_about_the_published_number_of_parameters():
    assert sum(p.numel() for p in build("deformable_cnn", "paper").parameters()) == pytest.approx(494_549, rel=0.03)


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match="kernels must be odd, got 7 and 4"):
        build("deformable_cnn", deformable_kernel=4)
