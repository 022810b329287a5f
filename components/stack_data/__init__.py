"""The maps of the stack viewer on their way to the browser: a component of its own, which draws nothing.

It gets the same data as long as digit and network stay, so a move of the handle sends no maps again.
"""

from collections.abc import Sequence
from typing import Any

from components.bundle import register
from core.figures import Stack

_component = register("stack_data", "stack")


def send_stacks(stacks: Sequence[Stack]) -> None:
    """Brings every stack to this visitor's browser, once."""
    unique = {stack.name: stack for stack in stacks}
    data: dict[str, Any] = {"stacks": [vars(stack) for stack in unique.values()]}
    _component(key="viewer_maps", data=data, height="content")
