"""The one table of networks: what it promises for every key and size, and how it refuses."""

import pytest
import torch

from core import checkpoints
from core.checkpoints import Card, CheckpointError
from core.models import MODELS, Network, build, configuration, load

EVERY = [(key, size) for key, spec in MODELS.items() for size in spec.sizes]
CONTROLS = [(key, size) for key, size in EVERY if MODELS[key].control]
STABLE_KEYS = {"cnn", "sesn_vector", "sesn_scalar", "identity", "random_cnn", "random_sesn"}


def card(key, size="small"):
    return Card(
        key, size, {}, {}, {}, seed=0, epochs=1, device="cpu", wall_time_s=1.0, test_error=2.5, test_images=10,
        parameters=1, sha256="", git_commit="", command="", versions={},
    )  # fmt: skip


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A folder of checkpoints of the test's own, in place of assets/checkpoints; saves what it is given."""
    monkeypatch.setitem(checkpoints.FOLDERS, "all sizes", tmp_path)
    return lambda network, key, size="small": checkpoints.save(network, card(key, size), tmp_path)


def test_the_keys_that_links_and_scripts_rely_on_are_there():
    assert set(MODELS) >= STABLE_KEYS
    assert {key for key, spec in MODELS.items() if spec.control} >= {"identity", "random_cnn", "random_sesn"}


@pytest.mark.parametrize("key", MODELS)
def test_every_entry_can_be_shown_in_a_menu(key):
    spec = MODELS[key]
    assert "small" in spec.sizes
    assert set(spec.sizes) <= {"small", "paper"}
    assert spec.title
    assert spec.source
    assert spec.summary.endswith(".")
    assert len({other.title for other in MODELS.values()}) == len(MODELS)


@pytest.mark.parametrize(("key", "size"), EVERY)
def test_every_entry_builds_a_network_of_its_configuration(key, size):
    network = build(key, size)
    assert isinstance(network, Network)
    assert network.config == configuration(key, size) == MODELS[key].sizes[size]


def test_random_weights_follow_the_seed():
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(build("sesn_vector").convs[0].weight)
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@pytest.mark.parametrize(("key", "size"), CONTROLS)
def test_controls_come_with_the_same_weights_always_and_leave_the_random_state_alone(key, size):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    first = load(key, size)
    assert torch.equal(torch.rand(4), expected)
    torch.manual_seed(99)
    second = load(key, size)
    state = second.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in first.state_dict().items())
    assert not first.training
    assert not any(parameter.requires_grad for parameter in first.parameters())


@pytest.mark.parametrize(
    "key",
    ["cnn", "deformable_cnn", "dss", "sesn_vector", "sesn_scalar", "sesn_antialiased", "disco", "sesn_deformable"],
)
def test_a_stored_network_gives_the_very_logits_of_the_one_that_was_saved(key, trained):
    network, images = build(key), torch.rand(3, 1, 28, 28)
    network(images)  # in train mode: the running statistics are part of what is saved
    trained(network, key)
    torch.manual_seed(5)
    stored = load(key)
    with torch.no_grad():
        assert torch.equal(stored(images), network.eval()(images))
    assert not stored.training
    assert not any(parameter.requires_grad for parameter in stored.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("key", ["sesn_vector", "sesn_scalar", "sesn_antialiased", "disco", "sesn_deformable"])
def test_trained_weights_fit_any_internal_scales(key, trained):
    network = build(key)
    trained(network, key)
    images = torch.rand(2, 1, 28, 28)
    weights = network.state_dict()
    for change in (
        {"sigma_basis": 1.4},
        {"isr": 3.0},
        {"num_scales": 1},
        {"num_scales": 6, "isr": 4.0, "sigma_basis": 0.7},
    ):
        other = load(key, **change)
        assert all(torch.equal(tensor, weights[name]) for name, tensor in other.state_dict().items())
        assert torch.isfinite(other(images)).all()
        scales = other.config.internal_scales
        first = other.features(images)["conv1"]
        if len(scales) == 1:
            assert (first.group, first.values.dim()) == ("plane", 4)
        else:
            assert (first.group, first.internal_scales, first.values.shape[2]) == ("scale", scales, len(scales))


@pytest.mark.parametrize("key", ["sesn_vector", "sesn_scalar", "disco", "sesn_deformable"])
def test_a_scale_answers_alike_in_every_set_that_holds_it(key, trained):
    """The trained weights keep their meaning: scale 1 to 2 in four steps, and 2 alone, or as the middle of 1 to 4."""
    trained(build(key), key)
    images = torch.rand(2, 1, 28, 28)
    usual = load(key).features(images)["conv1"].values
    alone = load(key, sigma_basis=2.0, num_scales=1).features(images)["conv1"].values
    middle = load(key, isr=4.0, num_scales=3).features(images)["conv1"].values
    torch.testing.assert_close(alone, usual[:, :, -1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(middle[:, :, :2], usual[:, :, [0, -1]], rtol=1e-4, atol=1e-5)


def test_weights_of_another_shape_are_refused(trained):
    trained(build("cnn"), "cnn")
    with pytest.raises(CheckpointError, match=r"of shape \(16, 1, 7, 7\), the network expects \(8, 1, 7, 7\)"):
        load("cnn", channels=(8, 32, 48))


def test_what_the_table_does_not_hold_is_refused_with_what_it_holds():
    for make in (build, load, configuration):
        with pytest.raises(KeyError, match="unknown network 'resnet'; known are cnn, "):
            make("resnet")
        with pytest.raises(ValueError, match="identity cannot be built at size 'paper'; it has small"):
            make("identity", "paper")
        with pytest.raises(ValueError, match="cnn has no setting depth, width; it has channels, "):
            make("cnn", width=3, depth=2)
    with pytest.raises(ValueError, match=r"isr must be a number of at least 1, got 0\.5"):
        build("sesn_vector", isr=0.5)
    with pytest.raises(ValueError, match="'vector' or 'scalar', got 'tensor'"):
        build("sesn_vector", kind="tensor")
    with pytest.raises(ValueError, match="no inter-scale interaction, got 2"):
        build("sesn_scalar", interaction=2)
    with pytest.raises(ValueError, match="'max' or 'average', got 'median'"):
        build("cnn", pooling="median")


def test_a_network_that_was_never_trained_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(checkpoints.FOLDERS, "all sizes", tmp_path)
    with pytest.raises(CheckpointError, match="There is no checkpoint of cnn at size small"):
        load("cnn")


@pytest.mark.parametrize(
    ("key", "side", "supports"), [("sesn_vector", 13, (7, 9, 11, 13)), ("sesn_scalar", 17, (9, 13, 17))]
)
def test_the_published_filter_sizes_can_be_asked_for(key, side, supports):
    """Of mnist_ses_vector_56p and mnist_ses_scalar_56p; the size of the network is another argument."""
    network = build(key, "paper", filter_side=side)
    assert network.convs[0].basis.supports == supports
