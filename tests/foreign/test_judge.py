"""What another process says of a file: findings like those of this one, or one sentence, and never more than it may."""

import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper

from core import files
from core.data.colour_photographs import colour_photographs
from core.equivariance import measure
from core.foreign import MOST_BYTES, checks, finding, pictures, read_onnx
from core.foreign.example import KEY, example
from core.foreign.judge import Judgement
from core.foreign.question import Check, Findings, Question, from_json, to_json
from core.models import load, wrap
from tests.foreign.making import classifier, file_of
from tests.thorough import rest
from tests.waiting import PATIENCE

QUICK = Question(digits=3, amounts=(0.79, 1.0, 1.26))


@pytest.fixture(scope="module")
def here() -> Findings:
    return finding.findings(classifier(), QUICK)


@pytest.mark.slow
def test_the_process_finds_what_this_one_finds(here):
    found = Judgement(classifier(), QUICK, PATIENCE).wait()
    assert found.report.layers == here.report.layers == ("conv1", "norm1", "relu1", "pool1", "conv2", "add2", "pool2")
    assert found.report.error == pytest.approx(here.report.error, rel=1e-4, abs=1e-6)
    assert found.report.error[:, 1] == pytest.approx(np.zeros(7), abs=1e-5)
    assert found.report.cost == pytest.approx(here.report.cost, rel=1e-4, abs=1e-6, nan_ok=True)
    assert found.report.blank_share == pytest.approx(here.report.blank_share, rel=1e-4)
    assert found.checks == here.checks
    assert (found.canvas, found.operators["Conv"]) == (28, 2)


@pytest.mark.slow
@pytest.mark.parametrize("edge", rest(["masked", "mirrored"], "masked"))
def test_photographs_are_shown_in_colour_and_their_edge_is_told(edge):
    """A layer that takes red alone costs what the red of the photographs costs, and commutes."""
    red = np.zeros((1, 3, 1, 1), dtype=np.float32)
    red[0, 0] = 1
    content = file_of([helper.make_node("Conv", ["x", "w"], ["y"], "red")], {"w": red}, (1, 3, 32, 32))
    question = Question(source="photographs", edge=edge, amounts=(0.5, 2.0))
    found = Judgement(content, question, PATIENCE).wait()
    shown = pictures.seen(colour_photographs(256).images, question, 32, 3)
    assert found.report.num_images == len(shown) == 4
    alone = measure(load("identity"), shown[:, :1], question.amounts, canvas="image", edge=edge)
    assert found.report.error.max() < 1e-5
    assert found.report.cost[0] == pytest.approx(alone.cost[0], rel=1e-3)
    assert found.report.edge == edge
    assert (found.report.side is None) == (edge == "masked")
    assert from_json(to_json(found)).report.edge == edge
    assert found.checks[3].passed is None  # it is no classifier
    assert found.budget is None  # beyond the edge of a photograph is no background


@pytest.mark.slow
def test_pictures_of_ones_own_are_measured_instead_of_ours():
    """To a 255th of a level; the file behind them is read whole."""
    random = torch.Generator().manual_seed(0)
    own = torch.rand(3, 3, 16, 16, generator=random).repeat_interleave(16, 2).repeat_interleave(16, 3)
    weight = np.random.default_rng(0).normal(0, 0.3, (4, 3, 5, 5)).astype(np.float32)
    content = file_of(
        [helper.make_node("Conv", ["x", "w"], ["y"], "conv", pads=[2] * 4)], {"w": weight}, (1, 3, 32, 32)
    )
    question = Question(source="photographs", amounts=(0.79,), pictures=3)
    packed = pictures.pack(own)
    assert float((pictures.unpack(packed) - own).abs().max()) <= 0.5001 / 255
    found = Judgement(content, question, PATIENCE, packed).wait()
    expected = finding.findings(content, question, photographs=pictures.unpack(packed))
    assert found.report.num_images == 3
    assert found.report.error == pytest.approx(expected.report.error, rel=1e-4)
    ours = Judgement(content, replace(question, pictures=0), PATIENCE).wait()
    assert abs(ours.report.error - found.report.error).max() > 0.01
    for wrong in (b"", packed[:-1], packed + packed):
        with pytest.raises(ValueError, match="the question is about 3 pictures, and others came"):
            Judgement(content, question, PATIENCE, wrong)
    for asked in ({"pictures": 17}, {"pictures": -1}, {"source": "digits", "pictures": 1}):
        with pytest.raises(ValueError, match="at most 16 pictures"):
            Question(**{"source": "photographs"} | asked)
    with pytest.raises(ValueError, match="did not come whole"):
        pictures.unpack(packed[:-1])
    with pytest.raises(ValueError, match="expected pictures"):
        pictures.pack(own[..., :32])


def test_photographs_in_grey_are_their_luma():
    photographs = torch.rand(2, 3, 16, 16)
    grey = pictures.seen(photographs, Question(source="photographs", high=255.0), 16, 1)
    wanted = 0.299 * photographs[:, 0] + 0.587 * photographs[:, 1] + 0.114 * photographs[:, 2]
    assert torch.allclose(grey[:, 0], 255 * wanted, rtol=1e-5)
    with pytest.raises(ValueError, match="its images have 2 channels"):
        pictures.seen(photographs, Question(source="photographs"), 16, 2)


@pytest.mark.parametrize("asked", [{"source": "films"}, {"edge": "cut"}, {"source": "digits", "edge": "mirrored"}])
def test_what_is_no_question_is_refused(asked):
    with pytest.raises(ValueError, match="edge"):
        Question(**asked)


def test_there_and_back_as_json(here):
    again = from_json(to_json(here))
    assert (again.checks, again.left_out, again.operators) == (here.checks, here.left_out, here.operators)
    assert again.report.error == pytest.approx(here.report.error)
    for broken in ("", "[]", "{}", to_json(here)[:-30], to_json(here).replace('"images": 3', '"images": 4')):
        with pytest.raises(ValueError, match=r"^[^\n]+$"):
            from_json(broken)


def test_five_checks_in_five_sentences(here):
    assert [check.name for check in here.checks] == [
        "The canvas divides the strides", "Evaluation mode", "A function of its image", "It answers as it should",
        "Trained against random weights",
    ]  # fmt: skip
    assert here.checks[0] == Check(
        here.checks[0].name, True, "28 pixels are whole places of every layer; the deepest stride is 4."
    )
    assert here.checks[1].said == "1 batch norms use their stored statistics."
    assert all(check.said.endswith(".") for check in here.checks)
    uneven = finding.findings(classifier(canvas=30 // 4 * 4 + 2), QUICK)
    assert (uneven.checks[0].passed, uneven.canvas) == (False, 30)
    assert "whose stride is 4" in uneven.checks[0].said


@pytest.mark.parametrize("kind", [torch.float32, torch.int64, torch.bool])
def test_checks_ask_networks_whatever_kind_of_numbers_they_answer_with(kind):
    class Answers(torch.nn.Module):
        def forward(self, image):
            bright = image.mean((1, 2, 3))
            return torch.stack([bright > 0.2, bright <= 0.2], 1).to(kind)

    images = torch.stack([torch.full((1, 8, 8), value) for value in (0.0, 0.5)])
    assert checks.check_function(Answers(), images).passed is True
    found = checks.check_answers(Answers(), images, None)
    assert found.passed is True
    assert "2 classes, and 2 of them for 2 photographs" in found.said


def test_the_same_network_of_other_values_has_the_same_errors_and_the_same_budget(here):
    """One that takes −1 to 1 ends in −1 beyond its image, in T x and on the larger canvas of the border run alike."""
    signed = replace(QUICK, low=-1.0, high=1.0)
    found = finding.findings(to_unit(classifier()), signed)
    assert set(here.report.layers) < set(found.report.layers)
    own = [found.report.layers.index(layer) for layer in here.report.layers]
    np.testing.assert_allclose(found.report.error[own], here.report.error, atol=1e-4)
    np.testing.assert_allclose(found.report.image_cost, here.report.image_cost, atol=1e-5)
    assert (found.budget.per_image.shape[0], found.budget.scale_factor) == (5, QUICK.budget_at)
    assert here.budget.applies[1].all()  # for all that the head reads one size
    own = [found.budget.layers.index(layer) for layer in here.budget.layers]
    np.testing.assert_allclose(found.budget.errors[:, own], here.budget.errors, atol=1e-4)
    assert found.checks[3] == here.checks[3]  # it reads the same digits


def to_unit(content: bytes) -> bytes:
    """A file whose network takes −1 to 1, and gives another one (x + 1) / 2."""
    model = onnx.load_from_string(content)
    nodes = [
        helper.make_node("Add", ["x", "one"], ["above"], "above"),
        helper.make_node("Mul", ["above", "half"], ["u"]),
    ]
    for node in model.graph.node:
        node.input[:] = ["u" if name == "x" else name for name in node.input]
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    constants |= {"one": np.float32([1]).reshape(1, 1, 1, 1), "half": np.float32([0.5]).reshape(1, 1, 1, 1)}
    shape = [each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim]
    return file_of([*nodes, *model.graph.node], constants, shape)


def test_an_image_of_more_channels_than_there_are_is_refused_before_it_is_made():
    content = file_of([helper.make_node("Relu", ["x"], ["y"])], {}, (1, 2**31 - 1, 28, 28))
    with pytest.raises(ValueError, match="have 2147483647 channels, at most 64"):
        finding.findings(content, QUICK)


def test_shuffled_weights_are_the_same_numbers_in_another_order():
    own = read_onnx(classifier())
    other = checks.shuffled(own)
    for (name, a), (_, b) in zip(own.named_buffers(), other.named_buffers(), strict=True):
        assert sorted(a.flatten().tolist()) == sorted(b.flatten().tolist()), name
    assert not (own.conv1.input_1 == other.conv1.input_1).all()
    assert (own.conv1.input_2 == other.conv1.input_2).all()


def test_a_question_out_of_range_is_refused():
    for more in ({"canvas": 4}, {"canvas": 10_000}, {"digits": 0}, {"amounts": ()}, {"low": 1.0}):
        with pytest.raises(ValueError, match=r"^[^\n]+$"):
            Question(**more)


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"nonsense", classifier()[:500]])
def test_what_is_refused_there_is_one_sentence_here(content):
    with pytest.raises(ValueError, match=r"ONNX network|cannot be read"):
        Judgement(content, QUICK, PATIENCE).wait()


@pytest.mark.slow
def test_a_file_that_needs_too_much_ends_within_its_limits():
    """One that asks for far more memory than there is, in many small steps."""
    nodes, last = [], "x"
    for k in range(12):
        nodes.append(helper.make_node("Concat", [last, last, last, last], [f"v{k}"], axis=1))
        last = f"v{k}"
    content = file_of([*nodes, helper.make_node("Relu", [last], ["y"])], {}, (1, 1, 28, 28))
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        Judgement(content, QUICK, PATIENCE).wait()


LIMITS = """
import resource, sys
from core.foreign import child
child.give_up()
assert resource.getrlimit(resource.RLIMIT_AS)[0] < 64 * child.MEMORY_BYTES
assert resource.getrlimit(resource.RLIMIT_CPU) == (child.CPU_SECONDS, child.CPU_SECONDS)
try:
    open(sys.argv[1])
except OSError:
    pass
else:
    sys.exit("it opened a file")
try:
    bytearray(2 * child.MEMORY_BYTES)
except MemoryError:
    pass
else:
    sys.exit("it took all the memory that it wanted")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know all of these limits")
def test_it_can_open_no_file_and_take_no_more_than_it_may():
    ran = subprocess.run([sys.executable, "-c", LIMITS, __file__], cwd=files.ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_it_is_given_up_after_its_time_and_when_it_is_stopped():
    with pytest.raises(ValueError, match="not measured within 0 seconds"):
        Judgement(classifier(), QUICK, seconds=0.01).wait()
    asked = Judgement(classifier(), Question(digits=20), PATIENCE)
    began = time.monotonic()
    with pytest.raises(ValueError, match="it was stopped"):
        asked.wait(started=lambda: threading.Timer(0.2, asked.stop).start())
    assert time.monotonic() - began < PATIENCE
    assert asked._process is not None
    assert asked._process.returncode is not None


def test_a_file_too_large_is_not_sent():
    with pytest.raises(ValueError, match="at most 64"):
        Judgement(bytes(65 << 20), QUICK)
    assert MOST_BYTES == 64 << 20


def test_the_example_is_the_network_of_the_registry():
    """The same logits, and the same errors in every layer that both have: the way through a file changes nothing."""
    own, file = load(KEY), read_onnx(example())
    images, _ = pictures.digits(Question(digits=4), 28, 1)
    with torch.no_grad():
        assert file(images).numpy() == pytest.approx(own(images).numpy(), abs=1e-4)
    amounts = (0.63, 1.26)
    ours = measure(own, images, amounts, canvas="image")
    theirs = measure(wrap(file), images, amounts, canvas="image")
    shared = [layer for layer in ours.layers if layer in theirs.layers]
    assert shared == ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "conv3"]
    for layer in shared:
        a, b = (each.error[each.layers.index(layer)] for each in (ours, theirs))
        assert a == pytest.approx(b, rel=1e-3), layer
