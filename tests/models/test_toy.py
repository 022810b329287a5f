"""The toy network: the quick way is the plain way, and its scales are those it was asked for, or learns."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from core.layers.learnable_scales import MODES
from core.models.toy import SIZES, Toy
from core.resampling import rescale
from core.scales import ScaleSet, internal_scales
from tests.formulas import relative

TINY = replace(SIZES["small"], canvas=24, pooling=6, channels=4, orders=3)


def images(seed, batch=6, side=24):
    return torch.rand(batch, 1, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("mode", ["fixed", *MODES])
def test_forward_is_the_classifier_on_the_maps(mode):
    torch.manual_seed(0)
    network = Toy(replace(TINY, mode=mode)).eval()
    expected = network.classify(network.features(images(0)))
    assert relative(network(images(0)), expected) < 1e-5  # float32
    with torch.no_grad():
        assert relative(network(images(0)), expected) < 1e-5


def test_pooling_first_gives_the_published_order_the_same_maxima():
    """relu(norm(pool)) = pool(relu(norm)), since both rise (norm with a positive gain)."""
    torch.manual_seed(1)
    network = Toy(TINY).eval()
    network.norm.running_mean.uniform_(-1, 1)
    network.norm.weight.data.uniform_(0.5, 2)
    maps = network.features(images(1))
    published = F.max_pool2d(F.relu(network.norm(maps["projection1"].values)), TINY.pooling)
    assert relative(network.linear(published.flatten(1)), network.classify(maps)) < 1e-5


@pytest.mark.parametrize("mode", MODES)
def test_learned_scales_start_where_they_should_and_move(mode):
    torch.manual_seed(2)
    network = Toy(replace(TINY, mode=mode, internal_scales=ScaleSet.log_uniform(1.0, 2.5, 3)))
    start = network.internal_scales
    assert start == pytest.approx(internal_scales(1.0, 2.5, 3), rel=1e-5)
    scales, *others = reversed(network.parameter_groups())
    assert {id(p) for p in scales.parameters} == {id(p) for p in network.scales.parameters()}
    assert sum(len(g.parameters) for g in (scales, *others)) == len(list(network.parameters()))
    optimizer = torch.optim.SGD(scales.parameters, lr=0.1)
    F.cross_entropy(network(images(3)), torch.arange(6)).backward()
    optimizer.step()
    assert network.internal_scales != start
    assert network.state_of_interest()["internal_scales"] == [round(s, 5) for s in network.internal_scales]


def test_small_is_the_published_network_at_half_the_resolution():
    small, paper = SIZES["small"], SIZES["paper"]
    assert (paper.canvas, paper.pooling, paper.sigma_basis) == (
        2 * small.canvas,
        2 * small.pooling,
        2 * small.sigma_basis,
    )
    assert Toy(paper).linear.in_features == 256  # FC 256 → 10, as published
    assert Toy(small).internal_scales == pytest.approx([s / 2 for s in Toy(paper).internal_scales])


def test_the_maximum_hardly_moves_with_one_step_of_scale():
    """Scale projection: an image enlarged by the step of the scales has the maxima of the original, further out."""
    torch.manual_seed(4)
    network = Toy(replace(SIZES["small"], internal_scales=ScaleSet.log_uniform(1.0, 4.0, 5))).eval()  # a step of √2
    picture = torch.zeros(1, 1, 84, 84)
    picture[..., 34:50, 36:46] = torch.rand(16, 10).repeat_interleave(2, 0)[:16]
    before = network.features(picture)["projection1"].values
    after = network.features(rescale(picture, 2**0.5))["projection1"].values
    moved, still = relative(after, rescale(before, 2**0.5)), relative(after, before)
    assert moved < 0.5 * still


def test_what_cannot_be_built_or_read_is_refused():
    with pytest.raises(ValueError, match="windows of 5 pixels do not fill a canvas of 24"):
        Toy(replace(TINY, pooling=5))
    with pytest.raises(ValueError, match="mode must be one of"):
        Toy(replace(TINY, mode="free"))
    with pytest.raises(ValueError, match=r"expected images \(b, 1, 24, 24\)"):
        Toy(TINY)(images(0, side=28))
