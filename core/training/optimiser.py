"""AdamW as PyTorch has it, without the compiler that its first step would load.

The methods of PyTorch's optimisers load torch._dynamo when they are first called, to tell a compiler to leave them
alone. Nothing is compiled here, and that takes a process as long as loading torch itself.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer


class AdamW(torch.optim.AdamW):
    """Loshchilov & Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101: the same numbers, bit by bit."""

    state_dict = inspect.unwrap(Optimizer.state_dict)
    load_state_dict = inspect.unwrap(Optimizer.load_state_dict)
    zero_grad = inspect.unwrap(Optimizer.zero_grad)
    add_param_group = inspect.unwrap(Optimizer.add_param_group)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        return inspect.unwrap(torch.optim.AdamW.step)(self, closure)
