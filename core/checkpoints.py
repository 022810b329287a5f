"""Checkpoints: weights as safetensors beside a card (JSON) that says where they come from. Never pickle.

`<key>-<size>.safetensors` holds the state of the network, `<key>-<size>.json` the card: configuration, recipe,
data and split, seed, epochs, device, wall time, test error, parameter count, SHA-256 of the weights, git commit.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "checkpoints"


class CheckpointError(ValueError):
    """A checkpoint is missing, damaged or belongs to another network; the message is one sentence."""


@dataclass(frozen=True)
class Card:
    """What the training code knows of the weights it wrote; see the module's docstring."""

    key: str
    size: str
    config: dict[str, Any]
    recipe: dict[str, Any]
    data: dict[str, Any]
    seed: int
    epochs: int
    device: str
    wall_time_s: float
    test_error: float  # %, on the whole test split
    test_images: int
    parameters: int
    sha256: str
    git_commit: str
    command: str
    versions: dict[str, str]
    glyph_error: float | None = None  # %, on all vector digits at scale 1
    history: list[dict[str, Any]] = field(default_factory=list)  # one entry an epoch


def save(network: nn.Module, card: Card, folder: Path = FOLDER) -> Path:
    """Writes weights and card, each complete or not at all; returns the path of the weights.

    The card's `sha256` is replaced by that of the weights written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights, card_path = _paths(folder, card.key, card.size)
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    data = safetensors.torch.save(state)
    values = asdict(card) | {"sha256": hashlib.sha256(data).hexdigest()}
    _write(weights, data)
    _write(card_path, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())
    return weights


def read_card(key: str, size: str = "small", folder: Path = FOLDER) -> Card:
    """Raises: CheckpointError if there is no card or it cannot be read."""
    _, path = _paths(folder, key, size)
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CheckpointError(f"There is no checkpoint of {key} at size {size}.") from None
    except (ValueError, TypeError, OSError) as error:
        raise CheckpointError(f"The card {path.name} cannot be read: {error}.") from None


def load_weights(network: nn.Module, key: str, size: str = "small", folder: Path = FOLDER) -> Card:
    """Copies the stored weights into `network` and returns their card.

    Raises: CheckpointError if hash, network, names or shapes do not match, naming both values.
    """
    card = read_card(key, size, folder)
    path, _ = _paths(folder, key, size)
    if (card.key, card.size) != (key, size):
        raise CheckpointError(f"The card {path.stem}.json is of {card.key}-{card.size}, expected {key}-{size}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"The weights {path.name} cannot be read: {error.strerror}.") from None
    digest = hashlib.sha256(data).hexdigest()
    if digest != card.sha256:
        expected = str(card.sha256)[:12]
        raise CheckpointError(
            f"The weights {path.name} do not match their card: SHA-256 {digest[:12]}…, expected {expected}…."
        )
    try:
        stored = safetensors.torch.load(data)
    except SafetensorError as error:
        raise CheckpointError(f"The weights {path.name} are damaged: {error}.") from None
    _match(path.name, stored, network)
    network.load_state_dict(stored)
    return card


def available(key: str, size: str = "small", folder: Path = FOLDER) -> bool:
    return all(path.is_file() for path in _paths(folder, key, size))


def _match(name: str, stored: dict, network: nn.Module) -> None:
    expected = network.state_dict()
    if missing := sorted(set(expected) ^ set(stored)):
        raise CheckpointError(f"The weights {name} and the network differ in {missing[0]}: one of them lacks it.")
    for key, tensor in expected.items():
        if tensor.shape != stored[key].shape:
            got, want = tuple(stored[key].shape), tuple(tensor.shape)
            raise CheckpointError(f"The weights {name} have {key} of shape {got}, the network expects {want}.")


def _paths(folder: Path, key: str, size: str) -> tuple[Path, Path]:
    return folder / f"{key}-{size}.safetensors", folder / f"{key}-{size}.json"


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)
