"""Files that somebody could send to do harm: a good one, changed by a seed. Kinds are told apart by their names."""

import json
import random
import struct
from collections.abc import Callable, Iterator

import numpy as np
import onnx
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper

_HUGE = (0, -1, 1, 2, 7, 2**16, 2**31 - 1, 2**31, 2**62, -(2**62))
_SECRET = "/etc/passwd"  # a file that is there on most systems: nobody may open it
_SEVERAL = (1, 3, 30)
Change = Callable[[ModelProto, random.Random], None]


def small_classifier(seed: int = 0, canvas: int = 12) -> bytes:
    """A network of a few layers as ONNX, with a branch, a norm, two pools and a head for one image."""
    draw = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.3, shape).astype(np.float32)

    side = canvas // 4
    constants = {
        "w1": some(4, 1, 3, 3), "b1": some(4), "scale": 1 + some(4) / 9, "bias": some(4), "mean": some(4),
        "variance": 1 + some(4) ** 2, "w2": some(4, 4, 3, 3), "shape": np.array([1, 4 * side**2]),
        "starts": np.array([0]), "ends": np.array([1 << 40]), "w3": some(10, 4 * side**2),
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c1", "scale", "bias", "mean", "variance"], ["n1"], "norm1"),
        node("Relu", ["n1"], ["r1"], "relu1"),
        node("MaxPool", ["r1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p1", "w2"], ["c2"], "conv2", pads=[1, 1, 1, 1]),
        node("Add", ["c2", "p1"], ["a2"], "add2"),
        node("AveragePool", ["a2"], ["p2"], "pool2", kernel_shape=[2, 2], strides=[2, 2]),
        node("Reshape", ["p2", "shape"], ["flat"], "flat"),
        node("Slice", ["flat", "starts", "ends"], ["cut"], "cut"),
        node("Gemm", ["cut", "w3"], ["y"], "head", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "made", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, canvas, canvas])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8).SerializeToString()


def onnx_mutants(good: bytes, count: int, operators: list[str], seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Args: good: a file. operators: names that a node may be given. Returns: kind and bytes of each."""
    draw = random.Random(seed)
    kinds = [*_BYTES, *_CHANGES, "operator", "nested"]
    for k in range(count):
        kind = kinds[k % len(kinds)]
        if kind in _BYTES:
            yield kind, _BYTES[kind](good, draw)
            continue
        if kind == "nested":
            yield kind, _nested(good, draw)
            continue
        model = onnx.load_model_from_string(good)
        for _ in range(draw.choice((1, 1, 2))):
            if kind == "operator":
                draw.choice(model.graph.node).op_type = draw.choice(operators)
            else:
                _CHANGES[kind](model, draw)
        yield kind, model.SerializeToString()


def safetensors_mutants(good: bytes, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """As `onnx_mutants`, of a file of weights."""
    draw = random.Random(seed)
    kinds = [*_BYTES, *_HEADERS, "values"]
    for k in range(count):
        kind = kinds[k % len(kinds)]
        if kind == "values":
            yield kind, _extreme(good, draw)
            continue
        if kind in _BYTES:
            yield kind, _BYTES[kind](good, draw)
            continue
        length = int.from_bytes(good[:8], "little")
        header, values = json.loads(good[8 : 8 + length]), good[8 + length :]
        text = _HEADERS[kind](header, draw)
        yield kind, struct.pack("<Q", len(text)) + text + values


# bytes of any file


def _flipped(good: bytes, draw: random.Random) -> bytes:
    """Half of the flips among the first bytes, where lengths and names stand."""
    content = bytearray(good)
    for _ in range(draw.choice(_SEVERAL)):
        place = draw.randrange(len(content) if draw.random() < 0.5 else min(400, len(content)))
        content[place] ^= 1 << draw.randrange(8)
    return bytes(content)


def _replaced(good: bytes, draw: random.Random) -> bytes:
    content = bytearray(good)
    for _ in range(draw.choice(_SEVERAL)):
        place = draw.randrange(len(content) if draw.random() < 0.5 else min(400, len(content)))
        content[place] = draw.randrange(256)
    return bytes(content)


def _cut(good: bytes, draw: random.Random) -> bytes:
    return good[: draw.randrange(len(good))]


def _spliced(good: bytes, draw: random.Random) -> bytes:
    """A piece of it taken out, doubled or put elsewhere."""
    start = draw.randrange(len(good))
    piece = good[start : start + draw.choice((1, 8, 200))]
    place = draw.randrange(len(good))
    return draw.choice((
        good[:start] + good[start + len(piece) :], good[:place] + piece + good[place:], good[:place] + piece * 50,
    ))  # fmt: skip


_BYTES = {"flipped bits": _flipped, "other bytes": _replaced, "cut off": _cut, "spliced": _spliced}


# parts of an ONNX file


def _huge_shape(model: ModelProto, draw: random.Random) -> None:
    """Of the image, or of a constant."""
    if draw.random() < 0.5:
        axes = model.graph.input[0].type.tensor_type.shape.dim
        draw.choice(axes).dim_value = draw.choice(_HUGE)
    else:
        dims = draw.choice(model.graph.initializer).dims
        dims[draw.randrange(len(dims))] = draw.choice(_HUGE)


def _huge_values(model: ModelProto, draw: random.Random) -> None:
    """Of the shapes and places that nodes read, or of weights."""
    tensor = draw.choice(model.graph.initializer)
    values = numpy_helper.to_array(tensor).copy()
    flat = values.reshape(-1)
    if values.dtype == np.int64:
        flat[draw.randrange(flat.size)] = draw.choice(_HUGE)
    else:
        flat[:] = draw.choice((np.nan, np.inf, 3e38, -3e38, 1e-45, 0.0))
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _bomb(model: ModelProto, draw: random.Random) -> None:
    """Nodes that each make the map several times as large."""
    last = "x"
    for k in range(draw.choice((2, 8, 20))):
        model.graph.node.insert(k, helper.make_node("Concat", [last] * draw.choice((2, 8)), [f"grown{k}"], axis=1))
        last = f"grown{k}"
    model.graph.node[len(model.graph.node) - 10].input[0] = last


def _attributes(model: ModelProto, draw: random.Random) -> None:
    node = draw.choice([each for each in model.graph.node if each.attribute])
    attribute = draw.choice(node.attribute)
    if attribute.type == AttributeProto.INTS:
        kept = list(attribute.ints)
        kept[draw.randrange(len(kept))] = draw.choice(_HUGE)
        del attribute.ints[:]
        attribute.ints.extend(kept[: draw.choice((len(kept), len(kept), 1))])
    else:
        attribute.i = draw.choice(_HUGE)


def _new_attribute(model: ModelProto, draw: random.Random) -> None:
    """One that the operator may know, of any kind."""
    name = draw.choice(("group", "pads", "strides", "dilations", "axis", "auto_pad", "ceil_mode", "epsilon", "mode"))
    value = draw.choice((draw.choice(_HUGE), [draw.choice(_HUGE)], [0, 0], 1e38, float("nan"), "SAME_UPPER", "\0"))
    draw.choice(model.graph.node).attribute.append(helper.make_attribute(name, value))


def _elsewhere(model: ModelProto, draw: random.Random) -> None:
    """Values in another file, of a constant or inside a node."""
    if draw.random() < 0.5:
        tensor = draw.choice(model.graph.initializer)
    else:
        node = helper.make_node("Constant", [], ["hidden"], value=numpy_helper.from_array(np.zeros(3, np.float32)))
        model.graph.node.insert(0, node)
        tensor = model.graph.node[0].attribute[0].t
    tensor.ClearField("raw_data")
    if draw.random() < 0.8:
        tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=draw.choice((_SECRET, f"../../..{_SECRET}", "", "\0", "C:\\x")))


def _loop(model: ModelProto, draw: random.Random) -> None:
    """A graph in a node, in a graph in a node, …"""
    body = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "body", [], [])
    for _ in range(draw.choice((1, 3, 15))):
        node = helper.make_node(draw.choice(("Loop", "If", "Scan", "Relu")), ["x"], ["z"], body=body)
        body = helper.make_graph([node], "body", [], [])
    model.graph.node.extend(body.node)


def _nested(good: bytes, draw: random.Random) -> bytes:
    """A message in a message, thousands deep, which no library writes."""
    content = b""
    for _ in range(draw.choice((10, 40, 200, 3000))):
        content = b"\x32" + _varint(len(content)) + content  # attribute.g
        content = b"\x2a" + _varint(len(content)) + content  # node.attribute
        content = b"\x0a" + _varint(len(content)) + content  # graph.node
    return good + b"\x3a" + _varint(len(content)) + content  # a second model.graph is merged with the first


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _twice(model: ModelProto, draw: random.Random) -> None:
    """Names of nodes, values and constants that stand twice."""
    first, second = draw.sample(list(model.graph.node), 2)
    match draw.randrange(4):
        case 0:
            second.name = first.name
        case 1:
            second.output[0] = first.output[0]
        case 2:
            first.output[0] = draw.choice(("x", "w1", "y", ""))
        case _:
            model.graph.initializer.append(draw.choice(model.graph.initializer))


def _names(model: ModelProto, draw: random.Random) -> None:
    """Names that Python, a page or a sentence could trip over."""
    name = draw.choice(
        ("forward", "__class__", "train", "a.b.c", "", "\n\n", "é" * 5000, "<script>", "x" * 10, "_parameters")
    )
    node = draw.choice(model.graph.node)
    if draw.random() < 0.5:
        node.name = name
    else:
        node.output[0] = name


def _wiring(model: ModelProto, draw: random.Random) -> None:
    """An input that is another value, missing, or one too many."""
    names = [*(each.name for each in model.graph.initializer), "x", "", *(n.output[0] for n in model.graph.node)]
    node = draw.choice(model.graph.node)
    match draw.randrange(3):
        case 0:
            node.input[draw.randrange(len(node.input))] = draw.choice(names)
        case 1:
            node.input.append(draw.choice(names))
        case _:
            del node.input[draw.randrange(len(node.input)) :]


def _type(model: ModelProto, draw: random.Random) -> None:
    """Another type of number, of a constant or of the image, or another version of the operators."""
    match draw.randrange(3):
        case 0:
            draw.choice(model.graph.initializer).data_type = draw.randrange(25)
        case 1:
            model.graph.input[0].type.tensor_type.elem_type = draw.randrange(25)
        case _:
            model.opset_import[0].version = draw.choice((*_HUGE, 9, 12, 23))


_CHANGES: dict[str, Change] = {
    "huge shapes": _huge_shape, "huge values": _huge_values, "growing maps": _bomb, "attributes": _attributes,
    "new attributes": _new_attribute, "values elsewhere": _elsewhere, "loops": _loop,
    "names twice": _twice, "names": _names, "wiring": _wiring, "types": _type,
}  # fmt: skip


# headers of a safetensors file


def _part(header: dict, draw: random.Random) -> bytes:
    """One part of a tensor is something else."""
    tensor = header[draw.choice(list(header))]
    tensor[draw.choice(list(tensor))] = draw.choice(
        (None, -1, 2**64, [], [2**62], [2**40, 2**40], [-1, 4], [0, 2**63], {}, "F99", "BF16", "F64", True, 1e300)
    )
    return json.dumps(header).encode()


def _shifted(header: dict, draw: random.Random) -> bytes:
    tensor = header[draw.choice(list(header))]
    by = draw.choice((-4, 4, 2**40))
    tensor["data_offsets"] = [each + by for each in tensor["data_offsets"]]
    return json.dumps(header).encode()


def _reshaped(header: dict, draw: random.Random) -> bytes:
    """As many values, on other axes."""
    tensor = header[draw.choice(list(header))]
    count = int(np.prod(tensor["shape"]))
    tensor["shape"] = draw.choice(([count], [1, count], [count, 1, 1], [1] * 60 + [count], [count, 0]))
    return json.dumps(header).encode()


def _renamed(header: dict, draw: random.Random) -> bytes:
    old = draw.choice(list(header))
    new = draw.choice(("", "\n", "__class__", "__metadata__", "a" * 5000, "\ud800", old + ".", "../../etc/passwd"))
    return json.dumps({new if name == old else name: each for name, each in header.items()}).encode()


def _doubled(header: dict, draw: random.Random) -> bytes:
    text = json.dumps(header)
    name = json.dumps(draw.choice(list(header)))
    return (text[:-1] + f", {name}: " + json.dumps(header[json.loads(name)]) + "}").encode()


def _deep(header: dict, draw: random.Random) -> bytes:
    depth = draw.choice((10, 1000, 100_000))
    return b'{"w": ' + draw.choice((b"[", b'{"a":')) * depth


def _many(header: dict, draw: random.Random) -> bytes:
    count = draw.choice((5_001, 6_000))
    return json.dumps({str(k): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for k in range(count)}).encode()


def _numbers(header: dict, draw: random.Random) -> bytes:
    """Numbers that JSON or Python read in their own way."""
    number = draw.choice(("NaN", "Infinity", "1e999", "9" * 5000, "-0", "0x10", "1.0", "true"))
    return json.dumps(header).replace('"shape": [', f'"shape": [{number}, ', 1).encode()


def _extreme(good: bytes, draw: random.Random) -> bytes:
    """Values that are no numbers, or so large that sums of them are none."""
    start = 8 + int.from_bytes(good[:8], "little")
    content = bytearray(good)
    value = struct.pack("<f", draw.choice((float("nan"), float("inf"), 3e38, -1e30, 1e-45)))
    for _ in range(draw.choice((1, 100, 10_000))):
        place = start + 4 * draw.randrange((len(good) - start) // 4)
        content[place : place + 4] = value
    return bytes(content)


_HEADERS: dict[str, Callable[[dict, random.Random], bytes]] = {
    "parts of the header": _part, "places": _shifted, "shapes": _reshaped, "names": _renamed, "names twice": _doubled,
    "nested": _deep, "many": _many, "numbers": _numbers,
}  # fmt: skip
