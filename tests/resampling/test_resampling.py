"""T_s: every resampler against properties that a change of scale has, slow references, and torch's own."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.resampling import (
    RESAMPLERS,
    resample,
    resampling_matrices,
    resampling_matrix,
    rescale,
    resize,
    valid_samples,
)
from tests.formulas import bicubic_by_the_book, blobs, centred, relative, resampling_cost, trigonometric

FACTORS = (0.31, 0.5, 0.77, 1.3, 2.0, 2.9)
LOCAL = ("bicubic", "bilinear", "nearest")


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_a_factor_of_1_is_the_identity(resampler):
    for n in (1, 2, 7, 28):
        assert torch.equal(resampling_matrix(n, n, 1.0, resampler), torch.eye(n, dtype=torch.float64))
        assert valid_samples(torch.ones(n), n, 1.0, resampler).all()
    images = torch.randn(2, 3, 9, 14)
    assert torch.equal(rescale(images, 1.0, resampler), images)
    assert torch.equal(resize(images, (9, 14), resampler), images)
    assert resampling_cost(images, 1.0, resampler).max() == 0


@pytest.mark.parametrize(
    ("resampler", "bound"), [("ideal", 1e-6), ("bicubic", 0.01), ("bilinear", 0.06), ("nearest", 0.2)]
)
def test_it_samples_the_scaled_scene(resampler, bound):
    """Blobs of σ = 3 pixels, by formula. Reached at 0.6: 1e-7, 7e-3, 0.05, 0.11; half a pixel off gives 0.13."""
    for size in (80, 81):
        for s in (0.6, 0.8, 1.25, 1.6):
            assert relative(rescale(blobs(0, size), s, resampler), blobs(0, size, s)) < bound
        by_half_a_pixel = F.pad(blobs(0, size), (1, 0))[..., :-1] / 2 + blobs(0, size) / 2
        assert relative(by_half_a_pixel, blobs(0, size)) > 0.1


@pytest.mark.parametrize(("resampler", "bound"), [("ideal", 1e-6), ("bicubic", 0.02), ("bilinear", 0.1)])
@pytest.mark.parametrize(("a", "b"), [(1.3, 1.2), (0.8, 0.8), (2.0, 0.6), (0.7, 1.4)])
def test_changes_of_scale_compose(a, b, resampler, bound):
    """T_a T_b = T_ab on band-limited blobs; the border is far away. Reached: 8e-8, 0.012, 0.075."""
    image = blobs(1, 80)
    assert relative(rescale(rescale(image, b, resampler), a, resampler), rescale(image, a * b, resampler)) < bound


@pytest.mark.parametrize("s", FACTORS)
@pytest.mark.parametrize("n_out", [28, 29, 41])
@pytest.mark.parametrize("antialias", [True, False])
def test_bicubic_is_the_definition(s, n_out, antialias):
    for n_in in (28, 31):
        matrix = resampling_matrix(n_out, n_in, s, "bicubic", antialias=antialias)
        expected = bicubic_by_the_book(n_out, n_in, s, antialias)
        np.testing.assert_allclose(matrix.numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("n_in", "n_out"), [(40, 20), (40, 27), (33, 20), (24, 24), (24, 60)])
@pytest.mark.parametrize("resampler", ["bicubic", "bilinear"])
def test_a_resize_agrees_with_torch_away_from_the_border(n_in, n_out, resampler):
    """torch with antialias widens the same kernels (Keys with a = −½), but treats the border differently."""
    image = torch.randn(1, 1, n_in, n_in, dtype=torch.float64)
    expected = F.interpolate(image, (n_out, n_out), mode=resampler, antialias=True, align_corners=False)
    margin = math.ceil(2 * max(1, n_out / n_in)) + 1
    inner = (..., slice(margin, -margin), slice(margin, -margin))
    torch.testing.assert_close(resize(image, (n_out, n_out), resampler)[inner], expected[inner], rtol=0, atol=1e-9)


def test_nearest_repeats_whole_pixels():
    image = torch.randn(1, 2, 5, 4)
    for k in (2, 3, 4):
        expected = np.repeat(np.repeat(image.numpy(), k, axis=-2), k, axis=-1)
        assert np.array_equal(resize(image, (5 * k, 4 * k), "nearest").numpy(), expected)
        assert torch.equal(resize(torch.from_numpy(expected), (5, 4), "nearest"), image)


@pytest.mark.parametrize("sizes", [(13, 7), (15, 17), (9, 21), (25, 14)])
def test_nearest_agrees_with_torch(sizes):
    """From odd canvases, where no point lies midway between two samples; there torch takes the second, we the first."""
    image = torch.randn(1, 1, sizes[0], sizes[0])
    expected = F.interpolate(image, (sizes[1], sizes[1]), mode="nearest-exact")
    assert torch.equal(resize(image, (sizes[1], sizes[1]), "nearest"), expected)


@pytest.mark.parametrize(("n", "m"), [(28, 14), (28, 20), (27, 15), (28, 15), (27, 14)])
def test_ideal_is_exact_for_what_both_grids_hold(n, m):
    """Waves below the smaller Nyquist frequency survive shrinking and enlarging; rounding alone remains (1e-14)."""
    highest = (m - 1) // 2
    large, small = trigonometric(n, highest), trigonometric(m, highest)
    torch.testing.assert_close(resize(large, (m, m), "ideal"), small, rtol=0, atol=1e-12)
    torch.testing.assert_close(resize(small, (n, n), "ideal"), large, rtol=0, atol=1e-12)
    torch.testing.assert_close(resize(resize(large, (m, m), "ideal"), (n, n), "ideal"), large, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [8, 9])
@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_enlarging_passes_through_the_samples(resampler, n):
    """At three times the size every third point is a sample: white noise, the Nyquist frequency of n = 8 included."""
    image = torch.randn(1, 1, n, n, dtype=torch.float64)
    enlarged = resize(image, (3 * n, 3 * n), resampler)
    torch.testing.assert_close(enlarged[..., 1::3, 1::3], image, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [28, 27])
@pytest.mark.parametrize("s", [0.5, 0.64, 0.83])
def test_ideal_removes_what_the_coarser_grid_cannot_hold(n, s):
    position = 2 * math.pi * (torch.arange(n, dtype=torch.float64) + 0.5) / n
    matrix = resampling_matrix(n, n, s, "ideal")
    inside = valid_samples(torch.ones(n), n, s, "ideal").double()
    phase = 2 * math.pi * (centred(n) / s / n + 0.5)
    for order in range(n // 2 + 1):
        for wave in (torch.cos, torch.sin):
            kept = wave(order * phase) * inside if order < s * n / 2 - 1e-9 else torch.zeros(n, dtype=torch.float64)
            torch.testing.assert_close(matrix @ wave(order * position), kept, rtol=0, atol=1e-12)


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("s", FACTORS)
@pytest.mark.parametrize("resampler", ["bicubic", "bilinear"])
def test_constants_and_ramps_are_kept_inside(resampler, s, antialias):
    n = 60
    matrix = resampling_matrix(n, n, s, resampler, antialias=antialias)
    inside = valid_samples(torch.ones(n), n, s, resampler) > 0
    torch.testing.assert_close(
        matrix.sum(1)[inside], torch.ones(int(inside.sum()), dtype=torch.float64), rtol=0, atol=1e-12
    )
    error = (matrix @ centred(n) - centred(n) / s)[inside].abs().max()
    # Both kernels interpolate linear functions; widened by a factor that is not whole, to 0.07 pixels only.
    widened = antialias and s < 1 and s != 0.5
    assert error < (0.1 if widened else 1e-10)


@pytest.mark.parametrize("resampler", RESAMPLERS)
@pytest.mark.parametrize(("n_out", "n_in"), [(28, 28), (29, 29), (20, 28), (30, 28), (28, 31)])
def test_both_sides_of_the_centre_are_alike(resampler, n_out, n_in):
    for s in (0.371, 0.773, 1.317, 2.311):  # at simple factors nearest meets ties, which one side must win
        matrix = resampling_matrix(n_out, n_in, s, resampler)
        torch.testing.assert_close(matrix.flip(0, 1), matrix, rtol=0, atol=1e-12)


@pytest.mark.parametrize("resampler", LOCAL)
def test_a_larger_canvas_shows_more_of_the_same(resampler):
    image = torch.randn(1, 1, 12, 15)
    for s in (0.6, 1.7):
        larger = resample(image, s, resampler, size=(40, 41))
        smaller = resample(image, s, resampler, size=(6, 5))
        torch.testing.assert_close(larger[..., 14:26, 13:28], rescale(image, s, resampler))
        torch.testing.assert_close(smaller, rescale(image, s, resampler)[..., 3:9, 5:10])
    assert larger.norm() > rescale(image, 1.7, resampler).norm()


@pytest.mark.parametrize("resampler", LOCAL)
@pytest.mark.parametrize(("before", "after"), [(3, 0), (0, 1), (2, 5)])
def test_a_declared_centre_stays_in_place(resampler, before, after):
    """A canvas padded on one side, scaled about its old centre, is the old canvas scaled."""
    image = torch.randn(16, 1, dtype=torch.float64)
    padded, centre = F.pad(image, (0, 0, before, after)), (before - after) / 2
    for s in (0.6, 1.7):
        matrix = resampling_matrix(len(padded), len(padded), s, resampler, centre=centre)
        expected = resampling_matrix(16, 16, s, resampler) @ image
        torch.testing.assert_close((matrix @ padded)[before : before + 16], expected, rtol=0, atol=1e-12)
        known = valid_samples(F.pad(torch.ones(16), (before, after)), len(padded), s, resampler, centre=centre)
        # The margin is background of the same signal: what the old canvas knows the padded one knows, not more inside.
        assert torch.equal(known[before : before + 16], valid_samples(torch.ones(16), 16, s, resampler))


@pytest.mark.parametrize("resampler", LOCAL)
@pytest.mark.parametrize("s", [0.4, 0.5, 0.83, 1.0, 1.27, 2.0, 3.0])
def test_a_valid_sample_does_not_depend_on_invalid_ones(resampler, s):
    random = np.random.default_rng(0)
    for n_out, n_in, centre in ((24, 24, 0.0), (25, 24, 0.0), (40, 24, 0.5), (24, 25, -1.0)):
        matrix = resampling_matrix(n_out, n_in, s, resampler, centre=centre)
        for _ in range(5):
            valid = torch.from_numpy((random.random(n_in) > 0.1).astype(float))
            known = valid_samples(valid, n_out, s, resampler, centre=centre) > 0
            signal = torch.from_numpy(random.standard_normal(n_in))
            changed = torch.where(valid > 0, signal, 1e3 * torch.from_numpy(random.standard_normal(n_in)))
            assert torch.equal((matrix @ signal)[known], (matrix @ changed)[known])


@pytest.mark.parametrize("resampler", LOCAL)
@pytest.mark.parametrize("s", [0.43, 0.83, 1.27, 2.71])
def test_the_mask_gives_away_nothing(resampler, s):
    """A sample is unknown only if something invalid or beyond the canvas has a weight in it (odd factors: no zeros)."""
    n, far = 24, 80
    wide = resampling_matrix(n, n + 2 * far, s, resampler)  # the same rows over a canvas that goes on
    valid = torch.ones(n, dtype=torch.float64)
    valid[[5, 16]] = 0
    reads_invalid = (wide.abs() > 1e-12) & (F.pad(valid, (far, far)) == 0)
    assert torch.equal(valid_samples(valid, n, s, resampler), 1 - reads_invalid.any(1).double())


def test_the_cost_grows_with_shrinking_and_vanishes_without_loss():
    image = blobs(0, 60, width=1.5, batch=2)
    for resampler in ("ideal", "bicubic", "bilinear"):
        costs = [float(resampling_cost(image, s, resampler).mean()) for s in (1.0, 0.8, 0.6, 0.4, 0.2)]
        assert costs == sorted(costs)
        assert costs[0] == 0
        assert costs[-1] > 0.1
    there_and_back = rescale(rescale(image, 0.6, "bilinear"), 1 / 0.6, "bilinear")
    expected = [relative(there_and_back[i], image[i]) for i in range(2)]
    assert resampling_cost(image, 0.6, "bilinear").tolist() == pytest.approx(expected)
    assert resampling_cost(blobs(0, 60, width=2.5), 1.5, "ideal").item() < 1e-6  # enlarging keeps all there is
    assert resampling_cost(torch.zeros(1, 1, 8, 8), 0.7).item() == 0


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("resampler", ["bicubic", "bilinear"])
def test_many_matrices_at_once_are_the_single_ones(resampler, antialias):
    factors = torch.tensor([0.3, 1.0, 0.99999, 2.5, 0.5], dtype=torch.float64)
    for n_out, n_in in ((28, 28), (20, 27)):
        stack = resampling_matrices(n_out, n_in, factors, resampler, antialias=antialias)
        for s, matrix in zip(factors.tolist(), stack, strict=True):
            expected = resampling_matrix(n_out, n_in, s, resampler, antialias=antialias)
            torch.testing.assert_close(matrix, expected, rtol=0, atol=1e-12)
    assert resampling_matrices(5, 6, factors[:0], resampler).shape == (0, 5, 6)


def test_matrices_act_on_rows_and_columns_of_any_batch():
    image = torch.randn(5, 7, dtype=torch.float64)
    rows, columns = resampling_matrix(5, 5, 0.8), resampling_matrix(7, 7, 0.8)
    torch.testing.assert_close(rescale(image, 0.8), rows @ image @ columns.T)
    batch = torch.randn(2, 3, 4, 5, 7)
    torch.testing.assert_close(rescale(batch, 0.8)[1, 2, 3], rescale(batch[1, 2, 3], 0.8))
    assert rescale(batch, 0.8).dtype == torch.float32


def test_a_matrix_may_be_changed_without_harm():
    resampling_matrix(8, 8, 0.5).zero_()
    assert resampling_matrix(8, 8, 0.5).abs().sum() > 0
    resampling_matrix(8, 8, 1.0).zero_()
    assert torch.equal(resampling_matrix(8, 8, 1.0), torch.eye(8, dtype=torch.float64))


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("unknown resampler 'nameless'; known are ideal, bicubic,", (8, 8, 1.0, "nameless")),
        ("at least 1 sample, got 8 in and 0 out", (0, 8, 1.0, "ideal")),
        ("at least 1 sample, got 0 in and 8 out", (8, 0, 1.0, "ideal")),
        ("positive number, got 0", (8, 8, 0.0, "ideal")),
        ("positive number, got -2", (8, 8, -2.0, "bicubic")),
        ("positive number, got nan", (8, 8, math.nan, "bicubic")),
        ("positive number, got inf", (8, 8, math.inf, "nearest")),
    ],
)
def test_what_is_no_change_of_scale_is_refused(message, arguments):
    n_out, n_in, s, resampler = arguments
    with pytest.raises(ValueError, match=message):
        resampling_matrix(*arguments)
    with pytest.raises(ValueError, match=message):
        valid_samples(torch.ones(n_in), n_out, s, resampler)
    if "resampler" not in message and resampler == "bicubic":
        with pytest.raises(ValueError, match=message):
            resampling_matrices(n_out, n_in, torch.tensor([1.0, s]), resampler)


def test_many_matrices_of_an_unbounded_kernel_are_refused():
    with pytest.raises(ValueError, match="bicubic or bilinear, got 'ideal'"):
        resampling_matrices(8, 8, torch.ones(2), "ideal")
