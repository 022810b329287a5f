"""Where on the image every sample of every tensor lies, followed through the operations of a module: the ramp probe.

Beside each tensor that was made from the image go four others of its shape, two for rows and two for columns: a weight
and the weight times a position in image pixels, which is a ramp on the image itself. Each operation does to them what
it does to places, not to values. A convolution or a pooling reads at the middle of its window, by linear
interpolation, and continues a ramp beyond the edge, so padding bends nothing. Where several things meet (channels,
a sum, a concatenation), weights and weighted positions add up; what was made without the image has weight 0, and so
has what reads all of an axis, as a gate does. Reshaping and moving are done as they are. Attention lies where its
queries lie.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from core.models.positions.call import Call, Places, is_nowhere, name_of, nowhere, tensors_in, without_global
from core.models.positions.rules import FORGET, FRESH, MOVES, RULES, UNKNOWN, as_it_is, together

_FAILED = (RuntimeError, TypeError, ValueError, IndexError, AttributeError, NotImplementedError)  # of torch, on places


class Positions:
    """The places of the tensors of one pass, as long as these live. Args: images: (b, c, h, w), where it begins."""

    def __init__(self, images: Tensor):
        self._places, self._lost = WeakTensorKeyDictionary(), WeakTensorKeyDictionary()
        h, w = images.shape[-2:]
        rows, columns = (torch.arange(n, dtype=torch.float64, device=images.device) for n in (h, w))
        ones = rows.new_ones(())
        weight, down, across = (each.expand(images.shape) for each in (ones, rows[:, None], columns))
        self._places[images] = weight, down, weight, across

    def of(self, tensor: Tensor) -> Places | None:
        """None if it was made without the image. Weights are 0 where a sample has no place."""
        return self._places.get(tensor)

    def lost_at(self, tensor: Tensor) -> str | None:
        """The operation that could not be followed, if that is why a tensor has no places."""
        return self._lost.get(tensor)

    def lose(self, tensor: Tensor, operation: str) -> None:
        """Says that a tensor was made from the image nobody knows how."""
        self._places[tensor], self._lost[tensor] = nowhere(tensor), operation

    def follow(self, func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> None:
        """Gives what an operation answered its places, if anything that it was given has some."""
        given = [each for each in tensors_in((args, kwargs)) if each in self._places]
        name = name_of(func)
        if not given or name in FRESH or name.startswith("new_"):
            return
        if name in FORGET:
            self._places.pop(args[0], None)
            return
        target = args[0] if name == "__setitem__" else out
        made = [each for each in tensors_in(target) if each.is_floating_point() or each.is_complex()]
        if not made:
            return
        try:
            rule = RULES.get(name, as_it_is if name in MOVES or name == "__get__" else together)
            found = None if name in UNKNOWN else rule(Call(self.of, func, name, args, kwargs, made[0]))
            places = [found] if isinstance(found, tuple) else found
        except _FAILED:
            places = None
        reasons = [self._lost[each] for each in given if each in self._lost]
        for i, each in enumerate(made):
            at = places[i] if places and i < len(places) else None
            if at is None or any(each.shape != a.shape for a in at):
                self.lose(each, reasons[0] if reasons else name)
                continue
            self._places[each] = at if any(at is self._places[g] for g in given) else without_global(at)
            self._lost.pop(each, None)
            if reasons and is_nowhere(self._places[each]):
                self._lost[each] = reasons[0]
