"""Scales as parameters: where they start, what shape each mode keeps, how far they may go, their gradients."""

import math

import pytest
import torch

from core.layers import LearnableScales
from core.layers.learnable_scales import CLOSEST, SMALLEST, scales_from_isr, scales_from_ratios, scales_from_spacings
from core.scales import ScaleSet, internal_scales, scale_step

MODES = ("isr", "spacings", "direct")
STARTS = [ScaleSet.log_uniform(*numbers) for numbers in ((1.0, 2.0, 4), (1.5, 3.0, 2), (0.7, 4.0, 7))]
UNEQUAL = ScaleSet((1, 1.2, 2.5))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_starts_from_the_same_scales(mode, start):
    assert LearnableScales(mode, start)().tolist() == pytest.approx(list(start), rel=1e-6)


@pytest.mark.parametrize(("mode", "count"), [("isr", 2), ("spacings", 4), ("direct", 4)])
def test_each_mode_has_the_parameters_that_the_thesis_names(mode, count):
    assert sum(p.numel() for p in LearnableScales(mode, STARTS[0]).parameters()) == count


@pytest.mark.parametrize("gamma", [-1.7, -0.4, 0.3, 0.9, 2.5])
def test_an_isr_of_one_plus_gamma_squared_keeps_scales_log_uniform(gamma):
    scales = LearnableScales("isr", ScaleSet.log_uniform(1.2, 2.0, 5)).double()
    with torch.no_grad():
        scales.gamma.fill_(gamma)
    found = scales().tolist()
    assert found == pytest.approx(internal_scales(scales.sigma_basis.item(), 1 + gamma**2, 5), rel=1e-12)
    assert scale_step(found) == pytest.approx((1 + gamma**2) ** 0.25)
    with torch.no_grad():  # the property is not empty: spacings of their own lose it
        other = LearnableScales("spacings", ScaleSet.log_uniform(1.2, 2.0, 5))
        other.gamma[1] += 0.2
    with pytest.raises(ValueError, match="not log-uniform"):
        scale_step(other().tolist())


def test_the_formula_of_one_step_reaches_the_same_scales_with_another_gamma():
    sigma, isr = torch.tensor(2.0, dtype=torch.float64), 3.0
    whole = scales_from_isr(sigma, torch.tensor(math.sqrt(isr - 1), dtype=torch.float64), 3)
    per_step = scales_from_isr(sigma, torch.tensor(math.sqrt(math.sqrt(isr) - 1), dtype=torch.float64), 3, True)
    equal_steps = scales_from_spacings(sigma, torch.full((2,), math.sqrt(math.sqrt(isr) - 1), dtype=torch.float64))
    for found in (whole, per_step, equal_steps):
        torch.testing.assert_close(found, torch.tensor((2.0, math.sqrt(12), 6.0), dtype=torch.float64))


@pytest.mark.parametrize("mode", MODES)
def test_gradients_are_those_of_finite_differences(mode):
    """float64, central differences with a step of 1e-5; of each scale by each parameter."""
    scales = LearnableScales(mode, ScaleSet.log_uniform(1.2, 3.0, 4)).double()
    with torch.no_grad():
        for parameter in scales.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter, dtype=torch.float64).abs())
    for parameter in scales.parameters():
        for place in range(parameter.numel()):
            slopes, entry = [], parameter.detach().view(-1)[place : place + 1]
            with torch.no_grad():
                for step in (1e-5, -2e-5):
                    entry += step
                    slopes.append(scales())
                entry += 1e-5
            expected = (slopes[0] - slopes[1]) / 2e-5
            for i in range(4):
                found = torch.autograd.grad(scales()[i], parameter)[0].view(-1)[place]
                assert float(found) == pytest.approx(float(expected[i]), rel=1e-6, abs=1e-8)


def test_direct_scales_are_sorted_and_each_keeps_its_gradient():
    scales = LearnableScales("direct", ScaleSet.log_uniform(1.0, 4.0, 3)).double()
    with torch.no_grad():
        scales.scales.copy_(torch.tensor((2.5, 1.5, 4.0)))
    found = scales()
    torch.testing.assert_close(found.detach(), torch.tensor((1.5, 2.5, 4.0), dtype=torch.float64))
    for place, parameter in enumerate((1, 0, 2)):
        gradient = torch.autograd.grad(found[place], scales.scales, retain_graph=True)[0]
        torch.testing.assert_close(gradient, torch.eye(3, dtype=torch.float64)[parameter], rtol=0, atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_scales_that_run_away_stay_a_basis_and_find_the_way_back(mode):
    scales = LearnableScales(mode, STARTS[0]).double()
    with torch.no_grad():
        for parameter in scales.parameters():
            parameter.fill_(-0.01)
    found = scales()
    expected = [SMALLEST * CLOSEST**i for i in range(4)]
    if mode == "isr":  # the whole range is 1 + γ² here, its steps are held like all others
        assert scale_step(found.tolist()) == pytest.approx(CLOSEST)
    assert found.tolist() == pytest.approx(expected)
    optimizer = torch.optim.Adam(scales.parameters(), lr=0.1)
    for _ in range(60):  # at the bound the gradient still says where to go
        optimizer.zero_grad()
        (scales() - torch.tensor((1.0, 2.0, 3.0, 4.0))).square().sum().backward()
        optimizer.step()
    assert scales().detach()[-1] > 2.5


def test_ratios_make_ascending_scales():
    found = scales_from_ratios(torch.tensor(2.0), torch.tensor((1.5, 2.0)))
    torch.testing.assert_close(found, torch.tensor((2.0, 3.0, 6.0)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ratio", (1.0, 2.0)), r"\('isr', 'spacings', 'direct'\), got 'ratio'"),
        (("isr", (1.0,)), "at least 2 of them, got 1"),
        (("direct", (0.4, 0.6, 0.8)), r"from 0.5 pixels in steps of 1.02 or more, got \(0\.4, "),
        (("spacings", (1.0, 1.5, 1.52)), r"from 0.5 pixels in steps of 1.02 or more, got \(1\.0, "),
        (("isr", UNEQUAL), r"in equal steps, got \(1\.0, 1\.2, 2\.5\)"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_the_value(arguments, message):
    mode, start = arguments
    with pytest.raises(ValueError, match=message):
        LearnableScales(mode, ScaleSet(start))


@pytest.mark.parametrize("mode", ["spacings", "direct"])
def test_modes_that_learn_every_step_start_from_unequal_ones_too(mode):
    assert LearnableScales(mode, UNEQUAL)().tolist() == pytest.approx(list(UNEQUAL), rel=1e-6)


def test_it_prints_where_the_scales_are():
    assert "mode=isr, now (1, 1.41, 2)" in repr(LearnableScales("isr", ScaleSet.log_uniform(1.0, 2.0, 3)))
