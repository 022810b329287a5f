"""The loss of a network whose head is shared by many resolutions.

Source: Rahman, Yeh, "Truly Scale-Equivariant Deep Nets with Fourier Layers", arXiv:2311.02922, §5, with `models/
fourier_seq_mnist.py` of github.com/ashiq24/Scale_Equivarinat_Fourier_Layer (6ed59da): more detail should not make the
answer worse.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor

CONSISTENCY = 0.001  # the published weight of the second term


class SharedHeadLoss(NamedTuple):
    """Two terms, without unit: Σ_r CE_r, and Σ_r max(0, CE_r − CE_{r−1})."""

    cross_entropy: Float[Tensor, ""]
    consistency: Float[Tensor, ""]

    @property
    def total(self) -> Float[Tensor, ""]:
        return self.cross_entropy + CONSISTENCY * self.consistency


def shared_head_loss(
    logits: Float[Tensor, "b r classes"], labels: Int64[Tensor, " b"], present: Bool[Tensor, "b r"] | None = None
) -> SharedHeadLoss:
    """The cross-entropy of every resolution, and how much each resolution is worse than the one below it.

    Args: logits: by resolution, ascending. present: whether an image has a resolution; all do if not named. CE_r is
              the mean over those that have it, and is compared with that of the same images one resolution below.
    Raises: ValueError if no image has the first resolution, or one lacks a resolution below one that it has.
    """
    b, num = logits.shape[:2]
    each = F.cross_entropy(logits.flatten(0, 1), labels.repeat_interleave(num), reduction="none").view(b, num)
    has = torch.ones_like(each, dtype=torch.bool) if present is None else present.to(each.device)
    if not bool(has[:, 0].all()) or bool((has[:, 1:] & ~has[:, :-1]).any()):
        raise ValueError("every image must have the first resolution, and all those below the highest that it has")
    weight = has / has.sum(0).clamp(min=1)
    worse = ((each[:, 1:] - each[:, :-1]) * weight[:, 1:]).sum(0)
    return SharedHeadLoss((each * weight).sum(), worse.clamp(min=0).sum())
