"""Weights from a safetensors file: what does not fit is named, whatever the bytes are, and what fits is the network."""

import json
import struct

import numpy as np
import pytest
import safetensors.torch
import torch

from core import checkpoints
from core.equivariance import measure
from core.foreign import Question, expected, networks_with_weights, read_safetensors, read_weights
from core.foreign.finding import RUNS_CODE, findings
from core.foreign.judge import Judgement
from core.foreign.question import from_json, to_json
from core.foreign.safetensors_file import MOST_HEADER_BYTES, TYPES
from core.models import MODELS, load
from tests.waiting import PATIENCE

KEY = "cnn_small"
QUICK = Question(digits=2, amounts=(0.79, 1.26), network=KEY)


@pytest.fixture(scope="module")
def stored() -> dict[str, torch.Tensor]:
    return dict(load(KEY).state_dict())


def file_of(tensors) -> bytes:
    return safetensors.torch.save({name: tensor.contiguous() for name, tensor in tensors.items()})


def made(header: object, values: bytes = b"", length: int | None = None) -> bytes:
    """A file by hand. Args: length: said of the header, its own unless given."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + values


def one(**changes: object) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


@pytest.mark.parametrize("kind", TYPES)
def test_values_are_those_of_the_library(kind):
    draw = torch.Generator().manual_seed(0)
    tensor = (9 * torch.rand(2, 3, generator=draw)).to(TYPES[kind])
    content = file_of({"a": tensor, "b": tensor[:1].clone(), "empty": tensor[:0].clone()})
    found, theirs = read_safetensors(content), safetensors.torch.load(content)
    assert set(found) == set(theirs)
    for name, other in theirs.items():
        assert found[name].dtype == other.dtype
        assert torch.equal(found[name], other), name


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no safetensors file"),
        (b"\x08\x00", "no safetensors file"),
        (made(b"[1]"), "no safetensors file"),
        (made(one(), bytes(8), length=2**63), "at most 1048576 are read"),
        (made(one(), bytes(8), length=MOST_HEADER_BYTES), "cut off: its header"),
        (made(b"{" * 100_000), "it is no JSON"),
        (made(b'{"w": ' + b"[" * 100_000), "it is no JSON"),
        (made(b'{"w": ' + b"1" * 10_000 + b"}"), "it is no JSON|other things"),
        (made(b'{"\xff": 1}'), "it is no JSON"),
        (made(b'{"w": 1, "w": 2}'), "'w' twice"),
        (made({}), "has 0 tensors"),
        (made({"__metadata__": {"a": "b"}}), "has 0 tensors"),
        (made({str(k): 1 for k in range(5001)}), "has 5001 tensors"),
        (made({"w": []}), "other things than type"),
        (made(one(more=1), bytes(8)), "other things than type"),
        (made(one(dtype="F8_E4M3"), bytes(8)), "the type of 'w' is F8_E4M3"),
        (made(one(dtype=["F32"]), bytes(8)), "the type of 'w'"),
        (made(one(shape=[-2]), bytes(8)), "the shape of 'w'"),
        (made(one(shape=[True, 2]), bytes(8)), "the shape of 'w'"),
        (made(one(shape=[1] * 9), bytes(8)), "the shape of 'w'"),
        (made(one(shape=[2**26] * 8), bytes(8)), "not the number of bytes"),
        (made(one(shape=[1e9]), bytes(8)), "the shape of 'w'"),
        (made(one(shape=[3]), bytes(8)), "not the number of bytes"),
        (made(one(data_offsets=[8, 0]), bytes(8)), "not the number of bytes"),
        (made(one(data_offsets=[0, 8, 9]), bytes(8)), "no beginning and end"),
        (made(one(data_offsets=[4, 12]), bytes(12)), "overlap others, or lie apart"),
        (made({**one(), "v": one()["w"]}, bytes(8)), "overlap others"),
        (made(one(), bytes(7)), "cut off: 1 bytes"),
        (made(one(), bytes(9)), "1 bytes behind its last tensor"),
    ],
)
def test_what_is_no_such_file_is_one_sentence(content, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        read_safetensors(content)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_read():
    with pytest.raises(ValueError, match="has 64 MB, at most 64"):
        read_safetensors(bytes((64 << 20) + 1))


def test_every_mismatch_is_named(stored):
    wrong = dict(stored)
    del wrong["convs.0.weight"]
    wrong["surplus"] = torch.zeros(2, 3)
    wrong["convs.1.weight"] = wrong["convs.1.weight"][:, :1]
    wrong["head.last.bias"] = torch.full((10,), float("nan"))
    wrong["head.last.weight"] = torch.zeros(10, stored["head.last.weight"].shape[1], dtype=torch.int8)
    wrong["head.first.weight"] = stored["head.first.weight"].double() * 1e300
    with pytest.raises(ValueError, match="The file lacks") as caught:
        read_weights(file_of(wrong), KEY)
    said, shape = str(caught.value), stored["convs.1.weight"].shape
    was, now = "×".join(map(str, (shape[0], 1, *shape[2:]))), "×".join(map(str, shape))
    assert f"The file lacks convs.0.weight ({'×'.join(map(str, stored['convs.0.weight'].shape))})." in said
    assert "The file has surplus (2×3), which the network has not." in said
    assert f"convs.1.weight has the shape {was}, the network expects {now}." in said
    assert "head.last.bias holds a value that is NaN or infinite as float32." in said
    assert "head.last.weight holds int8, the network expects float32." in said
    assert "head.first.weight holds a value that is NaN or infinite as float32." in said
    with pytest.raises(ValueError, match=r"\(1\), and 60 more, which the network has not\.$"):
        read_weights(file_of({str(k): torch.zeros(1) for k in range(100)}), KEY)


def test_a_network_gets_its_weights_and_says_what_was_converted(stored):
    network, notes = read_weights(file_of(stored), KEY)
    images = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        assert torch.equal(network(images), load(KEY)(images))
    assert notes == ()
    half = {name: each.half() if each.is_floating_point() else each for name, each in stored.items()}
    halves, (note,) = read_weights(file_of(half), KEY)
    assert all(each.dtype == stored[name].dtype for name, each in halves.state_dict().items())
    converted = sum(each.is_floating_point() for each in stored.values())
    assert note.startswith("Stored as float16 and computed as float32: ")
    assert note.endswith(f" and {converted - 4} more.")
    assert {name: each.shape for name, each in expected(KEY).items()} == {n: each.shape for n, each in stored.items()}


def test_every_network_that_is_trained_takes_a_file():
    keys = networks_with_weights()
    assert keys == [key for key, spec in MODELS.items() if not spec.control]
    for key in keys:
        network, notes = read_weights(checkpoints.read_weights(key), key)
        assert notes == ()
        assert not network.training


def test_what_is_found_is_what_the_other_pages_measure(stored):
    found = from_json(to_json(findings(file_of(stored), QUICK)))
    from core.foreign.pictures import digits

    report = measure(load(KEY), digits(QUICK, 28, 1)[0], QUICK.amounts)
    assert found.report.layers == report.layers
    np.testing.assert_array_equal(found.report.error, report.error)
    np.testing.assert_array_equal(found.report.cost, report.cost)
    assert (found.report.classifier_map, found.report.side) == (report.classifier_map, report.side)
    np.testing.assert_array_equal(found.report.blank, report.blank)
    assert found.budget is not None
    assert found.budget.layers == report.layers
    assert found.budget.per_image.shape == (5, len(report.layers), 2)
    assert [check.passed for check in found.checks[:3]] == [True, True, True]
    assert found.checks[1].said == "4 batch norms use their stored statistics."


@pytest.mark.slow
@pytest.mark.parametrize("key", ["disco", "fourier"])  # a basis from a file; a length that begins as a pickle does
def test_the_process_of_its_own_takes_them_too(key):
    question = Question(digits=1, amounts=(0.79,), network=key, budget_at=None)
    found = Judgement(checkpoints.read_weights(key), question, PATIENCE).wait()
    assert found.report.error.shape == (len(found.report.layers), 1)
    assert np.isfinite(found.report.error).all()


def test_files_of_pytorch_are_never_opened(tmp_path, stored):
    torch.save(stored, tmp_path / "new.pt")
    torch.save(stored, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    for name in ("new.pt", "old.pt"):
        for question in (Question(), QUICK):
            with pytest.raises(ValueError, match="never opened") as caught:
                findings((tmp_path / name).read_bytes(), question)
            assert str(caught.value) == RUNS_CODE
    with pytest.raises(ValueError, match="say above which network"):
        findings(file_of(stored), Question())


def test_a_network_without_weights_is_no_question():
    for network, size in (("nothing", "small"), ("identity", "small"), ("cnn_small", "paper")):
        with pytest.raises(ValueError, match="has no network"):
            Question(network=network, size=size)


def test_a_network_of_the_registry_is_shown_no_photographs():
    with pytest.raises(ValueError, match="on no photographs"):
        Question(network=KEY, source="photographs")
