"""Vector fields whose angle is a scale: convolution, projection and pooling.

Source: Marcos, Kellenberger, Lobry, Tuia, "Scale equivariance in CNNs with vector fields", arXiv:1807.11783, §3.
A feature is a vector for each channel and place: its length says how strongly a pattern is there, its angle at which
scale. The angle grows with the logarithm of the scale, θ(σ) = α log₂ (σ / reference_sigma), so a change of size by s
turns every vector by α log₂ s. The axis of the two components (u, v) comes third: (b, c, 2, h, w).
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.layers.rescaled_conv import Rescaling


def scale_angles(internal_scales: Sequence[float], reference_sigma: float, per_octave: float) -> tuple[float, ...]:
    """θ(σ) of each internal scale in radians; `per_octave` is α, the turn for a doubling."""
    return tuple(per_octave * math.log2(s / reference_sigma) for s in internal_scales)


class VectorFieldConv2d(nn.Module):
    """Responses at every internal scale to a vector field, by vector weights that turn with the scale.

        Φ(σ, t) = (T_{1/s} Σ_i [T_s z_i ⋆ R_{θ(σ)} w_i])(t),   s = reference_sigma / σ

    where z = (u, v), and ⋆ adds the correlations of both components: at every tap the scalar product of the field with
    the turned weight. A field that is enlarged and turned alike gives the same responses at larger scales.

    Args: c_in, c_out: channels, each a vector in the input and a number in the output. per_octave: α in radians.
          The rest as RescaledConv2d.
    Shape: (b, c_in, 2, h, w) → (b, c_out, scale, h, w).
    Raises: ValueError for scales that are not positive and ascending, a kernel that is not odd, other channels.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        internal_scales: Sequence[float],
        kernel: int = 7,
        reference_sigma: float = 1.0,
        resampler: str = "bicubic",
        per_octave: float = 2 * math.pi / 3,
    ):
        super().__init__()
        if kernel < 1 or kernel % 2 == 0:
            raise ValueError(f"the kernel must be an odd number of pixels, got {kernel}")
        self.rescaling = Rescaling(internal_scales, reference_sigma, resampler)
        self.angles = scale_angles(internal_scales, reference_sigma, per_octave)
        bound = 1 / math.sqrt(2 * c_in * kernel**2)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, 2, kernel, kernel).uniform_(-bound, bound))

    def turned_weights(self) -> list[Float[Tensor, "o i 2 k k"]]:
        """R_{θ(σ)} w for each internal scale."""
        u, v = self.weight.unbind(2)
        turns = [(math.cos(angle), math.sin(angle)) for angle in self.angles]
        return [torch.stack([cos * u - sin * v, sin * u + cos * v], dim=2) for cos, sin in turns]

    def forward(self, field: Float[Tensor, "b c_in 2 h w"]) -> Float[Tensor, "b c_out s h w"]:
        if field.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels of vectors, got {field.shape[1]}")

        def filtered(planes: Sequence[Tensor]) -> list[Tensor]:
            pairs = zip(planes, self.turned_weights(), strict=True)
            return [F.conv2d(x, w.flatten(1, 2), padding="same") for x, w in pairs]

        return self.rescaling.around_ink(filtered, field.flatten(1, 2), self.weight.shape[-1] // 2)


class VectorProjection(nn.Module):
    """The largest response over the scale axis, and the direction (cos θ, sin θ) of the scale that gave it.

    The direction is a choice among the scales, so gradients flow through the response only.
    Args: as scale_angles.
    Shape: (b, c, scale, h, w) → (b, c, h, w) and (b, c, 2, h, w).
    """

    def __init__(self, internal_scales: Sequence[float], reference_sigma: float = 1.0, per_octave: float = 2.0):
        super().__init__()
        self.angles = scale_angles(internal_scales, reference_sigma, per_octave)

    def forward(
        self, responses: Float[Tensor, "b c s h w"]
    ) -> tuple[Float[Tensor, "b c h w"], Float[Tensor, "b c 2 h w"]]:
        if responses.shape[2] != len(self.angles):
            raise ValueError(f"expected {len(self.angles)} scales, got {responses.shape[2]}")
        largest, which = responses.max(dim=2)
        angles = torch.tensor(self.angles).to(responses)
        return largest, torch.stack([angles.cos()[which], angles.sin()[which]], dim=2)


class VectorPool(nn.Module):
    """Pooling of a vector field by 2: the longest vector of each window, or their average.

    Args: kind: `max` (as published, by magnitude) or `average`, which aliases less.
    Shape: (b, c, 2, h, w) → (b, c, 2, h / 2, w / 2); h and w must be even.
    Raises: ValueError for an unknown kind or an odd canvas.
    """

    def __init__(self, kind: str = "max"):
        super().__init__()
        if kind not in ("max", "average"):
            raise ValueError(f"pooling must be 'max' or 'average', got {kind!r}")
        self.kind = kind

    def forward(self, field: Float[Tensor, "b c 2 h w"]) -> Float[Tensor, "b c 2 h_half w_half"]:
        h, w = field.shape[-2:]
        if h % 2 or w % 2:
            raise ValueError(f"pooling by 2 needs an even canvas, got {h}×{w}")
        if self.kind == "average":
            return F.avg_pool2d(field.flatten(1, 2), 2).unflatten(1, field.shape[1:3])
        windows = field.unflatten(-1, (w // 2, 2)).unflatten(-3, (h // 2, 2))  # (b, c, 2, h/2, 2, w/2, 2)
        windows = windows.transpose(-3, -2).flatten(-2)  # (b, c, 2, h/2, w/2, 4)
        longest = windows.detach().square().sum(2, keepdim=True).argmax(-1, keepdim=True)
        return windows.gather(-1, longest.expand(-1, -1, 2, -1, -1, -1)).squeeze(-1)


def magnitude(field: Float[Tensor, "b c 2 h w"]) -> Float[Tensor, "b c h w"]:
    """The length of each vector; the gradient of a vector of length 0 is taken as 0."""
    square = field.square().sum(2)
    return torch.where(square > 0, square.clamp_min(torch.finfo(field.dtype).tiny).sqrt(), 0)
