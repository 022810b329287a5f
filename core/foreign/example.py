"""An ONNX file to try: the plain CNN with as few weights as SESN, as it was trained here, node by node."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from core.models import load
from core.models.cnn import Cnn
from core.models.network import PIXEL_STD

KEY, TITLE = "cnn_small", "cnn_small.onnx"
_OPSET = 17
_CANVAS = 28


def example() -> bytes:
    """The file. Its layers `conv1`, `relu1`, `pool1`, … are those of the network of that name.

    Raises: CheckpointError if its weights are not there.
    """
    network = load(KEY)
    assert isinstance(network, Cnn)
    nodes, constants = _body(network)
    graph = helper.make_graph(
        nodes, KEY, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, _CANVAS, _CANVAS])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8).SerializeToString()


class _Writer:
    """Nodes one after the other, each reading what the one before gave."""

    def __init__(self, first: str):
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self._last = first

    def add(self, operator: str, name: str, constants: Mapping[str, Tensor] | None = None, **attributes: Any) -> None:
        """Args: constants: further inputs, by the end of their names."""
        given = {f"{name}.{end}": value.detach().numpy() for end, value in (constants or {}).items()}
        self.constants.update(given)
        self.nodes.append(helper.make_node(operator, [self._last, *given], [name], name, **attributes))
        self._last = name

    def centred_relu(self, name: str, bias: Tensor) -> None:
        """relu(x + b) − relu(b)."""
        column = bias.view(-1, 1, 1)
        self.add("Add", f"{name}_lifted", {"bias": column})
        self.add("Relu", f"{name}_cut")
        self.add("Sub", name, {"rest": column.relu()})

    def batch_norm(self, name: str, norm: nn.Module) -> None:
        values = {end: getattr(norm, end) for end in ("weight", "bias", "running_mean", "running_var")}
        self.add("BatchNormalization", name, values, epsilon=float(norm.eps))  # type: ignore[arg-type]


def _body(network: Cnn) -> tuple[list[NodeProto], dict[str, np.ndarray]]:
    to, head = _Writer("image"), network.head
    to.add("Div", "normalised", {"deviation": torch.tensor(PIXEL_STD)})
    for number, weight in enumerate(_weights(network), start=1):
        reach = weight.shape[-1] // 2
        to.add("Conv", f"conv{number}", {"weight": weight}, pads=[reach] * 4)
        if number < 3:
            activation, norm = network.activations[number - 1], network.norms[number - 1]
            to.centred_relu(f"relu{number}", activation.bias)  # type: ignore[arg-type]
            to.add("AveragePool", f"mean{number}", kernel_shape=[2, 2], strides=[2, 2])
            factor = norm.weight / (norm.running_square + norm.eps).sqrt()  # type: ignore[operator, arg-type]
            to.add("Mul", f"pool{number}", {"factor": factor.view(-1, 1, 1)})
    pad = min(2, head.window // 2)
    to.centred_relu("relu3", head.activation.bias)  # type: ignore[arg-type]
    to.add("MaxPool", "pool3", kernel_shape=[head.window] * 2, strides=[head.window] * 2, pads=[pad] * 4)
    to.batch_norm("norm3", head.norm)
    to.add("Flatten", "flat")
    to.add("MatMul", "first", {"weight": head.first.weight.T})
    to.batch_norm("first_norm", head.first_norm)
    to.add("Relu", "first_relu")
    to.add("Gemm", "logits", {"weight": head.last.weight, "bias": head.last.bias}, transB=1)
    return to.nodes, to.constants


def _weights(network: Cnn) -> Iterator[Tensor]:
    for conv in network.convs:
        assert isinstance(conv, nn.Conv2d)
        yield conv.weight
