"""Every number that comes from a publication, as it is printed there: absolute values, so that none drifts unseen.

Properties are tested elsewhere, and hold for wrong constants too. Where a number is no more than a field, it is read
through what it does: the kernel of a network, the end of a fit.
"""

import math

import pytest
import torch

from core.bases import disco, log_radial_basis
from core.bases.circular_harmonics import _HIGHEST, _WIDTH
from core.data import dynamic_scale_mnist, mnist, mnist_scale
from core.data.glyphs import LONGER_SIDE
from core.figures.as_published import POSTER_TOP
from core.layers import learnable_scales
from core.models import MODELS, build, configuration, fourier, network
from core.models.toy import SIZES, Toy
from core.presets import PRESETS
from core.results import dss_residual, published
from core.scales import internal_scales, kernel_size
from core.tolerance import (
    PUBLISHED_RANGES,
    TOY_SIGMA_BASIS,
    DataScales,
    ScaleMixture,
    fit,
    fitting,
    published_fit,
    sigma_of_unit,
)
from core.tolerance.axis import AXIS
from core.training.recipes import PUBLISHED, Recipe, recipe_for

SETS = {preset.name: preset.internal_scales for preset in PRESETS}
THIRD = 2 ** (1 / 3)  # SESN, §6: four scales over an octave

# What the MNIST networks of Sosnovik et al. (arXiv:1910.11093, §6.1 and its code) have in common.
LAYOUT = {"channels": (32, 63, 95), "enlarge": 2, "pooling": "max", "hidden": 256, "dropout": 0.7}
SESN = {"num_functions": 49, "max_order": 4, "reference_sigma": 2.0, "reference_support": 7}
CONFIGURATIONS = {
    "cnn": LAYOUT | {"kernel": 7},
    "sesn_vector": LAYOUT | SESN | {"kind": "vector", "mult": 1.5, "interaction": 1},
    "sesn_scalar": LAYOUT | SESN | {"kind": "scalar", "mult": 1.4, "interaction": 1},
    "sesn_deformable": LAYOUT | SESN | {"mult": 1.5, "branch_order": 1, "reach": 2.0, "branch_rate": 0.1},
    # Sosnovik et al., arXiv:2106.02733: cells of 7 × 7, average pooling.
    "disco": LAYOUT | {"pooling": "average", "reference_sigma": 1.9, "effective_size": 7, "num_functions": 49}
    | {"max_order": 4, "mult": 1.5},
    # Worrall & Welling, arXiv:1905.11697: a zero scale of ¼.
    "dss": LAYOUT | {"reference_sigma": 0.25, "kernel": 7, "interaction": 1},
    # Re-implementations in the SESN repository.
    "sicnn": LAYOUT | {"kernel": 7, "resampler": "bilinear", "reference_sigma": 1.0},
    "si_convnet": LAYOUT | {"kernel": 7, "resampler": "bilinear", "reference_sigma": 1.0},
    # Marcos et al., arXiv:1807.11783: 475 k parameters; the angles of the trained scales span 120°.
    "sevf": LAYOUT | {"channels": (23, 45, 68), "kernel": 7, "resampler": "bilinear"}
    | {"per_octave": 2 * math.pi / 3 / math.log2(1.26**7)},
    # Ghosh & Gupta, arXiv:1906.03861, §4: half a period to two, 9 angles on [0, π] of which the last is the first.
    "ss_cnn": LAYOUT | {"radius": 5.5, "orders": (0.5, 1, 2), "num_angles": 8, "sigma_angle": math.pi / 16}
    | {"two_sided": True},
    "deformable_cnn": LAYOUT | {"kernel": 7, "deformable_kernel": 5, "branch_rate": 0.1},
    "so2_cnn": LAYOUT | {"channels": (23, 32, 48), "kernel": 7, "turns": 8},
    "fourier": {"channels": (32, 63, 95), "hidden": 256, "dropout": 0.7, "kernel": 7, "pool": (2, 1)},
    # Basting, Table 5.
    **{
        f"scale_learning_{mode}": LAYOUT
        | {"mode": mode, "num_functions": 49, "max_order": 4, "mult": 1.4, "scale_rate": 0.5, "scale_warm_up": 10.0}
        for mode in ("isr", "spacings", "direct")
    },
}  # fmt: skip
SCALES = {  # in pixels of the network's own grid, 56×56
    "sesn_vector": (2, 2 * THIRD, 2 * THIRD**2, 4),
    "sesn_scalar": (2, 2 * math.sqrt(2), 4),
    "sesn_deformable": (2, 2 * THIRD, 2 * THIRD**2, 4),
    "disco": (1.9, 1.9 * THIRD, 1.9 * THIRD**2, 3.8),
    "dss": (0.25, 0.5),
    "sicnn": tuple(0.3 ** (1 - i / 3) for i in range(7)),
    "si_convnet": tuple(0.3 ** (1 - i / 3) for i in range(7)),
    "sevf": tuple(1.26**i for i in range(-3, 5)),
    "ss_cnn": (0.63636, 0.81818, 1.0, 1.18182, 1.36364, 1.54545),  # kernels of 7, 9, … 17 pixels for 11
    **{f"scale_learning_{m}": (1.5, 1.5 * THIRD, 1.5 * THIRD**2, 3) for m in ("isr", "spacings", "direct")},
}
KERNELS = {"cnn": 7, "sesn_vector": 15, "sesn_scalar": 15, "sesn_deformable": 15}  # the largest, in pixels


@pytest.mark.parametrize("key", [key for key, spec in MODELS.items() if "paper" in spec.sizes and not spec.control])
def test_the_paper_size_of_every_network_is_the_published_one(key):
    config = configuration(key, "paper")
    assert {name: getattr(config, name) for name in CONFIGURATIONS[key]} == CONFIGURATIONS[key]
    if key in SCALES:
        built = build(key, "paper", channels=(1, 1, 1), hidden=1)
        assert tuple(built.internal_scales) == pytest.approx(SCALES[key], rel=1e-5)


@pytest.mark.parametrize(("key", "side"), KERNELS.items())
def test_the_largest_kernel_of_a_network_has_the_published_side(key, side):
    with torch.no_grad():
        kernels = build(key, "paper", channels=(1, 1, 1), hidden=1).kernels()
    assert max(kernel.shape[-1] for kernel in kernels["conv1"]) == side


def test_the_toy_network():
    """Basting, toy experiments: 168×168 pooled to 4×4, 16 filters of five orders an axis, σ_basis 2, ISR 3, N_S 3."""
    config = SIZES["paper"]
    assert (config.canvas, config.pooling, config.channels, config.orders) == (168, 42, 16, 5)
    assert (config.scale_rate, config.scale_warm_up) == (1.0, 5.0)
    for mode in ("fixed", "isr", "spacings", "direct"):
        network = Toy(SIZES["paper"].__class__(**vars(config) | {"mode": mode}))
        assert tuple(network.internal_scales) == pytest.approx((2, 2 * math.sqrt(3), 6), rel=1e-5)
    half = SIZES["small"]
    assert (half.canvas, half.pooling) == (84, 21)
    assert tuple(Toy(half).internal_scales) == pytest.approx((1, math.sqrt(3), 3), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "scales"),
    [
        # Basting, Table 6, printed in pixels of 56×56: 1.39 1.89 2.57 3.50 and 1.38 2.07 3.09 4.63.
        ("Thesis, Table 6, learned", (0.695, 0.945, 1.285, 1.75)),
        ("Thesis, Table 6, learned with augmentation", (0.69, 1.035, 1.545, 2.315)),
        ("Toy network", (2, 2 * math.sqrt(3), 6)),
        *((MODELS[key].title, tuple(s / 2 for s in SCALES[key])) for key in ("sesn_vector", "disco", "dss", "sevf")),
    ],
)
def test_presets_in_pixels_of_28_by_28(name, scales):
    assert tuple(SETS[name]) == pytest.approx(scales, rel=1e-6)


def test_the_recipe_of_the_published_networks():
    """SESN, §6.1: Adam, 60 epochs, batches of 128, rate 0.01 divided by 10 twice; without the augmentation."""
    assert PUBLISHED == recipe_for("paper") == Recipe(60, 128, 0.01, 0.0, "steps", (1.0, 1.0), 0.0, 0.0)
    assert recipe_for("small") == Recipe(30, 128, 0.01, 0.01, "cosine", (0.75, 1.33), 8.0, 1.5)  # ours


def test_the_bounds_of_a_fit_are_reached_exactly():
    """Basting, tolerance model: reference ≥ 0.5, ISR ≥ 1.5, τ_tol ≥ 0.1, on the axis from 0.5 to 17."""
    assert AXIS == (0.5, 17.0)
    assert (fitting.MIN_ISR, fitting.MIN_TAU_TOL) == (1.5, 0.1)
    assert fit(DataScales.log_uniform(4, 4.1), 3).isr == pytest.approx(1.5, abs=1e-9)
    narrow = fit(ScaleMixture((4.0,), 0.05), 1)
    assert (narrow.reference, narrow.tau_tol) == pytest.approx((4.0, 0.1), abs=1e-6)
    below = fit(ScaleMixture((0.4, 2.0), 0.3), 2)
    assert below.reference == pytest.approx(0.5, abs=1e-9)
    above = fit(ScaleMixture((16.9,), 0.3), 2)
    assert above.reference * above.isr == pytest.approx(17, abs=1e-6)


def test_the_joint_fit():
    """Basting: τ_tol 0.459 over [1, 2.83], [1, 4.76], [1, 8]; the other numbers are ours, from the same fit."""
    assert PUBLISHED_RANGES == ((1.0, 2.83), (1.0, 4.76), (1.0, 8.0))
    assert TOY_SIGMA_BASIS == 2.0
    found = published_fit()
    assert [model.tau_tol for model in found] == pytest.approx([0.459] * 3, abs=0.0006)
    assert [model.isr for model in found] == pytest.approx([2.8927, 4.3189, 6.3202], abs=1e-4)
    assert [model.reference for model in found] == pytest.approx([0.9808, 1.0449, 1.1249], abs=1e-4)
    assert sigma_of_unit() == sigma_of_unit(20) == pytest.approx(1.9073, abs=1e-4)


def test_the_tails_of_a_log_uniform_range():
    """Basting: Gaussian tails of 0.4 octaves at both ends."""
    inside, at_one_std = DataScales.log_uniform(1, 4).density([4, 4 * 2**0.4])
    assert at_one_std / inside == pytest.approx(math.exp(-0.5), rel=1e-9)


def test_the_data_sets():
    """MNIST; MNIST-Scale (SESN, §6.1); Dynamic Scale MNIST (Basting)."""
    shapes = [file.shape for pair in mnist.FILES.values() for file in pair]
    assert shapes == [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    assert mnist_scale.SPLITS == {"train": 10_000, "validation": 2_000, "test": 50_000}
    assert (mnist_scale.SCALE_RANGE, mnist_scale.REALISATIONS) == ((0.3, 1.0), 6)
    assert dynamic_scale_mnist.SPLITS == {"train": 10_000, "validation": 5_000, "test": 50_000}
    assert (dynamic_scale_mnist.CANVAS, dynamic_scale_mnist.REALISATIONS) == (168, 3)
    assert dynamic_scale_mnist.RANGES == {"1-2.83": (1.0, 2.83), "1-4.76": (1.0, 4.76), "1-8": (1.0, 8.0)}
    assert LONGER_SIDE == 20.0  # LeCun et al.: digits fit a box of 20×20 pixels
    assert (network.NUM_CLASSES, network.PIXEL_STD) == (10, 0.2161)


def test_scales_and_kernels_by_the_equations():
    """Basting, Eq. 3 and 7, worked out by hand."""
    assert internal_scales(2.0, 4.0, 3) == pytest.approx((2, 4, 8))
    assert [kernel_size(sigma) for sigma in (0.5, 1.0, 1.3, 2.0, 6.0, 10.0)] == [5, 9, 13, 17, 49, 81]


def test_learned_scales_stop_where_they_say():
    """Ours: half a pixel, and ratios of 1.02."""
    scales = learnable_scales.scales_from_ratios(torch.tensor(0.1), torch.tensor([1.0, 1.5]))
    assert scales.tolist() == pytest.approx([0.5, 0.51, 0.765])


@pytest.mark.parametrize("size", ["small", "paper"])
def test_the_waves_of_ss_cnn(size):
    """Its code: ½, 1 and 2 periods from 1 pixel to the corner of 17; a step of s turns the phase by −k ln s."""
    config = configuration("ss_cnn", size)
    basis = log_radial_basis((1.0, 1.5), config.radius, config.orders, config.num_angles, config.sigma_angle)
    half, middles = basis.num_functions // 2, [f[:, f.shape[-1] // 2, f.shape[-1] // 2 + 1] for f in basis.functions]
    first, second = (torch.complex(m[:half], -m[half:])[:: config.num_angles] for m in middles)
    assert (-(second / first).angle() / math.log(1.5)).tolist() == pytest.approx((1.295, 2.590, 5.180), abs=5e-4)


def test_bases():
    assert list(disco.PUBLISHED_SCALES) == pytest.approx([1, THIRD, THIRD**2, 2])
    assert disco.PUBLISHED_SIZE == 7
    # The inputs whose error is least: uniform on [0, 1], so of mean ½ and variance 1/12 (arXiv:2106.02733, §3).
    assert (disco._MEAN, disco._VARIANCE) == (0.5, 1 / 12)
    # Weiler et al., arXiv:1711.07289: rings of σ 0.6; eight turns tell up to 4 periods apart.
    assert (_WIDTH, _HIGHEST) == (0.6, 4)
    usual = log_radial_basis([1.0], radius=2.5)
    as_published = {"orders": (0.5, 1.0, 2.0), "num_angles": 8, "sigma_angle": math.pi / 16, "two_sided": True}
    assert torch.equal(usual.functions[0], log_radial_basis([1.0], radius=2.5, **as_published).functions[0])
    assert fourier.SMALLEST == 8


def test_the_errors_of_table_5():
    """Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", Table 5, without and with `+`, in %."""
    assert published.MNIST_SCALE == {
        "cnn": 2.02, "sicnn": 2.02, "si_convnet": 1.82, "sevf": 2.12, "dss": 1.97, "ss_cnn": 1.84, "sesn_vector": 1.68,
        "disco": 1.52, "scale_learning_isr": 1.72, "scale_learning_spacings": 1.70, "scale_learning_direct": 1.74,
    }  # fmt: skip
    assert published.MNIST_SCALE_PLUS == {
        "cnn": 1.60, "sicnn": 1.59, "si_convnet": 1.59, "sevf": 1.81, "dss": 1.57, "ss_cnn": 1.76, "sesn_vector": 1.42,
        "disco": 1.35, "scale_learning_isr": 1.44, "scale_learning_spacings": 1.50, "scale_learning_direct": 1.50,
    }  # fmt: skip


def test_the_table_of_the_poster_of_deep_scale_spaces():
    """Worrall & Welling, poster of NeurIPS 2019, Table 1, in %: accuracy on PCam, mAP on Cityscapes."""
    assert published.PCAM == {"DenseNet": 87.0, "S-DenseNet": 88.1, "Veeling et al., 2018": 89.8}
    assert published.CITYSCAPES == {
        "ResNet, matched parameters": 45.66, "ResNet, matched channels": 49.99, "S-ResNet, multiscale": 63.53,
        "S-ResNet, no interaction": 64.78,
    }  # fmt: skip
    assert published.DSS_TABLE == {"PCam, accuracy": published.PCAM, "Cityscapes, mAP": published.CITYSCAPES}


def test_the_figure_of_the_poster_of_deep_scale_spaces():
    """Its figure of the residual: the last 2^−ℓ before each curve leaves it, by panel, k = 0 to 4; and its height."""
    last = {number: [published.DSS_RESIDUAL_SMALL_TO[number, level] for level in range(5)] for number in (1, 2, 3)}
    assert last == {1: [6, 5, 4, 3, 2], 2: [5, 4, 3, 2, 1], 3: [4, 3, 2, 1, 0]}
    assert len(published.DSS_RESIDUAL_SMALL_TO) == 15
    assert published.DSS_RESIDUAL_MOST == 0.011
    assert POSTER_TOP == 0.05
    # Its code: eight levels, base 2, a zero scale of ½, 3×3 taps; two levels a filter is read off the figure.
    assert (dss_residual.BASE, dss_residual.ZERO_SCALE, dss_residual.NUM_LEVELS) == (2, 0.5, 8)
    assert (dss_residual.KERNEL, dss_residual.INTERACTION, dss_residual.SHOWN_LEVELS) == (3, 2, 5)
    assert dss_residual.CORRELATIONS == 3


def test_the_numbers_of_chanhoparks_study():
    """chanhopark00/scale_equivariance: results/dcnv1_cnn.txt, printed; the rest read off the plots of its README."""
    assert published.PARK_SHRUNK == (1.0, 1.2, 1.5, 2.0, 3.0)
    assert published.PARK_READ == {"DCN v1": (9714, 9648, 8711, 5004, 1477), "CNN": (9609, 9496, 8155, 3131, 1137)}
    assert published.PARK_AT_3 == {
        "CNN": 78.3, "DCN v1": 81.7, "DCN v2": 82.0, "Deep scale-spaces": 91.1, "SO(2) CNN": 84.5, "SS-CNN": 86.0,
    }  # fmt: skip
    assert published.PARK_ERRORS == {
        "CNN": (0.107, 0.121), "DCN v1": (0.086, 0.095), "DCN v2": (0.09, 0.098),
        "Deep scale-spaces": (0.0024, 0.003), "SO(2) CNN": (0.000117, 0.000163), "SS-CNN": (0.00005, 0.0001),
    }  # fmt: skip
