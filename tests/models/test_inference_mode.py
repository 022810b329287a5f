"""What a network keeps from a pass under inference mode never stands in the way of training it afterwards."""

import sys

import pytest
import torch
import torch.nn.functional as F

from core.models import MODELS, build
from core.resampling import RESAMPLERS, rescale

TRAINABLE = [(key, size) for key, spec in MODELS.items() if not spec.control for size in spec.sizes]
KEYS = [key for key, spec in MODELS.items() if not spec.control]


@pytest.fixture(autouse=True)
def nothing_kept():
    """Tables that a process shares are empty at the start, whichever test came before."""
    for name, module in list(sys.modules.items()):
        if name.startswith("core."):
            for value in list(vars(module).values()):
                getattr(value, "cache_clear", lambda: None)()


def fresh(key: str, size: str):
    """The same weights at every call, in double precision."""
    torch.manual_seed(0)
    return build(key, size, channels=(3, 4, 5), hidden=6).double()


def look(network, images):
    """What a page does with a network: maps and logits, without gradients."""
    network.eval()
    with torch.inference_mode():
        network.features(images)
        return network(images)


def step(network, images) -> dict[str, torch.Tensor]:
    """One step of training; the gradient of every parameter."""
    network.train()
    torch.manual_seed(1)  # of dropout
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    F.cross_entropy(network(images), torch.arange(len(images))).backward()
    gradients = {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}
    optimiser.step()
    return gradients


@pytest.mark.training
@pytest.mark.parametrize(("key", "size"), TRAINABLE)
def test_a_network_used_under_inference_mode_trains_as_one_that_was_not(key, size):
    images = torch.rand(3, 1, 28, 28, dtype=torch.float64)
    used, unused = fresh(key, size), fresh(key, size)
    seen = look(used, images)
    gradients = step(used, images)
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients.values())
    for name, expected in step(unused, images).items():
        torch.testing.assert_close(gradients[name], expected, rtol=1e-9, atol=1e-12, msg=lambda m, n=name: f"{n}: {m}")
    moved = look(used, images)  # nothing of the old weights is kept
    assert not torch.equal(moved, seen)
    torch.testing.assert_close(moved, look(unused, images), rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_what_was_kept_while_gradients_were_wanted_gives_the_same_logits(key):
    images = torch.rand(2, 1, 28, 28, dtype=torch.float64)
    trained, looked_at = fresh(key, "small").eval(), fresh(key, "small").eval()
    logits = trained(images.clone().requires_grad_()).detach()
    torch.testing.assert_close(look(trained, images), logits, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(look(looked_at, images), logits, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_images_have_gradients_after_inference_mode(key):
    """Weights that are fixed, as `load` gives them: what is kept then meets an image that wants a gradient."""
    network = fresh(key, "small").requires_grad_(False)
    images = torch.rand(2, 1, 28, 28, dtype=torch.float64)
    look(network, images)
    network(images.requires_grad_()).square().sum().backward()
    assert images.grad.isfinite().all()
    assert images.grad.any()


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_a_network_built_under_inference_mode_spoils_no_other(key):
    """Bases and matrices that a process keeps for every network are made on first use, whoever uses them first."""
    images = torch.rand(2, 1, 28, 28, dtype=torch.float64)
    has_scales = hasattr(MODELS[key].sizes["small"], "sigma_basis")
    unusual = {"sigma_basis": 1.37, "isr": 1.6, "num_scales": 2} if has_scales else {}  # no stored basis
    with torch.inference_mode():
        build(key, "small", channels=(3, 4, 5), hidden=6, **unusual).double().eval()(images)
    later = build(key, "small", channels=(3, 4, 5), hidden=6, **unusual).double()
    assert all(gradient.isfinite().all() for gradient in step(later, images).values())


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_a_resampling_matrix_first_asked_for_under_inference_mode_passes_gradients(resampler):
    images = torch.rand(1, 1, 12, 12, dtype=torch.float64)
    with torch.inference_mode():
        expected = rescale(images, 0.77, resampler)
    weighted = images.clone().requires_grad_()
    result = rescale(weighted, 0.77, resampler)
    result.square().sum().backward()
    assert torch.equal(result.detach(), expected)
    assert weighted.grad.isfinite().all()
