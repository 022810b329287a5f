"""Five checks of a network that somebody made, before its errors mean anything; each ends in a sentence."""

import copy
import math
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.equivariance import EDGES, EquivarianceReport, measure
from core.foreign.network import OnnxNode
from core.foreign.question import Check
from core.layers.background import RmsBatchNorm
from core.models.measurable import HasFeatures

_CLASSES = 10  # of digits
_ROUNDING = 1e-4  # of an answer in float32
_NORMS = (nn.modules.batchnorm._BatchNorm, RmsBatchNorm)
_CLEARLY = 0.1  # of an error: less than that share apart is no difference


def check_all(
    network: nn.Module, measurable: HasFeatures, report: EquivarianceReport, images: Float[Tensor, "b c h w"],
    labels: Tensor | None, again: Callable[[nn.Module], HasFeatures], background: float = 0.0,
) -> tuple[Check, ...]:  # fmt: skip
    """Args: network: from an ONNX file, or of the registry. measurable: the same, with its maps.
          images, labels: as the network takes them, and which digits they show; None for others. report: of these.
          again: makes a copy measurable. background: as `measure`.
    Raises: ValueError as `measure`.
    """
    return (
        check_canvas(measurable, images),
        check_mode(network),
        check_function(network, images),
        check_answers(network, images, labels),
        check_training(network, again, report, images, background),
    )


def check_canvas(measurable: HasFeatures, images: Float[Tensor, "b c h w"]) -> Check:
    """Whether every stride divides the canvas: else maps end within it, and errors at the edge are the padding's."""
    side, name = images.shape[-1], "The canvas divides the strides"
    with torch.no_grad():
        strides = {layer: found.stride for layer, found in measurable.features(images[:1]).items()}
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


def check_mode(network: nn.Module) -> Check:
    """Whether norms use what they learned rather than the batch."""
    name = "Evaluation mode"
    parts = [part for part in network.modules() if isinstance(part, OnnxNode)]
    training = [part.node.name for part in parts if part.node.attributes.get("training_mode")]
    if training:
        return Check(name, False, f"{training[0]} was exported in training mode; here it uses its stored statistics.")
    norms = sum(part.node.operator == "BatchNormalization" for part in parts)
    norms += sum(isinstance(part, _NORMS) for part in network.modules())
    return Check(name, True, f"{norms} batch norms use their stored statistics." if norms else "It has no batch norm.")


def check_function(network: nn.Module, images: Float[Tensor, "b c h w"]) -> Check:
    """Whether an image has one answer, whenever it is asked and whatever images are beside it."""
    name = "A function of its image"
    with torch.no_grad():
        alone, again, beside = (network(each)[:1].double() for each in (images[:1], images[:1], images))
    if not bool(torch.isfinite(alone).all()):
        return Check(name, None, "Its answer is not finite, so nothing can be said.")
    size = torch.linalg.vector_norm(alone)
    apart = max(float(torch.linalg.vector_norm(other - alone)) for other in (again, beside))
    if apart <= _ROUNDING * float(size):
        return Check(name, True, "Asked twice, and beside other images, it answers alike.")
    return Check(name, False, f"Asked twice, or beside other images, its answer changes by {apart / size:.1%}.")


def check_answers(network: nn.Module, images: Float[Tensor, "b c h w"], labels: Tensor | None) -> Check:
    """Whether its answers tell the pictures apart; of a network with ten classes, whether they are right."""
    name = "It answers as it should"
    with torch.no_grad():
        answer = network(images).double()  # it may be of whole numbers, or of yes and no
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
    network: nn.Module, again: Callable[[nn.Module], HasFeatures], report: EquivarianceReport,
    images: Float[Tensor, "b c h w"], background: float = 0.0,
) -> Check:  # fmt: skip
    """Whether training made it commute better than the same numbers in another order do."""
    name = "Trained against random weights"
    canvas = "image" if report.side is None else "wide"
    edge = report.edge if report.edge in EDGES else EDGES[0]  # of background there is none
    random = measure(
        again(shuffled(network)),
        images,
        report.amounts,
        report.resampler,
        canvas=canvas,
        costs=False,
        edge=edge,
        background=background,
    )
    own, theirs = (float(torch.tensor(each.error).nanmean()) for each in (report, random))
    said = f"Mean error over layers and scale factors: {100 * own:.0f} %, with shuffled weights {100 * theirs:.0f} %"
    if not (math.isfinite(own) and math.isfinite(theirs)):
        return Check(name, None, "No layer has errors that could be compared.")
    if abs(own - theirs) <= _CLEARLY * theirs:
        return Check(name, None, f"{said}: no difference worth a name.")
    return Check(name, own < theirs, f"{said}: training made it commute {'better' if own < theirs else 'worse'}.")


def shuffled(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy whose weights are in random order within each tensor; norms, biases and shapes stay as they are."""
    found, draw = copy.deepcopy(network), torch.Generator().manual_seed(seed)
    for values in _weights(found):
        values.data = values.flatten()[torch.randperm(values.numel(), generator=draw)].reshape(values.shape)
    return found


def _weights(network: nn.Module) -> Iterator[Tensor]:
    """Of an ONNX file the constants, of others the parameters; basis functions are no weights."""
    for part in network.modules():
        own = part.buffers(recurse=False) if isinstance(part, OnnxNode) else part.parameters(recurse=False)
        yield from (each for each in own if each.is_floating_point() and each.dim() >= 2)
