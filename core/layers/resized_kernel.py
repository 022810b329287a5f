"""Convolution whose kernel is itself resized to every internal scale (SiCNN).

Source: Xu et al., "Scale-Invariant Convolutional Neural Networks", arXiv:1411.6369, §3.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.bases.supports import odd_size
from core.layers.kernel_copies import KernelCopiesConv2d
from core.resampling import resampling_matrix


class ResizedKernelConv2d(KernelCopiesConv2d):
    """One canonical kernel W, resized by A W Aᵀ to every scale at constant L1 norm.

        κ_σ = ‖W‖₁ / ‖A_σ W A_σᵀ‖₁ · A_σ W A_σᵀ     for each output and input channel

    The constant L1 norm makes the amplitude fall as σ⁻² while the area grows as σ², so that the response to an image
    of σ times the size keeps its height.

    Args: kernel: side of W in pixels, odd. reference_sigma: the internal scale that W itself stands for.
          resampler: of core.resampling, `bilinear` or `bicubic`. The rest as KernelCopiesConv2d.
    Shape: as KernelCopiesConv2d; the kernel at σ covers kernel · σ / reference_sigma pixels.
    Raises: ValueError as KernelCopiesConv2d, and for a kernel that is not odd.
    Error: below 3e-3 for one step along the scale axis if W holds nothing finer than σ = 1.6 pixels; a rough W is
        only interpolated.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        internal_scales: Sequence[float],
        kernel: int = 5,
        reference_sigma: float = 1.0,
        resampler: str = "bicubic",
    ):
        super().__init__(c_in, c_out, internal_scales)
        if kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"the kernel must be an odd number of pixels, got {kernel}")
        bound = 1 / math.sqrt(c_in * kernel**2)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel, kernel).uniform_(-bound, bound))
        factors = [s / reference_sigma for s in self.internal_scales]
        self._resize = [resampling_matrix(odd_size(kernel * f), kernel, f, resampler) for f in factors]

    def kernels(self, inputs: slice = slice(None)) -> list[Float[Tensor, "o i k k"]]:
        weight = self.weight[:, inputs]
        return [self._resized(weight, matrix.to(weight)) for matrix in self._resize]

    @property
    def reach(self) -> int:
        return max(len(matrix) for matrix in self._resize) // 2

    def _resized(self, weight: Tensor, matrix: Float[Tensor, "k_out k"]) -> Float[Tensor, "o i k_out k_out"]:
        if matrix.shape[0] == matrix.shape[1] and torch.equal(matrix, torch.eye(len(matrix)).to(matrix)):
            return weight
        resized = matrix @ weight @ matrix.T
        kept, now = (k.abs().sum(dim=(-2, -1), keepdim=True) for k in (weight, resized))
        return resized * (kept / now.clamp_min(1e-12))
