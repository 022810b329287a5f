"""Linear interpolation: the tent."""

from jaxtyping import Float
from torch import Tensor

from core.resampling.kernel import LocalKernel


class Bilinear(LocalKernel):
    """The tent, which reads one sample to each side. It has a kink at every sample, so no slope there."""

    reach = 1.0

    def weights(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return (1 - x.abs()).clamp_min(0)
