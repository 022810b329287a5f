"""`wrap` on the networks of torchvision as they are, where it is installed: what is placed, what is left out, and why.

How much `wrap` costs is counted in passes of the module: on a canvas this small a time would be that of Python.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from core.equivariance import measure
from core.models import wrap
from tests.models.circular import check_shifts
from tests.models.counting import Counting
from tests.models.torchvision_models import torchvision_models

pytestmark = pytest.mark.slow
CANVAS, AT_MOST, MOST_PASSES = 64, 1e-5, 20
ALL, SMALL = "whole image", "fewer than 4 a side"
REASONS = (
    ALL,
    SMALL,
    "not evenly spaced",
    "batch is not that of the images",
    "different grids",
    "one axis of channels",
)


@dataclass(frozen=True)
class Case:
    """A network and what is known of it.

    Attributes:
        placed: how many maps are. left_out: how many are not, by reason.
        circular: whether a shift by whole strides moves its maps if every padding goes round the canvas; not if
            windows, learned positions or ends without padding stand still.
    """

    make: Callable[[ModuleType], nn.Module]
    placed: int
    left_out: dict[str, int]
    circular: bool = True


def named(name: str, **how: object) -> Callable[[ModuleType], nn.Module]:
    return partial(_named, name=name, how=how)


def _named(models: ModuleType, name: str, how: dict[str, object]) -> nn.Module:
    return models.get_model(name, weights=None, **how)


def small_vit(models: ModuleType) -> nn.Module:
    """The class of vit_b_16, with tokens for this canvas."""
    return models.VisionTransformer(
        image_size=CANVAS, patch_size=8, num_layers=2, num_heads=4, hidden_dim=32, mlp_dim=64
    )


NETWORKS = {
    "resnet18": Case(named("resnet18"), 35, {ALL: 1, SMALL: 11}),
    "vgg11": Case(named("vgg11"), 20, {"not evenly spaced": 1, SMALL: 1}),
    "mobilenet_v2": Case(named("mobilenet_v2"), 75, {ALL: 1, SMALL: 22}),
    "mobilenet_v3_small": Case(named("mobilenet_v3_small"), 52, {ALL: 46, SMALL: 20}),
    "efficientnet_b0": Case(named("efficientnet_b0"), 74, {ALL: 81, SMALL: 33}),
    "squeezenet1_1": Case(named("squeezenet1_1"), 32, {ALL: 1, SMALL: 31}, circular=False),
    "densenet121": Case(named("densenet121"), 224, {ALL: 1, SMALL: 83}),
    "convnext_tiny": Case(named("convnext_tiny"), 123, {ALL: 1, SMALL: 25}),
    "swin_t": Case(
        named("swin_t"), 70,
        {"batch is not that of the images": 20, "different grids": 5, "one axis of channels": 24, ALL: 1, SMALL: 12},
        circular=False,
    ),
    "shufflenet_v2_x0_5": Case(named("shufflenet_v2_x0_5"), 83, {SMALL: 27}),
    "mnasnet0_5": Case(named("mnasnet0_5"), 69, {SMALL: 28}),
    "googlenet": Case(
        named("googlenet", init_weights=False, aux_logits=False), 107, {ALL: 1, SMALL: 29}, circular=False
    ),
    "vit_b_16, small": Case(small_vit, 15, {}, circular=False),
}  # fmt: skip


def made(name: str) -> nn.Module:
    models = torchvision_models()
    torch.manual_seed(1)
    return settled(NETWORKS[name].make(models))


def settled(module: nn.Module) -> nn.Module:
    """Norms with the statistics of what they get, as after training, and biases that are not 0."""
    norms = [part for part in module.eval().modules() if isinstance(part, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # of one batch, not mixed with 0 and 1
        nn.init.normal_(norm.bias, 0, 0.1)
        norm.train()
    with torch.no_grad():
        module(torch.rand(4, 3, CANVAS, CANVAS))
    return module.eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_maps_are_placed_or_left_out_and_nothing_changes_at_a_scale_of_1(name):
    case, passes = NETWORKS[name], []
    network = wrap(Counting(made(name), passes.append), canvas=CANVAS)
    assert sum(passes) <= MOST_PASSES
    reasons = Counter(next(each for each in REASONS if each in why) for why in network.left_out.values())
    assert (len(network.layers), dict(reasons)) == (case.placed, case.left_out)
    report = measure(network, torch.rand(1, 3, CANVAS, CANVAS), (1.0,), canvas="image", costs=False)
    assert np.nanmax(report.error) <= AT_MOST


@pytest.mark.parametrize("name", [name for name, case in NETWORKS.items() if case.circular])
def test_a_shift_by_whole_strides_moves_every_map_by_whole_samples(name):
    check_shifts(wrap(made(name), canvas=CANVAS), torch.rand(1, 3, CANVAS, CANVAS), AT_MOST)
