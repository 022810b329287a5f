"""One call of an operation, and the places of what it was given: what the rules of `core.models.positions` work on."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

Places = tuple[Tensor, ...]  # weight, weight × row, weight, weight × column; each of the shape of its tensor, float64

ALIKE = 1e-9  # pixels: positions closer than this are one


class Call:
    """One call of an operation. `out` is its answer, or the first of them."""

    def __init__(
        self, places_of: Callable[[Tensor], Places | None], func: Callable[..., Any], name: str, args: Sequence[Any],
        kwargs: dict[str, Any], out: Tensor,
    ):  # fmt: skip
        self._places_of, self.func, self.name = places_of, func, name
        self.args, self.kwargs, self.out = args, kwargs, out

    def argument(self, place: int, name: str, default: Any = None) -> Any:
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    def places(self, tensor: Any) -> Places | None:
        return self._places_of(tensor) if isinstance(tensor, Tensor) else None

    @property
    def input(self) -> Places:
        found = self.places(self.argument(0, "input"))
        if found is None:
            raise ValueError("its input was made without the image")
        return found

    @property
    def given(self) -> list[Places]:
        """Of everything that has places, in order."""
        return [at for each in tensors_in((self.args, self.kwargs)) if (at := self.places(each)) is not None]

    def again(self, k: int, constant: Callable[[Tensor], Tensor]) -> Any:
        """The operation on the k-th of the places of everything; `constant` stands for what has none."""

        def put(value: Any) -> Any:
            if isinstance(value, Tensor):
                at = self.places(value)
                return at[k] if at is not None else constant(value) if value.is_floating_point() else value
            if isinstance(value, list | tuple) and any(True for _ in tensors_in(value)):
                return type(value)(put(each) for each in value)
            return value

        return self.func(*map(put, self.args), **{key: put(value) for key, value in self.kwargs.items()})


def name_of(func: Callable[..., Any]) -> str:
    return getattr(func, "__name__", str(func))


def tensors_in(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tensors_in(each)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


# places that are held as they are


def nowhere(tensor: Tensor) -> Places:
    return (torch.zeros((), dtype=torch.float64, device=tensor.device).expand(tensor.shape),) * 4


def is_nowhere(places: Places) -> bool:
    return not any(bool(unexpanded(each).any()) for each in places[::2])


def unexpanded(tensor: Tensor) -> Tensor:
    """One sample of each axis along which all are one in memory."""
    for axis, (n, step) in enumerate(zip(tensor.shape, tensor.stride(), strict=True)):
        if n > 1 and step == 0:
            tensor = tensor.narrow(axis, 0, 1)
    return tensor


def without_global(places: Places) -> Places:
    """Weight 0 in rows if all samples lie in one row, because each has read all of them; and in columns."""
    found = list(places)
    if places[0].is_complex():
        return places
    for k in (0, 2):
        weight, position = torch.broadcast_tensors(unexpanded(places[k]), unexpanded(places[k + 1]))
        here = weight != 0
        at = position[here] / weight[here]
        if not len(at) or bool(at.max() - at.min() < ALIKE):
            found[k] = found[k + 1] = weight.new_zeros(()).expand(places[k].shape)
    return tuple(found)
