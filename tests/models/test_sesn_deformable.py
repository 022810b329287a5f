"""Deformable SESN: it begins as the vector SESN, deforms in step with the object, and loads on other scales."""

import pytest
import torch

from core.equivariance import measure
from core.models import build
from core.resampling import resize
from tests.formulas import blobs, relative
from tests.models.restless import restless

STEP = 2 ** (1 / 3)


def test_it_begins_as_the_vector_network():
    torch.manual_seed(0)
    deformable, plain = build("sesn_deformable").eval(), build("sesn_vector").eval()
    state = {name.replace(".conv.", "."): t for name, t in deformable.state_dict().items() if ".branch." not in name}
    plain.load_state_dict(state)
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        torch.testing.assert_close(deformable(images), plain(images), rtol=1e-4, atol=1e-5)
    extra = sum(p.numel() for p in deformable.parameters()) - sum(p.numel() for p in plain.parameters())
    assert extra == 3 * 3 * (16 + 32)  # three functions for each of two displacements and a modulation


def digits():
    """Smooth strokes at 0.7 of the canvas, so that a change of size costs the resampler little."""
    return blobs(0, 28, width=1.7, spread=4.0, batch=8).abs().clamp(max=1)


@pytest.mark.slow
def test_it_commutes_better_than_the_deformable_cnn_at_every_convolution():
    """Both with branches that speak, displacements of some tenths; untrained otherwise, at the powers of the step."""
    factors = (STEP**-2, 1 / STEP, STEP, STEP**2)
    ours = measure(restless("sesn_deformable", std=0.05), digits(), factors, costs=False)
    other = measure(restless("deformable_cnn", std=0.05), digits(), factors, costs=False)
    for layer in ("conv1", "conv2", "conv3"):
        a, b = (report.error[report.layers.index(layer)] for report in (ours, other))
        assert (a < b).all(), layer
        assert a.mean() < 0.75 * b.mean(), layer


def test_displacements_follow_the_object():
    """The deformation at conv2 of an image and of one enlarged by two steps: the same field, two scales up."""
    network = restless("sesn_deformable", std=0.05)
    fields = []
    network.convs[1].register_forward_pre_hook(
        lambda layer, inputs: fields.append(layer.displacement_and_modulation(inputs[0])[0])
    )
    with torch.no_grad():
        for scale_factor in (1.0, STEP**2):
            network.features(blobs(0, 96, scale_factor, width=2.0, spread=6.0))
    before, after = fields
    grown = resize(before[:, :, :2], (76, 76))[..., 14:-14, 14:-14]  # 48 · 2^⅔ = 76.2 pixels, cut to 48 again
    assert before.std() > 0.1
    assert relative(after[:, :, 2:], grown) < 0.08  # 0.04 is reached
    assert relative(after[:, :, :2], grown) > 0.3  # without the shift along the scale axis
    assert relative(before[:, :, :2], grown) > 0.6  # a field that stays where it was


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"sigma_basis": 1.4}, {"isr": 3.0}, {"num_scales": 6, "isr": 4.0}, {"num_scales": 1}]
)
def test_weights_load_on_other_internal_scales(change):
    network = restless("sesn_deformable")
    other = build("sesn_deformable", **change).double().eval()
    other.load_state_dict(network.state_dict())
    features = other.features(digits())
    groups = {layer: found.group for layer, found in features.items()}
    assert groups.pop("projection3") == "plane"
    assert set(groups.values()) == {"plane" if change.get("num_scales") == 1 else "scale"}
    assert torch.isfinite(other.classify(features)).all()


def test_a_blank_image_is_blank_in_every_map():
    for layer, found in restless("sesn_deformable").features(torch.zeros(1, 1, 28, 28).double()).items():
        assert torch.equal(found.values, torch.zeros_like(found.values)), layer


def test_the_kernels_are_those_of_the_convolutions():
    kernels = build("sesn_deformable").kernels(slice(0, 1))
    assert {layer: tuple(found[0].shape) for layer, found in kernels.items()} == {
        "conv1": (16, 1, 9, 9), "conv2": (32, 1, 9, 9), "conv3": (48, 1, 9, 9),
    }  # fmt: skip
    assert [len(found) for found in kernels.values()] == [4, 4, 4]


def test_a_reach_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"reach must be positive, got 0\.0"):
        build("sesn_deformable", reach=0.0)
