"""Weights from a safetensors file for a network of the registry: every mismatch is named before one is copied."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from core.foreign.names import legible
from core.foreign.safetensors_file import read_safetensors
from core.models import MODELS, Network, build

_MOST_TOLD = 40  # tensors that do not fit, of each kind
_MOST_NAMES = 4  # of tensors that were converted


def networks_with_weights() -> list[str]:
    """Keys of the registry whose weights a file can bring: all but the controls, which are never trained."""
    return [key for key, spec in MODELS.items() if spec.has_checkpoints]


def expected(key: str, size: str = "small") -> dict[str, Tensor]:
    """What a file must hold, by name, as the network itself has it. Raises: as `core.models.build`."""
    return dict(build(key, size).state_dict())


def read_weights(
    content: bytes, key: str, size: str = "small", network: Network | None = None
) -> tuple[Network, tuple[str, ...]]:  # fmt: skip
    """A network of the registry with the weights of a file, in eval mode, without gradients.

    Args: content: of the file, all of it. network: that is given them, where it is built already.
    Returns: the network, and a sentence for each thing that was changed on the way: types that were converted.
    Raises: ValueError, in sentences that name every mismatch: what is missing, what is unexpected, has another shape or
        kind of number, or a value that is NaN or infinite; as `core.models.build` for another key or size.
    """
    stored = read_safetensors(content)
    network = (network or build(key, size)).eval().requires_grad_(False)
    wanted = dict(network.state_dict())
    if wrong := [*_unknown(stored, wanted), *_cut(list(_mismatches(stored, wanted)), "And {} more.")]:
        raise ValueError(" ".join(wrong))
    network.load_state_dict({name: tensor.to(wanted[name].dtype) for name, tensor in stored.items()})
    return network, tuple(_conversions(stored, wanted))


def _unknown(stored: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Iterator[str]:
    """A sentence on what is missing, and one on what is unexpected."""
    missing = {name: each for name, each in wanted.items() if name not in stored}
    more = {name: each for name, each in stored.items() if name not in wanted}
    if missing:
        yield f"The file lacks {_listed(missing)}."
    if more:
        yield f"The file has {_listed(more)}, which the network has not."


def _mismatches(stored: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Iterator[str]:
    """A sentence for each tensor that both have and that does not fit.

    NaN and infinity are asked for after a conversion: a large float64 is infinite as float32.
    """
    for name, tensor in stored.items():
        if name not in wanted:
            continue
        if tensor.shape != wanted[name].shape:
            yield f"{name} has the shape {_shape(tensor)}, the network expects {_shape(wanted[name])}."
        elif tensor.is_floating_point() != wanted[name].is_floating_point():
            yield f"{name} holds {_kind(tensor)}, the network expects {_kind(wanted[name])}."
        elif not bool(torch.isfinite(tensor.to(wanted[name].dtype)).all()):
            yield f"{name} holds a value that is NaN or infinite as {_kind(wanted[name])}."


def _listed(tensors: Mapping[str, Tensor]) -> str:
    """Their names, each with its shape."""
    told = [f"{legible(name)} ({_shape(each)})" for name, each in tensors.items()]
    return ", ".join(_cut(told, "and {} more"))


def _cut(told: list[str], more: str) -> list[str]:
    """So many of them, and how many there are beside."""
    return told if len(told) <= _MOST_TOLD else [*told[:_MOST_TOLD], more.format(len(told) - _MOST_TOLD)]


def _conversions(stored: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Iterator[str]:
    names: dict[tuple[str, str], list[str]] = {}
    for name, tensor in stored.items():
        if tensor.dtype != wanted[name].dtype:
            names.setdefault((_kind(tensor), _kind(wanted[name])), []).append(name)
    for (was, now), found in names.items():
        more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
        yield f"Stored as {was} and computed as {now}: {', '.join(found[:_MOST_NAMES])}{more}."


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "1 (no axes)"


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
