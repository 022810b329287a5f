"""A filter basis that is given by its samples, such as one that was trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.scales import ScaleSet


@dataclass(frozen=True)
class SampledBasis:
    """F functions at S internal scales, of any shape; none need be a product of two one-dimensional ones.

    Attributes:
        internal_scales: s in pixels, ascending.
        values: (f, s, k, k), axis 2 along the height, axis 3 along the width; k is odd.
        supports: odd number of pixels about the middle beyond which each scale's functions are 0.
    Raises: ValueError if the values are not functions at these scales, or k is even.
    """

    internal_scales: ScaleSet
    values: Float[Tensor, "f s k k"]

    def __post_init__(self) -> None:
        f, s, h, w = self.values.shape
        if f == 0 or s != len(self.internal_scales) or h != w or h % 2 == 0:
            raise ValueError(
                f"expected functions (f, {len(self.internal_scales)}, k, k) with an odd k, got {(f, s, h, w)}"
            )

    @property
    def num_functions(self) -> int:
        return len(self.values)

    @property
    def size(self) -> int:
        return self.values.shape[-1]

    @property
    def supports(self) -> tuple[int, ...]:
        """1 for functions that are 0 everywhere."""
        return tuple(_support(self.values[:, i]) for i in range(len(self.internal_scales)))

    def kernels(self) -> Float[Tensor, "f s k k"]:
        return self.values


def centred(values: Float[Tensor, "*axes n n"], side: int) -> Float[Tensor, "*axes side side"]:
    """Functions about the same middle on `side` pixels, continued by zeros. Raises: ValueError for fewer pixels."""
    margin = (side - values.shape[-1]) // 2
    if margin < 0 or side % 2 != values.shape[-1] % 2:
        raise ValueError(f"functions of {values.shape[-1]} pixels have no place in {side}")
    return torch.nn.functional.pad(values, [margin] * 4)


def _support(functions: Float[Tensor, "f k k"]) -> int:
    inked = functions.ne(0).any(0)
    middle = inked.shape[-1] // 2
    places: Sequence[int] = (inked.any(0) | inked.any(1)).nonzero().flatten().tolist()
    return 1 + 2 * max((abs(place - middle) for place in places), default=0)
