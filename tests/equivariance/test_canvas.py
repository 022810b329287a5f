"""The wide canvas: no error depends on it, the background beyond it is known, and what is no digit keeps its mask."""

import numpy as np
import pytest
import torch

from core.equivariance import canvas, measure
from core.models import MODELS, load, wrap
from core.models.measurable import background_margin
from tests.formulas import all_glyphs, blobs
from tests.thorough import rest

FACTORS = (0.5, 1.26, 2.0)
TRAINED = [key for key in MODELS if key not in ("identity", "fourier")]


@pytest.fixture(scope="module")
def digits():
    return all_glyphs(0.7)[::10][:4]


@pytest.mark.slow
@pytest.mark.parametrize("key", rest(TRAINED, "cnn", "sesn_vector", "dss"))
def test_a_canvas_twice_as_wide_changes_no_error(key, digits, monkeypatch):
    """By 2 % of itself or half a point."""
    network = load(key)
    report = measure(network, digits, FACTORS, costs=False)
    assert report.side == 28 + 2 * background_margin(network)
    assert report.side % 8 == 0  # so that grids are even after two poolings
    monkeypatch.setattr(canvas, "background_margin", lambda network: report.side - 14)
    twice = measure(network, digits, FACTORS, costs=False)
    assert twice.side == 2 * report.side
    change = np.abs(report.error - twice.error)
    assert (change <= np.maximum(0.02 * twice.error, 0.005)).all()


def test_on_the_images_own_canvas_the_mask_hides_what_the_plain_network_does_wrong(digits):
    wide, masked = (measure(load("cnn"), digits, (0.5,), canvas=each) for each in ("wide", "image"))
    conv3 = wide.layers.index("conv3")
    assert wide.error[conv3, 0] > 1.5 * masked.error[conv3, 0]
    assert wide.known.min() == 1
    assert masked.known[conv3, 0] < 0.05


@pytest.mark.slow
def test_photographs_and_modules_of_ones_own_keep_their_mask(digits):
    network = load("random_cnn")
    assert measure(network, torch.rand(2, 1, 28, 28), (0.8,)).side is None
    assert measure(network, digits, (0.8,)).side == 80
    assert measure(network, torch.zeros(1, 1, 28, 28), (0.8,)).side == 80
    touching = digits.clone()
    touching[:, :, :9, 0] = 1.0  # a stroke that ends at the edge makes no photograph
    assert measure(network, touching, (0.8,)).side == 80
    module = wrap(torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, padding=1)))
    report = measure(module, digits, (0.8,))
    assert (report.side, report.classifier_map) == (None, None)
    assert report.known.max() < 1
    assert measure(load("fourier"), digits, (0.5,), "ideal").side is None


def test_wider_kernels_get_a_wider_canvas():
    margins = [background_margin(load("sesn_vector", sigma_basis=s, isr=2.0, num_scales=4)) for s in (0.5, 1, 1.5, 8)]
    assert margins == [26, 26, 42, 66]


@pytest.mark.parametrize("s", [2 ** (1 / 3), 2 ** (2 / 3), 2.0])
def test_an_image_that_fills_its_canvas_costs_little_to_enlarge_and_shrink_again(s):
    pattern = blobs(0, 28, width=2.0, spread=9.0, batch=2).abs().float() + 0.2
    report = measure(load("random_cnn"), pattern, (s,))
    assert report.side is None
    assert report.image_cost.max() <= 0.02


def test_what_was_not_known_there_is_not_counted_on_the_way_back():
    """Ink at the very edge: shrunk by 2 its surroundings are not known, and enlarged again nothing of them is."""
    ring = torch.ones(1, 1, 28, 28)
    ring[..., 1:-1, 1:-1] = 0
    report = measure(load("identity"), ring, (0.5, 1.0))
    assert report.side is None
    assert np.isnan(report.cost[0, 0])
    assert report.cost[0, 1] == 0
