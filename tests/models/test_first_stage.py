"""The first stage is computed around the ink, and every map is that of the whole canvas."""

import pytest
import torch

from core.layers import methods
from core.models import MODELS, build
from core.models.layouts import PUBLISHED
from core.models.staged import StagedNetwork
from tests.formulas import relative

SIDE = 80
EQUAL = 1e-6  # float32; what is cut by one pixel too much is at least 3e-4


def network_of(key, **settings):
    torch.manual_seed(0)
    network = build(key, "small", **{"channels": (3, 4, 5), "hidden": 6, **settings})
    for activation in getattr(network, "activations", []):
        for bias in activation.parameters():
            torch.nn.init.normal_(bias)  # else nothing tells one side of it from the other
    return network.eval()


STAGED = [key for key in MODELS if key != "identity" and isinstance(network_of(key), StagedNetwork)]


def inked(half):
    """Ink in a square of 2 × half pixels in the middle, up to its edge."""
    images = torch.zeros(2, 1, SIDE, SIDE)
    middle = slice(SIDE // 2 - half, SIDE // 2 + half)
    images[..., middle, middle] = torch.rand(2, 1, 2 * half, 2 * half) + 0.1
    return images


def sides_of_first_stage(network, images):
    """Of the canvases on which the first activation is computed."""
    sides = []
    hook = network.activations[0].register_forward_pre_hook(lambda _, given: sides.append(given[0].shape[-1]))
    with torch.no_grad():
        network.features(images)
    hook.remove()
    return sides


@pytest.mark.parametrize("key", STAGED)
def test_every_map_is_that_of_the_whole_canvas_together_and_alone(key):
    """For every remainder of the ink's width by the steps in which a canvas is cut."""
    network = network_of(key)
    with methods.fixed("direct"):
        for half in range(6, 14):
            images = inked(half)
            whole = network.features(images.requires_grad_())  # where derivatives may be wanted nothing is cut
            with torch.no_grad():
                part = network.features(images)
                alone = {layer: network.feature_of(images, layer) for layer in (whole if half == 6 else ("conv2",))}
            assert list(part) == list(whole)
            for layer, expected in whole.items():
                for found in (part[layer], alone.get(layer, part[layer])):
                    assert relative(found.values, expected.values.detach()) < EQUAL
                    assert (found.stride, found.centre) == (expected.stride, expected.centre)
    with pytest.raises(KeyError):
        network.feature_of(images, "conv4")


# 24 pixels, and what kernels reach on both sides, in steps of 16.
SIDES = {
    "cnn": 32, "deformable_cnn": 32, "so2_cnn": 32, "dss": 64, "sesn_vector": 48, "sesn_scalar": 48, "disco": 48,
    "sicnn": 48, "ss_cnn": 48, "si_convnet": 64, "sevf": 64, "scale_learning_direct": 48, "sesn_deformable": 48,
}  # fmt: skip


@pytest.mark.parametrize(("key", "expected"), SIDES.items())
def test_the_first_stage_is_computed_as_far_as_kernels_reach_from_the_ink(key, expected):
    assert sides_of_first_stage(network_of(key), inked(12)) == [expected]


@pytest.mark.parametrize("key", ["cnn", "sesn_vector"])
def test_nothing_is_cut_where_zeros_count(key):
    """In training a norm averages over them, and biases answer them."""
    images = inked(12)
    assert sides_of_first_stage(network_of(key).train(), images) == [SIDE]
    assert sides_of_first_stage(network_of(key, layout=PUBLISHED), images) == [SIDE]
    shifting = network_of(key)
    shifting.answers_blank = True  # as where a norm adds something, though no convolution does
    assert sides_of_first_stage(shifting, images) == [SIDE]
