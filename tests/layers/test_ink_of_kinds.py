"""Every kind of convolution over scales, turns or sizes answers around the ink as it does on the whole canvas."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from core.bases import circular_harmonics, hermite_basis_b, log_radial_basis
from core.layers import (
    LearnableScaleConv2d,
    LiftingRotationConv2d,
    RescaledConv2d,
    RotationConv2d,
    ScaleSpaceConv2d,
    VectorFieldConv2d,
    spectral,
)
from core.layers import ink as of_ink
from core.layers.log_radial_conv import LogRadialConv2d
from core.layers.methods import fixed
from core.layers.rescaled_conv import Rescaling
from core.layers.resized_kernel import ResizedKernelConv2d
from core.layers.scale_space import ScaleSpaceLifting
from core.layers.separable import SeparableFilter
from core.scales import ScaleSet

SIDE, SCALES = 144, ScaleSet((0.8, 1.0, 2.0))


class _Learned(LearnableScaleConv2d):
    """With a basis of its own, so that it is called as the others are."""

    separable = SeparableFilter(hermite_basis_b(SCALES, 6, 2, 1.5))

    def forward(self, features: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(features, self.separable)


def kinds() -> Iterator[tuple[nn.Module, tuple[int, ...]]]:
    """Each with the axes between images and canvas of what it reads."""
    torch.manual_seed(0)
    yield RescaledConv2d(2, 3, SCALES, kernel=5), (2,)
    yield RescaledConv2d(2, 3, SCALES, kernel=3, resampler="bilinear"), (2,)
    yield VectorFieldConv2d(2, 3, SCALES, kernel=5), (2, 2)
    yield ResizedKernelConv2d(2, 3, SCALES), (2,)
    yield ResizedKernelConv2d(2, 3, SCALES), (2, 3)
    yield LogRadialConv2d(2, 3, log_radial_basis(SCALES, 2.0, (0.5,), num_angles=2, sigma_angle=0.5, corner=3.0)), (2,)
    yield _Learned(1, 3, 6), (1,)
    yield _Learned(2, 3, 6), (2, 3)
    yield LiftingRotationConv2d(1, 3, circular_harmonics(7)), (1,)
    yield RotationConv2d(2, 3, circular_harmonics(7)), (2, 8)
    yield ScaleSpaceLifting((1.0, 2.0, 4.0), 1.0), (1,)
    yield ScaleSpaceConv2d(2, 3, (1.0, 1.5, 2.0), 1.0), (2, 3)
    yield ScaleSpaceConv2d(2, 3, (1.0, 2.0, 4.0), 1.0, interaction=2), (2, 3)


KINDS = list(kinds())
NAMES = [f"{type(layer).__name__}-{number}" for number, (layer, _) in enumerate(KINDS)]


def spotted(axes: tuple[int, ...], first: int, last: int) -> Tensor:
    """One pixel on a diagonal of the canvas and one opposite, each in an image of its own."""
    planes = torch.zeros(2, *axes, SIDE, SIDE)
    planes[0, ..., first, first], planes[1, ..., last, first] = 1.0, -1.0
    return planes


@pytest.mark.parametrize("method", ["direct", "spectral", "separable"])
@pytest.mark.parametrize(("layer", "axes"), KINDS, ids=NAMES)
def test_nothing_that_a_kernel_reaches_is_missed(layer, axes, method):
    """The ink moves by single pixels, since the canvas is cut in steps of eight."""
    largest = 0.0
    for first in range(60, 68):
        planes = spotted(axes, first, SIDE - 1 - first)
        with fixed(method):
            with torch.no_grad():
                part = layer(planes)
            whole = layer(planes).detach()  # where derivatives may be wanted nothing is left out
        assert part.shape == whole.shape
        largest = max(largest, float((part - whole).abs().max() / whole.abs().max()))
    assert largest < 1e-5


@pytest.mark.parametrize(("layer", "axes"), KINDS, ids=NAMES)
def test_most_of_the_canvas_is_left_out(layer, axes, monkeypatch):
    margins, widen = [], of_ink.widened

    def widened(response: Tensor, margin: int) -> Tensor:
        margins.append(margin)
        return widen(response, margin)

    for module in ("ink", "kernel_copies", "learnable_scale_conv", "rotation_conv"):
        monkeypatch.setattr(f"core.layers.{module}.widened", widened)
    with torch.no_grad(), fixed("direct"):
        layer(spotted(axes, 66, 78))
    assert margins
    assert min(margins) >= 24  # of 144 samples, on each side


def test_a_resampler_that_reads_all_of_a_plane_has_no_reach():
    assert Rescaling(SCALES, resampler="ideal").reach(3) is None
    layer = RescaledConv2d(1, 2, SCALES, resampler="ideal")
    with torch.no_grad():
        part = layer(spotted((1,), 60, 80))
    assert torch.equal(part, layer(spotted((1,), 60, 80)).detach())


def test_kernels_are_transformed_once_for_every_ink(monkeypatch):
    layer = ResizedKernelConv2d(2, 3, SCALES)
    made = []
    of_kernels = spectral.of_kernels
    monkeypatch.setattr(spectral, "of_kernels", lambda *args: made.append(1) or of_kernels(*args))
    with torch.no_grad(), fixed("spectral"):
        for first in (20, 40, 66):
            layer(spotted((2,), first, 78))
    assert len(made) == 1
