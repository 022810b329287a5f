"""Scale convolutions: lifting convolution T→H and group convolution H→H.

Source: Sosnovik, Szmaja, Smeulders, "Scale-Equivariant Steerable Networks", arXiv:1910.11093, Eq. 10–12.
A filter is one weighted sum of basis functions, sampled at every internal scale, so that all scales share the
weights. Three methods compute the same response (core.layers.methods): `direct` combines weights and basis into one
kernel for each scale, cut to that scale's own support; `separable` filters by the one-dimensional functions, where the
basis has such; `spectral`
combines the spectra of the functions and multiplies those of the maps by them. The canvas is continued by zeros.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import HermiteBasis, SampledBasis
from core.layers import spectral
from core.layers.filtering import filter_planes, filter_scales
from core.layers.frequency_grid import Grid, grids_of
from core.layers.ink import Ink, ink_by_scale, respond_around_ink
from core.layers.kept import Kept
from core.layers.methods import Work, checked, method_for
from core.layers.separable import SeparableFilter

FilterBasis = HermiteBasis | SampledBasis


class _ScaleConv(nn.Module):
    """What both convolutions share: weights over the basis, and the three methods."""

    def __init__(
        self,
        weight_shape: tuple[int, ...],
        basis: FilterBasis,
        bias: bool,
        stride: int,
        method: str,
    ):
        super().__init__()
        if min(weight_shape) < 1 or stride < 1:
            raise ValueError(f"sizes and stride must be at least 1, got {weight_shape} and {stride}")
        if checked(method) not in ("auto", "direct") and stride > 1:
            raise ValueError(f"the {method} method has stride 1, got {stride}")
        self.stride, self.method = stride, method
        bound = 1 / math.sqrt(math.prod(weight_shape[1:]))
        self.weight = nn.Parameter(torch.empty(weight_shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(weight_shape[0])) if bias else None
        self.use(basis)

    def use(self, basis: FilterBasis) -> None:
        """Evaluates the weights on another basis. Raises: ValueError unless it has as many functions and scales."""
        expected = self.weight.shape[-1], len(getattr(self, "basis", basis).internal_scales)
        if (got := (basis.num_functions, len(basis.internal_scales))) != expected:
            raise ValueError(f"expected a basis of (functions, scales) = {expected}, got {got}")
        self.basis = basis
        self._separable = SeparableFilter(basis) if isinstance(basis, HermiteBasis) else None
        self._cut_basis: dict[tuple, list[Tensor]] = {}
        self._basis_spectra: dict[tuple, list[Tensor]] = {}
        self._kernels: Kept[list[Tensor]] = Kept()
        self._spectra: Kept[list[Tensor]] = Kept()
        self._spectra_of: list[Kept[list[Tensor]]] = [Kept() for _ in basis.internal_scales]

    @property
    def interaction(self) -> int:
        """Number of scales that a kernel spans; 1 is none."""
        return 1

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        """The kernel of each internal scale, weights × basis, cut to the scale's own support.

        All of them are combined once and kept until the weights change, unless gradients are wanted.
        Args: inputs: which input channels (times interaction) to combine.
        """
        if inputs != slice(None):
            return self._combine(inputs)
        return self._kernels.get(self._combine, [self.weight])

    def _combine(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        weight = self._flat_weight()[:, inputs]
        return [torch.einsum("oif,fkl->oikl", weight, functions) for functions in self._functions(weight)]

    def spectra(self, on: tuple[Grid, ...]) -> list[Float[Tensor, "t _ 2 i o"]]:
        """The spectra of the kernels on the grids of a canvas, weights × those of the basis; kept as `kernels` are."""
        return self._spectra.get(lambda: self._combine_spectra(on), [self.weight], on)

    def _combine_spectra(self, on: tuple[Grid, ...], scales: slice = slice(None)) -> list[Float[Tensor, "t _ 2 i o"]]:
        key = on, scales.start, scales.stop
        if key not in self._basis_spectra:
            with torch.inference_mode(False), torch.no_grad():
                self._basis_spectra[key] = spectral.of_functions(self._functions(self.weight)[scales], on)
        weight = self.weight if self.weight.dim() == 4 else self.weight[:, :, None]  # (o, i, t, f)
        return spectral.combined(self._basis_spectra[key], weight)

    def _flat_weight(self) -> Float[Tensor, "o i f"]:
        return self.weight.flatten(1, -2)

    def _functions(self, like: Tensor) -> list[Float[Tensor, "f k k"]]:
        key = (like.dtype, like.device)
        if key not in self._cut_basis:
            with torch.inference_mode(False):  # what is kept may be trained with later
                functions, size = self.basis.kernels().to(like), self.basis.size
                margins = [(size - support) // 2 for support in self.basis.supports]
                self._cut_basis[key] = [functions[:, i, m : size - m, m : size - m] for i, m in enumerate(margins)]
        return self._cut_basis[key]

    def _respond(self, features: Float[Tensor, "b i p h w"]) -> Float[Tensor, "b o s h_out w_out"]:
        """Filters the planes of each scale, or one plane for all, by the kernels of that scale."""
        method = method_for(self._work(features), self.method) if self.stride == 1 else "direct"
        if method == "spectral":
            on = grids_of(features, self.basis.supports, self.interaction)
            response = spectral.correlate(features, self.spectra(on), on, self.weight.shape[0])
        elif method == "separable" and self._separable is not None:
            planes = [features[:, :, 0]] if self._reads_one(features) else self._windows(features)
            response = self._separable(planes, self._flat_weight())
        else:
            response = filter_scales(self._windows(features), self.kernels(), self.stride)
        return response if self.bias is None else response + self.bias[:, None, None, None]

    def _reads_one(self, features: Tensor) -> bool:
        """Whether every scale reads the same planes."""
        return features.shape[2] == 1 and self.interaction == 1

    def _windows(self, features: Float[Tensor, "b i p h w"]) -> list[Float[Tensor, "b it h w"]]:
        """What the kernels of each scale read, the scales that they span among the channels; 0 beyond the largest."""
        num_scales = len(self.basis.internal_scales)
        if features.shape[2] == 1:
            features = features.expand(-1, -1, num_scales, -1, -1)
        if self.interaction > 1:
            features = F.pad(features, (0, 0, 0, 0, 0, self.interaction - 1))
        windows = features.unfold(2, self.interaction, 1)  # (b, c, s, h, w, interaction)
        return [windows[:, :, i].movedim(-1, 2).flatten(1, 2) for i in range(num_scales)]

    def _work(self, features: Float[Tensor, "b i p h w"]) -> Work:
        b, c_in, planes, h, w = features.shape
        c_out = self.weight.shape[0]
        return Work(
            batch=b,
            c_in=c_in,
            c_out=c_out,
            size=(h, w),
            supports=self.basis.supports,
            planes=planes,
            interaction=self.interaction,
            functions=self.basis.num_functions,
            training=torch.is_grad_enabled() and (self.weight.requires_grad or features.requires_grad),
            separable=self._separable.cost(c_in * self.interaction, c_out, h, w) if self._separable else None,
        )

    def extra_repr(self) -> str:
        scales = ", ".join(f"{s:.3g}" for s in self.basis.internal_scales)
        return f"weight={tuple(self.weight.shape)}, internal_scales=({scales})"


class LiftingConv2d(_ScaleConv):
    """Lifting convolution T→H: takes an image to a feature map over scale and space (SESN, Eq. 10).

        [f ⋆ κ](s, t) = Σ_x f(x) κ_s(x − t),   κ_s(x) = Σ_n w_n ψ_n(x; s)

    Args: basis: its internal scales are those of the output, in pixels.
          method: of core.layers.methods, or `auto` for the one that is estimated to take the least time.
    Shape: (b, c_in, h, w) → (b, c_out, scale, h / stride, w / stride).
    Raises: ValueError for an unknown method, or another number of channels.
    Error: below 1e-6 (float64) for one step along the scale axis, if the support reaches 6 s (5 s: 5e-5).
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        basis: FilterBasis,
        *,
        bias: bool = True,
        stride: int = 1,
        method: str = "auto",
    ):
        super().__init__((c_out, c_in, basis.num_functions), basis, bias, stride, method)

    def forward(self, image: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out s h_out w_out"]:
        if image.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {image.shape[1]}")
        if (reach := self.reach) is None:
            return self._respond(image[:, :, None])
        return respond_around_ink(lambda part: self._respond(part[:, :, None]), image, reach)

    @property
    def reach(self) -> int | None:
        """Pixels beyond what is not 0 in an image at which it may answer; None where it may answer anywhere."""
        return None if self.stride > 1 or self.bias is not None else max(self.basis.supports) // 2


class ScaleConv2d(_ScaleConv):
    """Group convolution H→H over scale and space, with optional inter-scale interaction (SESN, Eq. 12).

    The output at scale i adds the responses to the inputs at scales i, i + 1, … i + interaction − 1, each with its
    own weights, all filtered by kernels at scale i. Beyond the largest scale the input is taken as 0: this cuts
    the scale axis, and the upper scales of the result are then no longer equivariant.
    Without interaction each scale is filtered by itself, so steps between scales may differ. With it they should not:
    weights belong to the next scale, whatever its ratio, and over unequal steps no scale is equivariant.

    Args: interaction: number of scales a kernel spans; 1 is none. The rest as `LiftingConv2d`.
    Shape: (b, c_in, scale, h, w) → (b, c_out, scale, h / stride, w / stride).
    Raises: ValueError as `LiftingConv2d`, or for another number of scales.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        basis: FilterBasis,
        *,
        interaction: int = 1,
        bias: bool = True,
        stride: int = 1,
        method: str = "auto",
    ):
        super().__init__((c_out, c_in, interaction, basis.num_functions), basis, bias, stride, method)

    @property
    def interaction(self) -> int:
        """Number of scales that a kernel spans; 1 is none."""
        return self.weight.shape[2]

    def forward(self, features: Float[Tensor, "b c_in s h w"]) -> Float[Tensor, "b c_out s h_out w_out"]:
        num_scales = len(self.basis.internal_scales)
        if features.shape[1:3] != (self.weight.shape[1], num_scales):
            expected, got = (self.weight.shape[1], num_scales), tuple(features.shape[1:3])
            raise ValueError(f"expected (channels, scales) = {expected}, got {got}")
        alone = self.interaction == 1 and self.stride == 1 and self.bias is None
        inks = ink_by_scale(features) if alone else None
        return self._respond(features) if inks is None else self._around_ink(features, inks)

    def _around_ink(self, features: Float[Tensor, "b c_in s h h"], inks: Sequence[Ink]) -> Tensor:
        """The response, computed scale by scale as far as its kernels reach from its ink."""
        response = features.new_zeros(features.shape[0], self.weight.shape[0], *features.shape[2:])
        for i, (plane, to, ink) in enumerate(zip(features.unbind(2), response.unbind(2), inks, strict=True)):
            answered = ink.spread(self.basis.supports[i] // 2)
            answered.of(to).copy_(self._answer(i, plane, ink, answered))
        return response

    def _answer(self, i: int, plane: Float[Tensor, "b c_in h h"], ink: Ink, answered: Ink) -> Float[Tensor, "b o n n"]:
        """The response of one scale in the square `answered`."""
        c_out, supports = self.weight.shape[0], self.basis.supports[i : i + 1]
        work = Work(
            batch=len(plane), c_in=plane.shape[1], c_out=c_out, size=(answered.side, answered.side), supports=supports,
            functions=self.basis.num_functions, canvas=(ink.grid, ink.grid),
            separable=self._separable.cost_of_scale(plane.shape[1], c_out, ink.side, answered.side)
            if self._separable else None,
        )  # fmt: skip
        method = method_for(work, self.method)
        if method == "separable" and self._separable is not None:
            return self._separable.of_scale(i, plane, self._flat_weight(), ink, answered)
        if method == "direct":
            return filter_planes(answered.of(plane), self.kernels()[i])
        planes = plane[:, :, None]  # on the whole grid, so that kernels are transformed once for every ink
        on = grids_of(planes, supports)
        spectra = self._spectra_of[i].get(lambda: self._combine_spectra(on, slice(i, i + 1)), [self.weight], on)
        return answered.of(spectral.correlate(planes, spectra, on, c_out)[:, :, 0])
