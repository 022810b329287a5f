"""Networks of the published layout give what the published code gives, and take its parameters or none of them."""

import re

import pytest
import torch

from core.bases import SampledBasis
from core.layers.methods import METHODS, fixed
from core.models import AS_PUBLISHED, MODELS, build, load_published, published, published_parameters
from core.models.layouts import PUBLISHED
from tests.models.published_weights import GOLDEN, images, weights

EQUAL = 1e-5  # of logits up to 10; float32 stays below 4e-6, while a doubled ε of one batch norm moves them by 7e-4
STEPS = {"pool1": 0, "pool2": 1}  # our maps after the first two norms, and which of the published norms that is


def with_golden_weights(name):
    network = published(name)
    return load_published(network, published_parameters(network) | weights(GOLDEN[name]["entries"]))


def golden(name):
    return torch.tensor(GOLDEN[name]["logits"], dtype=torch.float64)


@pytest.fixture(scope="module")
def given():
    """Published parameters of one network, complete."""
    return published_parameters(published("mnist_ses_vector_28"))


def test_there_are_the_eight_of_sesn_its_cnn_and_disco():
    assert sorted(AS_PUBLISHED) == sorted(GOLDEN)
    assert len([name for name in AS_PUBLISHED if name.startswith("mnist_ses_")]) == 8


@pytest.mark.slow
@pytest.mark.parametrize("name", AS_PUBLISHED)
def test_the_published_weights_give_the_published_logits(name):
    network, logits = with_golden_weights(name), golden(name)
    assert logits.abs().max() > 1  # so that EQUAL is small
    with torch.no_grad():
        features = network.features(images())
        for answer in (network(images()), network.classify(features)):
            torch.testing.assert_close(answer.double(), logits, rtol=0, atol=EQUAL)
    for layer, place in STEPS.items():
        values, (mean, std) = features[layer].values.double(), list(GOLDEN[name]["norms"].values())[place]
        assert (values.mean().item(), values.std().item()) == pytest.approx((mean, std), rel=1e-5, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["mnist_ses_vector_56p", "mnist_disco_vector_56"])
def test_every_way_to_convolve_gives_them(name, method):
    with torch.no_grad(), fixed(method):
        answer = with_golden_weights(name)(images())
    torch.testing.assert_close(answer.double(), golden(name), rtol=0, atol=EQUAL)


@pytest.mark.parametrize("name", AS_PUBLISHED)
def test_names_shapes_and_numbers_of_parameters_are_the_published_ones(name):
    network, expected = published(name), GOLDEN[name]
    found = published_parameters(network)
    assert [(key, list(value.shape)) for key, value in found.items()] == list(expected["entries"].items())
    assert sum(p.numel() for p in network.parameters()) == expected["parameters"] == 494_549
    assert not network.training


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist_ses_scalar_28", "mnist_cnn_56", "mnist_disco_vector_56"])
def test_what_is_handed_out_can_be_loaded_again(name):
    first = with_golden_weights(name)
    second = load_published(published(name), published_parameters(first))
    with torch.no_grad():
        assert torch.equal(first(images()), second(images()))


def test_the_basis_of_disco_is_the_published_one_once_it_is_loaded():
    network = published("mnist_disco_vector_56")
    own = published_parameters(network)
    other = weights(GOLDEN["mnist_disco_vector_56"]["entries"])
    with torch.no_grad():
        ours = network(images())
        load_published(network, own | {name: value for name, value in other.items() if "basis" in name})
        assert (network(images()) - ours).abs().max() > 1e-3
    assert torch.equal(published_parameters(network)["main.5.basis.basis"], other["main.5.basis.basis"])
    assert all(isinstance(conv.basis, SampledBasis) for conv in network.convs)
    assert all(conv.basis.supports == (15, 15, 15, 15) for conv in network.convs)


def test_before_that_it_is_ours_which_agrees_at_whole_scales():
    """The cells above the middle, of two functions of the released basis of DISCO at scale 1, σ 1.9 and mult 1.5."""
    basis = published_parameters(published("mnist_disco_vector_56"))["main.1.basis.basis"]
    rows = {16: (-0.0220494, -0.1047374, -0.2667627, -0.3643059), 48: (-3.1269e-7, -0.0008336, -0.0947165, -0.4587646)}
    for function, row in rows.items():
        assert basis[function, 0, 6, 4:8].tolist() == pytest.approx(row, abs=1e-6)
        assert torch.equal(basis[function, 3, 5, 1:15:2], basis[function, 0, 6, 4:11])  # dilated by 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda p: p.pop("main.4.bias"), "the parameters lack main.4.bias"),
        (
            lambda p: [p.pop(name) for name in list(p)[:5]],
            "the parameters lack main.0.weight, main.0.bias, main.0.basis and 2 more",
        ),
        (lambda p: p.update({"main.13.weight": torch.zeros(1)}), "the network has no parameter main.13.weight"),
        (
            lambda p: p.update({"main.0.weight": torch.zeros(32, 1, 36)}),
            "main.0.weight should have the shape (32, 1, 49), got (32, 1, 36)",
        ),
        (lambda p: p.update({"linear.4.bias": [0.0] * 10}), "linear.4.bias should be a tensor, got list"),
        (lambda p: p["linear.4.bias"].fill_(torch.nan), "linear.4.bias should hold finite real numbers"),
        (
            lambda p: p["main.8.basis"].mul_(1.01),
            "main.8.basis is the basis of another network: scales, sides or functions differ",
        ),
    ],
)  # fmt: skip
def test_other_parameters_are_refused_in_a_sentence_and_none_is_taken(given, change, sentence):
    network = published("mnist_ses_vector_28")
    before = published_parameters(network)
    parameters = {name: value + 1 for name, value in given.items()} | {
        name: value.clone() for name, value in given.items() if name.endswith("basis")
    }
    change(parameters)
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        load_published(network, parameters)
    after = published_parameters(network)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_parameters_of_one_network_are_refused_by_another_with_the_same_shapes():
    """`vector_56` and the Hermite baseline of the DISCO repository (σ from 1.5) differ in their basis alone."""
    vector = published_parameters(published("mnist_ses_vector_56"))
    config = AS_PUBLISHED["mnist_ses_vector_56"].config
    scales = [0.75 * s for s in config.internal_scales]
    other = build("sesn_vector", "paper", **vars(config) | {"internal_scales": scales, "reference_sigma": scales[0]})
    with pytest.raises(ValueError, match=r"^1\.main\.0\.basis is the basis of another network"):
        load_published(other, vector)


def test_unknown_names_and_other_layouts_are_refused_in_a_sentence(given):
    with pytest.raises(ValueError, match=r"^unknown published network 'mnist_ses_vector_64'; known are mnist_ses_vec"):
        published("mnist_ses_vector_64")
    with pytest.raises(ValueError, match=r'^expected a network built with layout="published", got Sesn without$'):
        load_published(build("sesn_vector"), given)
    with pytest.raises(ValueError, match=r"^layout must be one of 'zero background', 'published', got 'usual'$"):
        build("cnn", layout="usual")
    with pytest.raises(ValueError, match=r"^the published layout of DISCO enlarges by 2, got 1$"):
        build("disco", layout=PUBLISHED)


@pytest.mark.parametrize(
    ("key", "size"),
    [(key, size) for key in ("cnn", "sesn_vector", "sesn_scalar", "disco") for size in MODELS[key].sizes],
)
def test_the_published_layout_trains(key, size):
    """A step on two digits; a training forward has the statistics of its batch, and moves the running ones."""
    torch.manual_seed(0)
    network = build(key, size, channels=(3, 4, 5), hidden=6, dropout=0.0, **{"layout": PUBLISHED, "enlarge": 2})
    network.train()
    before = [norm.running_mean.clone() for norm in network.norms]
    loss = torch.nn.functional.cross_entropy(network(images()), torch.tensor([0, 1]))
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert all(not torch.equal(a, norm.running_mean) for a, norm in zip(before, network.norms, strict=True))
