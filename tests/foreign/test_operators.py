"""Every operator computes what onnxruntime computes."""

import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import helper

from core import files
from core.foreign import OPERATORS, read_onnx
from tests.foreign.making import classifier, file_of

SHAPE = (2, 4, 9, 7)
I64 = np.int64


def some(*shape: int, seed: int = 1, low: float = -1.5, high: float = 1.5):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def ints(*values: int):
    return np.array(values, I64)


W = {"w": some(6, 4, 3, 3)}
GROUPED = {"w": some(8, 2, 3, 2), "b": some(8)}
UP = {"w": some(4, 6, 3, 3), "b": some(6)}
CHANNELS = {name: some(4, low=0.5) for name in "abcd"}
PAIRS = ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean")
# operator, inputs after x, attributes, constants, opset
CASES = [
    ("Conv", "w", {}, W), ("Conv", "w", {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}, W),
    ("Conv", "wb", {"group": 2, "auto_pad": "SAME_UPPER", "strides": [2, 2]}, GROUPED),
    ("Conv", "wb", {"group": 2, "auto_pad": "SAME_LOWER", "strides": [2, 3]}, GROUPED),
    ("ConvTranspose", "wb", {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, UP),
    ("ConvTranspose", "wb", {"strides": [2, 3], "pads": [0, 1, 1, 2], "dilations": [2, 1]}, UP),
    ("MaxPool", "", {"kernel_shape": [3, 2], "strides": [2, 2]}, {}),
    ("MaxPool", "", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}, {}),
    ("MaxPool", "", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, {}),
    ("MaxPool", "", {"kernel_shape": [3, 3], "strides": [3, 3], "pads": [1, 1, 1, 1], "ceil_mode": 1}, {}),
    ("MaxPool", "", {"kernel_shape": [2, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}, {}),
    ("AveragePool", "", {"kernel_shape": [3, 2], "strides": [2, 1]}, {}),
    ("AveragePool", "", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 0, 1]}, {}),
    ("AveragePool", "", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 0, 1], "count_include_pad": 1}, {}),
    ("AveragePool", "", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, {}),
    ("AveragePool", "", {"kernel_shape": [3, 3], "auto_pad": "SAME_LOWER", "strides": [2, 2]}, {}),
    ("GlobalAveragePool", "", {}, {}), ("GlobalMaxPool", "", {}, {}),
    ("BatchNormalization", "abcd", {"epsilon": 1e-3}, CHANNELS), ("InstanceNormalization", "ab", {}, CHANNELS),
    ("LayerNormalization", "ab", {"axis": -1}, {"a": some(7), "b": some(7)}),
    ("LayerNormalization", "a", {"axis": 2}, {"a": some(9, 7)}),
    ("LRN", "", {"size": 3, "alpha": 0.1, "bias": 2.0}, {}),
    ("Relu", "", {}, {}), ("Sigmoid", "", {}, {}), ("Tanh", "", {}, {}), ("Softplus", "", {}, {}),
    ("Softsign", "", {}, {}), ("HardSwish", "", {}, {}), ("Mish", "", {}, {}), ("Erf", "", {}, {}), ("Exp", "", {}, {}),
    ("Neg", "", {}, {}), ("Abs", "", {}, {}), ("Reciprocal", "", {}, {}), ("Floor", "", {}, {}), ("Ceil", "", {}, {}),
    ("Sign", "", {}, {}), ("Sin", "", {}, {}), ("Cos", "", {}, {}), ("Identity", "", {}, {}), ("Dropout", "", {}, {}),
    ("LeakyRelu", "", {"alpha": 0.2}, {}), ("Elu", "", {"alpha": 0.7}, {}), ("Selu", "", {}, {}),
    ("HardSigmoid", "", {}, {}), ("PRelu", "s", {}, {"s": some(4, 1, 1)}),
    ("Clip", "ab", {}, {"a": np.float32(-0.5), "b": np.float32(0.4)}),
    ("Softmax", "", {}, {}), ("Softmax", "", {"axis": 1}, {}), ("LogSoftmax", "", {"axis": 1}, {}),
    *((name, "a", {}, {"a": some(4, 1, 7, low=0.5)}) for name in PAIRS),
    ("Pow", "a", {}, {"a": np.float32(2)}), ("MatMul", "a", {}, {"a": some(7, 3)}),
    ("Transpose", "", {"perm": [0, 2, 3, 1]}, {}), ("Transpose", "", {}, {}),
    ("Reshape", "a", {}, {"a": ints(0, -1, 7)}), ("Reshape", "a", {}, {"a": ints(2, 2, 2, 9, 7)}),
    ("Flatten", "", {}, {}), ("Flatten", "", {"axis": 2}, {}), ("Unsqueeze", "a", {}, {"a": ints(0, -1)}),
    ("Slice", "abcd", {}, {"a": ints(1, 7), "b": ints(2**62, 0), "c": ints(2, 3), "d": ints(2, -2)}),
    ("Gather", "a", {"axis": 1}, {"a": ints(3, 0, -1)}), ("Expand", "a", {}, {"a": ints(3, 1, 4, 1, 1)}),
    ("Pad", "a", {}, {"a": ints(0, 1, 2, 0, 0, 0, 1, 3)}),
    ("Pad", "a", {"mode": "reflect"}, {"a": ints(0, 0, 2, 1, 0, 0, 1, 3)}),
    ("Pad", "a", {"mode": "edge"}, {"a": ints(0, 0, 2, 1, 0, 0, 1, 3)}),
    ("Resize", ".a", {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"},
     {"a": some(4) * 0 + np.array([1, 1, 2, 1.5], np.float32)}),
    ("Resize", ".a", {"mode": "nearest"}, {"a": np.array([1, 1, 2, 3], np.float32)}),
    ("Resize", "..a", {"mode": "linear"}, {"a": ints(2, 4, 13, 20)}),
    ("Resize", "..a", {"mode": "linear", "coordinate_transformation_mode": "align_corners"}, {"a": ints(2, 4, 13, 20)}),
    ("Resize", "..a", {"mode": "cubic"}, {"a": ints(2, 4, 18, 21)}),
    ("DepthToSpace", "", {"blocksize": 2}, {}), ("DepthToSpace", "", {"blocksize": 2, "mode": "CRD"}, {}),
    ("ReduceMean", "a", {}, {"a": ints(2, 3)}), ("ReduceSum", "a", {"keepdims": 0}, {"a": ints(1)}),
    ("ReduceMax", "a", {}, {"a": ints(-1)}), ("ReduceMean", "", {}, {}),
]  # fmt: skip
OLDER = [
    ("Upsample", "a", {"mode": "nearest"}, {"a": np.array([1, 1, 2, 3], np.float32)}, 9),
    ("Resize", "a", {"mode": "nearest"}, {"a": np.array([1, 1, 2, 2], np.float32)}, 10),
    ("Clip", "", {"min": -0.3, "max": 0.6}, {}, 9), ("Softmax", "", {"axis": 3}, {}, 11),
    ("ReduceMean", "", {"axes": [2, 3], "keepdims": 0}, {}, 13), ("Squeeze", "", {"axes": [0]}, {}, 11),
    ("Pad", "", {"pads": [0, 0, 1, 2, 0, 0, 3, 0], "value": 0.5}, {}, 9), ("Unsqueeze", "", {"axes": [1]}, {}, 11),
    ("Slice", "", {"starts": [1], "ends": [-1], "axes": [2]}, {}, 9),
]  # fmt: skip
INSIDE = {  # tested as parts of a network below
    "Gemm", "Concat", "Split", "Shape", "Cast", "Constant", "Where", "Equal", "Less", "Greater", "Not", "Squeeze",
    "Log", "Sqrt", "GroupNormalization", "Gelu", "Upsample",
}  # fmt: skip


def inputs_of(written: str) -> list[str]:
    """`.` and `_` leave one out; the others are names of constants."""
    return ["x", *("" if each in "._" else each for each in written)]


def both(content: bytes, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What onnxruntime answers, and we."""
    expected = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": images})[0]
    with torch.no_grad():
        return expected, read_onnx(content)(torch.from_numpy(images)).numpy()


def _shape_of(case) -> tuple[int, ...]:
    return (1, *SHAPE[1:]) if case[0] == "Squeeze" else SHAPE


def _file_of(case) -> bytes:
    name, written, attributes, constants, *opset = case
    node = helper.make_node(name, inputs_of(written), ["y"], **attributes)
    return file_of([node], constants, _shape_of(case), *opset)


@pytest.mark.slow
@pytest.mark.parametrize("case", [*CASES, *OLDER], ids=lambda case: f"{case[0]} {case[2]}")
def test_an_operator_is_that_of_onnxruntime(case):
    expected, found = both(_file_of(case), some(*_shape_of(case), seed=2))
    assert found.shape == expected.shape
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_those_that_compute_shapes_and_masks():
    node = helper.make_node
    nodes = [
        node("Constant", [], ["one"], value_float=1.0),
        node("Shape", ["x"], ["shape"]), node("Gather", ["shape", "zero"], ["batch"], axis=0),
        node("Concat", ["batch", "rest"], ["wanted"], axis=0), node("Reshape", ["x", "wanted"], ["flat"]),
        node("Split", ["flat", "sizes"], ["left", "right"], axis=1),
        node("Greater", ["left", "one"], ["large"]), node("Not", ["large"], ["small"]),
        node("Where", ["small", "left", "one"], ["cut"]), node("Cast", ["large"], ["mask"], to=1),
        node("Equal", ["mask", "one"], ["again"]), node("Cast", ["again"], ["ones"], to=1),
        node("Less", ["left", "ones"], ["less"]), node("Cast", ["less"], ["lesser"], to=1),
        node("Abs", ["cut"], ["high"]), node("Add", ["high", "one"], ["higher"]), node("Log", ["higher"], ["logs"]),
        node("Sqrt", ["higher"], ["roots"]), node("Unsqueeze", ["mask", "zero"], ["more"]),
        node("Squeeze", ["more", "zero"], ["back"]),
        node("Sum", ["cut", "mask", "ones", "lesser", "logs", "roots", "back"], ["summed"]),
        node("Gemm", ["summed", "w"], ["y"], transB=1, alpha=0.5),
    ]  # fmt: skip
    constants = {"zero": ints(0), "rest": ints(-1), "sizes": ints(100, 152), "w": some(3, 100)}
    expected, found = both(file_of(nodes, constants, SHAPE), some(*SHAPE, seed=3))
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("name", "opset"), [("GroupNormalization", 21), ("Gelu", 20)])
def test_newer_ones(name, opset):
    attributes, names = ({"num_groups": 2}, ["x", "a", "b"]) if name == "GroupNormalization" else ({}, ["x"])
    constants = CHANNELS if attributes else {}
    content = file_of([helper.make_node(name, names, ["y"], **attributes)], constants, SHAPE, opset)
    expected, found = both(content, some(*SHAPE, seed=4))
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_every_operator_of_the_table_is_tested():
    assert set(OPERATORS) == {case[0] for case in [*CASES, *OLDER]} | INSIDE


IN_THE_CHILD = """
import sys
import torch
from core.foreign import Question, child, read_onnx
given, sizes = sys.stdin.buffer.read(), [int(each) for each in sys.argv[1:]]
child._warm_up(Question())
child.give_up()
seen = []
sys.addaudithook(lambda event, of: seen.append((event, of[0])) if event in ("open", "import") else None)
for number, size in enumerate(sizes):
    content, given = given[:size], given[size:]
    with torch.no_grad():
        network = read_onnx(content)
        network(torch.rand([each or 2 for each in network.shape]))
    if seen:
        sys.exit(f"case {number}: {seen[0]}")
"""


@pytest.mark.slow
def test_no_operator_opens_or_imports_anything_when_it_is_first_used():
    """In the process that judges a file of somebody's nothing can be opened any more."""
    contents = [_file_of(case) for case in [*CASES, *OLDER]]
    command = [sys.executable, "-c", IN_THE_CHILD, *map(str, map(len, contents))]
    ran = subprocess.run(command, input=b"".join(contents), cwd=files.ROOT, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()


def test_a_whole_network_and_a_batch_that_the_file_did_not_ask_for():
    images = some(3, 1, 28, 28, seed=5)
    network = read_onnx(classifier())
    with torch.no_grad():
        found = network(torch.from_numpy(images)).numpy()
        one = network(torch.from_numpy(images[:1])).numpy()
    expected, _ = both(classifier(), images[:1])
    assert one == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert found[:1] == pytest.approx(one, rel=1e-5, abs=1e-5)
    assert found.shape == (3, 10)
