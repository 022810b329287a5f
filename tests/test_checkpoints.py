"""Weights and card belong together: what is stored comes back, what does not match is refused in one sentence."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest
import safetensors.torch
import torch
from torch import nn

from core import files
from core.checkpoints import Card, CheckpointError, available, load_weights, read_card, save

CARD = Card(
    key="cnn", size="small", config={"channels": [2, 3]}, recipe={"epochs": 2}, data={"name": "MNIST-Scale"}, seed=4,
    epochs=2, device="cpu", wall_time_s=12.5, test_error=2.25, test_images=50, parameters=27, sha256="",
    git_commit="abc", command="python -m core.training cnn", versions={"torch": "2"}, glyph_error=1.5,
    history=[{"epoch": 1, "loss": 0.5, "validation_error": 3.0}],
)  # fmt: skip


def network(seed=0, width=3):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Linear(width, 2))


@pytest.fixture
def stored(tmp_path):
    save(network(), CARD, tmp_path)
    return tmp_path


MENDED = "; put back the file that came along, or train it again with python -m core.training cnn --size small."


def edit(folder, **values):
    path = folder / "cnn-small.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def refuse(folder, *parts, into=None, key="cnn", size="small"):
    """Loading fails with one sentence that holds all the parts, and leaves the network as it was."""
    fresh = into or network(seed=9)
    before = {name: tensor.clone() for name, tensor in fresh.state_dict().items()}
    with pytest.raises(CheckpointError) as refusal:
        load_weights(fresh, key, size, folder)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.endswith(".")
    for part in parts:
        assert part in message, message
    assert all(torch.equal(tensor, before[name]) for name, tensor in fresh.state_dict().items())


def test_weights_and_card_come_back(stored):
    fresh = network(seed=1)
    card = load_weights(fresh, "cnn", "small", stored)
    assert all(torch.equal(tensor, network().state_dict()[name]) for name, tensor in fresh.state_dict().items())
    data = (stored / "cnn-small.safetensors").read_bytes()
    assert card == replace(CARD, sha256=hashlib.sha256(data).hexdigest()) == read_card("cnn", "small", stored)
    assert available("cnn", "small", stored)


def test_what_is_written_does_not_depend_on_layout_or_gradients(stored, tmp_path):
    other = network()
    other[0].weight.data = other[0].weight.data.T.contiguous().T
    path = save(other.train(), CARD, tmp_path / "other")
    assert path.read_bytes() == (stored / "cnn-small.safetensors").read_bytes()


def test_a_missing_checkpoint_is_named(tmp_path):
    refuse(tmp_path, "no checkpoint of cnn at size small")
    assert not available("cnn", "small", tmp_path)
    assert not available("cnn", "small", tmp_path / "nowhere")


def test_a_card_without_weights_is_refused(stored):
    (stored / "cnn-small.safetensors").unlink()
    refuse(stored, "cnn-small.safetensors", "No such file")
    assert not available("cnn", "small", stored)


@pytest.mark.parametrize("place", [3, 60, -1])
def test_a_changed_byte_is_refused_with_both_hashes(stored, place):
    path = stored / "cnn-small.safetensors"
    data = bytearray(path.read_bytes())
    good = hashlib.sha256(data).hexdigest()
    data[place] ^= 1
    path.write_bytes(data)
    refuse(stored, good[:12], hashlib.sha256(data).hexdigest()[:12])
    path.write_bytes(data[:50])
    refuse(stored, good[:12], hashlib.sha256(data[:50]).hexdigest()[:12])


def test_swapped_weights_are_refused_with_both_hashes(stored):
    save(network(seed=1), replace(CARD, key="sesn_vector"), stored)
    first, second = stored / "cnn-small.safetensors", stored / "sesn_vector-small.safetensors"
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    hashes = [hashlib.sha256(data).hexdigest()[:12] for data in (a, b)]
    refuse(stored, *hashes)
    refuse(stored, *hashes, key="sesn_vector")


def test_a_pair_of_files_under_another_name_is_refused_with_both_names(stored):
    for suffix in ("json", "safetensors"):
        (stored / f"cnn-small.{suffix}").rename(stored / f"sesn_scalar-paper.{suffix}")
    refuse(stored, "is of cnn-small, expected sesn_scalar-paper", key="sesn_scalar", size="paper")


def test_another_shape_is_refused_with_both_shapes(stored):
    refuse(stored, "0.weight of shape (3, 4), the network expects (5, 4)", into=network(width=5))


def test_other_names_are_refused(stored):
    refuse(
        stored, "differ in 2.bias", into=nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2, bias=False))
    )
    refuse(stored, "differ in 3.", into=nn.Sequential(*network(), nn.Linear(2, 2)))


def test_weights_that_are_no_safetensors_are_refused_even_with_their_hash(stored):
    data = b"not a safetensors file"
    (stored / "cnn-small.safetensors").write_bytes(data)
    edit(stored, sha256=hashlib.sha256(data).hexdigest())
    refuse(stored, "cnn-small.safetensors are damaged", MENDED)


def test_weights_that_are_not_whole_say_what_to_do(stored):
    weights = stored / "cnn-small.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    refuse(stored, "cnn-small.safetensors do not match their card", MENDED)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"key": "cnn"', "[]", "null", '{"key": "cnn"}', "\x00\xff", '"cnn"', '{"unknown": 1}', 100_000 * "["],
)
def test_a_truncated_or_foreign_card_is_refused(stored, text):
    (stored / "cnn-small.json").write_text(text, encoding="latin-1")
    refuse(stored, "The card cnn-small.json cannot be read", MENDED)


@pytest.mark.parametrize("field", ["sha256", "key", "test_error", "config"])
def test_a_card_that_lacks_a_field_is_refused_with_its_name(stored, field):
    values = json.loads((stored / "cnn-small.json").read_text())
    del values[field]
    (stored / "cnn-small.json").write_text(json.dumps(values))
    refuse(stored, field)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sha256", "", "sha256 must be the 64 digits of a SHA-256, got ''"),
        ("sha256", "abc", "sha256 must be the 64 digits of a SHA-256, got 'abc'"),
        ("sha256", 5, "sha256 must be a text, got 5"),
        ("sha256", None, "sha256 must be a text, got None"),
        ("seed", "0", "seed must be a whole number, got '0'"),
        ("seed", 1.5, "seed must be a whole number, got 1.5"),
        ("epochs", True, "epochs must be a whole number, got True"),
        ("epochs", -1, "epochs must not be negative, got -1"),
        ("test_error", "low", "test_error must be a finite number, got 'low'"),
        ("test_error", float("nan"), "test_error must be a finite number, got nan"),
        ("test_error", 10**400, "test_error must be a finite number, got 1000"),
        ("test_error", 101.0, "test_error must lie between 0 and 100 %, got 101.0"),
        ("glyph_error", -1.0, "glyph_error must lie between 0 and 100 %, got -1.0"),
        ("glyph_error", "none", "glyph_error must be a finite number or null, got 'none'"),
        ("config", ["channels"], "config must be an object, got ['channels']"),
        ("versions", {"torch": 2}, "versions['torch'] must be a text, got 2"),
        ("history", {}, "history must be a list, got {}"),
        ("history", [3], "history[0] must be an object, got 3"),
        ("history", [{"epoch": 1, "loss": 0.5}], "history[0] must have a number as validation_error, got None"),
        (
            "history",
            [{"epoch": 1, "loss": 0.5, "validation_error": 3.0, "internal_scales": [1.0, "two"]}],
            "history[0].internal_scales[1] must be a finite number, got 'two'",
        ),
    ],
)
def test_a_card_with_something_of_the_wrong_kind_is_refused_with_its_name(stored, name, value, expected):
    edit(stored, **{name: value})
    refuse(stored, f"The card cnn-small.json cannot be read: {expected}")
    with pytest.raises(CheckpointError, match="The card cnn-small"):
        read_card("cnn", "small", stored)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_even_with_their_hash(stored, value):
    broken = network()
    broken[2].weight.data[1, 2] = value
    save(broken, CARD, stored)
    refuse(stored, "The weights cnn-small.safetensors have a value in 2.weight that is no finite number")


def test_weights_of_another_kind_of_number_are_refused(stored):
    save(network().double(), CARD, stored)
    refuse(stored, "0.weight as torch.float64, the network expects torch.float32")


def test_nothing_is_left_half_written(stored, monkeypatch):
    """A crash between the bytes and their place keeps the old pair; a full disk too."""
    before = {path.name: path.read_bytes() for path in stored.iterdir()}
    assert sorted(before) == ["cnn-small.json", "cnn-small.safetensors"]  # no .part is left

    def crash(*args):
        raise OSError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", crash)
        with pytest.raises(OSError, match="crash"):
            save(network(seed=5), CARD, stored)
    assert {name: (stored / name).read_bytes() for name in before} == before
    load_weights(network(seed=1), "cnn", "small", stored)
    save(network(seed=5), CARD, stored)
    assert sorted(path.name for path in stored.iterdir()) == sorted(before)


def test_the_card_is_readable_text_and_the_weights_are_no_pickle(stored):
    values = json.loads((stored / "cnn-small.json").read_text(encoding="utf-8"))
    assert values == asdict(read_card("cnn", "small", stored))
    assert (stored / "cnn-small.json").read_bytes().endswith(b"}\n")
    tensors = safetensors.torch.load((stored / "cnn-small.safetensors").read_bytes())
    assert set(tensors) == set(network().state_dict())
