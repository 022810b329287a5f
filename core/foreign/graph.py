"""An ONNX file as data: its nodes, its constants, its image; and what is refused in one.

Only `onnx`'s reader of the format is used. A file that names other files is refused, as is one with a graph inside a
node (loops, branches), a function of its own, or an operator that is not in the table.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper
from torch import Tensor

from core.foreign.names import legible

MOST_BYTES = 64 * 2**20
MOST_NODES = 5_000
OPSETS = range(9, 24)
DOMAINS = ("", "ai.onnx")
_SCALARS = {AttributeProto.FLOAT: "f", AttributeProto.INT: "i"}
_LISTS = {AttributeProto.FLOATS: "floats", AttributeProto.INTS: "ints"}
_UNSIGNED = {np.uint16: np.int32, np.uint32: np.int64, np.uint64: np.int64}  # torch computes little with these


@dataclass(frozen=True)
class Node:
    """One operation. Attributes: operator: its name. name: unique in the file. inputs, outputs: names of values,
    empty for one that is left out. attributes: numbers, texts, lists of numbers and tensors by name."""

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """What a file holds.

    Attributes: nodes: in an order in which they can be computed. constants: by the name of their value.
        image: name of the input. shape: of it, (b, c, h, w), None for what is open. output: name of the answer.
        opset: version of the operators.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    image: str
    shape: tuple[int | None, ...]
    output: str
    opset: int


def read_graph(content: bytes, operators: Collection[str]) -> Graph:
    """Args: operators: the names that are allowed.

    Raises: ValueError, in one sentence, for anything that is refused (see the top of this file).
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"the file has {len(content) / 2**20:.0f} MB, at most {MOST_BYTES // 2**20} are read")
    model = _parse(content)
    graph = model.graph
    opset = _opset(model)
    if len(graph.node) > MOST_NODES:
        raise ValueError(f"the network has {len(graph.node)} operations, at most {MOST_NODES} are computed")
    _refuse_unreadable_names(graph)
    for tensor in _tensors(graph):
        _refuse_elsewhere(tensor)
    if graph.sparse_initializer or model.functions:
        raise ValueError("the file has sparse tensors or functions of its own, which are not computed here")
    constants = {tensor.name: _tensor(tensor) for tensor in graph.initializer}
    nodes = tuple(_node(node, place, operators) for place, node in enumerate(graph.node))
    _refuse_unordered(nodes, {*constants, *(each.name for each in graph.input)})
    image, shape = _image(graph, constants)
    if not graph.output:
        raise ValueError("the network has no output")
    return Graph(nodes, constants, image, shape, graph.output[0].name, opset)


def _parse(content: bytes) -> ModelProto:
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf has errors of its own
        raise ValueError("the file is no ONNX network, or not a whole one") from error
    if not model.graph.node:
        raise ValueError("the file is no ONNX network: it has no operation")
    return model


def _opset(model: ModelProto) -> int:
    found = [each.version for each in model.opset_import if each.domain in DOMAINS]
    if not found or found[0] not in OPSETS:
        raise ValueError(
            f"operators of version {OPSETS[0]} to {OPSETS[-1]} are computed, the file has {found or 'none'}"
        )
    return found[0]


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)


def _refuse_unreadable_names(graph: GraphProto) -> None:
    """A name that is no UTF-8 comes as bytes."""
    names = [each.name for each in (*graph.input, *graph.output, *_tensors(graph))]
    for node in graph.node:
        names += [node.op_type, node.domain, node.name, *node.input, *node.output]
        names += [each.name for each in node.attribute]
    if not all(isinstance(each, str) for each in names):
        raise ValueError("the file has a name that is no text")


def _refuse_elsewhere(tensor: TensorProto) -> None:
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise ValueError(f"the values of {legible(tensor.name)!r} are in another file; export the network as one file")


def _tensor(tensor: TensorProto) -> Tensor:
    """Raises: ValueError if its values are not whole, or of a type that torch has not."""
    try:
        values = numpy_helper.to_array(tensor)
        values = values.astype(_UNSIGNED.get(values.dtype.type, values.dtype.type))
        return torch.from_numpy(np.array(values))
    except Exception as error:  # onnx raises what numpy does, and more
        raise ValueError(f"the values of {legible(tensor.name)!r} cannot be read") from error


def _node(node: NodeProto, place: int, operators: Collection[str]) -> Node:
    if node.domain not in DOMAINS or node.op_type not in operators:
        told = f"{node.domain}.{node.op_type}" if node.domain not in DOMAINS else node.op_type
        raise ValueError(
            f"the operator {legible(told)} is not computed here; these are: {', '.join(sorted(operators))}"
        )
    attributes = {each.name: _attribute(each, node.op_type) for each in node.attribute}
    name = legible(node.name or f"{node.op_type}_{place}")
    return Node(node.op_type, name, tuple(node.input), tuple(node.output), attributes)


def _attribute(attribute: AttributeProto, operator: str) -> Any:
    kind = attribute.type
    if kind in _SCALARS:
        return getattr(attribute, _SCALARS[kind])
    if kind in _LISTS:
        return list(getattr(attribute, _LISTS[kind]))
    if kind == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == AttributeProto.TENSOR:
        return _tensor(attribute.t)
    raise ValueError(
        f"{operator} has a part {legible(attribute.name)!r} that is not computed here, as a graph inside a node"
    )


def _refuse_unordered(nodes: tuple[Node, ...], known: set[str]) -> None:
    known = {*known, ""}
    for node in nodes:
        if missing := [name for name in node.inputs if name not in known]:
            raise ValueError(f"{node.name} reads {legible(missing[0])!r}, which nothing before it gives")
        known.update(node.outputs)


def _image(graph: GraphProto, constants: Mapping[str, Tensor]) -> tuple[str, tuple[int | None, ...]]:
    inputs = [each for each in graph.input if each.name not in constants]
    if len(inputs) != 1:
        raise ValueError(f"the network takes {len(inputs)} inputs; only one, an image, can be given")
    tensor = inputs[0].type.tensor_type
    shape = tuple(
        each.dim_value if each.HasField("dim_value") and each.dim_value > 0 else None for each in tensor.shape.dim
    )
    if len(shape) != 4 or tensor.elem_type != TensorProto.FLOAT:
        raise ValueError(f"its input must be images, float32 (b, c, h, w), and has {len(shape)} dimensions")
    return inputs[0].name, shape
