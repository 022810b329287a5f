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


def of_functions(functions: Sequence[Float[Tensor, "f _ _"]], on: Sequence[Grid]) -> list[Float[Tensor, "_ 2 f"]]:
    """The spectra of the functions that the kernels of each scale are sums of; sides may differ."""
    return [grid.of_kernels(each[None])[:, :, 0] for each, grid in zip(functions, on, strict=True)]


def combined(functions: Sequence[Float[Tensor, "_ 2 f"]], weight: Float[Tensor, "o i t f"]) -> list[Tensor]:
    """The spectra of kernels from those of their functions, as kernels are weights × functions, t for each scale."""
    mixing = filled(weight.permute(2, 3, 1, 0))
    t, _, i, o = mixing.shape
    products = (torch.bmm(each.flatten(0, 1).expand(t, -1, -1), mixing.flatten(2)) for each in functions)
    return [each.view(t, -1, 2, i, o) for each in products]


def filled(weight: Float[Tensor, "*axes i o"]) -> Float[Tensor, "*axes _ _"]:
    """With zeros for as many channels as make both whole (core.layers.frequency_grid)."""
    i, o = weight.shape[-2:]
    return F.pad(weight, (0, whole(o) - o, 0, whole(i) - i))


def of_kernels(kernels: Sequence[Float[Tensor, "o i *n _ _"]], on: Sequence[Grid]) -> list[Float[Tensor, "t _ 2 _ _"]]:
    """The spectra of kernels, one or t for each scale; sides may differ."""
    found = []
    for each, grid in zip(kernels, on, strict=True):
        o, i, t = *each.shape[:2], math.prod(each.shape[2:-2])
        planes = filled(each.reshape(o, i, t, *each.shape[-2:]).permute(2, 3, 4, 1, 0)).permute(0, 3, 4, 1, 2)
        spectra = [grid.of_kernels(kernel) for kernel in planes]
        found.append(spectra[0][None] if t == 1 else torch.stack(spectra))
    return found


def correlate(
    planes: Float[Tensor, "b i p h w"], spectra: Sequence[Float[Tensor, "t _ 2 _ _"]], on: Sequence[Grid], c_out: int
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
        to_spectra = [each.new_zeros(each.shape) for each in spectra] if wants_spectra else None
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
        self._found: dict[tuple[int, Grid], Tensor] = {}

    def on(self, grid: Grid, p: int) -> Float[Tensor, "q both_b both_i"]:
        if (p, grid) not in self._found:
            self._found[p, grid] = _as_matrices(grid.into(self.planes[:, :, p]))
        return self._found[p, grid]


def _as_matrices(spectra: Spectrum) -> Float[Tensor, "q both_m both_n"]:
    """x + i y as the real matrix (x, −y; y, x), by which a product of complex numbers is one of real ones."""
    q, _, m, n = spectra.shape
    found = spectra.new_empty(q, 2, m, 2, n)
    found[:, :, :, 0] = spectra
    torch.neg(spectra[:, 1], out=found[:, 0, :, 1])
    found[:, 1, :, 1] = spectra[:, 0]
    return found.view(q, 2 * m, 2 * n)


def _as_spectra(gradient: Float[Tensor, "q 2 m 2 n"]) -> Spectrum:
    """The gradient to spectra from that to their matrices."""
    (a, b), (c, d) = (row.unbind(2) for row in gradient.unbind(1))
    found = gradient.new_empty(len(gradient), 2, *a.shape[1:])
    torch.add(a, d, out=found[:, 0])
    torch.sub(c, b, out=found[:, 1])
    return found


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
        self.to_planes: dict[int, tuple[Grid, Tensor]] = {}

    def add(self, s: int, gradient: Spectrum) -> None:
        answers = gradient.flatten(1, 2)
        for t, p in _reads(s, self.spectra, self.planes.planes.shape[2]):
            if self.to_spectra is not None:
                kernels = self.to_spectra[s][t].flatten(1, 2)
                kernels.baddbmm_(self.planes.on(self.on[s], p).mT, answers)
            if self.wants_planes:
                turned = self.spectra[s][t].flatten(1, 2).mT
                if p in self.to_planes:
                    self.to_planes[p][1].baddbmm_(answers, turned)
                else:
                    self.to_planes[p] = self.on[s], torch.bmm(answers, turned)

    def write(self, to_planes: Float[Tensor, "b i p h w"]) -> None:
        m, n = to_planes.shape[:2]
        for p in range(to_planes.shape[2]):
            if p in self.to_planes:
                grid, found = self.to_planes[p]
                grid.into_adjoint(_as_spectra(found.view(-1, 2, m, 2, n)), to_planes[:, :, p])
            else:
                to_planes[:, :, p] = 0


def _respond(planes: Tensor, spectra: Sequence[Tensor], on: Sequence[Grid], c_out: int) -> Tensor:
    b, *_, h, w = planes.shape
    response = planes.new_empty(b, spectra[0].shape[-1], len(spectra), h, w)
    for chunk in _chunks(planes, spectra):
        part = _Planes(planes[chunk])
        for s, grid in enumerate(on):
            grid.back(_product(part, s, spectra, grid), response[chunk, :, s])
    # The first channels, but as no view: a view could have no derivative forwards.
    shape, strides = (b, c_out, *response.shape[2:]), response.stride()
    return response.new_empty(0).set_(response.untyped_storage(), 0, shape, strides)


def _product(planes: _Planes, s: int, spectra: Sequence[Tensor], on: Grid) -> Spectrum:
    m, total = len(planes.planes), None
    for t, p in _reads(s, spectra, planes.planes.shape[2]):
        of_planes, kernels = planes.on(on, p), spectra[s][t].flatten(1, 2)
        total = torch.bmm(of_planes, kernels) if total is None else total.baddbmm_(of_planes, kernels)
    assert total is not None  # a scale reads its own plane
    return total.view(-1, 2, m, spectra[s].shape[-1])


def _reads(s: int, spectra: Sequence[Tensor], num_planes: int) -> Iterator[tuple[int, int]]:
    """The kernels of a scale, each with the plane that it reads."""
    shared = num_planes == 1 < len(spectra)
    for t in range(len(spectra[s])):
        p = 0 if shared else s + t
        if p < num_planes:
            yield t, p


def _chunks(planes: Tensor, spectra: Sequence[Tensor]) -> Iterator[slice]:
    numbers = max(2 * each.shape[1] * max(each.shape[3:]) for each in spectra)  # of one image
    size = max(1, min(CHUNK, CHUNK_NUMBERS // numbers))
    for start in range(0, len(planes), size):
        yield slice(start, min(start + size, len(planes)))
