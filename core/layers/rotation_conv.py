"""Convolutions over turns and space: lifting T→R and group convolution R→R, for N turns of a full circle.

Source: Cohen, Welling, "Group Equivariant Convolutional Networks", arXiv:1602.07576, Eq. 10–11, with steerable filters
as in Weiler et al., arXiv:1711.07289, §3. A filter is a weighted sum of circular harmonics, and its copies at all turns
share the weights. If an image turns counter-clockwise by a steps, each plane turns with it and moves a places up the
axis, cyclically. The canvas is continued by zeros. Of core.layers.methods they have `direct` and `spectral`.
"""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.bases import CircularHarmonics
from core.layers import spectral
from core.layers.frequency_grid import Grid, grids_of
from core.layers.ink import cut, margin_around_ink, widened
from core.layers.kept import Kept
from core.layers.methods import Work, method_for


class _RotationConv(nn.Module, ABC):
    """What both convolutions share: weights over the basis, and the two methods.

    A turn is to them what a scale is to core.layers.spectral, and all turns read the same planes: the turns of the
    input are among its channels.
    """

    functions: Tensor

    def __init__(self, weight_shape: tuple[int, ...], basis: CircularHarmonics):
        super().__init__()
        bound = math.sqrt(3 / math.prod(weight_shape[1:]))  # so that a kernel's square sums to 1 / c_in
        self.weight = nn.Parameter(torch.empty(weight_shape).uniform_(-bound, bound))
        self.register_buffer("functions", basis.functions.to(self.weight), persistent=False)
        self._basis_spectra: dict[tuple[Grid, ...], Tensor] = {}
        self._spectra: Kept[list[Tensor]] = Kept()

    @abstractmethod
    def _weight_of_turns(self) -> Float[Tensor, "turn f i o"]:
        """What multiplies each function in the kernel of each turn."""

    @abstractmethod
    def _flat_kernels(self) -> Float[Tensor, "o_turn i k k"]:
        """Every kernel, the turns of the output and of the input among the channels."""

    @property
    def reach(self) -> int:
        """Pixels beyond what is not 0 in its planes at which it may answer."""
        return self.functions.shape[-1] // 2

    def spectra(self, on: tuple[Grid, ...]) -> list[Float[Tensor, "1 q 2 i o"]]:
        """The spectra of the kernels of each turn; kept until the weights change, unless gradients are wanted."""
        return self._spectra.get(lambda: self._combine_spectra(on), [self.weight], on)

    def _combine_spectra(self, on: tuple[Grid, ...]) -> list[Float[Tensor, "1 q 2 i o"]]:
        if on not in self._basis_spectra:
            with torch.inference_mode(False), torch.no_grad():
                self._basis_spectra[on] = torch.stack(spectral.of_functions(list(self.functions), on))
        functions, weight = self._basis_spectra[on], spectral.filled(self._weight_of_turns())
        spectra = torch.bmm(functions.flatten(1, 2), weight.flatten(2))
        return list(spectra.view(len(spectra), 1, -1, 2, *weight.shape[2:]).unbind())

    def _respond(self, planes: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o turn h w"]:
        turns, num_functions, side = self.functions.shape[:3]
        (b, c_in, h, w), c_out = planes.shape, self.weight.shape[0]
        margin = margin_around_ink(planes, self.reach)
        size = h - 2 * margin, w - 2 * margin
        training = torch.is_grad_enabled() and (self.weight.requires_grad or planes.requires_grad)
        work = Work(
            b,
            c_in,
            c_out,
            size,
            [side] * turns,
            functions=num_functions,
            training=training,
            together=True,
            canvas=(h, w),
        )
        if method_for(work) == "spectral":
            on = grids_of(planes[:, :, None], work.supports)  # of the whole canvas, for every ink
            return spectral.correlate(planes[:, :, None], self.spectra(on), on, c_out)
        response = F.conv2d(cut(planes, margin), self._flat_kernels(), padding="same")
        return widened(response, margin).unflatten(1, (c_out, turns))


class LiftingRotationConv2d(_RotationConv):
    """Lifting rotation convolution: an image meets every filter at every turn.

        [f ⋆ κ](g, t) = Σ_x f(x) κ(g⁻¹(x − t))

    Shape: (b, c_in, h, w) → (b, c_out, turn, h, w).
    Raises: ValueError for another number of channels.
    Error: exact for quarter turns of a square canvas (1e-6 in float32), about 1e-2 for others.
    """

    def __init__(self, c_in: int, c_out: int, basis: CircularHarmonics):
        super().__init__((c_out, c_in, basis.functions.shape[1]), basis)

    def kernels(self, inputs: slice = slice(None)) -> Float[Tensor, "c_out turn c_in k k"]:
        """Every filter at every turn."""
        return torch.einsum("oif,tfkl->otikl", self.weight[:, inputs], self.functions)

    def forward(self, image: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out turn h w"]:
        if image.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {image.shape[1]}")
        return self._respond(image)

    def _weight_of_turns(self) -> Float[Tensor, "turn f i o"]:
        return self.weight.permute(2, 1, 0).expand(len(self.functions), -1, -1, -1)

    def _flat_kernels(self) -> Float[Tensor, "o_turn i k k"]:
        return self.kernels().flatten(0, 1)


class RotationConv2d(_RotationConv):
    """Rotation convolution: the filter turns, and its own axis of turns moves along.

        [f ⋆ κ](g, t) = Σ_h Σ_x f(h, x) κ(g⁻¹h, g⁻¹(x − t))

    Shape: (b, c_in, turn, h, w) → (b, c_out, turn, h, w).
    Raises: ValueError for another number of channels or turns.
    Error: as the lifting.
    """

    relative_turn: Tensor

    def __init__(self, c_in: int, c_out: int, basis: CircularHarmonics):
        turns, num_functions = basis.functions.shape[:2]
        super().__init__((c_out, c_in, turns, num_functions), basis)
        turn = torch.arange(turns)
        self.register_buffer("relative_turn", (turn[None] - turn[:, None]) % turns, persistent=False)  # (g, h): g⁻¹h

    def kernels(self, inputs: slice = slice(None)) -> Float[Tensor, "c_out turn c_in turn_in k k"]:
        """Every filter at every turn g, for the input at every turn h."""
        weight = self.weight[:, inputs, self.relative_turn]  # (o, i, g, h, f)
        return torch.einsum("oighf,gfkl->ogihkl", weight, self.functions)

    def forward(self, features: Float[Tensor, "b c_in turn h w"]) -> Float[Tensor, "b c_out turn h w"]:
        if features.shape[1:3] != self.weight.shape[1:3]:
            expected, got = tuple(self.weight.shape[1:3]), tuple(features.shape[1:3])
            raise ValueError(f"expected (channels, turns) = {expected}, got {got}")
        return self._respond(features.flatten(1, 2))

    def _weight_of_turns(self) -> Float[Tensor, "turn f i_turn o"]:
        return self.weight[:, :, self.relative_turn].permute(2, 4, 1, 3, 0).flatten(2, 3)

    def _flat_kernels(self) -> Float[Tensor, "o_turn i_turn k k"]:
        return self.kernels().flatten(2, 3).flatten(0, 1)
