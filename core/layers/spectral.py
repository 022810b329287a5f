"""Convolution over scales in the frequency domain: planes and kernels are multiplied spectrum by spectrum.

A kernel is weights × functions, and so its spectrum is weights × spectra of the functions: no kernel is transformed.
Planes are transformed once for every scale that reads them, what several kernels answer is added as spectra, and
backwards planes are transformed again, so that no spectrum has to be kept. The transform is that of
core.layers.frequency_grid; how long all this takes beside whole kernels is in
docs/decisions/0011-spectral-convolution.md.
"""

import math
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.layers.frequency_grid import Grid, Spectrum, whole

# Images that are transformed together, and numbers that the spectra of their planes at one scale may have: more of
# either no longer stay in the cache (docs/decisions/0011-spectral-convolution.md).
CHUNK, CHUNK_NUMBERS = 64, 2**23

# So few images take less time than the reading of the kernels' spectra, which are then read once, not twice.
FEW = 8


def of_functions(functions: Sequence[Float[Tensor, "f _ _"]], on: Sequence[Grid]) -> list[Float[Tensor, "2 _ f"]]:
    """The spectra of the functions that the kernels of each scale are sums of; sides may differ."""
    pairs = zip(functions, on, strict=True)
    return [grid.of_kernels(each[None])[:, :, 0].contiguous() for each, grid in pairs]


def combined(functions: Sequence[Float[Tensor, "2 _ f"]], weight: Float[Tensor, "o i t f"]) -> list[Tensor]:
    """The spectra of kernels from those of their functions, as kernels are weights × functions, t for each scale."""
    mixing = filled(weight.permute(3, 2, 1, 0))
    return [(each.flatten(0, 1) @ mixing.flatten(1)).view(2, -1, *mixing.shape[1:]) for each in functions]


def filled(weight: Float[Tensor, "*axes i o"]) -> Float[Tensor, "*axes _ _"]:
    """With zeros for as many channels as make both whole (core.layers.frequency_grid)."""
    i, o = weight.shape[-2:]
    return F.pad(weight, (0, whole(o) - o, 0, whole(i) - i))


def of_kernels(kernels: Sequence[Float[Tensor, "o i *n _ _"]], on: Sequence[Grid]) -> list[Float[Tensor, "2 _ _ _ _"]]:
    """The spectra of kernels, one or t for each scale; sides may differ."""
    found = []
    for each, grid in zip(kernels, on, strict=True):
        o, i, t = *each.shape[:2], math.prod(each.shape[2:-2])
        planes = filled(each.reshape(o, i, t, *each.shape[-2:]).permute(3, 4, 2, 1, 0))
        t_and_i = planes.shape[2:4]
        found.append(grid.of_kernels(planes.flatten(2, 3).permute(2, 3, 0, 1)).unflatten(2, t_and_i))
    return found


def correlate(
    planes: Float[Tensor, "b i p h w"], spectra: Sequence[Float[Tensor, "2 _ t _ _"]], on: Sequence[Grid], c_out: int
) -> Float[Tensor, "b o s h w"]:
    """The response at every scale: the sum of what its t kernels give on the planes that it reads.

    Args: planes: at one place p for every scale, or at a single one that all scales read.
          spectra: of the kernels of each scale, where kernel t of scale s reads the plane s + t, if there is one.
              Channels are filled up (`filled`). on: the grid of each scale (`grids_of`).
          c_out: channels of the response.
    """
    return _Correlation.apply(planes, tuple(on), c_out, *spectra)


class _Correlation(torch.autograd.Function):
    """Keeps planes and kernels alone; backwards the planes are transformed again, chunk by chunk. Has no second
    derivatives."""

    @staticmethod
    def forward(ctx, planes, on, c_out, *spectra):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(planes, *spectra)
        ctx.save_for_forward(planes, *spectra)
        ctx.on, ctx.c_out = on, c_out
        return _respond(planes, spectra, on, c_out)

    @staticmethod
    @torch.no_grad()
    def jvp(ctx, planes_tangent, _on, _c_out, *spectra_tangents):  # type: ignore[no-untyped-def]
        planes, *spectra = ctx.saved_tensors
        moved = 0 if planes_tangent is None else _respond(planes_tangent, spectra, ctx.on, ctx.c_out)
        if all(each is None for each in spectra_tangents):
            return moved
        pairs = zip(spectra_tangents, spectra, strict=True)
        directions = [torch.zeros_like(x) if d is None else d for d, x in pairs]
        return moved + _respond(planes, directions, ctx.on, ctx.c_out)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        planes, *spectra = ctx.saved_tensors
        gradient = gradient.contiguous()  # that of a sum is one number, which matrix products read slowly
        wants_planes, wants_spectra = ctx.needs_input_grad[0], any(ctx.needs_input_grad[3:])
        b, i, *rest = planes.shape
        to_planes = planes.new_empty(b, spectra[0].shape[3], *rest) if wants_planes else None
        to_spectra = [torch.zeros_like(each) for each in spectra] if wants_spectra else None
        for chunk in _chunks(planes, spectra):
            found = _Backwards(planes[chunk], spectra, ctx.on, to_spectra, wants_planes)
            for s, grid in enumerate(ctx.on):
                found.add(s, grid.back_adjoint(gradient[chunk, :, s]))
            if to_planes is not None:
                found.write(to_planes[chunk])
        if to_planes is not None:
            to_planes = to_planes[:, :i]
        return to_planes, None, None, *(to_spectra if to_spectra is not None else (None,) * len(spectra))


class _Planes:
    """The planes of a chunk, transformed once for each grid that asks for them."""

    def __init__(self, planes: Float[Tensor, "b i p h w"]):
        self.planes = planes
        self._found: dict[tuple[int, Grid], Spectrum] = {}

    def on(self, grid: Grid, p: int) -> Spectrum:
        if (p, grid) not in self._found:
            self._found[p, grid] = grid.into(self.planes[:, :, p])
        return self._found[p, grid]


class _Backwards:
    """The gradients of one chunk, gathered scale by scale: of the kernels' spectra, and of those of the planes."""

    def __init__(
        self,
        planes: Tensor,
        spectra: Sequence[Tensor],
        on: Sequence[Grid],
        to_spectra: Sequence[Tensor] | None,
        wants_planes: bool,
    ):
        self.planes, self.spectra, self.on = _Planes(planes), spectra, on
        self.to_spectra, self.wants_planes = to_spectra, wants_planes
        self.to_planes: dict[int, tuple[Grid, Spectrum]] = {}

    def add(self, s: int, gradient: Spectrum) -> None:
        real, imaginary = gradient
        for t, p in _reads(s, self.spectra, self.planes.planes.shape[2]):
            if self.to_spectra is not None:
                x, y = (part.mT for part in self.planes.on(self.on[s], p))
                kernel = self.to_spectra[s][:, :, t]
                kernel[0].baddbmm_(x, real).baddbmm_(y, imaginary)
                kernel[1].baddbmm_(x, imaginary).baddbmm_(y, real, alpha=-1)
            if self.wants_planes:
                a, b = (part.mT for part in self.spectra[s][:, :, t])
                keep = int(p in self.to_planes)
                if not keep:
                    self.to_planes[p] = self.on[s], real.new_empty(2, *real.shape[:2], a.shape[-1])
                found = self.to_planes[p][1]
                found[0].baddbmm_(real, a, beta=keep).baddbmm_(imaginary, b)
                found[1].baddbmm_(imaginary, a, beta=keep).baddbmm_(real, b, alpha=-1)

    def write(self, to_planes: Float[Tensor, "b i p h w"]) -> None:
        for p in range(to_planes.shape[2]):
            if p in self.to_planes:
                grid, found = self.to_planes[p]
                grid.into_adjoint(found, to_planes[:, :, p])
            else:
                to_planes[:, :, p] = 0


def _respond(planes: Tensor, spectra: Sequence[Tensor], on: Sequence[Grid], c_out: int) -> Tensor:
    b, *_, h, w = planes.shape
    response = planes.new_empty(b, spectra[0].shape[-1], len(spectra), h, w)
    for chunk in _chunks(planes, spectra):
        part = _Planes(planes[chunk])
        for s, grid in enumerate(on):
            grid.back(_product(part, s, spectra, grid), response[chunk, :, s])
    return response[:, :c_out]


def _product(planes: _Planes, s: int, spectra: Sequence[Tensor], on: Grid) -> Spectrum:
    m, c_out = len(planes.planes), spectra[s].shape[-1]
    total = planes.planes.new_empty(2, on.num_frequencies, m, c_out)
    keep = 0
    for t, p in _reads(s, spectra, planes.planes.shape[2]):
        (x, y), (a, b) = planes.on(on, p), spectra[s][:, :, t]
        if m > FEW:
            total[0].baddbmm_(x, a, beta=keep).baddbmm_(y, b, alpha=-1)
            total[1].baddbmm_(x, b, beta=keep).baddbmm_(y, a)
        else:
            both = torch.cat([x, y], dim=1)
            by_real, by_imaginary = torch.bmm(both, a), torch.bmm(both, b)
            real, imaginary = by_real[:, :m] - by_imaginary[:, m:], by_imaginary[:, :m] + by_real[:, m:]
            total = total + torch.stack([real, imaginary]) if keep else torch.stack([real, imaginary])
        keep = 1
    return total


def _reads(s: int, spectra: Sequence[Tensor], num_planes: int) -> Iterator[tuple[int, int]]:
    """The kernels of a scale, each with the plane that it reads."""
    shared = num_planes == 1 < len(spectra)
    for t in range(spectra[s].shape[2]):
        p = 0 if shared else s + t
        if p < num_planes:
            yield t, p


def _chunks(planes: Tensor, spectra: Sequence[Tensor]) -> Iterator[slice]:
    numbers = max(2 * each.shape[1] * max(each.shape[3:]) for each in spectra)  # of one image
    size = max(1, min(CHUNK, CHUNK_NUMBERS // numbers))
    for start in range(0, len(planes), size):
        yield slice(start, min(start + size, len(planes)))
