"""DISCO: exact at whole steps, declared the right way round, on any set of scales."""

import pytest
import torch

from core.bases import hermite_basis_b
from core.equivariance import measure
from core.layers import ScaleConv2d
from core.models import build
from core.transforms import scale
from tests.formulas import blobs


def digits_like(seed=0):
    return blobs(seed, 28, width=1.0, spread=3.0, batch=3).abs().clamp(max=1).float()


def errors(network, scale_factors, layer="conv1"):
    report = measure(network, digits_like(), scale_factors, costs=False)
    return torch.from_numpy(report.error[report.layers.index(layer)])


def every_second_pixel(network, images):
    """Both sides of exact equivariance: σ = 2 on the image against σ = 1 on every second pixel of it."""
    network = network.double().eval()
    with torch.no_grad():
        conv1, conv2 = network.convs[:2]
        fine, coarse = conv1(images), conv1(images[..., ::2, ::2])
        shifted = torch.stack([coarse[:, :, 0]] * 4, dim=2)  # what the second layer sees of it at its lowest scale
        second = conv2(torch.stack([fine[:, :, 3]] * 4, dim=2))[:, :, 3]
        return (fine[:, :, 3, ::2, ::2], coarse[:, :, 0]), (second[..., ::2, ::2], conv2(shifted)[:, :, 0])


def test_from_scale_1_to_2_two_layers_are_exact():
    """On noise, where no resampling helps: 'the image' and 'every second pixel' are two images of one scene."""
    for one, other in every_second_pixel(build("disco"), torch.randn(2, 1, 40, 36, dtype=torch.float64)):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_a_sampled_basis_is_not_exact_there():
    """The mutation: Hermite functions sampled at every scale, as in SESN."""
    network = build("disco")
    basis = hermite_basis_b(network.config.internal_scales, 10, 3, 1.5)
    network.convs[1] = ScaleConv2d(12, 24, basis, bias=False)
    (one, other), (second, expected) = every_second_pixel(network, torch.randn(2, 1, 40, 36, dtype=torch.float64))
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    assert (second - expected).norm() > 0.1 * expected.norm()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_enlarging_moves_the_maps_towards_larger_scales(seed, monkeypatch):
    torch.manual_seed(seed)
    network = build("disco").eval()
    factors = [2 ** (n / 3) for n in (-3, -2, -1, 1, 2, 3)]
    declared = errors(network, factors)
    # Below 0.01 at 0.5 and 2, where the basis is exact and the resampler all that is left; up to 0.15 between.
    assert declared[[0, -1]].max() < 0.02
    assert declared.max() < 0.25
    assert errors(network, factors, "conv2").max() < 0.4
    shift = scale.scale_shift
    monkeypatch.setattr(scale, "scale_shift", lambda scales, s: shift(scales, 1 / s))
    assert (errors(network, factors) > 3 * declared).all()


@pytest.mark.parametrize(
    "change", [{"sigma_basis": 1.4}, {"isr": 3.0}, {"num_scales": 1}, {"num_scales": 6, "isr": 8.0, "sigma_basis": 0.5}]
)
def test_trained_weights_fit_any_internal_scales(change):
    network, images = build("disco").eval(), digits_like()
    other = build("disco", **change).eval()
    other.load_state_dict(network.state_dict())
    assert torch.isfinite(other(images)).all()
    first = other.features(images)["conv1"]
    scales = other.config.internal_scales
    if len(scales) == 1:
        assert (first.group, first.values.dim()) == ("plane", 4)
    else:
        assert (first.group, first.internal_scales) == ("scale", scales)


def test_a_whole_scale_answers_alike_in_every_set_that_holds_it():
    network, images = build("disco").eval(), digits_like()
    usual = network.features(images)["conv1"].values
    for change, own, here in (({"sigma_basis": 2.0, "num_scales": 1}, 3, 0), ({"isr": 4.0, "num_scales": 3}, 3, 1)):
        other = build("disco", **change).eval()
        other.load_state_dict(network.state_dict())
        found = other.features(images)["conv1"].values
        found = found[:, :, here] if found.dim() == 5 else found
        torch.testing.assert_close(found, usual[:, :, own], rtol=1e-4, atol=1e-5)


def test_kernels_are_dilated_and_cut_to_their_support():
    kernels = build("disco").kernels()["conv2"]
    assert [tuple(k.shape) for k in kernels] == [(24, 12, n, n) for n in (7, 11, 13, 13)]
    torch.testing.assert_close(kernels[3][..., ::2, ::2], kernels[0])
    assert not kernels[3][..., 1::2, :].any()
    assert [k.shape[1] for k in build("disco").kernels(slice(0, 2))["conv3"]] == [2] * 4


def test_a_blank_image_has_blank_maps():
    network = build("disco", interaction=2).eval()
    for layer, found in network.features(torch.zeros(1, 1, 28, 28)).items():
        assert not found.values.any(), layer


def test_what_cannot_be_built_is_refused_with_what_came():
    with pytest.raises(ValueError, match="odd and at least 1, got 6"):
        build("disco", effective_size=6)
    with pytest.raises(ValueError, match=r"above 0 pixels, got 0\.0"):
        build("disco", reference_sigma=0.0)
