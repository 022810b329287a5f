"""The canvas on which maps are compared: so wide that no error depends on it, and background known to be 0 beyond.

What lies outside an image of a digit is background, and a network that answers background with 0 has maps that are 0
wherever their support has ended. So nothing need be masked, if the canvas holds the support
(docs/decisions/0012-wide-canvas.md). Elsewhere, for photographs and networks that answer background with something, a
map is unknown beyond its grid.
"""

from dataclasses import replace

import torch
from torch import Tensor

from core.models import Features
from core.models.measurable import HasFeatures, background_margin, knows_background

CANVASES = ("wide", "image")
_INK = 0.05  # of the largest value: what counts as background is below
_FRAME = 0.5  # share of the outermost pixels above that which makes a photograph of an image


def checked(canvas: str) -> str:
    """Raises: ValueError for an unknown canvas."""
    if canvas not in CANVASES:
        raise ValueError(f"canvas must be one of {', '.join(CANVASES)}, got {canvas!r}")
    return canvas


def margin_for(network: HasFeatures, images: Tensor | None, canvas: str) -> int | None:
    """Pixels to add on each side of these images, or of digits drawn on the network's canvas (None); None to add none.

    Raises: ValueError for an unknown canvas.
    """
    if checked(canvas) == "image" or not knows_background(network):
        return None
    if images is not None and (images.dim() != 4 or 0 in images.shape or _fills_its_canvas(images)):
        return None
    return background_margin(network)


def known_beyond(features: Features) -> Features:
    """The maps of a wide canvas."""
    return {layer: replace(found, beyond="background") for layer, found in features.items()}


def _fills_its_canvas(images: Tensor) -> bool:
    """Whether what an image shows goes on beyond its edges, as in a photograph."""
    frame = torch.cat([images[..., 0, :], images[..., -1, :], images[..., 1:-1, 0], images[..., 1:-1, -1]], dim=-1)
    ink = frame.abs().flatten(1) > _INK * images.abs().flatten(1).amax(1, keepdim=True)
    return bool((ink.double().mean(1) > _FRAME).any())
