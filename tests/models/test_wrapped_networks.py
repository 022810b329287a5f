"""`wrap` on the layouts of well-known networks: what is placed, what is left out, and that the grids are right.

`python -m tests.models.wrapped_table` prints the same networks as a table, with times.
"""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

from core.equivariance import measure
from core.models import wrap
from tests.models.foreign_cases import NETWORKS, trained_looking

AT_MOST = 1e-5  # float32: what rounding leaves of two equal answers


def wrapped(name):
    case = NETWORKS[name]
    torch.manual_seed(1)
    return case, wrap(trained_looking(case.make()), canvas=case.canvas, grids=case.grids)


@pytest.mark.parametrize("name", NETWORKS)
def test_maps_are_placed_or_left_out_with_a_reason(name):
    case, network = wrapped(name)
    images = torch.rand(2, network.channels, case.canvas, case.canvas)
    maps = network.features(images)
    assert list(maps) == list(network.layers)
    assert {layer: maps[layer].stride for layer in case.strides if layer in maps} == case.strides
    for layer, reason in case.left_out.items():
        assert reason in network.left_out[layer]
    assert not set(network.left_out) & set(maps)


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_changes_at_a_scale_of_1_and_something_at_another(name):
    case, network = wrapped(name)
    images = torch.rand(2, network.channels, case.canvas, case.canvas)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        report = measure(network, images, (1.0, 0.8), canvas="image", costs=False)
    assert np.nanmax(report.error[:, 0]) <= AT_MOST
    assert np.isnan(report.error[:, 1]).all() or np.nanmax(report.error[:, 1]) > 1e-2


class Around(TorchFunctionMode):
    """Every padding goes round the canvas, so that no border is left."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name == "conv2d":
            x, weight, bias, stride, padding, dilation, groups = (*args, *(None, 1, 0, 1, 1)[len(args) - 2 :])
            stride, padding = kwargs.get("stride", stride), kwargs.get("padding", padding)
            groups = kwargs.get("groups", groups)
            return F.conv2d(round_the_canvas(x, padding), weight, bias, stride, 0, dilation, groups)
        if name in ("max_pool2d", "avg_pool2d"):
            x, kernel, stride, padding = (*args, None, 0)[:4] if len(args) < 4 else args[:4]
            stride, padding = kwargs.get("stride", stride), kwargs.get("padding", padding)
            return func(round_the_canvas(x, padding), kernel, stride, 0)
        if name == "conv_transpose2d":
            x, weight, bias, stride, padding, output_padding = args[:6]
            margin, step = 2, stride[0] if isinstance(stride, tuple) else stride
            wide = func(round_the_canvas(x, margin), weight, bias, stride, padding, output_padding)
            h, w = (step * n for n in x.shape[-2:])
            return wide[..., margin * step : margin * step + h, margin * step : margin * step + w]
        if name == "interpolate" and args[0].shape[-1] > 1:
            margin, wide = 2, args[0].shape[-2] + 4
            size, factor = kwargs.get("size"), kwargs.get("scale_factor")
            step = factor[0] if isinstance(factor, tuple) else factor or size[0] / args[0].shape[-2]
            how = {key: value for key, value in kwargs.items() if key in ("mode", "align_corners")}
            out = F.interpolate(round_the_canvas(args[0], margin), size=int(wide * step), **how)
            crop = round(margin * step)
            return out[..., crop:-crop, crop:-crop]
        return func(*args, **kwargs)


def round_the_canvas(x, padding):
    top, left = padding if isinstance(padding, tuple | list) else (padding, padding)
    return F.pad(x, (left, left, top, top), mode="circular") if top or left else x


@pytest.mark.parametrize("name", [name for name, case in NETWORKS.items() if case.circular])
def test_a_shift_by_whole_strides_moves_every_map_by_whole_samples(name):
    case, network = wrapped(name)
    images = torch.rand(1, network.channels, case.canvas, case.canvas)
    shift = int(max(8, *(found.stride for found in network.features(images).values())))
    with torch.no_grad(), Around():
        before, after = network.features(images), network.features(images.roll((shift, shift), (-2, -1)))
    for layer, found in before.items():
        samples = shift / found.stride
        assert samples == round(samples)
        moved = found.values.roll((round(samples), round(samples)), (-2, -1))
        other = found.values.roll((round(samples) + 1, round(samples)), (-2, -1))
        error, wrong = ((after[layer].values - each).norm() / each.norm() for each in (moved, other))
        exact = AT_MOST if network._type not in (torch.float16, torch.bfloat16) else 1e-3
        assert error <= exact, layer
        assert wrong > 10 * exact, layer


class Counting(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        answer = self.module(x)
        CALLS.append(len(x))  # with as many channels as it takes
        return answer


CALLS: list[int] = []


@pytest.mark.parametrize("name", ["resnet", "u-net", "swin"])
def test_it_takes_four_passes_of_one_image(name):
    """One that tries, one that is followed, and one of two images that shows whether the answer is the image's own."""
    case = NETWORKS[name]
    CALLS.clear()
    network = wrap(Counting(case.make()), canvas=case.canvas)
    assert sum(CALLS) == 4
    network.features(torch.rand(1, 3, case.canvas, case.canvas))
    assert sum(CALLS) == 5
    network.features(torch.rand(1, 3, 2 * case.canvas, 2 * case.canvas))
    assert sum(CALLS) == 9


def test_networks_of_torchvision():
    models = pytest.importorskip("torchvision.models")
    for name in ("resnet18", "vgg11", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "squeezenet1_1",
                 "densenet121", "convnext_tiny", "swin_t", "vit_b_16"):  # fmt: skip
        network = wrap(models.get_model(name), canvas=224)
        assert len(network.layers) > 8, name
