"""The one visible table of all networks; menus, tests, benchmark and training read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import torch

from core import checkpoints
from core.models import cnn, identity, sesn
from core.models.network import Network


@dataclass(frozen=True)
class ModelSpec:
    """One network of the menu.

    Attributes:
        title: its name on a page.
        network: builds it from a configuration.
        sizes: the configuration of each size, `small` and, where it can be built, `paper`.
        source: the publication that defines it.
        summary: one sentence for a visitor.
        control: True for a network that is never trained and shows what a measure should say.
    """

    title: str
    network: Callable[[Any], Network]
    sizes: Mapping[str, Any]
    source: str
    summary: str
    control: bool = False


_SESN = "Sosnovik et al., arXiv:1910.11093"
MODELS: dict[str, ModelSpec] = {
    "cnn": ModelSpec(
        "Plain CNN", cnn.Cnn, {"small": cnn.SMALL, "paper": cnn.PAPER}, _SESN + ", baseline",
        "Ordinary convolutions: they commute with shifts, not with a change of size.",
    ),
    "sesn_vector": ModelSpec(
        "SESN, vector", sesn.Sesn, {"small": sesn.SMALL_VECTOR, "paper": sesn.PAPER_VECTOR}, _SESN,
        "Every filter at several internal scales; the scale axis is kept to the last layer.",
    ),
    "sesn_scalar": ModelSpec(
        "SESN, scalar", sesn.Sesn, {"small": sesn.SMALL_SCALAR, "paper": sesn.PAPER_SCALAR}, _SESN,
        "Every filter at several internal scales; each layer keeps the strongest response.",
    ),
    "identity": ModelSpec(
        "Identity (control)", identity.Identity, {"small": identity.IdentityConfig()}, "control",
        "Hands the image on: its error must be 0.", control=True,
    ),
    "random_cnn": ModelSpec(
        "Plain CNN, random weights (control)", cnn.Cnn, {"small": cnn.SMALL, "paper": cnn.PAPER}, "control",
        "The plain CNN before training: what the architecture alone does.", control=True,
    ),
    "random_sesn": ModelSpec(
        "SESN, random weights (control)", sesn.Sesn, {"small": sesn.SMALL_VECTOR, "paper": sesn.PAPER_VECTOR},
        "control", "SESN before training: equivariance by construction, not learned.", control=True,
    ),
}  # fmt: skip

_CONTROL_SEED = 0


def configuration(key: str, size: str = "small", **config: object) -> Any:
    """The configuration of a network with single values replaced.

    Raises: KeyError for an unknown network; ValueError for a size it cannot be built at or an unknown setting.
    """
    if key not in MODELS:
        raise KeyError(f"unknown network {key!r}; known are {', '.join(MODELS)}")
    sizes = MODELS[key].sizes
    if size not in sizes:
        raise ValueError(f"{key} cannot be built at size {size!r}; it has {', '.join(sizes)}")
    base = sizes[size]
    known = {field.name for field in fields(base)} if is_dataclass(base) else set()
    if unknown := set(config) - known:
        raise ValueError(f"{key} has no setting {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return replace(base, **config)


def is_ready(key: str, size: str = "small") -> bool:
    """Whether `load` has weights for a network: a checkpoint is there, or it is a control, which needs none."""
    return MODELS[key].control or checkpoints.available(key, size)


def build(key: str, size: str = "small", **config: object) -> Network:
    """An untrained network; its random weights follow torch's seed. Errors as `configuration`."""
    return MODELS[key].network(configuration(key, size, **config)) if key in MODELS else configuration(key)


def load(key: str, size: str = "small", **config: object) -> Network:
    """A pretrained network in eval mode, without gradients; the controls come with the same random weights always.

    `config` may change what leaves the weights' shapes alone: the internal scales. The weights are then those of
    the trained set, evaluated on the new basis.
    Raises: as `configuration`; CheckpointError if there is no valid checkpoint.
    """
    chosen = configuration(key, size, **config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_CONTROL_SEED)
        network = MODELS[key].network(chosen)
    if not MODELS[key].control:
        checkpoints.load_weights(network, key, size)
    return network.eval().requires_grad_(False)
