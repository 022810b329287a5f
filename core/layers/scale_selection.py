"""A scale projection that follows the response: the scale is selected at each place, and all channels share it.

Ours (docs/decisions/0013-antialiased-sesn.md). Scale selection by the response of normalised filters is that of
Lindeberg, "Feature Detection with Automatic Scale Selection", Int. J. Comput. Vis. 30 (1998), 79–116.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from core.scales import ScaleSet

_TINY = 1e-9  # of E²
_LEAST = 1e-30  # of a sum of E⁸
_STEEPNESS = 8  # of the gate


class ScaleSelection(nn.Module):
    """Scale projection H→T by a mean over the scale axis whose weights follow the response at each place.

        y(t) = g(t) Σ_i w_i(t) Φ(σ_i, t),   w_i = (E_i σ_i^γ)^β / Σ_j (E_j σ_j^γ)^β,   E_i(t)² = Σ_c Φ_c(σ_i, t)² / q
        g = Σ_i E_i⁸ / (θ⁸ + Σ_i E_i⁸)

    q is the running mean of Σ_c Φ_c², so that E² is 1 on average. The maximum of each channel (ScaleProjection) often
    stands at an end of the axis, and leaves it when the image is resized. Here the weights peak inside the axis for
    what the axis can hold. Where every response is faint, which is far from the object, only the largest scale answers,
    and a larger one would if it were there; g silences those places. 0 goes to 0.

    Training moves responses towards the gate, so that one which silences enough while it is trained no longer does when
    it is used; then it stands higher.

    Args: internal_scales: σ_i in pixels. sharpness: β; at 0 the mean. scale_power: γ. threshold: θ in training.
          rise: by which θ is multiplied in eval mode. Without unit.
    Shape: (b, c, scale, h, w) → (b, c, h, w).
    Raises: ValueError for a sharpness, threshold or rise below 0, or another number of scales.
    """

    running_square: Tensor

    def __init__(
        self,
        internal_scales: Sequence[float],
        sharpness: float,
        scale_power: float = 0.0,
        threshold: float = 0.0,
        rise: float = 1.0,
        momentum: float = 0.1,
    ):
        super().__init__()
        if not all(0 <= number < math.inf for number in (sharpness, threshold, rise)):
            raise ValueError(
                f"sharpness, threshold and rise must be at least 0, got {sharpness}, {threshold} and {rise}"
            )
        self.sharpness, self.threshold, self.rise, self.momentum = sharpness, threshold, rise, momentum
        self.favours = tuple(scale_power * math.log(sigma) for sigma in ScaleSet(internal_scales))
        self.register_buffer("running_square", torch.ones(()))

    def forward(
        self, features: Float[Tensor, "b c s h w"], scales: Bool[Tensor, " s"] | None = None
    ) -> Float[Tensor, "b c h w"]:
        """Args: scales: those that take part; all by default."""
        if features.shape[2] != len(self.favours):
            raise ValueError(f"expected {len(self.favours)} scales, got {features.shape[2]}")
        favour = features.new_tensor(self.favours)
        if scales is not None:
            features, favour = features[:, :, scales], favour[scales]
        energy = features.square().sum(dim=1, keepdim=True)
        energy = energy / (self._mean_square(energy) + _TINY)
        weights = torch.softmax(self.sharpness * ((energy + _TINY).log() / 2 + favour[:, None, None]), dim=2)
        loud = energy.pow(_STEEPNESS / 2).sum(dim=2)
        threshold = self.threshold if self.training else self.rise * self.threshold
        gate = loud / (threshold**_STEEPNESS + loud + _LEAST)
        return gate * (weights * features).sum(dim=2)

    def _mean_square(self, energy: Float[Tensor, "b 1 s h w"]) -> Float[Tensor, ""]:
        if not self.training:
            return self.running_square
        square = energy.mean()
        with torch.no_grad():
            self.running_square.lerp_(square, self.momentum)
        return square
