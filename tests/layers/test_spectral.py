"""Convolution by spectra against plain convolution: values, gradients of every kind, odd canvases, ragged chunks."""

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import forward_ad

from core.layers import frequency_grid, spectral
from tests.formulas import relative

# Height, width, side of the kernel, kernels of a scale, planes of the input (1: all scales read the same), scales.
CASES = [
    (28, 28, 15, 1, 4, 4),
    (14, 13, 7, 1, 1, 3),
    (7, 9, 17, 2, 4, 4),  # a kernel wider than the canvas
    (5, 20, 15, 1, 1, 3),  # along the height only
    (11, 12, 7, 3, 4, 4),
    (1, 1, 3, 1, 1, 3),
    (6, 6, 1, 1, 2, 2),
]


@pytest.fixture(scope="module", autouse=True, params=[False, True], ids=["as a server", "as one that trains"])
def library(request):
    """That multiplies matrices."""
    if request.param:
        request.getfixturevalue("onednn")


def plainly(planes, kernels):
    """Σ over the kernels of a scale by F.conv2d. Args: kernels: (s, t, o, i, k, k)."""
    responses = []
    for s, of_scale in enumerate(kernels):
        read = [0] if planes.shape[2] == 1 else range(s, min(s + len(of_scale), planes.shape[2]))
        pairs = zip(of_scale, read, strict=False)
        responses.append(sum(F.conv2d(planes[:, :, p], kernel, padding=kernel.shape[-1] // 2) for kernel, p in pairs))
    return torch.stack(responses, dim=2)


def by_spectra(planes, kernels):
    on = frequency_grid.grids_of(planes, [kernels.shape[-1]] * len(kernels), kernels.shape[1])
    spectra = spectral.of_kernels(list(kernels.permute(0, 2, 3, 1, 4, 5)), on)
    return spectral.correlate(planes, spectra, on, kernels.shape[2])


def example(case, dtype=torch.float64, batch=5, channels=(3, 4)):
    (h, w, k, t, p, s), (c_in, c_out) = case, channels
    torch.manual_seed(0)
    planes = torch.randn(batch, c_in, p, h, w).to(dtype).requires_grad_()
    return planes, torch.randn(s, t, c_out, c_in, k, k).to(dtype).requires_grad_()


@pytest.mark.slow
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("chunk", [2, 32])
@pytest.mark.parametrize(("batch", "channels"), [(1, (3, 4)), (5, (3, 4)), (5, (9, 10))])
@pytest.mark.parametrize("case", CASES)
def test_it_is_the_plain_convolution_in_value_and_gradient(case, batch, channels, chunk, dtype, bound, monkeypatch):
    monkeypatch.setattr(spectral, "CHUNK", chunk)  # 5 images in chunks of 2: the last one is ragged
    planes, kernels = example(case, dtype, batch, channels)
    found = []
    for way in (by_spectra, plainly):
        response = way(planes, kernels)
        torch.manual_seed(1)
        weights = torch.randn(response.shape).to(dtype)
        found.append((response.detach(), *torch.autograd.grad((response * weights).sum(), (planes, kernels))))
        with torch.no_grad():
            assert torch.equal(way(planes, kernels), response)
    for spectrum, plain in zip(*found, strict=True):
        assert relative(spectrum, plain) < bound  # 3e-16 to 2e-15, and 6e-7 in float32, are reached


def test_the_gradient_of_a_sum_is_that_of_a_sum():
    """It arrives as one number that stands for all, without memory of its own."""
    planes, kernels = example(CASES[0])
    found, expected = (
        torch.autograd.grad(way(planes, kernels).sum(), (planes, kernels)) for way in (by_spectra, plainly)
    )
    for one, other in zip(found, expected, strict=True):
        assert relative(one, other) < 1e-12


@pytest.mark.parametrize("wanted", [(True, False), (False, True)])
def test_only_the_gradients_that_are_wanted_are_made(wanted):
    planes, kernels = example(CASES[2])
    planes.requires_grad_(wanted[0])
    kernels.requires_grad_(wanted[1])
    one = planes if wanted[0] else kernels
    found, expected = (
        torch.autograd.grad(way(planes, kernels).square().sum(), one)[0] for way in (by_spectra, plainly)
    )
    assert relative(found, expected) < 1e-12


@pytest.mark.parametrize("moving", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("channels", [(3, 4), (9, 10)])
@pytest.mark.parametrize("case", CASES[:4])
def test_it_passes_derivatives_forwards(case, channels, moving):
    given = [each.detach() for each in example(case, channels=channels)]
    directions = [torch.randn_like(each) if moves else None for each, moves in zip(given, moving, strict=True)]

    def derivative(way, with_gradients):
        with forward_ad.dual_level(), torch.set_grad_enabled(with_gradients):
            pairs = [(x.requires_grad_(with_gradients), d) for x, d in zip(given, directions, strict=True)]
            duals = [x if d is None else forward_ad.make_dual(x, d) for x, d in pairs]
            return forward_ad.unpack_dual(way(*duals)).tangent.detach()

    for with_gradients in (False, True):
        assert relative(derivative(by_spectra, with_gradients), derivative(plainly, with_gradients)) < 1e-12


def test_a_period_of_canvas_and_reach_is_enough_and_no_shorter_one_is(monkeypatch):
    planes, kernels = example(CASES[0])
    expected = plainly(planes, kernels)
    assert [grid.periods for grid in frequency_grid.grids_of(planes, (7, 9, 11, 15))] == [
        (n, n) for n in (31, 32, 33, 35)
    ]
    assert relative(by_spectra(planes, kernels), expected) < 1e-12
    monkeypatch.setattr(frequency_grid, "shortest_period", lambda samples, reach: samples + reach - 1)
    short = [frequency_grid.Grid((28, 28), 7, planes)] * 4
    spectra = spectral.of_kernels(list(kernels[:, 0]), short)
    assert relative(spectral.correlate(planes, spectra, short, kernels.shape[2]), expected) > 1e-2


@pytest.mark.parametrize("size", [(8, 9), (7, 12), (1, 5)])
@pytest.mark.parametrize("reach", [1, 4, 30])
def test_planes_come_back_from_their_spectra_and_the_adjoints_are_adjoint(size, reach):
    on = frequency_grid.Grid(size, reach, torch.empty(0, dtype=torch.float64))
    planes, others = torch.randn(2, 3, 4, *size).double()
    spectra = torch.randn(on.num_frequencies, 2, 3, 4).double()
    found = torch.full_like(planes, torch.nan)  # what stands there before is no matter
    on.back(on.into(planes), found)
    torch.testing.assert_close(found, planes, rtol=0, atol=1e-13)
    for there, adjoint in ((on.into, on.into_adjoint), (on.back_adjoint, on.back)):
        adjoint(spectra.clone(), found)
        assert float((there(planes) * spectra).sum()) == pytest.approx(float((planes * found).sum()), rel=1e-12)
    assert relative(on.into(planes + others), on.into(planes) + on.into(others)) < 1e-14


def test_spectra_of_sums_are_sums_of_spectra():
    """Weights × spectra of the functions are the spectra of weights × functions."""
    functions = [torch.randn(5, side, side).double() for side in (3, 7)]
    weight = torch.randn(4, 2, 2, 5).double()  # o i t f
    on = frequency_grid.grids_of(torch.randn(1, 2, 2, 9, 8).double(), (3, 7))
    found = spectral.combined(spectral.of_functions(functions, on), weight)
    expected = spectral.of_kernels([torch.einsum("oitf,fkl->oitkl", weight, each) for each in functions], on)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_one_grid_serves_all_planes_of_a_size_and_type():
    planes = torch.randn(2, 3, 2, 9, 8)
    own = frequency_grid.grids_of(planes, (3, 7))
    assert own[0] is not own[1]
    assert frequency_grid.grids_of(torch.randn(5, 1, 2, 9, 8), (3, 7)) == own
    for common in (
        frequency_grid.grids_of(planes, (3, 7), interaction=2),
        frequency_grid.grids_of(planes[:, :, :1], (3, 7)),
    ):
        assert common == (own[1], own[1])
    assert frequency_grid.grids_of(planes.double(), (3, 7))[0] is not own[0]
    with torch.inference_mode():
        (kept,) = frequency_grid.grids_of(torch.randn(1, 1, 1, 17, 3), (5,))
    assert not kept.like.is_inference()  # it may be trained with later
