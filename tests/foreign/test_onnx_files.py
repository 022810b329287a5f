"""What is no network for us is refused in one sentence, whatever the bytes are; nothing but them is read."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from core.foreign import graph, read_onnx
from tests.foreign.making import classifier, file_of
from tests.mutants import mutants

RELU = helper.make_node("Relu", ["x"], ["y"], "relu")
SHAPE = (1, 1, 8, 8)


def changed(change) -> bytes:
    """The classifier after a change of its model."""
    model = onnx.load_model_from_string(classifier())
    change(model)
    return model.SerializeToString()


def elsewhere(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def elsewhere_in_a_node(model: onnx.ModelProto) -> None:
    tensor = numpy_helper.from_array(np.zeros(3, np.float32), "hidden")
    tensor.external_data.add(key="location", value="/etc/passwd")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["z"], value=tensor))


def loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([RELU], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["again"], body=body))


def cut_values(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = b"123"


def own_function(model: onnx.ModelProto) -> None:
    model.functions.append(helper.make_function("own", "f", ["a"], ["b"], [RELU], [helper.make_opsetid("", 18)]))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no ONNX network"),
        (b"PK\x03\x04 a zip of pickles", "no ONNX network"),
        (classifier()[:-2000], "no ONNX network|not a whole one|cannot be read"),
        (changed(elsewhere), "the values of 'w1' are in another file"),
        (changed(elsewhere_in_a_node), "the values of 'hidden' are in another file"),
        (changed(loop), "the operator Loop is not computed here"),
        (changed(cut_values), "the values of 'w1' cannot be read"),
        (changed(own_function), "functions of its own"),
        (
            changed(lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [1]))),
            "takes 2 inputs; only one",
        ),
        (changed(lambda m: m.graph.output.pop()), "has no output"),
        (classifier().replace(b"w1", b"w\xff"), "a name that is no text"),
        (classifier().replace(b"norm1", b"norm\xff"), "a name that is no text"),
        (changed(lambda m: setattr(m.graph.node[0], "domain", "com.evil")), "the operator com.evil.Conv is not"),
        (file_of([RELU], {}, (1, 8)), "must be images, float32"),
        (file_of([RELU], {}, SHAPE, opset=7), "operators of version 9 to"),
        (file_of([helper.make_node("Relu", ["nowhere"], ["y"], "relu")], {}, SHAPE), "relu reads 'nowhere'"),
        (file_of([RELU] * (graph.MOST_NODES + 1), {}, SHAPE), "5001 operations, at most 5000"),
    ],
)
def test_what_is_refused_is_refused_in_one_sentence(content, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        read_onnx(content)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch):
    monkeypatch.setattr(graph, "_parse", lambda content: pytest.fail("it was read"))
    with pytest.raises(ValueError, match="has 64 MB, at most 64"):
        read_onnx(bytes(graph.MOST_BYTES + 1))


def test_nothing_is_opened(monkeypatch):
    monkeypatch.setattr("builtins.open", lambda *given, **more: pytest.fail(f"it opened {given}"))
    assert read_onnx(classifier()).operators["Conv"] == 2
    with pytest.raises(ValueError, match="in another file"):
        read_onnx(changed(elsewhere))


def test_what_cannot_be_computed_names_the_operation():
    content = file_of([helper.make_node("MatMul", ["x", "w"], ["y"], "product")], {"w": np.zeros((3, 3), "f")}, SHAPE)
    with pytest.raises(ValueError, match=r"the operation product \(MatMul\) cannot be computed"):
        read_onnx(content)(torch.zeros(SHAPE))


def test_an_answer_that_is_too_large_is_refused():
    grow = helper.make_node("Expand", ["x", "w"], ["y"], "grow")
    content = file_of([grow], {"w": np.array([1 << 23, 1, 8, 8])}, SHAPE)
    with pytest.raises(ValueError, match="grow answers with more than"):
        read_onnx(content)(torch.zeros(SHAPE))


def computed(content: bytes, images: torch.Tensor) -> str:
    """The sentence by which it was refused, or nothing."""
    try:
        with torch.no_grad():
            read_onnx(content)(images)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.fuzz
def test_mutants_are_networks_or_sentences():
    """Bytes of a good file, changed at random; what can still be read is computed or refused."""
    images = torch.zeros(1, 1, 12, 12)
    said = [computed(content, images) for content in mutants(classifier(canvas=12), 200)]
    assert not any("\n" in sentence for sentence in said)
    assert len(said) / 10 < sum(map(bool, said)) < len(said)
