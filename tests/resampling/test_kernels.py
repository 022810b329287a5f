"""The kernels by their published values, shifts, and what is cached."""

import math

import pytest
import torch
import torch.nn.functional as F

from core.resampling import (
    RESAMPLERS,
    kernel_named,
    known_samples,
    resampling_generator,
    resampling_matrices,
    resampling_matrix,
    rescale,
    resize,
    shift_along_rows,
    valid_samples,
)
from core.resampling.kernel import LocalKernel

N = 12


def row(resampler, shift, n=N):
    """The weights by which the sample n/2 is read under a shift, from two samples before it to two after."""
    matrix = resampling_matrix(n, n, 1.0, resampler, shift=shift)
    return matrix[n // 2, n // 2 - 2 : n // 2 + 3].tolist()


def test_the_table_has_its_order():
    assert ", ".join(RESAMPLERS) == "ideal, bicubic, bilinear, nearest"
    assert {name: kernel.reach for name, kernel in RESAMPLERS.items()} == {
        "ideal": None, "bicubic": 2.0, "bilinear": 1.0, "nearest": None
    }  # fmt: skip
    assert [name for name, kernel in RESAMPLERS.items() if kernel.smooth] == ["ideal", "bicubic"]
    assert [name for name, kernel in RESAMPLERS.items() if kernel.at_once] == ["bicubic", "bilinear"]
    assert all(isinstance(kernel, LocalKernel) == kernel.at_once for kernel in RESAMPLERS.values())


def test_keys_kernel_has_its_published_values():
    """Keys 1981, Eq. 15: 3/2 |x|³ − 5/2 |x|² + 1, then −1/2 |x|³ + 5/2 |x|² − 4 |x| + 2; here a quarter apart."""
    x = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5], dtype=torch.float64)
    expected = [1, 0.8671875, 0.5625, 0.2265625, 0, -0.0703125, -0.0625, -0.0234375, 0, 0]
    weights = kernel_named("bicubic").weights(x)
    assert weights.tolist() == pytest.approx(expected, abs=1e-15)
    assert torch.equal(weights, kernel_named("bicubic").weights(-x))
    slopes = kernel_named("bicubic").slope(torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]), 9)
    assert slopes.tolist() == [0, 0.5, 0, -0.5, 0]


def test_the_tent_and_the_dirichlet_kernel_have_their_values():
    x = torch.tensor([0.0, 0.25, -0.5, 1.0, 1.5], dtype=torch.float64)
    assert kernel_named("bilinear").weights(x).tolist() == [1, 0.75, 0.5, 0, 0]
    # sin(πx) / (n sin(πx/n)) on odd canvases, sin(πx) / (n tan(πx/n)) on even ones, at half a sample.
    for n, expected in ((7, 1 / (7 * math.sin(math.pi / 14))), (8, 1 / (8 * math.tan(math.pi / 16)))):
        assert resampling_matrix(n, n, 1.0, "ideal", shift=0.5)[4, 4].item() == pytest.approx(expected, abs=1e-14)
    # Half a sample from two of 8 the Nyquist mode is 0; at a quarter it tells whether it counts once.
    expected = math.sin(math.pi / 4) / (8 * math.tan(math.pi / 32))
    assert resampling_matrix(8, 8, 1.0, "ideal", shift=0.25)[4, 4].item() == pytest.approx(expected, abs=1e-14)
    slope = kernel_named("ideal").slope(torch.tensor([0.0, 1.0], dtype=torch.float64), 7)
    # Of sin(πx) / (n sin(πx/n)) at 1: −π / (n sin(π/n)).
    assert slope.tolist() == pytest.approx([0, -math.pi / (7 * math.sin(math.pi / 7))], abs=1e-14)


@pytest.mark.parametrize(
    ("resampler", "half", "quarter"),
    [
        ("bicubic", [-0.0625, 0.5625, 0.5625, -0.0625, 0], [-0.0234375, 0.2265625, 0.8671875, -0.0703125, 0]),
        ("bilinear", [0, 0.5, 0.5, 0, 0], [0, 0.25, 0.75, 0, 0]),
        ("nearest", [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]),
    ],
)
def test_a_shift_to_the_right_reads_from_the_left(resampler, half, quarter):
    assert row(resampler, 0.5) == pytest.approx(half, abs=1e-14)
    assert row(resampler, 0.25) == pytest.approx(quarter, abs=1e-14)


@pytest.mark.parametrize("resampler", RESAMPLERS)
@pytest.mark.parametrize("samples", [-3, 0, 2, 12, 40])
def test_whole_shifts_move_whole_samples(resampler, samples):
    planes = torch.randn(2, 3, 4, N)
    inside = max(-N, min(N, samples))
    for noise in (0.0, 1e-12):
        assert torch.equal(shift_along_rows(planes, samples + noise, resampler), F.pad(planes, (inside, -inside)))
        known = known_samples(N, N, 1.0, resampler, shift=samples + noise)
        assert torch.equal(known, F.pad(torch.ones(N, dtype=torch.float64), (inside, -inside)))


@pytest.mark.parametrize("resampler", ["ideal", "bicubic", "bilinear"])
def test_a_shift_there_and_back_loses_little_of_what_is_smooth(resampler):
    x = torch.arange(80, dtype=torch.float64) - 39.5
    plane = torch.exp(-(x**2) / (2 * 4.0**2))[None]
    there = shift_along_rows(plane, 1.3, resampler)
    exact = torch.exp(-((x - 1.3) ** 2) / (2 * 4.0**2))[None]
    bound = {"ideal": 1e-12, "bicubic": 2e-3, "bilinear": 2e-2}[resampler]
    assert (there - exact).norm() / exact.norm() < bound
    assert (shift_along_rows(there, -1.3, resampler) - plane).norm() / plane.norm() < 2 * bound
    assert (plane - exact).norm() / exact.norm() > 0.2


@pytest.mark.parametrize("resampler", RESAMPLERS)
@pytest.mark.parametrize(
    ("n_out", "s", "centre", "shift"), [(12, 0.7, 0.0, 0.0), (15, 1.3, 0.5, 0.0), (12, 1.0, 0.0, 0.4)]
)
def test_what_a_whole_canvas_knows_is_the_case_of_all_valid(resampler, n_out, s, centre, shift):
    expected = valid_samples(torch.ones(N, dtype=torch.float64), n_out, s, resampler, centre=centre, shift=shift)
    assert torch.equal(known_samples(n_out, N, s, resampler, centre=centre, shift=shift), expected)


def test_what_is_handed_out_may_be_changed_without_harm():
    image = torch.rand(1, 1, 16, 16)
    for s in (0.5, 1.0):
        before = rescale(image, s), known_samples(16, 16, s), shift_along_rows(image, 0.5)
        resampling_matrix(16, 16, s).zero_()
        known_samples(16, 16, s).zero_()
        rescale(image, s).zero_()
        after = rescale(image, s), known_samples(16, 16, s), shift_along_rows(image, 0.5)
        for a, b in zip(before, after, strict=True):
            assert torch.equal(a, b)
            assert a.abs().sum() > 0


def test_what_was_first_used_under_inference_mode_can_be_trained_through():
    weight = torch.rand(1, 1, 9, 9, requires_grad=True)
    with torch.inference_mode():
        rescale(weight, 0.777), resize(weight, (6, 6)), shift_along_rows(weight, 0.777)
        known_samples(9, 9, 0.777)
    for changed in (rescale(weight, 0.777), resize(weight, (6, 6)), shift_along_rows(weight, 0.777)):
        (changed * changed).sum().backward()
        assert weight.grad.abs().sum() > 0
    assert not any(found.is_inference() for found in (resampling_matrix(9, 9, 0.777), known_samples(9, 9, 0.777)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_planes_keep_their_type(dtype):
    plane = torch.rand(2, 9, 9, dtype=dtype)
    for changed in (rescale(plane, 0.7), resize(plane, (5, 5)), shift_along_rows(plane, 0.3)):
        assert changed.dtype == dtype


@pytest.mark.parametrize(
    "call",
    [
        lambda name: resampling_matrix(8, 8, 1.2, name),
        lambda name: resampling_matrices(8, 8, torch.ones(2), name),
        lambda name: resampling_generator(8, name),
        lambda name: valid_samples(torch.ones(8), 8, 1.2, name),
        lambda name: known_samples(8, 8, 1.2, name),
        lambda name: rescale(torch.ones(1, 1, 8, 8), 1.2, name),
        lambda name: resize(torch.ones(1, 1, 8, 8), (4, 4), name),
        lambda name: shift_along_rows(torch.ones(8, 8), 0.5, name),
        kernel_named,
    ],
)
def test_an_unknown_resampler_is_refused_everywhere(call):
    with pytest.raises(ValueError, match="unknown resampler 'nameless'; known are ideal, bicubic,"):
        call("nameless")


def test_kernels_without_a_slope_and_shifts_that_are_none_are_refused():
    for resampler in ("bilinear", "nearest"):
        with pytest.raises(ValueError, match="has no derivative at a scale factor of 1; ideal and bicubic have one"):
            resampling_generator(8, resampler)
        with pytest.raises(TypeError, match="has no slope"):
            kernel_named(resampler).slope(torch.ones(1), 8)
    with pytest.raises(ValueError, match="a shift must be a finite number of samples, got nan"):
        shift_along_rows(torch.ones(2, 2), math.nan)
