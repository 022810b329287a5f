"""A module of one's own, measured on pictures of one's own: what the command line does, step by step."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.equivariance.measure import measure
from core.equivariance.report import EquivarianceReport
from core.models import WrappedNetwork, wrap
from core.models.imported import first_line

_TRIED = (28, 32, 64, 224, 256)  # canvases that are usual
_EVEN = 1e-6
_SEEN = 6  # images that a reader is shown


@dataclass(frozen=True)
class Values:
    """What a module takes for x in [0, 1]: (x − mean) / std, for each channel or all alike; and for a blank image."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    blank: float
    blank_name: str
    title: str

    def of(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        mean, std = (torch.tensor(each, dtype=images.dtype)[:, None, None] for each in (self.mean, self.std))
        return (images - mean) / std


VALUES: Mapping[str, Values] = {
    "unit": Values((0.0,), (1.0,), 0.0, "black (0 everywhere)", "0 to 1"),
    "bytes": Values((0.0,), (1 / 255,), 0.0, "black (0 everywhere)", "0 to 255"),
    "signed": Values((0.5,), (0.5,), -1.0, "black (-1 everywhere)", "-1 to 1"),
    # torchvision's mean and standard deviation of ImageNet; 0 is then the mean colour
    "imagenet": Values(
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
        0.0,
        "the mean colour (0 everywhere)",
        "normalised as for ImageNet",
    ),
}


@dataclass(frozen=True)
class Measured:
    """One network and what was found.

    Attributes:
        name: of the network. shown: what it was measured on, for a reader.
        left_out: layers that could not be placed, with the reason. images: the first of those measured, in [0, 1].
    """

    name: str
    report: EquivarianceReport
    shown: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    images: Float[Tensor, "n c h w"] | None = None


def wrapped(
    name: str, module: nn.Module, canvas: int, values: Values, layers: Sequence[str] | None = None
) -> WrappedNetwork:
    """A module that takes the canvas, each of its strides dividing it, and images of 1 channel or 3.

    Raises: ValueError, in one sentence with what to do, if it does not.
    """
    try:
        network = wrap(module, layers, canvas=canvas, blank=values.blank)
    except Exception as error:  # the module is anybody's
        said = str(error) if isinstance(error, ValueError) else first_line(error)
        other = next((side for side in _other_canvases(canvas) if _takes(module, side)), None)
        cure = f"; it takes {other}×{other} pixels: --canvas {other}" if other else ""
        raise ValueError(f"{name}: {said}{cure}") from error
    if network.channels not in (1, 3):
        raise ValueError(f"{name} takes images of {network.channels} channels, pictures have 1 or 3")
    if len(values.mean) not in (1, network.channels):
        raise ValueError(f"{name} takes images of 1 channel, and values {values.title} have three")
    _check_canvas(name, network, canvas)
    return network


def measure_own(
    name: str, network: WrappedNetwork, images: Float[Tensor, "b c h w"], values: Values, shown: str, **how: object
) -> Measured:
    """Args: images: in [0, 1]. shown: as `Measured`. how: as `measure`.

    Raises: ValueError, in one sentence, if it cannot be measured.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the report has them
            report = measure(network, values.of(images), background=values.blank, **how)  # type: ignore[arg-type]
    except Exception as error:  # the module is anybody's
        said = str(error) if isinstance(error, ValueError) else first_line(error)
        raise ValueError(f"{name} cannot be measured on these images: {said}") from error
    told = f"{shown} · values {values.title}"
    return Measured(name, replace(report, blank_name=values.blank_name), told, network.left_out, images[:_SEEN])


def tell_edge(report: EquivarianceReport) -> str:
    """What was taken for what lies beyond the image, and how much of the maps was compared: a clause."""
    low, high = (f"{100 * share:.0f}" for share in (report.known.min(), report.known.max()))
    share = f"{low} %" if low == high else f"{low} to {high} %"
    if report.edge == "mirrored":
        return f"beyond its edge the picture is mirrored, to {report.side} px, and {share} of its maps are compared"
    if report.edge == "masked":
        return f"beyond its edge nothing is known, and {share} of the maps are compared"
    return f"beyond the image lies background, to {report.side} px, and {share} of the maps are compared"


def _check_canvas(name: str, network: WrappedNetwork, canvas: int) -> None:
    """Where a stride does not divide the canvas, maps end within it, and errors at the edge are the padding's."""
    with torch.no_grad():
        images = torch.zeros(1, network.channels, canvas, canvas)
        strides = {layer: found.stride for layer, found in network.features(images).items()}
    uneven = [layer for layer, stride in strides.items() if not _divides(stride, canvas)]
    if not uneven:
        return
    even = [side for side in range(1, 2 * canvas) if all(_divides(stride, side) for stride in strides.values())]
    nearest = min(even, key=lambda side: (abs(side - canvas), side), default=None)
    cure = f"name --canvas {nearest}, or other layers with --layers" if nearest else "name other layers with --layers"
    raise ValueError(
        f"{name}: {canvas} pixels are no whole number of places of layer {uneven[0]!r}, whose stride is "
        f"{strides[uneven[0]]:g}: {cure}"
    )


def _divides(stride: float, canvas: int) -> bool:
    return abs(canvas / stride - round(canvas / stride)) < _EVEN


def _other_canvases(canvas: int) -> list[int]:
    """The next multiples of 32, which most strides divide, and usual ones."""
    around = [32 * math.floor(canvas / 32), 32 * math.ceil(canvas / 32)]
    return [side for side in dict.fromkeys([*around, *_TRIED]) if side not in (0, canvas)]


def _takes(module: nn.Module, canvas: int) -> bool:
    try:
        wrap(module, canvas=canvas)
    except Exception:  # the module is anybody's
        return False
    return True
