"""Cubic convolution, after Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981."""

import torch
from jaxtyping import Float
from torch import Tensor

from core.resampling.kernel import LocalKernel

A = -0.5  # the third-order choice, also Pillow's


class Bicubic(LocalKernel):
    """Keys' kernel with a = −½ (Eq. 15); it reads two samples to each side."""

    reach, smooth = 2.0, True

    def weights(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        x = x.abs()
        near = ((A + 2) * x - (A + 3)) * x * x + 1
        far = ((A * x - 5 * A) * x + 8 * A) * x - 4 * A
        return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))

    def slope(self, distance: Float[Tensor, "*shape"], n: int) -> Float[Tensor, "*shape"]:
        """a at 1, −a at −1, else 0."""
        return torch.where(distance.abs() == 1, A * distance, 0.0)
