"""What is computed from weights alone, kept until they change."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The last value that was made; while gradients are on, every value is made afresh and none is kept."""

    def __init__(self) -> None:
        self._last: tuple[Any, Value] | None = None

    def get(self, make: Callable[[], Value], weights: Sequence[Tensor], *place: Hashable) -> Value:
        """The value that `make` gives for these weights at this place."""
        if torch.is_grad_enabled():
            return make()
        key = (place, *(_state(each) for each in weights))
        if self._last is None or self._last[0] != key:
            self._last = (key, make())
        return self._last[1]


def _state(weight: Tensor) -> tuple[Hashable, ...]:
    version = None if weight.is_inference() else weight._version  # a tensor of inference mode counts none
    return weight.data_ptr(), version, weight.dtype, weight.device
