"""The cost of internal scales: what is counted is what a direct convolution takes."""

import math
import re

import numpy as np
import pytest
import torch

from core import cost
from core.checkpoints import read_card
from core.cost import compare_ms, cost_of, measured_ms, price_of
from core.models import MODELS, build, configuration, has_scales, kernel_sides
from core.scales import ScaleSet, kernel_size

NARROW, WIDE = ScaleSet((1.0, 2.0)), ScaleSet((2.0, 4.0))
SCALED = [key for key in MODELS if hasattr(build(key), "internal_scales")]


@pytest.mark.parametrize("key", ["sesn_vector", "sesn_scalar", "scale_learning_isr", "scale_learning_direct"])
def test_kernels_follow_equation_7_and_are_counted_tap_by_tap(key):
    found = cost_of(key)
    assert found.kernel_sizes == tuple(kernel_size(scale) for scale in found.internal_scales)
    first, second, third = configuration(key).channels
    taps = sum(side**2 for side in found.kernel_sizes)
    assert found.multiply_adds["conv1"] == 28**2 * first * taps
    assert found.multiply_adds["conv2"] == 14**2 * first * second * taps
    reached = sum(min(side, 2 * 7 - 1) ** 2 for side in found.kernel_sizes)  # on 7×7, all but 13 taps read nothing
    assert found.multiply_adds["conv3"] == 7**2 * second * third * reached
    assert found.total == sum(found.multiply_adds.values())


@pytest.mark.slow
@pytest.mark.parametrize("scales", [ScaleSet.log_uniform(1.0, 2.0, 4), ScaleSet((0.7, 1.9, 3.3))])
@pytest.mark.parametrize("key", [key for key in SCALED if has_scales(key)])
def test_the_sides_of_kernels_are_known_before_they_are_built_and_told_in_words(key, scales):
    sides = cost_of(key, internal_scales=scales).kernel_sizes
    assert kernel_sides(key, scales) == sides
    rule = configuration(key).kernel_rule
    assert sides == tuple(side_by(rule, scale) for scale in scales), rule


def side_by(rule: str, scale: float) -> int:
    """The side in pixels that the words give for a scale."""
    if found := re.match(r"2⌈([\d.]+)σ⌉ \+ (\d) pixels", rule):
        whole = re.search(r"two fewer at whole multiples of ([\d.]+) pixel", rule)
        fewer = 2 if whole and scale / float(whole[1]) == round(scale / float(whole[1])) else 0
        return 2 * math.ceil(round(float(found[1]) * scale, 6)) + int(found[2]) - fewer
    if found := re.match(r"([\d.]+)σ pixels, rounded up to an odd number", rule):
        return 2 * math.ceil(round((float(found[1]) * scale - 1) / 2, 6)) + 1
    return int(re.match(r"(\d+) pixels for every scale", rule)[1])


@pytest.mark.parametrize("key", SCALED)
def test_every_convolution_of_every_network_with_scales_is_counted(key):
    found = cost_of(key)
    assert list(found.multiply_adds) == ["conv1", "conv2", "conv3"]
    assert min(found.multiply_adds.values()) > 0
    assert len(found.kernel_sizes) == len(found.internal_scales) >= 2


def test_a_network_that_resamples_its_maps_pays_for_each_grid():
    found = cost_of("si_convnet", sigma_basis=0.5, isr=4.0, num_scales=3)  # sees the canvas at 2, 1 and ½ of its size
    assert found.kernel_sizes == (7, 7, 7)
    grids = 56**2 + 28**2 + 14**2
    assert found.multiply_adds["conv1"] == pytest.approx(grids * 16 * 49, rel=0.05)  # grids end beyond the last sample


def test_dilated_kernels_cost_their_own_taps_only():
    found = cost_of("dss", sigma_basis=0.5, isr=4.0, num_scales=3)
    assert found.kernel_sizes == (5, 9, 17)
    assert found.multiply_adds["conv2"] == 3 * 14**2 * 16 * 32 * 25


def test_interaction_costs_as_many_times_as_it_spans_scales():
    one, two = cost_of("sesn_vector"), cost_of("sesn_vector", interaction=2)
    assert two.multiply_adds["conv1"] == one.multiply_adds["conv1"]
    assert two.multiply_adds["conv2"] == 2 * one.multiply_adds["conv2"]


def test_the_scales_are_those_asked_for():
    found = cost_of("sesn_vector", sigma_basis=1.5, isr=3.0, num_scales=3)
    assert found.internal_scales == pytest.approx((1.5, 1.5 * 3**0.5, 4.5))
    assert found.kernel_sizes == (13, 23, 37)
    assert found.multiply_adds["conv1"] == 28**2 * 16 * (13**2 + 23**2 + 37**2)


def test_counting_leaves_other_networks_as_they_are():
    images = torch.rand(1, 1, 28, 28)
    network = build("sesn_vector").eval()
    with torch.no_grad():
        before = network(images)
        cost_of("sesn_vector")
        assert torch.equal(network(images), before)
    assert {conv.method for conv in network.convs} == {"auto"}


def test_time_is_the_median_in_milliseconds_without_the_first(monkeypatch):
    moments = iter(np.cumsum([0, 9.0, 0, 0.005, 0, 0.001, 0, 0.002]).tolist())  # start and end of each pass
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(moments))
    assert measured_ms("sesn_vector", repeats=3) == pytest.approx(2)
    assert next(moments, None) is None


def test_two_sets_are_timed_in_turn_and_compared_turn_by_turn(monkeypatch):
    times = iter([(NARROW, 90), (WIDE, 9), (NARROW, 2), (WIDE, 1), (NARROW, 6), (WIDE, 2), (NARROW, 4), (WIDE, 4),
                  (NARROW, 8), (WIDE, 1), (NARROW, 5), (WIDE, 1)])  # fmt: skip

    def pass_ms(network) -> float:
        scales, spent = next(times)
        assert network.internal_scales == scales
        assert not network.training
        return float(spent)

    monkeypatch.setattr(cost, "_pass_ms", pass_ms)
    found = compare_ms("sesn_vector", NARROW, WIDE, repeats=5)
    assert next(times, None) is None
    assert (found.first_ms, found.second_ms) == (5, 1)
    assert found.ratio == 3  # of 1, 2, 3, 5 and 8; the first turn warms up
    assert found.ratio_spread == pytest.approx((1.64, 6.08))  # quantiles at 0.16 and 0.84 of four steps
    assert (found.first_spread, found.second_spread) == (pytest.approx((3.28, 6.72)), pytest.approx((1, 2.72)))
    assert found.turns == 5


def test_a_comparison_measures():
    found = compare_ms("sesn_vector", NARROW, WIDE, repeats=3)
    assert min(found.first_ms, found.second_ms, found.ratio_spread[0]) > 0
    assert found.ratio_spread[0] <= found.ratio <= found.ratio_spread[1]


def test_any_network_has_a_price_and_that_of_scales_is_their_cost():
    convs = build("cnn").convs
    positions = (28**2, 14**2, 7**2)  # of their maps
    found = price_of("cnn")
    assert found.multiply_adds == sum(c.weight.numel() * n for c, n in zip(convs, positions, strict=True))
    assert found.parameters == read_card("cnn").parameters
    assert price_of("sesn_vector").multiply_adds == cost_of("sesn_vector").total
    assert price_of("fourier").multiply_adds is None


@pytest.mark.parametrize(
    ("attempt", "error", "words"),
    [
        (lambda: cost_of("cnn"), ValueError, "cnn has no internal scales"),
        (lambda: cost_of("sesn"), KeyError, "unknown network"),
        (lambda: cost_of("sesn_vector", isr=0.5), ValueError, "isr must be a number of at least 1, got 0.5"),
        (lambda: cost_of("sesn_vector", range=2), ValueError, "no setting range"),
        (lambda: measured_ms("sesn_vector", "huge"), ValueError, "cannot be built at size"),
        (lambda: measured_ms("sesn_vector", repeats=0), ValueError, "at least one repeat, got 0"),
        (lambda: compare_ms("sesn_vector", NARROW, WIDE, repeats=0), ValueError, "at least one repeat, got 0"),
        (lambda: compare_ms("cnn", NARROW, WIDE), ValueError, "no setting internal_scales"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()
