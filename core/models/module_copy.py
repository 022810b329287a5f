"""A copy of a module that shares nothing with it: parameters, flags and hooks stay as they were, whatever runs on it.

`copy.deepcopy` refuses tensors that are a result of other tensors, as a module has that keeps one of its forward pass
or normalises its weights in the old way, and whatever else it does not know (locks, open files). Here such tensors are
copied by value, and what cannot be copied is taken as it is.
"""

import copy
from types import CellType, FunctionType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_COMPILED = "_orig_mod"  # where torch.compile keeps the module that it was given
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


def copied(module: nn.Module) -> nn.Module:
    """The copy, in eval mode; compiled modules are replaced by those that they were made from.

    Raises: ValueError, naming it, if the module or a part of it is TorchScript.
    """
    for name, part in module.named_modules():
        if isinstance(part, torch.jit.ScriptModule):
            what = f"its part {name!r}" if name else "the module"
            raise ValueError(f"{what} is TorchScript, whose steps cannot be followed: wrap the module it was made from")
    module, memo = _uncompiled(module), {}
    shells: dict[int, tuple[nn.Module, nn.Module]] = {}
    for part in module.modules():
        own = _uncompiled(part)
        if id(own) not in shells:
            shells[id(own)] = own, own.__class__.__new__(own.__class__)
        memo[id(part)] = memo[id(own)] = shells[id(own)][1]
    with torch.no_grad(), _ByValue():
        for own, shell in shells.values():
            shell.__dict__.update({key: _copy_of(key, value, memo) for key, value in own.__dict__.items()})
            shell.__dict__["_compiled_call_impl"] = None
    return shells[id(module)][1].eval()


def _uncompiled(module: nn.Module) -> nn.Module:
    while _COMPILED in module._modules:
        inner = module._modules[_COMPILED]
        assert inner is not None
        module = inner
    return module


def _copy_of(key: str, value: Any, memo: dict[int, Any]) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    try:
        found = copy.deepcopy(value, memo)
    except (TypeError, RuntimeError, NotImplementedError, AttributeError):
        return value  # what cannot be copied, as a lock or an open file, is shared
    if key in _HOOKS:  # a hook may write into what it was made with
        for place, hook in found.items():
            found[place] = _own_function(hook, memo)
    return found


def _own_function(function: Any, memo: dict[int, Any]) -> Any:
    """The same function with copies of all that it closes over, and of the lists that it knows by name."""
    if not isinstance(function, FunctionType):
        return function
    code, known = function.__code__, function.__globals__
    kept = {name: known[name] for name in code.co_names if isinstance(known.get(name), list | dict | set)}
    cells = tuple(CellType(_copy_of("", cell.cell_contents, memo)) for cell in function.__closure__ or ())
    defaults = _copy_of("", function.__defaults__, memo)
    own = FunctionType(code, {**known, **_copy_of("", kept, memo)}, function.__name__, defaults, cells)
    own.__kwdefaults__ = _copy_of("", function.__kwdefaults__, memo)
    return own


class _ByValue(TorchFunctionMode):
    """Under this mode a tensor is copied by its values, whatever it is the result of."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") == "__deepcopy__" and not isinstance(args[0], nn.Parameter):
            tensor, memo = args
            if id(tensor) not in memo:
                memo[id(tensor)] = tensor.detach().clone().requires_grad_(tensor.requires_grad and tensor.is_leaf)
            return memo[id(tensor)]
        return func(*args, **(kwargs or {}))
