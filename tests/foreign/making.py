"""Small ONNX files, made for the tests."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

OPSET = 18


def file_of(
    nodes: Sequence[NodeProto], constants: Mapping[str, NDArray], shape: Sequence[int | str], opset: int = OPSET,
    output: str = "y",
) -> bytes:  # fmt: skip
    """A file that takes `x` and gives `output`."""
    graph = helper.make_graph(
        list(nodes),
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return model_of(graph, opset).SerializeToString()


def model_of(graph: onnx.GraphProto, opset: int = OPSET) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def classifier(seed: int = 0, canvas: int = 28) -> bytes:
    """Convolutions, norm, pools, a branch that is added, a head that was exported for one image."""
    draw = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    side = canvas // 4
    constants = {
        "w1": some(8, 1, 5, 5), "b1": some(8), "scale": 1 + some(8) / 9, "bias": some(8), "mean": some(8),
        "variance": 1 + some(8) ** 2, "w2": some(8, 8, 3, 3), "shape": np.array([1, 8 * side**2]),
        "w3": some(10, 8 * side**2),
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[2, 2, 2, 2]),
        node("BatchNormalization", ["c1", "scale", "bias", "mean", "variance"], ["n1"], "norm1"),
        node("Relu", ["n1"], ["r1"], "relu1"),
        node("MaxPool", ["r1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p1", "w2"], ["c2"], "conv2", pads=[1, 1, 1, 1]),
        node("Add", ["c2", "p1"], ["a2"], "add2"),
        node("AveragePool", ["a2"], ["p2"], "pool2", kernel_shape=[2, 2], strides=[2, 2]),
        node("Reshape", ["p2", "shape"], ["flat"], "flat"),
        node("Gemm", ["flat", "w3"], ["y"], "head", transB=1),
    ]
    return file_of(nodes, constants, (1, 1, canvas, canvas))
