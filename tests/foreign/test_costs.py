"""A network that would take too much for one image is refused in one sentence, before it takes it."""

import io
import json
import subprocess
import sys
import time
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from onnx import helper

from core import files
from core.foreign import OPERATORS, Question, child, costs, read_onnx, shapes
from core.foreign.finding import findings
from tests.foreign.making import classifier, file_of
from tests.foreign.test_operators import CASES, OLDER, _file_of, _shape_of, some

node = helper.make_node
ONE = (1, 1, 8, 8)
BYTES = 4 * 64  # of a map of that size
QUICK = Question(digits=1, amounts=(0.79,), budget_at=None)


def probe(content: bytes, image: torch.Tensor | None = None) -> None:
    read_onnx(content).probe(torch.rand(ONE) if image is None else image)


def relus(count: int, summed: bool) -> bytes:
    """A chain, whose values are done with one by one, or as many side by side, which are summed at the end."""
    nodes = [node("Relu", ["x" if summed or k == 0 else f"r{k - 1}"], [f"r{k}"], f"relu{k}") for k in range(count)]
    last = [f"r{k}" for k in range(count)] if summed else [f"r{count - 1}"]
    return file_of([*nodes, node("Sum", last, ["y"], "sum")], {}, ONE)


def test_values_that_are_alive_at_once_are_counted_together(monkeypatch):
    monkeypatch.setattr(costs, "MOST_ALIVE", 30 * BYTES)
    probe(relus(200, summed=False))
    probe(relus(28, summed=True))  # the image and 27 of them, when the last is made with what it takes on the way
    with pytest.raises(ValueError, match=r"^the operation relu28 \(Relu\) would need more than[^\n]+$"):
        probe(relus(29, summed=True))


def test_what_nobody_reads_is_not_alive(monkeypatch):
    monkeypatch.setattr(costs, "MOST_ALIVE", 30 * BYTES)
    unread = [node("Relu", ["x"], [f"r{k}"], f"relu{k}") for k in range(200)]
    probe(file_of([*unread, node("Relu", ["x"], ["y"])], {}, ONE))


def test_a_value_under_several_names_is_counted_once(monkeypatch):
    monkeypatch.setattr(costs, "MOST_ALIVE", 10 * BYTES)
    same = [node("Identity", ["x"], [f"r{k}"], f"same{k}") for k in range(50)]
    probe(file_of([*same, node("Sum", [f"r{k}" for k in range(50)], ["y"])], {}, ONE))


@pytest.mark.parametrize(
    ("operator", "constants", "attributes"),
    [
        ("ConvTranspose", {"w": some(1, 1, 3, 3)}, {"strides": [4000, 4000]}),
        ("Resize", {"": None, "scales": np.array([1, 1, 1000, 2000], np.float32)}, {"mode": "linear"}),
        ("Pad", {"pads": np.array([0, 0, 0, 0, 0, 2**30, 0, 0])}, {}),
        ("Conv", {"w": some(2**21, 1, 1, 1)}, {}),
        ("MaxPool", {}, {"kernel_shape": [1, 1], "pads": [0, 0, 2**20, 2**20]}),
        ("MatMul", {"w": np.zeros((8, 2**20), np.float32)}, {}),
        ("Gather", {"w": np.zeros(2**21, np.int64)}, {"axis": 0}),
    ],
)
def test_an_answer_that_is_too_large_is_refused_before_it_is_made(monkeypatch, operator, constants, attributes):
    """Although all that it is given is small."""
    content = file_of(
        [node(operator, ["x", *constants], ["y"], "grow", **attributes)],
        {name: each for name, each in constants.items() if each is not None},
        ONE,
    )
    monkeypatch.setitem(OPERATORS, operator, lambda *given: pytest.fail("it was computed"))
    with pytest.raises(ValueError, match=rf"^the operation grow \({operator}\) would need more than[^\n]+$"):
        probe(content, torch.rand(1, 1, 64, 8))


def test_what_a_concat_makes_is_told_from_all_that_it_is_given(monkeypatch):
    def joined(count: int) -> bytes:
        return file_of([node("Concat", ["x"] * count, ["y"], "join", axis=1)], {}, ONE)

    monkeypatch.setattr(costs, "MOST_ALIVE", 100 * BYTES)
    probe(joined(99))
    with pytest.raises(ValueError, match=r"^the operation join \(Concat\) would need more than"):
        probe(joined(100))


@pytest.mark.parametrize("case", [*CASES, *OLDER], ids=lambda case: f"{case[0]} {case[2]}")
def test_no_answer_is_larger_than_was_told_from_shapes(monkeypatch, case):
    """And no operator that is in the table of estimates is told by the rough one alone, which would be half blind."""
    told = []
    before = costs.Meter.before

    def watch(self, name, operator, given, attributes):
        told.append(costs.need_of(operator, given, attributes).values)
        estimate = costs._ESTIMATES.get(operator)
        if estimate is not None:
            assert estimate(given, attributes).values == told[-1]
        before(self, name, operator, given, attributes)

    monkeypatch.setattr(costs.Meter, "before", watch)
    network, image = read_onnx(_file_of(case)), torch.from_numpy(some(*_shape_of(case), seed=2))
    network.probe(image)
    assert told[-1] >= network(image).untyped_storage().nbytes() // 4  # an Expand is a view


@pytest.mark.parametrize(("group", "times"), [(1, 1), (2, 4)])
def test_multiply_adds_of_one_operation_are_bounded(monkeypatch, group, times):
    """In two groups there are half as many products, each counted eightfold."""
    content = file_of(
        [node("Conv", ["x", "w"], ["y"], "conv", group=group)], {"w": some(6, 4 // group, 3, 3)}, (1, 4, 8, 8)
    )
    image, products = torch.rand(1, 4, 8, 8), times * 6 * 4 * 9 * 36
    monkeypatch.setattr(costs, "MOST_PRODUCTS", products)
    probe(content, image)
    monkeypatch.setattr(costs, "MOST_PRODUCTS", products - 1)
    with pytest.raises(ValueError, match=r"^the operation conv \(Conv\) would take more than[^\n]+$"):
        probe(content, image)


def test_all_maps_of_one_image_are_bounded(monkeypatch):
    """Those that measuring keeps: the image's, nine of the chain and the sum's."""
    monkeypatch.setattr(costs, "MOST_IN_ALL", 11 * 64)
    probe(relus(9, summed=False))
    with pytest.raises(ValueError, match=r"^the maps of one image have more than 704 values, up to the operation sum$"):
        probe(relus(10, summed=False))


def test_the_seconds_of_one_image_are_bounded(monkeypatch):
    clock = iter(np.arange(0, 100, 0.5))
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    probe(relus(2, summed=False))  # 1.5 s
    clock = iter(np.arange(0, 100, 0.5))
    with pytest.raises(ValueError, match=r"more than 1\.5 seconds of a core, up to the operation sum$"):
        probe(relus(3, summed=False))


def test_a_shape_of_millions_of_numbers_is_not_read():
    """As a list of Python's they would take ten times their memory."""

    def shaped(count: int) -> bytes:
        return file_of([node("Split", ["x", "s"], ["y"], "cut")], {"s": np.array([8] + [0] * (count - 1))}, ONE)

    image = torch.rand(8, 1, 8, 8)
    probe(shaped(shapes.MOST_INTEGERS), image)
    with pytest.raises(ValueError, match=r"^the operation cut \(Split\) cannot be computed: a shape of 10001 numbers"):
        probe(shaped(shapes.MOST_INTEGERS + 1), image)


def test_a_network_is_probed_before_anything_else_is_done_with_it(monkeypatch):
    order = []
    findings(classifier(), QUICK, probed=lambda: order.append("probed"))
    assert order == ["probed"]
    monkeypatch.setattr(costs, "MOST_ALIVE", 1000)
    with pytest.raises(ValueError, match=r"^the operation conv1 \(Conv\) would need more"):
        findings(classifier(), QUICK, probed=lambda: pytest.fail("it went on"))


def test_vgg_at_256_pixels_is_within_the_limits():
    """The largest layer of the largest network that is known to be measured, told from its shapes alone."""
    x, weight = torch.empty(1, 64, 256, 256, device="meta"), torch.empty(64, 64, 3, 3, device="meta")
    need = costs.need_of("Conv", [x, weight], {"pads": [1, 1, 1, 1]})
    assert 4 * (x.numel() + need.values) < costs.MOST_ALIVE / 3
    assert need.products == 64 * 64 * 9 * 256**2 < costs.MOST_PRODUCTS / 1.5


@pytest.mark.parametrize(
    ("content", "then"), [(classifier(), ["give_up", "narrow", "widen"]), (b"nonsense", ["give_up", "narrow"])]
)
def test_the_child_has_little_until_the_file_is_probed(monkeypatch, capsys, content, then):
    order: list[str] = []
    for name in ("give_up", "narrow", "widen"):
        monkeypatch.setattr(child, name, lambda name=name: order.append(name))
    monkeypatch.setattr(child, "_warm_up", lambda question: None)
    asked = json.dumps(asdict(QUICK)).encode() + b"\n" + content
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(asked)))
    assert child.main() == (content == b"nonsense")
    assert order == then
    assert capsys.readouterr().out.count("\n") == 1


NARROW = """
import resource, sys, time
from core.foreign import child
def taken(size):
    try:
        bytearray(size)
    except MemoryError:
        return False
    return True
child.give_up()
child.narrow()
assert taken(child.READING_BYTES // 2), "reading has too little memory"
assert not taken(child.READING_BYTES + 2**26), "reading has too much memory"
soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
assert time.process_time() + child.READING_SECONDS <= soft <= time.process_time() + child.READING_SECONDS + 1
child.widen()
assert taken(2 * child.READING_BYTES), "measuring has no more memory than reading"
assert resource.getrlimit(resource.RLIMIT_CPU) == (hard, hard)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not know all of these limits")
def test_reading_has_less_memory_and_time_than_measuring():
    ran = subprocess.run([sys.executable, "-c", NARROW], cwd=files.ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
