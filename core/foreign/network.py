"""An ONNX file as a PyTorch module, which `core.models.wrap` makes measurable."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.foreign import shapes  # noqa: F401  its operators join the table
from core.foreign.costs import Meter
from core.foreign.graph import Graph, Node, read_graph
from core.foreign.operators import FLATTENS, OPERATORS

MOST_VALUES = 2**26  # of one tensor: 256 MB, VGG at 256 pixels and ten images has two thirds of it


def read_onnx(content: bytes) -> "OnnxNetwork":
    """The network of an ONNX file. Nothing in it is run: its operators are computed here, by `OPERATORS`.

    Args: content: of the file, all of it.
    Raises: ValueError, in one sentence, for what is no ONNX file, too large, names other files, or has an operator
        that is not in the table.
    """
    return OnnxNetwork(read_graph(content, OPERATORS))


class OnnxNode(nn.Module):
    """One operation with its constants. Shape: its other inputs → one tensor, or a list of them."""

    def __init__(self, node: Node, constants: Mapping[str, Tensor], opset: int):
        super().__init__()
        self.node, self.attributes = node, _completed(node, opset)
        for place, name in enumerate(node.inputs):
            if name in constants:
                self.register_buffer(f"input_{place}", constants[name])

    @property
    def reads(self) -> list[str]:
        """Names of the values that it is given."""
        return [name for place, name in enumerate(self.node.inputs) if name and not hasattr(self, f"input_{place}")]

    def given(self, values: Sequence[Tensor]) -> list[Tensor | None]:
        """All inputs in their order. Args: values: those that it reads."""
        found, rest = [], iter(values)
        for place, name in enumerate(self.node.inputs):
            own = getattr(self, f"input_{place}", None)
            found.append(own if own is not None else next(rest) if name else None)
        return found

    def forward(self, *values: Tensor) -> Tensor | list[Tensor]:
        """Raises: ValueError, naming the operation, if it cannot be computed."""
        given = self.given(values)
        try:
            return OPERATORS[self.node.operator](given, self.attributes)
        except (RuntimeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            said = str(error).split("\n")[0]
            raise ValueError(
                f"the operation {self.node.name} ({self.node.operator}) cannot be computed: {said}"
            ) from error


class OnnxNetwork(nn.Module):
    """What a file computes. Shape: images (b, c, h, w) → its first output.

    Attributes: shape: of the images that the file asks for, None for what is open; its batch is not held to.
        operators: how many of each it has.
    """

    def __init__(self, graph: Graph):
        super().__init__()
        self.shape, self._image, self._output = graph.shape, graph.image, graph.output
        self._names: list[str] = []
        for node in graph.nodes:
            name = _name(node, self._names)
            self.add_module(name, OnnxNode(node, graph.constants, graph.opset))
            self._names.append(name)
        self._last = _last_readers([self._part(name) for name in self._names], self._output)
        self.eval()

    @property
    def operators(self) -> dict[str, int]:
        found = [self._part(name).node.operator for name in self._names]
        return {each: found.count(each) for each in sorted(set(found))}

    def forward(self, images: Float[Tensor, "b c h w"]) -> Tensor:
        """Raises: ValueError if an operation cannot be computed, or its answer is too large."""
        return self._run(images, None)

    @torch.no_grad()
    def probe(self, images: Float[Tensor, "b c h w"]) -> None:
        """Computes one image, or few, within limits on memory and time (`core.foreign.costs`).

        Raises: ValueError, naming the operation, before one that would take more; and for what cannot be computed.
        """
        try:
            self._run(images, Meter())
        except (ValueError, MemoryError):
            raise
        except Exception as error:  # the file is anybody's
            said = next(iter(str(error).splitlines()), "") or type(error).__name__
            raise ValueError(f"the network cannot be computed: {said}") from error

    def _run(self, images: Tensor, meter: Meter | None) -> Tensor:
        values: dict[str, Tensor] = {}
        self._keep(values, {self._image: images}, meter)
        for place, name in enumerate(self._names):
            part = self._part(name)
            node, read = part.node, [values[each] for each in part.reads]
            if meter is not None:
                meter.before(node.name, node.operator, part.given(read), part.attributes)
            found = part(*read)
            answers = found if isinstance(found, list) else [found]
            if any(each.numel() > MOST_VALUES for each in answers):
                raise ValueError(f"the operation {node.name} answers with more than {MOST_VALUES} values")
            self._keep(values, dict(zip(node.outputs, answers, strict=False)), meter)
            for each in self._last.get(place, ()):  # nobody reads it any more
                if (value := values.pop(each, None)) is not None and meter is not None:
                    meter.release(value)
            if meter is not None:
                meter.after(node.name)
        if self._output not in values:
            raise ValueError(f"nothing in the file gives its output {self._output!r}")
        return values[self._output]

    @staticmethod
    def _keep(values: dict[str, Tensor], new: Mapping[str, Tensor], meter: Meter | None) -> None:
        if meter is not None:
            for name, value in new.items():
                meter.keep(value)
                if name in values:
                    meter.release(values[name])
        values.update(new)

    def _part(self, name: str) -> OnnxNode:
        part = getattr(self, name)
        assert isinstance(part, OnnxNode)
        return part


def _completed(node: Node, opset: int) -> dict[str, Any]:
    """The attributes, with what older versions of an operator take for granted."""
    found = dict(node.attributes)
    if node.operator in ("Softmax", "LogSoftmax") and opset < 13:
        found = {"axis": 1, FLATTENS: True, **found}
    if node.operator == "Upsample" or (node.operator == "Resize" and opset < 11):
        found = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor", **found}
    return found


def _name(node: Node, taken: list[str]) -> str:
    """Of the part: the node's own, with letters, digits and `_` only, and not that of another."""
    name = re.sub(r"\W+", "_", node.name).strip("_") or node.operator
    while name in taken or hasattr(nn.Module, name):
        name += "_"
    return name


def _last_readers(parts: list[OnnxNode], output: str) -> dict[int, list[str]]:
    """By the place of a part: the values that nobody reads after it."""
    last = {name: place for place, part in enumerate(parts) for name in part.reads}
    found: dict[int, list[str]] = {}
    for name, place in last.items():
        if name != output:
            found.setdefault(place, []).append(name)
    for place, part in enumerate(parts):  # what nobody reads later
        unread = [name for name in part.node.outputs if name != output and last.get(name, -1) < place]
        found.setdefault(place, []).extend(unread)
    return found
