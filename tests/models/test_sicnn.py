"""SiCNN: a column for every size of object, the same network in each."""

import copy

import pytest
import torch

from core.models import build
from tests.formulas import blobs, relative

SCALES = {"sigma_basis": 1.0, "isr": 2.0, "num_scales": 2}


def smooth(network):
    """The network with canonical kernels that are sampled smooth functions, which can be resized."""
    network = network.double().eval()
    with torch.no_grad():
        for seed, conv in enumerate(network.convs):
            side = conv.weight.shape[-1]
            made = blobs(seed, side, width=1.4, spread=1.0, batch=conv.c_out, channels=conv.c_in)
            conv.weight.copy_(made / conv.c_in)
    return network


def errors_of_a_step(network):
    """Each map over columns: an object twice as large in the larger column, the smaller one in the other."""
    with torch.no_grad():
        small, large = (network.features(blobs(0, 160, s, width=4.0, spread=6.0).abs()) for s in (1.0, 2.0))
    errors = {}
    for layer in ("conv1", "relu1", "conv2", "relu2", "conv3"):
        a, b = large[layer].values[:, :, 1], small[layer].values[:, :, 0]
        # Pixel centres of an even canvas: twice as far lies between two of them, so their mean is compared.
        quarter = b.shape[-1] // 4
        b = b[..., quarter:-quarter, quarter:-quarter]
        a = (a[..., 0::2, 0::2] + a[..., 1::2, 0::2] + a[..., 0::2, 1::2] + a[..., 1::2, 1::2]) / 4
        errors[layer] = relative(a, b)
    return errors


def test_a_column_sees_an_object_of_its_size_as_the_next_one_sees_it_enlarged():
    network = smooth(build("sicnn", channels=(3, 4, 5), hidden=6, kernel=9, **SCALES))
    mutated = copy.deepcopy(network)  # before it keeps any kernels
    errors = errors_of_a_step(network)
    # 0.004 to 0.005 is reached in every layer: what pooling and pixels cost on smooth blobs.
    assert max(errors.values()) < 0.02, errors
    for conv in mutated.convs:  # mutation: the kernels of all columns are the canonical one
        conv.kernels = lambda conv=conv: [conv.weight, conv.weight]
    wrong = errors_of_a_step(mutated)
    assert all(wrong[layer] > 10 * errors[layer] for layer in errors), wrong


def test_the_columns_do_not_meet_before_the_end():
    network = build("sicnn").eval()
    alone = [build("sicnn", sigma_basis=s, num_scales=1).eval() for s in network.config.internal_scales]
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        together = network.features(images)
        for column, single in enumerate(alone):
            single.load_state_dict(network.state_dict())
            for layer, found in single.features(images).items():
                if found.group == "plane" and not layer.startswith("projection"):
                    torch.testing.assert_close(found.values, together[layer].values[:, :, column], rtol=1e-4, atol=1e-4)
        largest = torch.stack([single.features(images)["conv3"].values for single in alone]).amax(0)
        torch.testing.assert_close(together["projection3"].values, largest, rtol=1e-4, atol=1e-4)


def test_kernels_grow_with_the_scale_and_cost_no_weights():
    network = build("sicnn", isr=4.0, num_scales=3)
    for kernels in network.kernels(slice(0, 1)).values():
        assert [k.shape[-1] for k in kernels] == [5, 11, 21]
        assert {k.shape[1] for k in kernels} == {1}
    assert sum(p.numel() for p in build("sicnn", "paper").parameters()) == pytest.approx(494_549, rel=0.02)


@pytest.mark.parametrize("change", [{"num_scales": 1}, {"sigma_basis": 0.7, "isr": 4.0, "num_scales": 6}])
def test_trained_weights_fit_any_internal_scales(change):
    network, other = build("sicnn"), build("sicnn", **change).eval()
    other.load_state_dict(network.state_dict())
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        assert torch.isfinite(other(images)).all()
        assert not any(found.values.any() for found in other.features(torch.zeros_like(images)).values())
    first, scales = other.features(images)["conv1"], other.config.internal_scales
    assert first.group == ("scale" if len(scales) > 1 else "plane")
    assert len(scales) == 1 or first.internal_scales == scales


def test_what_cannot_be_built_is_refused_with_what_came():
    with pytest.raises(ValueError, match="odd number of pixels, got 4"):
        build("sicnn", kernel=4)
    with pytest.raises(ValueError, match=r"isr must be a number of at least 1, got 0\.5"):
        build("sicnn", isr=0.5)
    with pytest.raises(ValueError, match="unknown resampler 'nameless'"):
        build("sicnn", resampler="nameless")
