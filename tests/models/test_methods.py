"""Every network gives the same by every method of its convolutions: maps, logits, gradients."""

import pytest
import torch

from core.layers import methods
from core.layers.methods import METHODS
from core.models import MODELS, build
from core.models.staged import StagedConfig
from tests.formulas import relative

CONVOLVING = [
    "sesn_vector", "sesn_scalar", "sesn_antialiased", "sesn_deformable", "disco", "dss", "sicnn", "ss_cnn", "so2_cnn",
    "scale_learning_isr", "scale_learning_spacings", "scale_learning_direct", "random_sesn",
]  # fmt: skip
SPANNING = ["sesn_vector", "sesn_deformable", "disco", "dss"]
CASES = [
    *((key, size, {}) for key in CONVOLVING for size in MODELS[key].sizes),
    *((key, "small", {"interaction": 2}) for key in SPANNING),
    ("sesn_vector", "small", {"internal_scales": (1.0, 1.3, 2.4)}),
]


ODD = torch.rand(3, 1, 25, 27, generator=torch.Generator().manual_seed(1))  # other periods along height and width
EVEN = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(2))


def example(key, size, settings):
    torch.manual_seed(0)
    network = build(key, size, **{"channels": (3, 4, 5), "hidden": 6, "dropout": 0.0, **settings})
    for name, parameter in network.named_parameters():
        if ".branch." in name:  # else nothing is displaced
            torch.nn.init.normal_(parameter, std=0.05)
    return network.eval()


def gradients(network, images):
    """Of the squared logits to the images and to every parameter."""
    images = images.clone().requires_grad_()
    wanted = [images, *(p for p in network.parameters() if p.requires_grad)]
    return torch.autograd.grad(network(images).square().sum(), wanted, allow_unused=True)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "size", "settings"), CASES)
def test_maps_and_gradients_do_not_depend_on_the_method(key, size, settings):
    network = example(key, size, settings)
    for dtype, bound in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        network = network.to(dtype)
        found = {}
        for method in METHODS:
            with methods.fixed(method):
                with torch.no_grad():
                    maps = network.features(ODD.to(dtype))
                slopes = gradients(network, EVEN.to(dtype))
            found[method] = [each.values for each in maps.values()], [each for each in slopes if each is not None]
        for method in ("separable", "spectral"):
            for one, other in zip(found[method][0], found["direct"][0], strict=True):
                assert relative(one, other) < bound
            if dtype == torch.float64:  # in float32 a maximum over scales may fall to the other of two equal ones
                for one, other in zip(found[method][1], found["direct"][1], strict=True):
                    assert relative(one, other) < bound


@pytest.mark.parametrize("key", ["scale_learning_isr", "scale_learning_spacings", "scale_learning_direct"])
def test_gradients_reach_the_learned_scales_by_spectra(key):
    network = example(key, "small", {})
    with methods.fixed("spectral"):
        gradients(network, torch.rand(2, 1, 28, 28))
        network(torch.rand(2, 1, 28, 28)).square().sum().backward()
    for parameter in network.scales.parameters():
        assert parameter.grad.abs().min() > 1e-6


STAGED = [key for key, spec in MODELS.items() if isinstance(spec.sizes["small"], StagedConfig)]
POOLINGS = {"sesn_antialiased": ("blur",)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "pooling"), [(key, pooling) for key in STAGED for pooling in POOLINGS.get(key, ("max", "average"))]
)
def test_logits_are_those_of_the_maps_to_the_last_bit(key, pooling):
    network = build(key, channels=(3, 4, 5), hidden=6, pooling=pooling).eval()
    for activation in network.activations:
        torch.nn.init.normal_(activation.bias)
    images = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        assert torch.equal(network(images), network.classify(network.features(images)))


@pytest.mark.parametrize("method", METHODS)
def test_a_network_takes_its_images_one_by_one(method):
    """Whatever the method, an image's maps do not depend on what else is in the batch."""
    network = build("sesn_vector", channels=(3, 4, 5), hidden=6).eval()
    images = torch.rand(35, 1, 28, 28)
    with torch.no_grad(), methods.fixed(method):
        together, alone = network(images), torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
