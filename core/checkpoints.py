"""Checkpoints: weights as safetensors beside a card (JSON) that says where they come from. Never pickle.

`<key>-<size>.safetensors` holds the state of the network, `<key>-<size>.json` the card: configuration, recipe,
data and split, seed, epochs, device, wall time, test error, parameter count, SHA-256 of the weights, git commit.
"""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from core import files, typed_json

FOLDER = files.ASSETS / "checkpoints"
ALL_SIZES, ONE_SIZE = "all sizes", "one size"
FOLDERS = {ALL_SIZES: FOLDER, ONE_SIZE: FOLDER / "one-size"}  # by the digits that weights were trained on

_SHA256 = re.compile(r"[0-9a-f]{64}")
_OF_AN_EPOCH = ("epoch", "validation_error")  # every entry of a history has them, if any image was held back


class CheckpointError(ValueError):
    """A checkpoint is missing, damaged or belongs to another network; the message is one sentence."""


@dataclass(frozen=True)
class Card:
    """What the training code knows of the weights it wrote; see the module's docstring.

    Raises: ValueError for a value that no checkpoint has.
    """

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

    def __post_init__(self) -> None:
        if self.sha256 and not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256 must be the 64 digits of a SHA-256, got {self.sha256!r:.70}")
        for name, error in (("test_error", self.test_error), ("glyph_error", self.glyph_error)):
            if error is not None and not 0 <= error <= 100:
                raise ValueError(f"{name} must lie between 0 and 100 %, got {error}")
        for name in ("epochs", "test_images", "parameters"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        wanted = _OF_AN_EPOCH if self.data.get("validation", True) else _OF_AN_EPOCH[:1]
        for number, entry in enumerate(self.history):
            for name in wanted:
                if not isinstance(entry.get(name), int | float):
                    raise ValueError(f"history[{number}] must have a number as {name}, got {entry.get(name)!r:.60}")
            typed_json.convert(entry.get("internal_scales", []), list[float], f"history[{number}].internal_scales")

    @property
    def standard_error(self) -> float:
        """√(p (1 − p) / n) of the test error, in percent: of these weights on other images of the kind."""
        share = self.test_error / 100
        return 100 * math.sqrt(share * (1 - share) / self.test_images)


def save(network: nn.Module, card: Card, folder: Path = FOLDER) -> Path:
    """Writes weights and card as one step: whatever happens, the old pair can be read or the new one.

    The card's `sha256` is replaced by that of the weights written. Returns: the path of the weights.
    Raises: OSError if it cannot be written, and the old pair stays; core.files.InUse if another process writes it.
    """
    weights, card_path = _paths(folder, card.key, card.size)
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    data = safetensors.torch.save(state)
    values = asdict(card) | {"sha256": hashlib.sha256(data).hexdigest()}
    files.write_together({card_path: json.dumps(values, indent=1, ensure_ascii=False) + "\n", weights: data})
    return weights


def read_card(key: str, size: str = "small", folder: Path = FOLDER) -> Card:
    """Raises: CheckpointError if there is no card, it cannot be read, or something in it is of the wrong kind."""
    _, path = _paths(folder, key, size)
    try:
        (text,) = files.read_together([path])
    except OSError as error:
        raise _no_card(path, key, size, error) from None
    return _card(path, text, key, size)


def load_weights(network: nn.Module, key: str, size: str = "small", folder: Path = FOLDER) -> Card:
    """Copies the stored weights into `network` and returns their card.

    Raises: CheckpointError if hash, network, names or shapes do not match, naming both values.
    """
    weights, card_path = _paths(folder, key, size)
    try:
        text, data = files.read_together([card_path, weights])
    except OSError as error:
        if not files.stand_together([card_path]):
            raise _no_card(card_path, key, size, error) from None
        read_card(key, size, folder)  # whatever is wrong with it comes first
        raise _broken(f"The weights {weights.name} cannot be read: {error.strerror}", key, size) from None
    card = _card(card_path, text, key, size)
    if (card.key, card.size) != (key, size):
        raise CheckpointError(f"The card {card_path.name} is of {card.key}-{card.size}, expected {key}-{size}.")
    digest = hashlib.sha256(data).hexdigest()
    if digest != card.sha256:
        said = f"SHA-256 {digest[:12]}…, expected {card.sha256[:12]}…"
        raise _broken(f"The weights {weights.name} do not match their card: {said}", key, size)
    try:
        stored = safetensors.torch.load(data)
    except SafetensorError as error:
        raise _broken(f"The weights {weights.name} are damaged: {error}", key, size) from None
    _match(weights.name, stored, network)
    network.load_state_dict(stored)
    return card


def read_weights(key: str, size: str = "small", folder: Path = FOLDER) -> bytes:
    """The safetensors file of a checkpoint as it is. Raises: CheckpointError if it cannot be read."""
    weights, _ = _paths(folder, key, size)
    try:
        (data,) = files.read_together([weights])
    except OSError as error:
        raise _no_card(weights, key, size, error) from None
    return data


def folder_of(trained_on: str) -> Path:
    """Where weights trained on such digits lie. Raises: ValueError for others than those of FOLDERS."""
    if trained_on not in FOLDERS:
        raise ValueError(f"weights are trained on {' or '.join(FOLDERS)}, not on {trained_on!r}")
    return FOLDERS[trained_on]


def available(key: str, size: str = "small", folder: Path = FOLDER) -> bool:
    weights, card_path = _paths(folder, key, size)
    return files.stand_together([card_path, weights])


def _no_card(path: Path, key: str, size: str, error: OSError) -> CheckpointError:
    if isinstance(error, FileNotFoundError):
        return CheckpointError(f"There is no checkpoint of {key} at size {size}.")
    return _broken(f"The card {path.name} cannot be read: {error.strerror}", key, size)


def _broken(said: str, key: str, size: str) -> CheckpointError:
    """A file that is not what it was, and what to do."""
    train = f"python -m core.training {key} --size {size}"
    return CheckpointError(f"{said}; put back the file that came along, or train it again with {train}.")


def _card(path: Path, text: bytes, key: str, size: str) -> Card:
    try:
        card = typed_json.read(Card, text)
        if not card.sha256:
            raise ValueError("sha256 must be the 64 digits of a SHA-256, got ''")
    except ValueError as error:
        said = " ".join(str(error).split())
        raise _broken(f"The card {path.name} cannot be read: {said}", key, size) from None
    return card


def _match(name: str, stored: dict[str, Tensor], network: nn.Module) -> None:
    expected = network.state_dict()
    if missing := sorted(set(expected) ^ set(stored)):
        raise CheckpointError(f"The weights {name} and the network differ in {missing[0]}: one of them lacks it.")
    for key, tensor in expected.items():
        if tensor.shape != stored[key].shape:
            got, want = tuple(stored[key].shape), tuple(tensor.shape)
            raise CheckpointError(f"The weights {name} have {key} of shape {got}, the network expects {want}.")
        if tensor.dtype != stored[key].dtype:
            raise CheckpointError(
                f"The weights {name} have {key} as {stored[key].dtype}, the network expects {tensor.dtype}."
            )
        if not torch.isfinite(stored[key]).all():
            raise CheckpointError(f"The weights {name} have a value in {key} that is no finite number.")


def _paths(folder: Path, key: str, size: str) -> tuple[Path, Path]:
    return folder / f"{key}-{size}.safetensors", folder / f"{key}-{size}.json"
