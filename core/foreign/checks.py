"""Five checks of a network that somebody made, before its errors mean anything; each ends in a sentence."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.equivariance import EDGES, EquivarianceReport, measure
from core.foreign.network import OnnxNetwork, OnnxNode
from core.foreign.question import Check
from core.models import WrappedNetwork, wrap

_CLASSES = 10  # of digits
_CLEARLY = 0.1  # of an error: less than that share apart is no difference


def check_all(
    network: OnnxNetwork, wrapped: WrappedNetwork, report: EquivarianceReport, images: Float[Tensor, "b c h w"],
    labels: Tensor | None,
) -> tuple[Check, ...]:  # fmt: skip
    """Args: images, labels: as the network takes them, and which digits they show; None for others. report: of these.

    Raises: ValueError as `measure`.
    """
    return (
        check_canvas(wrapped, images),
        check_mode(network),
        Check("A function of its image", True, "Asked twice, and beside another image, it answers alike."),
        check_answers(network, images, labels),
        check_training(network, wrapped, report, images),
    )


def check_canvas(wrapped: WrappedNetwork, images: Float[Tensor, "b c h w"]) -> Check:
    """Whether every stride divides the canvas: else maps end within it, and errors at the edge are the padding's."""
    side, name = images.shape[-1], "The canvas divides the strides"
    with torch.no_grad():
        strides = {layer: found.stride for layer, found in wrapped.features(images[:1]).items()}
    uneven = [layer for layer, stride in strides.items() if abs(side / stride - round(side / stride)) > 1e-6]
    if not uneven:
        return Check(
            name,
            True,
            f"{side} pixels are whole places of every layer; the deepest stride is {max(strides.values()):g}.",
        )
    return Check(
        name,
        False,
        f"{side} pixels are no whole number of places of {uneven[0]}, whose stride is {strides[uneven[0]]:g}.",
    )


def check_mode(network: OnnxNetwork) -> Check:
    """Whether norms use what they learned rather than the batch."""
    name = "Evaluation mode"
    parts = [part for part in network.modules() if isinstance(part, OnnxNode)]
    training = [part.node.name for part in parts if part.node.attributes.get("training_mode")]
    if training:
        return Check(name, False, f"{training[0]} was exported in training mode; here it uses its stored statistics.")
    norms = sum(part.node.operator == "BatchNormalization" for part in parts)
    return Check(name, True, f"{norms} batch norms use their stored statistics." if norms else "It has no batch norm.")


def check_answers(network: OnnxNetwork, images: Float[Tensor, "b c h w"], labels: Tensor | None) -> Check:
    """Whether its answers tell the pictures apart; of a network with ten classes, whether they are right."""
    name = "It answers as it should"
    with torch.no_grad():
        answer = network(images)
    if answer.dim() != 2 or answer.shape[1] < 2:
        return Check(
            name, None, f"Its answer has the shape {tuple(answer.shape)}: it is no classifier, so nothing is said."
        )
    said = answer.argmax(1)
    if labels is None or answer.shape[1] != _CLASSES:
        kinds, shown = len(said.unique()), "photographs" if labels is None else "digits"
        return Check(
            name, kinds > 1 or None, f"It has {answer.shape[1]} classes, and {kinds} of them for {len(said)} {shown}."
        )
    right = int((said == labels).sum())
    return Check(name, 2 * right > len(labels), f"It reads {right} of {len(labels)} vector digits.")


def check_training(
    network: OnnxNetwork, wrapped: WrappedNetwork, report: EquivarianceReport, images: Float[Tensor, "b c h w"]
) -> Check:
    """Whether training made it commute better than the same numbers in another order do."""
    name = "Trained against random weights"
    other = wrap(
        shuffled(network), layers=wrapped.layers, canvas=images.shape[-1], channels=images.shape[1], blank=wrapped.blank
    )
    random = measure(other, images, report.amounts, report.resampler, costs=False, edge=report.edge or EDGES[0])
    own, theirs = (float(torch.tensor(each.error).nanmean()) for each in (report, random))
    said = f"Mean error over layers and scale factors: {100 * own:.0f} %, with shuffled weights {100 * theirs:.0f} %"
    if abs(own - theirs) <= _CLEARLY * theirs:
        return Check(name, None, f"{said}: no difference worth a name.")
    return Check(name, own < theirs, f"{said}: training made it commute {'better' if own < theirs else 'worse'}.")


def shuffled(network: OnnxNetwork, seed: int = 0) -> OnnxNetwork:
    """A copy whose weights are in random order within each tensor; norms, biases and shapes stay as they are."""
    found, draw = copy.deepcopy(network), torch.Generator().manual_seed(seed)
    for part in found.modules():
        for values in _weights(part):
            values.copy_(values.flatten()[torch.randperm(values.numel(), generator=draw)].reshape(values.shape))
    return found


def _weights(part: nn.Module) -> list[Tensor]:
    own = part.buffers(recurse=False) if isinstance(part, OnnxNode) else ()
    return [each for each in own if each.is_floating_point() and each.dim() >= 2]
