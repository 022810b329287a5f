"""`wrap` on the layouts of well-known networks: what is placed, what is left out, and that the grids are right.

`python -m tests.models.wrapped_table` prints the same networks as a table, with times.
"""

import warnings

import numpy as np
import pytest
import torch

from core.equivariance import measure
from core.models import wrap
from tests.models.circular import check_shifts
from tests.models.counting import Counting
from tests.models.foreign_cases import NETWORKS, trained_looking

AT_MOST = 1e-5  # float32: what rounding leaves of two equal answers


def wrapped(name):
    case = NETWORKS[name]
    torch.manual_seed(1)
    return case, wrap(trained_looking(case.make()), canvas=case.canvas, grids=case.grids)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_changes_at_a_scale_of_1_and_something_at_another(name):
    case, network = wrapped(name)
    images = torch.rand(2, network.channels, case.canvas, case.canvas)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        report = measure(network, images, (1.0, 0.8), canvas="image", costs=False)
    assert np.nanmax(report.error[:, 0]) <= AT_MOST
    assert np.isnan(report.error[:, 1]).all() or np.nanmax(report.error[:, 1]) > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, case in NETWORKS.items() if case.circular])
def test_a_shift_by_whole_strides_moves_every_map_by_whole_samples(name):
    case, network = wrapped(name)
    exact = AT_MOST if network._type not in (torch.float16, torch.bfloat16) else 1e-3
    check_shifts(network, torch.rand(1, network.channels, case.canvas, case.canvas), exact)


@pytest.mark.parametrize("name", ["resnet", "u-net", "swin"])
def test_it_takes_four_passes_of_one_image(name):
    """One that tries, one that is followed, and one of two images that shows whether the answer is the image's own."""
    case = NETWORKS[name]
    calls: list[int] = []
    network = wrap(Counting(case.make(), calls.append), canvas=case.canvas)
    assert sum(calls) == 4
    network.features(torch.rand(1, 3, case.canvas, case.canvas))
    assert sum(calls) == 5
    network.features(torch.rand(1, 3, 2 * case.canvas, 2 * case.canvas))
    assert sum(calls) == 9
