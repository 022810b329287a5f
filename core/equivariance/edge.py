"""What lies beyond the edge of a photograph: nobody knows, and it is masked; or its mirror image, and it is measured.

A photograph goes on where its canvas ends. Masked, T x has black there, and positions of a map that T' would read from
beyond are left out. Mirrored, the picture is continued by reflection on a canvas so wide that T x and T'Φ(x) hold real
content wherever they are compared, which is on the picture's own canvas.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import torch
from jaxtyping import Float
from torch import Tensor

from core.models import Features
from core.models.measurable import HasFeatures, background_margin, changes_canvas
from core.transforms import Transform

EDGES = ("masked", "mirrored")
BACKGROUND = "background"  # what reports name it where an image ends in background, on a wide canvas
_CONTEXT = 4  # the side of a picture over what is kept for a layer to see around a position


@dataclass(frozen=True)
class Mirror:
    """A canvas wider than the picture by `margin` pixels on each side.

    Attributes: grids: (height, width) of each layer's map of the picture alone. strides: of each layer.
    """

    margin: int
    grids: Mapping[str, tuple[int, int]]
    strides: Mapping[str, float]

    def window(self, layer: str, planes: Float[Tensor, "*batch h w"]) -> Float[Tensor, "*batch _ _"]:
        """The positions that a map of the picture alone has."""
        m, (h, w) = round(self.margin / self.strides[layer]), self.grids[layer]
        return planes[..., m : m + h, m : m + w]

    def window_of_image(self, planes: Float[Tensor, "*batch h w"]) -> Float[Tensor, "*batch _ _"]:
        """The pixels of the picture alone."""
        h, w = (n - 2 * self.margin for n in planes.shape[-2:])
        return planes[..., self.margin : self.margin + h, self.margin : self.margin + w]

    def check(self, features: Features, alone: Features) -> None:
        """Raises: ValueError if a map of the wider canvas does not continue that of the picture alone."""
        for layer, found in features.items():
            around = 2 * round(self.margin / found.stride)
            expected = tuple(n + around for n in alone[layer].values.shape[-2:])
            got = tuple(found.values.shape[-2:])
            if got != expected or found.stride != alone[layer].stride or found.centre != alone[layer].centre:
                raise ValueError(
                    f"{layer}: its map of the mirrored canvas should be {expected} about the same centre, got {got}; "
                    "measure with a masked edge, or choose other layers"
                )


def checked(edge: str) -> str:
    """Raises: ValueError for an unknown edge."""
    if edge not in EDGES:
        raise ValueError(f"edge must be one of {', '.join(EDGES)}, got {edge!r}")
    return edge


def mirror_for(
    network: HasFeatures, images: Float[Tensor, "b c h w"], transform: Transform, amounts: Sequence[float]
) -> Mirror:
    """The canvas for pictures and amounts: what is compared, and what a layer sees around it, is real content.

    Around the picture `background_margin` or a quarter of its side is seen, whichever is more. A layer that sees
    further than that beyond the edge meets the padding of the wide canvas, as it would meet that of the picture's own.
    Raises: ValueError for a network whose canvas changes, or that does not take a wider one.
    """
    if changes_canvas(network):
        raise ValueError("the canvas of this network changes with the picture, so no edge of it can be mirrored")
    side = max(images.shape[-2:])
    context = max(background_margin(network), math.ceil(side / _CONTEXT))
    reach = max(_reach(transform, amount, side / 2 + context) for amount in amounts)
    least = max(context, reach - side / 2)
    with torch.no_grad():
        alone = network.features(images[:1])
        pixels = math.lcm(*(Fraction(found.stride).limit_denominator(100).numerator for found in alone.values()))
        margin = pixels * math.ceil(least / pixels - 1e-9)
        grids = {layer: (found.values.shape[-2], found.values.shape[-1]) for layer, found in alone.items()}
        mirror = Mirror(margin, grids, {layer: float(found.stride) for layer, found in alone.items()})
        try:
            wide = network.features(mirrored(images[:1], margin))
        except Exception as error:  # a network of one's own may raise anything
            said = next(iter(str(error).splitlines()), type(error).__name__)
            wide_side = f"a canvas of {side + 2 * margin} pixels"
            raise ValueError(
                f"a mirrored edge needs {wide_side}, which the network does not take ({said}): "
                "measure it with a masked edge"
            ) from error
        mirror.check(wide, alone)
    return mirror


def mirrored(images: Float[Tensor, "*batch h w"], margin: int) -> Float[Tensor, "*batch _ _"]:
    """Images with so many pixels more on each side, reflected about their edges again and again: … b a a b c c b …"""
    h, w = images.shape[-2:]
    rows, columns = (_folded(n, margin).to(images.device) for n in (h, w))
    return images.index_select(-2, rows).index_select(-1, columns)


def _folded(n: int, margin: int) -> Tensor:
    at = torch.arange(-margin, n + margin) % (2 * n)
    return torch.minimum(at, 2 * n - 1 - at)


def _reach(transform: Transform, amount: float, half: float) -> float:
    """How far from the centre T reads, along an axis, for a square of this half side."""
    (a, b, c), (d, e, f) = transform.point(transform.inverse(amount))
    return max(half * (abs(a) + abs(b)) + abs(c), half * (abs(d) + abs(e)) + abs(f))
