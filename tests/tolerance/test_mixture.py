"""The mixture of internal scales against its definition: densities, their shares, the divergence."""

import math

import numpy as np
import pytest

from core.tolerance import DataScales, ScaleMixture, ToleranceModel

PUBLISHED = [DataScales.log_uniform(1, high) for high in (2.83, 4.76, 8)]
OCTAVES = np.linspace(-12, 12, 48_001)


def kl_by_the_book(reference, isr, num_scales, tau, low, high, points=2000) -> float:
    """The definition, written out: unit bumps and unit plateau, sums over a cut axis, one point at a time."""
    start, end = math.log2(0.5), math.log2(17)
    step = (end - start) / points
    mixture, data = [], []
    for i in range(points):
        u = start + (i + 0.5) * step
        total = 0.0
        for n in range(num_scales):
            centre = math.log2(reference * isr ** (n / (num_scales - 1)))
            total += math.exp(-((u - centre) ** 2) / (2 * tau**2))
        mixture.append(total)
        below, above = math.log2(low) - u, u - math.log2(high)
        data.append(math.exp(-(max(below, above, 0.0) ** 2) / (2 * 0.4**2)))
    kl = 0.0
    for p, q in zip(mixture, data, strict=True):
        p, q = p / (sum_mixture := sum(mixture) * step), q / (sum_data := sum(data) * step)
        assert sum_mixture > 0
        assert sum_data > 0
        if p > 0:
            kl += p * math.log(p / q) * step
    return kl


@pytest.mark.parametrize(
    "mixture",
    [ToleranceModel(1, 8, 3, 0.459), ToleranceModel(2, 1, 1, 0.2), ScaleMixture((4, 0.7, 1.0), 0.3)],
    ids=str,
)
def test_a_mixture_integrates_to_1_over_octaves(mixture):
    assert np.trapezoid(mixture.density(2**OCTAVES), OCTAVES) == pytest.approx(1, abs=1e-5)  # the rule's own error


def test_the_components_sum_to_the_mixture_and_share_it_equally():
    model, scales = ToleranceModel(1.1, 6, 4, 0.3), 2**OCTAVES
    shares = model.components(scales)
    assert shares.shape == (4, scales.size)
    np.testing.assert_allclose(shares.sum(0), model.density(scales), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(np.trapezoid(shares, OCTAVES), 0.25, rtol=1e-6)
    np.testing.assert_allclose(scales[shares.argmax(1)], model.centres, rtol=1e-3)  # grid of 5e-4 octaves
    assert model.centres == pytest.approx([1.1 * 6 ** (i / 3) for i in range(4)])


def test_a_density_keeps_the_shape_of_its_argument():
    for distribution in (PUBLISHED[0], ToleranceModel(1, 3, 2, 0.4)):
        assert distribution.density(2).shape == ()
        assert distribution.density([1, 2.0, 4]).shape == (3,)
        assert distribution.density(np.ones((2, 5))).shape == (2, 5)


@pytest.mark.parametrize("seed", range(20))
def test_the_divergence_is_never_negative_and_0_only_for_equals(seed):
    rng = np.random.default_rng(seed)
    num_scales, tau = int(rng.integers(1, 6)), float(rng.uniform(0.1, 1))
    model = ToleranceModel(float(rng.uniform(0.5, 8)), float(rng.uniform(1.5, 8)), num_scales, tau)
    assert model.kl(PUBLISHED[seed % 3]) > 1e-4
    other = ToleranceModel(1.0, 4.0, 3, 0.5)
    assert model.kl(other) > 1e-4
    assert other.kl(other) == 0.0
    assert other.kl(ToleranceModel(1, 4, 3, 0.5)) == 0.0


@pytest.mark.parametrize("parameters", [(1.0, 2.83, 3, 0.459), (0.9, 7.0, 4, 0.25), (2.0, 1.5, 2, 0.8)])
def test_the_divergence_agrees_with_the_definition_written_out(parameters):
    reference, isr, num_scales, tau = parameters
    model = ToleranceModel(reference, isr, num_scales, tau)
    expected = kl_by_the_book(reference, isr, num_scales, tau, 1, 4.76)
    assert model.kl(PUBLISHED[1]) == pytest.approx(expected, rel=1e-4)  # two different rules of integration


def test_a_mixture_at_log_uniform_centres_is_the_tolerance_model():
    model = ToleranceModel(1.1, 6, 4, 0.3)
    mixture = ScaleMixture(model.centres[::-1], 0.3)
    assert mixture.centres == model.centres  # ascending again
    assert mixture.num_scales == 4
    assert mixture == ScaleMixture(model.centres, 0.3)
    np.testing.assert_allclose(mixture.components([1, 2.0, 5]), model.components([1, 2.0, 5]), rtol=1e-12)
    assert mixture.kl(PUBLISHED[0]) == pytest.approx(model.kl(PUBLISHED[0]), rel=1e-12)


def test_every_centre_has_the_same_weight_wherever_it_is():
    mixture = ScaleMixture((1.0, 1.3, 9.0), 0.25)
    shares = mixture.components(2**OCTAVES)
    np.testing.assert_allclose(np.trapezoid(shares, OCTAVES), 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(2 ** OCTAVES[shares.argmax(1)], mixture.centres, rtol=1e-3)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: ToleranceModel(0, 2, 3, 0.4), "reference"),
        (lambda: ToleranceModel(1, 0.9, 3, 0.4), "isr"),
        (lambda: ToleranceModel(1, 2, 0, 0.4), "num_scales"),
        (lambda: ToleranceModel(1, 2, 3, 0), "tau_tol"),
        (lambda: ScaleMixture((), 0.4), "at least one internal scale"),
        (lambda: ScaleMixture((1.0, -2.0), 0.4), "positive data scale, got -2"),
        (lambda: ScaleMixture((math.nan,), 0.4), "positive data scale, got nan"),
        (lambda: ScaleMixture((1.0,), math.inf), "tau_tol"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()
