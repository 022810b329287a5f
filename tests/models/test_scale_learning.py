"""Networks that learn their internal scales: training moves them, kernels and maps follow, the weights keep them."""

import pytest
import torch
import torch.nn.functional as F

from core import checkpoints
from core.bases import learnable_hermite_b
from core.checkpoints import Card
from core.equivariance import measure
from core.layers.separable import SeparableFilter
from core.models import build, load
from core.models.scale_learning import ScaleLearning
from core.scales import internal_scales, kernel_size, scale_step
from core.training.fit import Fit
from core.training.recipes import Recipe
from tests.formulas import blobs, drawn_digits

MODES = ("isr", "spacings", "direct")
TINY = {"channels": (3, 4, 5), "hidden": 6}


def network(mode, **config):
    torch.manual_seed(0)
    return build(f"scale_learning_{mode}", **{**TINY, **config})


def move(net, seed=0):
    """Takes the scales somewhere else, as training would."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in net.scales.parameters():
            parameter.add_(0.1 + 0.2 * torch.rand_like(parameter))
    return net


def loss_of(net):
    torch.manual_seed(1)  # the same dropout each time
    images = blobs(0, 28, width=2.0, batch=8).abs().clamp(max=1).to(net.head.last.weight)
    return F.cross_entropy(net(images), torch.arange(8))


@pytest.mark.parametrize("size", ["small", "paper"])
@pytest.mark.parametrize("mode", MODES)
def test_it_starts_from_the_configured_scales(mode, size):
    net = build(f"scale_learning_{mode}", size, **TINY)
    start = internal_scales(1.0 if size == "small" else 1.5, 2.0, 4)
    assert net.internal_scales == pytest.approx(start, rel=1e-6)
    assert not hasattr(net.config, "sigma_basis")  # what tells the pages that there is nothing to choose


def test_at_paper_size_it_has_the_published_number_of_parameters():
    """494,549 and the two of the scales in the thesis; ours lack the shifts of two batch norms."""
    count = sum(p.numel() for p in build("scale_learning_isr", "paper").parameters())
    assert count == pytest.approx(494_551, rel=0.02)


@pytest.mark.parametrize("mode", MODES)
def test_the_loss_reaches_every_scale_parameter_as_finite_differences_say(mode):
    """Through all three convolutions and the divisor; float64, eval mode, steps of 1e-6 that cross few kinks."""
    net = move(network(mode).double()).eval()
    loss_of(net).backward()
    for parameter in net.scales.parameters():
        for place in range(parameter.numel()):
            losses, entry = [], parameter.detach().view(-1)[place : place + 1]
            with torch.no_grad():
                for step in (1e-6, -2e-6):
                    entry += step
                    losses.append(float(loss_of(net)))
                entry += 1e-6
            slope = float(parameter.grad.view(-1)[place])
            assert slope == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-3, abs=1e-8)
            assert abs(slope) > 1e-5


@pytest.mark.parametrize("mode", MODES)
def test_a_basis_that_is_sampled_once_would_leave_the_scales_alone(mode, monkeypatch):
    """The mutation: without the new basis in each pass no gradient arrives."""
    net = network(mode)
    with torch.no_grad():
        once = SeparableFilter(learnable_hermite_b(net.scales(), 10, 3, 1.4))
    monkeypatch.setattr(ScaleLearning, "_filter", lambda _: once)
    loss_of(net).backward()
    assert all(parameter.grad is None for parameter in net.scales.parameters())


@pytest.mark.parametrize("mode", MODES)
def test_kernels_follow_the_moving_scales_by_equation_7(mode):
    net = network(mode)
    for _ in range(3):
        scales = net.internal_scales
        for found in net.kernels().values():
            assert [k.shape[-1] for k in found] == [kernel_size(s) for s in scales]
        first = net.eval().features(torch.rand(1, 1, 28, 28))["conv1"]
        assert first.internal_scales == scales
        move(net)
        assert net.internal_scales != scales
    with torch.no_grad():
        kept = net.kernels()["conv1"]
        assert all(a.shape[-1] == kernel_size(s) for a, s in zip(kept, net.internal_scales, strict=True))


def test_isr_keeps_scales_log_uniform_through_training_and_spacings_do_not():
    found = {}
    for mode in ("isr", "spacings"):
        net = network(mode)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
        for _ in range(3):
            optimizer.zero_grad()
            loss_of(net).backward()
            optimizer.step()
        found[mode] = net.internal_scales
        assert found[mode] != pytest.approx(internal_scales(1.0, 2.0, 4), rel=1e-3)  # they have moved at all
    assert scale_step(found["isr"]) is not None
    with pytest.raises(ValueError, match="not log-uniform"):
        scale_step(found["spacings"])


@pytest.mark.parametrize("mode", MODES)
def test_without_gradients_the_basis_is_kept_until_the_scales_move(mode):
    net, images = network(mode).eval(), torch.rand(2, 1, 28, 28)
    fresh = network(mode).eval()
    with torch.no_grad():
        assert net._filter() is net._filter()
        before = net(images)
        move(net)
        assert not torch.equal(net(images), before)
        fresh.load_state_dict(net.state_dict())
        assert torch.equal(fresh(images), net(images))
    assert net._filter() is not net._filter()  # with gradients it is made again: a graph serves once
    with torch.inference_mode():
        torch.testing.assert_close(net(images), fresh(images))
    image = images.clone().requires_grad_()  # nothing kept in inference mode gets in the way of gradients
    net.requires_grad_(False)(image).sum().backward()
    assert torch.isfinite(image.grad).all()


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_doubling_the_image_moves_every_map_along_the_learned_scales(mode, monkeypatch):
    """Scales in steps of 2, not where they started: the maps move by one scale, as the declared scales say."""
    net = network(mode, initial_isr=4.0, num_scales=3).double().eval()
    with torch.no_grad():
        (net.scales.scales if mode == "direct" else net.scales.sigma_basis).mul_(1.3)
    images = blobs(0, 96, width=2.5, spread=4.0)

    def error():
        report = measure(net, images, (2.0,), resampler="ideal")
        return dict(zip(report.layers, report.error[:, 0].tolist(), strict=True))

    found = error()
    assert found["conv1"] < 2e-3  # 8e-4 is reached with kernels that end at 4 σ
    assert found["conv3"] < 5e-2  # 3e-2 after two poolings; SESN with these scales has the same
    monkeypatch.setattr(ScaleLearning, "internal_scales", (1.3, 1.95, 2.925))  # the mutation: declares others
    assert error()["conv1"] > 0.1


@pytest.mark.parametrize("mode", MODES)
def test_stored_weights_bring_their_learned_scales(mode, tmp_path, monkeypatch):
    monkeypatch.setitem(checkpoints.FOLDERS, "all sizes", tmp_path)
    key, images = f"scale_learning_{mode}", torch.rand(3, 1, 28, 28)
    net = move(network(mode))
    net(images)  # in train mode: the running statistics are part of what is saved
    card = Card(
        key, "small", {}, {}, {}, seed=0, epochs=1, device="cpu", wall_time_s=1.0, test_error=2.5, test_images=10,
        parameters=1, sha256="", git_commit="", command="", versions={},
    )  # fmt: skip
    checkpoints.save(net, card, tmp_path)
    stored = load(key, **TINY)
    assert stored.internal_scales == net.internal_scales != network(mode).internal_scales
    with torch.no_grad():
        assert torch.equal(stored(images), net.eval()(images))
    with pytest.raises(ValueError, match=f"{key} has no setting sigma_basis; it has "):
        load(key, sigma_basis=2.0)


@pytest.mark.parametrize("mode", MODES)
def test_every_parameter_is_in_one_group_and_scales_learn_at_their_own_pace(mode, tmp_path):
    net = network(mode)
    weights, scales = net.parameter_groups()
    every = [*weights.parameters, *scales.parameters]
    assert {id(p) for p in every} == {id(p) for p in net.parameters()}
    assert len(every) == len(list(net.parameters()))
    assert {id(p) for p in scales.parameters} == {id(p) for p in net.scales.parameters()}
    recipe = Recipe(epochs=10, learning_rate=0.01, weight_decay=0.1)
    fit = Fit(net, recipe, 0, tmp_path)
    assert [group["weight_decay"] for group in fit.optimizer.param_groups] == [0.1, 0.0]
    digits = drawn_digits(4)
    rates = []
    for progress in (0.0, 1.0, 3.0):
        fit._train_on(digits, torch.arange(4), progress)
        rates.append([group["lr"] for group in fit.optimizer.param_groups])
    assert rates == [pytest.approx([0.01, 0.005 * progress / 5]) for progress in (0.0, 1.0, 3.0)]


@pytest.mark.parametrize("mode", MODES)
def test_training_moves_the_scales_and_keeps_their_history(mode, tmp_path):
    net = network(mode, scale_warm_up=1.0)
    start = net.internal_scales
    fit = Fit(net, Recipe(epochs=2, batch_size=8), 0, tmp_path)
    assert fit.run(drawn_digits(16), drawn_digits(4, first=16))
    history = [record["internal_scales"] for record in fit.history]
    assert len(history) == 2
    for scales in history:
        assert scales != pytest.approx(start, rel=1e-3)
        assert scales == sorted(scales)
    assert history[0] != history[1]
    again = Fit(network(mode, scale_warm_up=1.0), Recipe(epochs=2, batch_size=8), 0, tmp_path)
    assert again.resume()
    assert again.history == fit.history
    assert again.network.internal_scales == net.internal_scales


def test_what_cannot_be_learned_is_refused_with_the_value():
    with pytest.raises(ValueError, match=r"\('isr', 'spacings', 'direct'\), got 'ratio'"):
        build("scale_learning_isr", mode="ratio")
    with pytest.raises(ValueError, match="at least 2 of them, got 1"):
        build("scale_learning_direct", num_scales=1)
