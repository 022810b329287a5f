"""Scale-steered convolution: kernels of log-radial harmonics, steered to every internal scale by a phase."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases.log_radial import LogRadialBasis
from core.layers.kernel_copies import KernelCopiesConv2d


class LogRadialConv2d(KernelCopiesConv2d):
    """κ_σ = Σ_f w_f ψ_f(σ), with the same real weights w at every scale (core.bases.log_radial).

    Args: basis: its internal scales are those of the output. The rest as KernelCopiesConv2d.
    Shape, Raises: as KernelCopiesConv2d.
    """

    def __init__(self, c_in: int, c_out: int, basis: LogRadialBasis):
        super().__init__(c_in, c_out, basis.internal_scales)
        bound = 1 / math.sqrt(c_in * basis.num_functions)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, basis.num_functions).uniform_(-bound, bound))
        self.basis = basis
        self._functions: dict[tuple, list[Tensor]] = {}

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        weight = self.weight[:, inputs]
        return [_combined(weight, functions) for functions in self._functions_like(weight)]

    def kernels_on(self, side: int) -> list[Float[Tensor, "o i k k"]]:
        found = []
        for functions in self._functions_like(self.weight):
            beyond = max(0, functions.shape[-1] - (2 * side - 1)) // 2
            inside = slice(beyond, functions.shape[-1] - beyond)
            found.append(_combined(self.weight, functions[:, inside, inside]))
        return found

    @property
    def reach(self) -> int:
        return max(functions.shape[-1] for functions in self.basis.functions) // 2

    def _functions_like(self, weight: Tensor) -> list[Float[Tensor, "f k k"]]:
        key = (weight.dtype, weight.device)
        if key not in self._functions:
            with torch.inference_mode(False):
                self._functions[key] = [f.to(weight) for f in self.basis.functions]
        return self._functions[key]


def _combined(weight: Float[Tensor, "o i f"], functions: Float[Tensor, "f k k"]) -> Float[Tensor, "o i k k"]:
    return (weight @ functions.flatten(1)).unflatten(-1, functions.shape[1:])
