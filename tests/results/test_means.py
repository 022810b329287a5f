"""The mean over scale factors with its interval: what it is the mean of, and that it is of the present table."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.equivariance import EquivarianceReport
from core.models import MODELS
from core.results import equivariance, means
from core.results.bootstrap import bca_interval
from core.results.means import CONVOLUTIONS, Mean, means_of

LAYERS = ("conv1", "pool1", "conv2")


def report(per_image, layers=LAYERS):
    shape = per_image.shape[:2]
    return EquivarianceReport(
        layers, tuple(0.5 + k for k in range(shape[1])), "bicubic", per_image, np.zeros(per_image.shape[1:]),
        np.zeros(shape), np.ones(shape), classifier_map="conv2",
    )  # fmt: skip


def test_a_row_is_the_mean_over_factors_of_every_digit_and_then_over_digits():
    errors = np.random.default_rng(0).gamma(2.0, 0.1, (3, 4, 50))
    rows = means_of("net", report(errors), "abc")
    assert [(row.layer, row.classifier) for row in rows] == [
        ("conv1", False), ("pool1", False), ("conv2", True), (CONVOLUTIONS, False)
    ]  # fmt: skip
    for row, layers in zip(rows, ([0], [1], [2], [0, 2]), strict=True):
        by_digit = errors[layers].mean(axis=(0, 1))
        assert row.mean == pytest.approx(errors[layers].mean())
        assert (row.ci_low, row.ci_high) == bca_interval(by_digit)
        assert (row.low, row.high) == pytest.approx(tuple(np.quantile(by_digit, (0.16, 0.84))))
        assert (row.network, row.factors, row.images, row.checkpoint) == ("net", 4, 50, "abc")


def test_what_is_not_known_does_not_count():
    errors = np.random.default_rng(1).gamma(2.0, 0.1, (3, 2, 5))
    errors[0, 1] = np.nan  # no scale at the second factor
    errors[2, :, 3] = np.nan  # a digit that says nothing
    errors[1] = np.nan
    first, nothing, last, convs = means_of("net", report(errors))
    assert (first.factors, first.mean) == (1, pytest.approx(errors[0, 0].mean()))
    assert (nothing.factors, last.factors, convs.factors) == (0, 2, 2)
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.ci_low)
    assert last.mean == pytest.approx(np.nanmean(errors[2]))


def test_a_network_without_convolutions_has_no_row_for_them():
    assert [row.layer for row in means_of("net", report(np.ones((1, 2, 3)), ("image",)))] == ["image"]


def test_what_is_written_comes_back_to_five_decimals(tmp_path):
    row = Mean("net", "conv1", True, 1 / 3, 0.3, 0.4, 0.1, 0.9, 6, 256, "abc", "2.0")
    path = means.write([row, replace(row, mean=math.nan)], "small", tmp_path)
    assert path.read_text().splitlines()[1:] == [
        "net,conv1,true,0.33333,0.3,0.4,0.1,0.9,6,256,abc,2.0", "net,conv1,true,,0.3,0.4,0.1,0.9,6,256,abc,2.0"
    ]  # fmt: skip
    found = means.read("small", tmp_path)
    assert found[0] == replace(row, mean=0.33333)
    with pytest.raises(FileNotFoundError, match="There are no results of size paper"):
        means.read("paper", tmp_path)


def test_the_kept_means_are_those_of_the_kept_table():
    """Of the same checkpoints; a mean of means where every digit counts at every factor."""
    rows, kept = equivariance.read(), means.read()
    assert list(dict.fromkeys(row.network for row in kept)) == list(MODELS)
    for mean in kept:
        wanted = (lambda layer: "conv" in layer) if mean.layer == CONVOLUTIONS else mean.layer.__eq__
        chosen = [r for r in rows if r.network == mean.network and wanted(r.layer)]
        known = [r for r in chosen if not math.isnan(r.mean)]
        assert {(r.checkpoint, r.images) for r in chosen} == {(mean.checkpoint, mean.images)}
        assert len({r.s for r in known}) == mean.factors
        assert mean.classifier == all(r.classifier for r in chosen)
        if not any(r.silent for r in known):
            assert mean.mean == pytest.approx(np.mean([r.mean for r in known]), abs=2e-5)
        assert mean.ci_low <= mean.mean <= mean.ci_high
        if mean.mean > 0:
            assert mean.low < mean.ci_low < mean.ci_high < mean.high
