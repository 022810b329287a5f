"""A bias moves with nothing: errors are those of Φ(x) − Φ(blank), and the report says what that was."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.equivariance import join, lie_derivative, measure, measure_side_by_side, to_csv
from core.models import load, wrap
from tests.formulas import all_glyphs

FACTORS = (0.5, 0.8, 1.26, 2.0)


def convolution(bias: float) -> nn.Conv2d:
    torch.manual_seed(0)
    conv = nn.Conv2d(1, 4, 5, padding=2)
    nn.init.constant_(conv.bias, bias)
    return conv


def quietly(*what, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return measure(*what, **how)


def test_a_bias_changes_no_error():
    digits = all_glyphs(0.7)[::8]
    plain, biased = (quietly(wrap(convolution(bias)), digits, FACTORS) for bias in (0.0, 5.0))
    np.testing.assert_allclose(biased.per_image, plain.per_image, rtol=1e-4)
    assert plain.error.min() > 0.05
    np.testing.assert_allclose(plain.blank_share, 0, atol=1e-7)
    assert biased.blank_share[0] > 0.9
    slopes = [lie_derivative(wrap(convolution(bias)), digits).per_image for bias in (0.0, 5.0)]
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-3)


def test_the_share_is_that_of_the_answer():
    images = torch.rand(3, 1, 28, 28)
    conv = convolution(0.5)
    report = quietly(wrap(conv), images, (0.8,))
    answers, blank = conv(images), conv(torch.zeros(1, 1, 28, 28))
    expected = blank.norm() / answers.flatten(1).norm(dim=1)
    np.testing.assert_allclose(report.blank_share_per_image[0], expected.detach().numpy(), rtol=1e-5)


def test_more_than_a_tenth_is_warned_of_with_the_blank_named():
    digits = all_glyphs(0.7)[::8]
    with pytest.warns(UserWarning, match=r"blank image being black \(0 everywhere\).*'conv2d'"):
        report = measure(wrap(convolution(5.0)), digits, (0.8,))
    assert report.blank_name == "black (0 everywhere)"
    assert len(report.warnings) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for bias, share in ((0.0, 0.0), (0.005, 0.1)):
            report = measure(wrap(convolution(bias)), digits, (0.8,))
            assert report.blank_share[0] <= share
            assert report.warnings == ()


@pytest.mark.parametrize(("share", "sentences"), [(0.099, 0), (0.101, 1)])
def test_the_bound_is_a_tenth(share, sentences):
    report = quietly(wrap(convolution(5.0)), torch.rand(2, 1, 28, 28), (0.8,))
    assert len(replace(report, blank_share_per_image=np.full((1, 2), share)).warnings) == sentences


def test_another_blank_is_another_constant():
    conv = convolution(0.0)
    network = wrap(conv, blank=0.5)
    assert network.blank_name == "even (0.5 everywhere)"
    grey = torch.full((1, 1, 28, 28), 0.5)
    torch.testing.assert_close(network.blank_features(grey)["conv2d"].values, conv(grey))
    report = quietly(network, grey, (1.0,))
    assert np.isnan(report.error).all()  # an image that is blank has no answer of its own
    with pytest.raises(ValueError, match="one finite value for each of 1 channels"):
        wrap(conv, blank=(0.1, 0.2))


def test_networks_that_answer_background_with_0_have_no_blank():
    report = measure(load("random_cnn"), all_glyphs(0.7)[:2], (0.8,))
    assert (report.blank_name, report.blank_share_per_image, report.warnings) == (None, None, ())
    assert "blank_share" not in to_csv(report)


def test_reports_are_joined_and_written_with_their_share():
    network, digits = wrap(convolution(5.0)), all_glyphs(0.7)[:6]
    whole = quietly(network, digits, (0.8,))
    both = join([quietly(network, digits[:4], (0.8,)), quietly(network, digits[4:], (0.8,))])
    np.testing.assert_allclose(both.blank_share_per_image, whole.blank_share_per_image, rtol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        threads = measure_side_by_side(network, digits, (0.8,))
    np.testing.assert_allclose(threads.per_image, whole.per_image, rtol=1e-4)
    head, line = to_csv(whole).splitlines()
    assert head.endswith(",blank_share")
    assert float(line.split(",")[-1]) == pytest.approx(whole.blank_share[0], rel=1e-5)
