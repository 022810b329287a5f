"""Any set of internal scales works in every network that has them: unequal steps, printed roundings, a single scale."""

import numpy as np
import pytest
import torch

from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.layers.filtering import filter_scales
from core.models import MODELS, broken_limit, build, configuration, has_scales, load
from core.scales import SCALE_LIMITS, ScaleSet
from tests.formulas import relative
from tests.thorough import rest

SCALED = [key for key in MODELS if has_scales(key)]
UNEQUAL, PRINTED, SINGLE = (1, 1.2, 2.5), (2, 2.52, 3.17, 4), (1.3,)


def images(seed=0, batch=2):
    return torch.rand(batch, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def digits():
    return torch.stack([glyph.render(0.7) for glyph in GLYPHS[::10]]).reshape(-1, 1, 28, 28)


def test_these_networks_have_scales_to_choose():
    """Learned scales are part of the weights."""
    assert SCALED == [
        "dss", "sesn_vector", "sesn_scalar", "sesn_antialiased", "disco", "sicnn", "si_convnet", "sevf", "ss_cnn",
        "sesn_deformable", "random_sesn",
    ]  # fmt: skip
    assert not has_scales("scale_learning_direct")
    with pytest.raises(KeyError, match="unknown network"):
        has_scales("sesn")


@pytest.mark.slow
@pytest.mark.parametrize("scales", [UNEQUAL, PRINTED, SINGLE])
@pytest.mark.parametrize("key", rest(SCALED, "sesn_vector", "dss", "disco", "sevf"))
def test_every_network_is_built_answers_and_is_measured_on_any_set(key, scales, digits):
    network = load(key, internal_scales=scales)
    assert network.config.internal_scales == network.internal_scales == ScaleSet(scales)
    with torch.no_grad():
        logits, maps, blank = network(images()), network.features(images()), network.features(torch.zeros(1, 1, 28, 28))
    assert logits.shape == (2, 10)
    assert torch.isfinite(logits).all()
    assert all(not found.values.any() for found in blank.values())  # the background stays 0
    over_scales = [found for found in maps.values() if found.group == "scale"]
    assert bool(over_scales) == (len(scales) > 1)
    assert all(found.internal_scales == scales for found in over_scales)
    report = measure(network, digits, [1.2])
    measured = report.error[report.known > 0]
    assert np.isfinite(measured).all()
    assert measured.max() < 1.5  # two maps that have nothing in common differ by √2


@pytest.mark.parametrize("key", SCALED)
def test_a_set_and_its_three_numbers_give_the_same_answer_to_the_last_bit(key):
    by_name = load(key, sigma_basis=1.1, isr=2.2, num_scales=3)
    as_set = load(key, internal_scales=ScaleSet.log_uniform(1.1, 2.2, 3))
    with torch.no_grad():
        assert torch.equal(by_name(images()), as_set(images()))


@pytest.mark.parametrize("key", [key for key in SCALED if key != "disco"])  # its copies are solved for together
def test_a_scale_answers_in_company_as_it_does_alone(key):
    together = load(key, internal_scales=UNEQUAL).features(images())["conv1"].values
    for i, scale in enumerate(UNEQUAL):
        alone = load(key, internal_scales=(scale,)).features(images())["conv1"].values
        assert relative(together[:, :, i], alone) < 1e-5  # other kernels, other ways to filter: float32


@pytest.mark.parametrize("key", ["sesn_vector", "disco", "sesn_deformable"])
def test_the_ratio_of_two_scales_is_a_step_whatever_the_others_are(key, digits):
    """At 1 / 1.2 the smallest scale reads the middle one; at 1 / 1.55 T' must blend two scales that are far apart."""
    network = load(key, internal_scales=UNEQUAL)
    step, between = measure(network, digits, [1 / 1.2, 1 / 1.55], costs=False).error[0]
    assert step < 0.25
    assert step < 0.7 * between


@pytest.mark.parametrize("key", [key for key in SCALED if hasattr(configuration(key), "interaction")])
def test_kernels_that_span_scales_need_equal_steps(key):
    if key == "sesn_scalar":
        pytest.skip("has no scales to span")
    with pytest.raises(ValueError, match=r"interaction between scales needs equal steps, got \(1\.0, 1\.2, 2\.5\)"):
        build(key, internal_scales=UNEQUAL, interaction=2)
    for equal in ((1.0, 1.5, 2.25), SINGLE):
        network = build(key, internal_scales=equal, interaction=2).eval()
        assert torch.isfinite(network(images())).all()


@pytest.mark.parametrize("key", SCALED)
def test_what_is_not_named_is_that_of_the_network_itself(key):
    usual = configuration(key)
    sigma, isr, count = usual.sigma_basis, usual.isr, usual.num_scales
    assert (sigma, count) == (usual.internal_scales.smallest, len(usual.internal_scales))
    assert configuration(key, sigma_basis=1.7).internal_scales == ScaleSet.log_uniform(1.7, isr, count)
    assert configuration(key, isr=3.3).internal_scales == ScaleSet.log_uniform(sigma, 3.3, count)
    assert configuration(key, num_scales=5).internal_scales == ScaleSet.log_uniform(sigma, isr, 5)
    assert configuration(key, num_scales=1).internal_scales == (sigma,)
    assert configuration(key, sigma_basis=sigma, isr=isr, num_scales=count) == usual


def test_learned_scales_start_from_a_set_or_its_three_numbers():
    named = configuration("scale_learning_direct", initial_isr=3.0, num_scales=5)
    assert named.initial_scales == ScaleSet.log_uniform(1.0, 3.0, 5)
    assert build("scale_learning_direct", initial_scales=UNEQUAL).internal_scales == pytest.approx(UNEQUAL, rel=1e-6)
    with pytest.raises(ValueError, match="equal steps"):
        build("scale_learning_isr", initial_scales=UNEQUAL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"internal_scales": UNEQUAL, "isr": 2.0}, "name a set of scales once, as internal_scales or by isr"),
        ({"internal_scales": (2, 1)}, r"positive and ascending, got \(2\.0, 1\.0\)"),
        ({"internal_scales": ()}, r"positive and ascending, got \(\)"),
        ({"sigma": 1.0}, "sesn_vector has no setting sigma; it has .*internal_scales, isr, "),
    ],
)
def test_settings_that_make_no_set_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        configuration("sesn_vector", **settings)


@pytest.mark.parametrize("scales", [UNEQUAL, PRINTED, SINGLE, (0.5, 0.9, 5.3)])
@pytest.mark.parametrize("key", SCALED)
def test_the_widest_kernel_is_known_before_a_network_is_built(key, scales):
    kernels = build(key, internal_scales=scales).kernels(slice(0, 1))["conv1"]
    assert configuration(key, internal_scales=scales).kernel_side == max(kernel.shape[-1] for kernel in kernels)


@pytest.mark.parametrize("key", SCALED)
def test_the_widest_kernel_of_the_published_networks_is_known_too(key):
    if "paper" not in MODELS[key].sizes:
        pytest.skip("is no published network")
    kernels = build(key, "paper").kernels(slice(0, 1))["conv1"]
    assert configuration(key, "paper").kernel_side == max(kernel.shape[-1] for kernel in kernels)


@pytest.mark.parametrize("key", MODELS)
def test_every_network_keeps_the_limits_as_it_comes(key):
    assert [broken_limit(key, size) for size in MODELS[key].sizes] == [None] * len(MODELS[key].sizes)


def test_a_network_too_large_to_be_built_is_told_before():
    """The link `?network=dss&scales=chosen&sigma=2.5&isr=8&n_scales=6`."""
    wide = {"sigma_basis": 2.5, "isr": 8.0, "num_scales": 6}
    assert broken_limit("dss", **wide) == "the largest internal scale is at most 16 pixels, got 20"
    assert broken_limit("dss", "paper", internal_scales=(0.25, 5.3)) is None
    side = 2 * -(-3 * 5.5 // 0.25) + 1  # three taps to each side, dilated to 5.5 / 0.25
    clause = f"kernels have at most {SCALE_LIMITS.kernel_side} pixels a side, got {side:.0f}"
    assert broken_limit("dss", "paper", internal_scales=(0.25, 5.5)) == clause
    assert broken_limit("cnn") is None
    with pytest.raises(ValueError, match=r"isr must be a number of at least 1, got 0\.5"):
        broken_limit("dss", isr=0.5)


def test_taps_that_no_position_of_the_canvas_reaches_are_not_computed():
    conv = build("ss_cnn", internal_scales=(1, 4)).convs[2]
    planes = torch.randn(2, 32, 7, 7, generator=torch.Generator().manual_seed(0))
    assert [kernel.shape[-1] for kernel in conv.kernels()] == [7, 23]
    assert [kernel.shape[-1] for kernel in conv.kernels_on(7)] == [7, 13]
    assert relative(conv(planes), filter_scales([planes] * 2, conv.kernels())) < 1e-6
