"""Separable filtering with a Hermite basis: one-dimensional passes with the channel mixing between them.

ψ_{rc}(x, y) = g_r(x) g_c(y) gives  Σ_{i,r,c} w_{oirc} (g_r g_c ⋆ x_i) = Σ_r g_r ⋆ (Σ_{i,c} w_{oirc} (g_c ⋆ x_i)):
filter the width by every g_c, mix channels by one matrix that all scales share, filter the height by every g_r
and add. A pass is a product with a matrix over the whole axis, so its cost does not depend on the kernel's size.

Of a single channel, such as an image, there is little to mix: two ordinary convolutions with kernels one pixel high and
one pixel wide, Σ_r w_{orc} g_r for the second, take less time, and where all scales read one image the first serves
them all (docs/decisions/0011-spectral-convolution.md).
"""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.bases import HermiteBasis
from core.layers.filtering import stacked
from core.layers.ink import Ink
from core.layers.kept import Kept

# Along the width, of every scale; then along the height, of each.
Kernels = tuple[Float[Tensor, "s c 1 1 k"], list[Float[Tensor, "o c _ 1"]]]


class SeparableFilter:
    """Computes the response of every scale of one basis; keeps the pass matrices of each canvas it has seen."""

    def __init__(self, basis: HermiteBasis):
        self.basis = basis
        self._passes: dict[tuple, list[Tensor]] = {}
        self._of_one_channel: Kept[Kernels] = Kept()

    def __call__(
        self, planes: Sequence[Float[Tensor, "b i h w"]], weight: Float[Tensor, "o i f"]
    ) -> Float[Tensor, "b o s h w"]:
        """Filters the planes of each scale (in order), or the only ones for all, by the kernels of that scale."""
        scales = len(self.basis.internal_scales)
        if weight.shape[1] == 1:
            return stacked(self._filter(planes, self.kernels(weight)), scales)
        planes = [*planes] * (scales // len(planes))
        return torch.stack(self._respond(planes, weight / self.basis.divisor.to(weight)), dim=2)

    def _filter(self, planes: Sequence[Float[Tensor, "b 1 h w"]], kernels: Kernels) -> Iterator[Tensor]:
        """The width, then the height, continued by zeros; taps that no position of the canvas reaches are left out."""
        across, down = kernels
        if len(planes) == 1:
            filtered = _along_width(planes[0], across.flatten(0, 1)).split(across.shape[1], dim=1)
        else:
            filtered = map(_along_width, planes, across)
        return map(_along_height, filtered, down)

    def _respond(self, planes: Sequence[Tensor], weight: Tensor) -> list[Tensor]:
        (b, _, h, w), (c_out, c_in, _) = planes[0].shape, weight.shape
        along_height, along_width = self.matrices(h, planes[0]), self.matrices(w, planes[0])
        totals: list[Tensor] = []
        for family in self.basis.families:
            rows, columns = self._factors(family)
            filtered = torch.stack(
                [
                    (x.reshape(-1, w) @ m[columns].flatten(0, 1).T).view(b, c_in, h, len(columns), w).transpose(2, 3)
                    for m, x in zip(along_width, planes, strict=True)
                ]
            )  # (s, b, i, c, h, w)
            mixing = self._mixing(family, rows, columns, weight).expand(len(planes) * b, -1, -1)
            mixed = torch.bmm(mixing, filtered.view(len(planes) * b, -1, h * w))  # (s·b, o·r, h·w)
            mixed = mixed.view(len(planes), b * c_out, len(rows) * h, w)
            responses = [
                torch.bmm(m[rows].transpose(0, 1).flatten(1).expand(b * c_out, -1, -1), x).view(b, c_out, h, w)
                for m, x in zip(along_height, mixed.unbind(), strict=True)
            ]
            totals = [t + r for t, r in zip(totals, responses, strict=True)] if totals else responses
        return totals

    def of_scale(
        self, i: int, planes: Float[Tensor, "b c_in h h"], weight: Float[Tensor, "o c_in f"], seen: Ink, answered: Ink
    ) -> Float[Tensor, "b o n n"]:
        """The response of one scale in the square `answered`, to planes that are 0 outside the square `seen`."""
        matrices, weight = self.matrices(planes.shape[-1], planes)[i], weight / self.basis.divisor.to(weight)
        between, total = matrices[:, answered.slice, seen.slice], None
        x, (b, c_in), c_out = seen.of(planes), planes.shape[:2], weight.shape[0]
        for family in self.basis.families:
            rows, columns = self._factors(family)
            filtered = x.reshape(-1, seen.side) @ between[columns].flatten(0, 1).T
            filtered = filtered.view(b, c_in, seen.side, len(columns), answered.side).transpose(2, 3)
            mixed = self._mixing(family, rows, columns, weight) @ filtered.reshape(
                b, c_in * len(columns), seen.side * answered.side
            )
            mixed = mixed.view(b, c_out, len(rows) * seen.side, answered.side)
            response = between[rows].transpose(0, 1).flatten(1) @ mixed
            total = response if total is None else total + response
        assert total is not None  # a basis has functions
        return total

    def cost_of_scale(self, c_in: int, c_out: int, seen: int, answered: int) -> tuple[int, ...]:
        """As `cost`, of `of_scale`. Args: seen, answered: sides of the squares in samples."""
        passes = mixing = moved = 0
        for family in self.basis.families:
            r, c = (len(axis) for axis in self._factors(family))
            passes += c_in * c * seen + c_out * r * answered
            mixing += c_in * c * c_out * r
            moved += c_in * c + c_out * r
        samples = seen * answered
        return passes * samples, mixing * samples, moved * samples, 0, 0

    def cost(self, c_in: int, c_out: int, h: int, w: int) -> tuple[int, ...]:
        """Of one image at all scales: multiply-adds of the passes, of the mixing, and numbers moved between them; of a
        single channel multiply-adds of the second convolution, and numbers moved between both."""
        scales = len(self.basis.internal_scales)
        if c_in > 1:
            return tuple(scales * n for n in self.cost_of_scale(c_in, c_out, w, h))
        between = h * w * sum(len(self._factors(family)[1]) for family in self.basis.families)
        return 0, 0, 0, between * c_out * sum(self.basis.supports), between * scales

    def _factors(self, family: Sequence[int]) -> tuple[list[int], list[int]]:
        rows = sorted({self.basis.row[f] for f in family})
        return rows, sorted({self.basis.column[f] for f in family})

    def _mixing(self, family: Sequence[int], rows: list[int], columns: list[int], weight: Tensor) -> Tensor:
        cells = [rows.index(self.basis.row[f]) * len(columns) + columns.index(self.basis.column[f]) for f in family]
        dense = weight.new_zeros(*weight.shape[:2], len(rows) * len(columns))
        dense = dense.index_copy(2, torch.tensor(cells, device=weight.device), weight[..., list(family)])
        return dense.unflatten(2, (len(rows), len(columns))).permute(0, 2, 1, 3).flatten(2).flatten(0, 1)

    def kernels(self, weight: Float[Tensor, "o 1 f"]) -> Kernels:
        """Those of both convolutions for a single channel, at every scale; kept while no gradients are wanted."""
        return self._of_one_channel.get(lambda: self._make_kernels(weight), [weight, self.basis.functions])

    def _make_kernels(self, weight: Float[Tensor, "o 1 f"]) -> Kernels:
        functions = self.basis.functions.to(weight)  # (g, s, k)
        weight = weight / self.basis.divisor.to(weight)
        across, down = [], []
        for family in self.basis.families:
            rows, columns = self._factors(family)
            mixing = self._mixing(family, rows, columns, weight).unflatten(0, (-1, len(rows)))
            across.append(functions[columns])
            down.append(torch.einsum("orc,rsk->ocsk", mixing, functions[rows]))
        along_height = torch.cat(down, dim=1)
        margins = [(self.basis.size - support) // 2 for support in self.basis.supports]
        widest = slice(min(margins), self.basis.size - min(margins))
        along_width = torch.cat(across)[..., widest].transpose(0, 1)  # beyond a scale's own support functions are 0
        cut = [along_height[:, :, i, m : self.basis.size - m, None] for i, m in enumerate(margins)]
        return along_width[:, :, None, None], cut

    def matrices(self, size: int, like: Tensor) -> list[Float[Tensor, "g n n"]]:
        """For each scale, every one-dimensional function as a matrix on an axis of `size` samples, typed as `like`."""
        key = (size, like.dtype, like.device)
        if key not in self._passes:
            # What is kept may be trained with later; outside inference mode gradients would be on.
            with_gradients = torch.is_grad_enabled()
            with torch.inference_mode(False), torch.set_grad_enabled(with_gradients):
                self._passes[key] = [m.to(like) for m in self._build(size)]
        return self._passes[key]

    def _build(self, size: int) -> list[Tensor]:
        functions = self.basis.functions  # (g, s, k)
        reach = functions.shape[-1] // 2
        taps = torch.arange(size)[:, None] + torch.arange(-reach, reach + 1)[None]  # input sample of each tap
        inside = ((taps >= 0) & (taps < size)).to(functions)  # zeros continue the canvas
        matrices = []
        for i in range(functions.shape[1]):
            values = functions[:, i, None, :] * inside
            columns = taps.clamp(0, size - 1).expand_as(values)
            matrices.append(functions.new_zeros(functions.shape[0], size, size).scatter_add(2, columns, values))
        return matrices


def _along_width(image: Float[Tensor, "b 1 h w"], kernels: Float[Tensor, "c 1 1 k"]) -> Float[Tensor, "b c h w"]:
    half, reach = kernels.shape[-1] // 2, min(kernels.shape[-1] // 2, image.shape[-1] - 1)
    return F.conv2d(image, kernels[..., half - reach : half + reach + 1], padding=(0, reach))


def _along_height(filtered: Float[Tensor, "b c h w"], kernels: Float[Tensor, "o c k 1"]) -> Float[Tensor, "b o h w"]:
    half, reach = kernels.shape[-2] // 2, min(kernels.shape[-2] // 2, filtered.shape[-2] - 1)
    return F.conv2d(filtered, kernels[..., half - reach : half + reach + 1, :], padding=(reach, 0))
