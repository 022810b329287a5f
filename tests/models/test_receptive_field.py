"""The receptive field: that of the arithmetic for plain kernels, and what a changed pixel shows."""

import pytest
import torch

from core.models import load
from core.models.receptive_field import receptive_field


def test_plain_convolutions_follow_the_arithmetic():
    network = load("random_cnn")
    # 7×7; pooling by 2 adds 1 and doubles the steps: 7, 7 + 1 + 6·2, 20 + 2 + 6·4
    assert [receptive_field(network, f"conv{n}") for n in (1, 2, 3)] == [(7,), (20,), (46,)]


def test_it_grows_with_the_internal_scale():
    network = load("random_sesn")
    assert receptive_field(network, "conv1") == pytest.approx((9, 11, 14, 17), abs=1)
    for layer in ("conv2", "relu2", "conv3"):
        sides = [side or 999 for side in receptive_field(network, layer)]
        assert sides == sorted(sides)
        assert len(set(sides)) == 4
    assert len(receptive_field(network, "projection3")) == 1


def test_a_pixel_outside_changes_nothing_and_one_inside_does():
    network = load("random_cnn")
    torch.manual_seed(0)
    image = torch.rand(1, 1, 56, 56)
    for layer, place, side in (("conv1", 28, 7), ("conv2", 14, 20)):
        with torch.no_grad():
            before = network.features(image)[layer].values[0, :, place, place]
            changed = []
            for row in range(56):
                other = image.clone()
                other[0, 0, row] += 1
                after = network.features(other)[layer].values[0, :, place, place]
                changed.append(not torch.equal(before, after))
        assert sum(changed) == side


def test_a_network_of_frequencies_sees_everything():
    assert receptive_field(load("fourier"), "conv1") == (None,)
    with pytest.raises(KeyError, match="conv9"):
        receptive_field(load("random_cnn"), "conv9")


@pytest.mark.parametrize("layer", ["relu2", "pool2"])
def test_a_rectifier_that_is_silent_for_one_noise_image_is_asked_with_another(layer):
    network = load("so2_cnn")  # its relu2 lets nothing of the first noise image through at the middle
    assert min(receptive_field(network, layer)) >= max(receptive_field(network, "conv2")) - 2
