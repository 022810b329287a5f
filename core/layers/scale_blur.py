"""Subsampling that blurs every scale by its own width first.

Source: the blur before subsampling is that of Zhang, "Making Convolutional Networks Shift-Invariant Again",
arXiv:1904.11486. That it grows with the internal scale, so that a change of size maps blur to blur, is ours
(docs/decisions/0013-antialiased-sesn.md).
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers.ink import Ink, ink_by_scale
from core.scales import ScaleSet

_REACH = 4  # standard deviations


class ScaleBlurPool(nn.Module):
    """Every scale blurred by a Gaussian as wide as `blur` times that scale, then the mean of 2×2.

    A map at internal scale σ holds detail of about σ pixels, but the activation adds finer detail, which an average of
    2×2 folds over. The blur removes it, and since its width is in units of σ, it commutes with a change of size. The
    Gaussian ends at 4 of its standard deviations. Beyond the canvas is background, 0.

    Args: internal_scales: of the third axis, in pixels. blur: standard deviation in units of the scale, above 0.
    Shape: (b, c, scale, h, w) → (b, c, scale, h / 2, w / 2); both must be even, as in SpatialPool.
    Raises: ValueError for a blur that is not above 0, an odd canvas or another number of scales.
    """

    def __init__(self, internal_scales: Sequence[float], blur: float):
        super().__init__()
        if not 0 < blur < math.inf:
            raise ValueError(f"the blur must be a width above 0, in units of the scale, got {blur}")
        self.widths = tuple(blur * sigma for sigma in ScaleSet(internal_scales))

    def forward(self, features: Float[Tensor, "b c s h w"]) -> Float[Tensor, "b c s h_half w_half"]:
        s, h, w = features.shape[-3:]
        if h % 2 or w % 2:
            raise ValueError(f"pooling by 2 needs an even canvas, got {h}×{w}")
        if s != len(self.widths):
            raise ValueError(f"expected {len(self.widths)} scales, got {s}")
        inks = ink_by_scale(features)
        if inks is not None:
            return self._around_ink(features, inks)
        pooled = [
            _rows(h, width).to(features) @ (plane @ _rows(w, width).to(features).T)
            for plane, width in zip(features.unbind(2), self.widths, strict=True)
        ]
        return torch.stack(pooled, dim=2)

    def _around_ink(self, features: Float[Tensor, "b c s h h"], inks: Sequence[Ink]) -> Tensor:
        """The same, computed as far as each scale's blur carries its ink."""
        h = features.shape[-1]
        pooled = features.new_zeros(*features.shape[:-2], h // 2, h // 2)
        for plane, to, ink, width in zip(features.unbind(2), pooled.unbind(2), inks, self.widths, strict=True):
            answered = Ink(h // 2, ink.spread(_reach(width)).margin // 2)
            rows = _rows(h, width)[answered.slice, ink.slice].to(features)
            answered.of(to).copy_(rows @ (ink.of(plane) @ rows.T))
        return pooled


@lru_cache(maxsize=256)
def _rows(n: int, width: float) -> Float[Tensor, "n_half n"]:
    """The matrix of one axis, float64: a sampled Gaussian of weight 1 at each of two neighbours, their mean."""
    with torch.inference_mode(False):
        place = torch.arange(n, dtype=torch.float64)
        blurred = _gaussian(place[:, None] - place, width)
        return (blurred[::2] + blurred[1::2]) / 2


def _reach(width: float) -> int:
    """Samples to each side at which a Gaussian has a weight."""
    return math.ceil(_REACH * width)


def _gaussian(distance: Float[Tensor, "*shape"], width: float) -> Float[Tensor, "*shape"]:
    """Its weights at whole distances add up to 1."""
    reach = _reach(width)
    places = torch.arange(-reach, reach + 1, dtype=torch.float64)
    weights = torch.exp(-(distance**2) / (2 * width**2)) * (distance.abs() <= reach)
    return weights / torch.exp(-(places**2) / (2 * width**2)).sum()
