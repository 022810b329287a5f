"""Every map that a module makes in one pass, under a name: what its parts answer, and functional operations.

Parts have the names of `named_modules()`. An operation that a part calls itself is named after both, `layer1.0.add()`
or, in the module itself, `relu()`. A second call has `#2` behind its name.

Hooks on the module note which part is running; operations are seen by a TorchFunctionMode. Both belong to one thread
and one pass: others may run the same module meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.overrides import TorchFunctionMode

from core.models.positions import Places, Positions, name_of

_SAME_GRID = (_BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm, _DropoutNd, nn.Identity, nn.Flatten)
_running: ContextVar["Recorder | None"] = ContextVar("running", default=None)


@dataclass(frozen=True)
class Found:
    """A map as a part or an operation answered it.

    Attributes: values: (b, …). places: where its samples lie, if that was followed; None if it does not come from the
        image. lost_at: the operation after which that is not known.
    """

    values: Tensor
    places: Places | None = None
    lost_at: str | None = None


class Recorder(TorchFunctionMode):
    """Records while a module runs under it.

    Args: wanted: names of what is kept. None for the usual: parts without parts, but norms and dropout, and operations.
          positions: of the images, to be followed too.
    """

    def __init__(self, wanted: Collection[str] | None = None, positions: Positions | None = None):
        super().__init__()
        self.found: dict[str, Found] = {}
        self.operations: set[str] = set()  # names of all that were called
        self._wanted, self._positions = wanted, positions
        self._calls: Counter[str] = Counter()
        self._done = 0  # operations
        self._stack: list[tuple[str, bool, int]] = []  # running parts, whether their operations have names, `_done`
        self._last: tuple[str, str, Tensor] | None = None  # name of an operation, of its part, and its answer

    def __enter__(self) -> "Recorder":
        self._before = _running.set(self)
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        _running.reset(self._before)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        self._done += 1
        if self._positions is not None:
            self._positions.follow(func, args, kwargs, out)
        operation = _OPERATIONS.get(name_of(func))
        if operation and isinstance(out, Tensor) and all(is_open for _, is_open, _ in self._stack):
            self._note(operation, args, out)
        return out

    def _note(self, operation: str, args: Any, out: Tensor) -> None:
        if operation not in _OF_TWO or sum(isinstance(arg, Tensor) and arg.dim() > 2 for arg in args[:2]) == 2:
            owner = next((name for name, *_ in reversed(self._stack) if name), "")
            name = self._called(f"{owner}.{operation}()" if owner else f"{operation}()")
            self.operations.add(name)
            if self._keep(name, out, usual=True):
                self._last = name, owner, out

    def enter(self, name: str, is_open: bool) -> None:
        self._stack.append((name, is_open, self._done))

    def leave(self, name: str, is_usual: bool, inputs: Any, output: Any) -> None:
        """Args: is_usual: whether a part is kept unless others are wanted."""
        *_, before = self._stack.pop()
        output = output[0] if isinstance(output, list | tuple) and output else output
        called = self._called(name)
        if not isinstance(output, Tensor):
            return
        if self._positions is not None and self._positions.of(output) is None:
            given = [each for each in inputs if isinstance(each, Tensor)]
            if any(self._positions.of(each) is not None for each in given):
                self._positions.lose(output, name)
        if before == self._done and any(each is output for each in inputs):
            is_usual = False  # it answers what it was given: the map has a name already
        last, self._last = self._last, None
        kept = self._keep(called, output, is_usual) and self._wanted is None
        if kept and last is not None and last[1] == name and last[2] is output:
            self.found.pop(last[0], None)  # the part is this operation

    def _called(self, name: str) -> str:
        self._calls[name] += 1
        return name if self._calls[name] == 1 else f"{name}#{self._calls[name]}"

    def _keep(self, name: str, output: Tensor, usual: bool) -> bool:
        wanted = usual if self._wanted is None else name in self._wanted
        if not wanted or output.dim() < 3 or not output.is_floating_point():
            return False
        with torch._C.DisableTorchFunction():
            values = output.clone()  # the next part may work in place
            followed = self._positions
            places = followed.of(output) if followed is not None else None
            lost_at = followed.lost_at(output) if followed is not None else None
        if followed is not None and places is None and self._wanted is None:
            return False  # a weight, or whatever else is made without the image
        self.found[name] = Found(values, places, lost_at)
        return True


def watch(module: nn.Module) -> None:
    """Puts hooks on a module, which do nothing but while a Recorder is at work."""
    parts = dict(module.named_modules())
    leaves = {name for name, part in parts.items() if _is_leaf(part)}
    for name, part in parts.items():
        bare = name in leaves and not any(True for _ in part.parameters()) and len(leaves) > 1
        is_open = not (bare or (name in leaves and _is_of_torch(part)))
        is_usual = name in leaves and not isinstance(part, _SAME_GRID)
        part.register_forward_pre_hook(_enter(name, is_open))
        part.register_forward_hook(_leave(name, is_usual), always_call=True)


def _is_leaf(part: nn.Module) -> bool:
    return not part._modules.keys() - {"parametrizations"} or isinstance(part, nn.MultiheadAttention)


def _is_of_torch(part: nn.Module) -> bool:
    return any(kind is not nn.Module and kind.__module__.startswith("torch.nn.modules") for kind in type(part).__mro__)


def _enter(name: str, is_open: bool) -> Callable[..., None]:
    def enter(module: nn.Module, inputs: Any) -> None:
        if (recorder := _running.get()) is not None:
            recorder.enter(name, is_open)

    return enter


def _leave(name: str, is_usual: bool) -> Callable[..., None]:
    def leave(module: nn.Module, inputs: Any, output: Any) -> None:
        if (recorder := _running.get()) is not None:
            recorder.leave(name, is_usual, inputs, output)

    return leave


_ACTIVATIONS = """
    relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish hardtanh hardswish hardsigmoid sigmoid logsigmoid
    tanh hardshrink softshrink tanhshrink softplus softsign threshold clamp clip abs sin cos exp square glu
""".split()  # noqa: SIM905
_OTHERS = """
    conv2d conv_transpose2d max_pool2d avg_pool2d lp_pool2d adaptive_avg_pool2d adaptive_max_pool2d max_unpool2d
    interpolate upsample pixel_shuffle pixel_unshuffle cat concat linear matmul einsum scaled_dot_product_attention
    fft_irfft2
""".split()  # noqa: SIM905
_OF_TWO = frozenset(("add", "sub", "mul", "maximum"))  # of two tensors, not of one and a number
_OPERATIONS = {
    **{name: name for name in (*_ACTIVATIONS, *_OTHERS, *_OF_TWO)},
    **{f"{name}_": name for name in (*_ACTIVATIONS, *_OF_TWO)},
    **{f"__{before}{name}__": name for name in _OF_TWO for before in ("", "i", "r")},
}
